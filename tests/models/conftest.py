"""The library that kills is the crash tests' own."""

from tests.crash.conftest import shim

__all__ = ["shim"]
