"""The shim that kills, as the crash tests build it."""

from tests.crash.conftest import shim

__all__ = ["shim"]
