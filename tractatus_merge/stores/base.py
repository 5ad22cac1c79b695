"""What a store is: it keeps versions of the shared state and moves one head. Nothing of merging."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tractatus_merge.core.state import Entry, State, Version


class Store(Protocol):
    """Four operations; `tests/stores/conformance.py` says exactly what each must do.

    A store object belongs to one thread. Every failure is a StoreError, but for a lost race.
    """

    def head(self) -> Version | None:
        """The newest shared version, or None before the first commit."""
        ...

    def load(self, version: Version) -> State:
        """The state of any version the store has ever given out."""
        ...

    def commit(self, expected: Version | None, state: State, entry: Entry) -> Version | None:
        """Compare-and-swap: make `state` the head if the head still is `expected`.

        None means exactly "the head is no longer `expected`". Durable before it is visible.
        `state` derives from the loaded `expected` (or from nothing, where that is None).
        """
        ...

    def log(
        self,
        collection: str | None = None,
        name: str | None = None,
        *,
        since: Version | None = None,
    ) -> Iterator[Entry]:
        """Entries of the head, newest first; of one collection, or of one record, where asked.

        With `since`, those that this version has not in its own history.
        """
        ...
