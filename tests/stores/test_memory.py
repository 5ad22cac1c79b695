"""The store in memory does what every store must."""

from __future__ import annotations

import pytest

from tests.stores.conformance import Conformance
from tractatus_merge.stores.memory import MemoryStore


class TestMemoryStore(Conformance):
    """The suite."""

    @pytest.fixture
    def store_factory(self):
        return MemoryStore
