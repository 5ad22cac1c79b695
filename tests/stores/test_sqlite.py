"""The store in an SQLite file does what every store must, and its rows can be asked in SQL."""

from __future__ import annotations

import itertools

import pytest

from tests.stores.conformance import Conformance
from tractatus_merge.stores.sql.opening import open_store


class TestSqliteStore(Conformance):
    """The suite."""

    @pytest.fixture
    def store_factory(self, tmp_path):
        numbers = itertools.count()
        opened = []

        def make():
            opened.append(open_store(f"sqlite:history{next(numbers)}.db", tmp_path))
            return opened[-1]

        yield make
        for store in opened:
            store.close()
