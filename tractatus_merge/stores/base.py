"""What a store is: it keeps versions of the shared state and moves one head. Nothing of merging.

What only some stores can tell stands beside it, each in a protocol of its own; `Repository` asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from tractatus_merge.core.model.state import Entry, State, Version
from tractatus_merge.stores.facts import Facts


class Store(Protocol):
    """Six operations; `tests/stores/conformance.py` says exactly what each must do.

    A store object belongs to one thread. Every failure is a StoreError, but for a lost race.
    What is not there, or not whole, is Missing; of any other failure nobody concludes that.
    """

    def head(self) -> Version | None:
        """The newest shared version, or None before the first commit."""
        ...

    def load(self, version: Version) -> State:
        """The state of any version the store has ever given out; Missing where it is gone."""
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

    def has(self, version: Version) -> bool:
        """Whether a version is (still) there."""
        ...

    def close(self) -> None:
        """Let go of processes and connections. It may be called twice."""
        ...


@runtime_checkable
class Grouped(Protocol):
    """A store in which several versions become the head's history in one step."""

    def prepare(self, expected: Version | None, state: State, entry: Entry) -> Version:
        """Write a version that nobody sees yet; `expected` is the head, or one prepared before."""
        ...

    def settle(self, expected: Version | None, versions: Sequence[Version]) -> bool:
        """Make the last of some versions the head, of which each follows the one before.

        False, as None of `commit`, where the head is no longer `expected`.
        """
        ...


@runtime_checkable
class Remotes(Protocol):
    """A store that knows what other copies of the line had when it last looked."""

    def remotes(self) -> list[tuple[str, Version]]:
        """(name, version) of each."""
        ...


@runtime_checkable
class Cut(Protocol):
    """A store whose history may be cut off: older versions were left elsewhere."""

    def is_cut(self, *versions: Version) -> bool:
        """Whether versions older than some (without any: than the head) are missing."""
        ...


@runtime_checkable
class Rewound(Protocol):
    """A store whose head others may set back, behind versions that are there all the same."""

    def in_head(self, version: Version) -> bool:
        """Whether a version is the head, or in its history."""
        ...


@runtime_checkable
class Verified(Protocol):
    """A store into which others write past this program: what they wrote must be looked at."""

    def verify(self, version: Version) -> None:
        """Missing, naming the record, if a version is not as this program makes them."""
        ...


@runtime_checkable
class Shown(Protocol):
    """A store that shows the newest records also as rows for queries, which nobody here reads."""

    def astray(self) -> list[str]:
        """`collection/id` of each row that is not what the newest version says."""
        ...

    def rebuild(self) -> None:
        """Write all rows anew."""
        ...


@runtime_checkable
class Examined(Protocol):
    """A store that is kept by a program, on a disk or on a server, of which a doctor asks."""

    def facts(self) -> Facts:
        """Of the store as it is now. Nothing is changed."""
        ...
