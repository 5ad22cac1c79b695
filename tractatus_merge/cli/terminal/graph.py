"""Which version was made from which, drawn beside the log as `git log --graph` does.

The first column is the shared history. A session that began at an older version than the one before
it has a column of its own, down to where it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tractatus_merge.core.model.state import Entry, Version


class Drawn(NamedTuple):
    """Rows above a version, and what stands before its first line, its second, and the others."""

    above: list[str]
    first: str = ""
    second: str = ""
    rest: str = ""


NOTHING = Drawn([])
"""Where no graph is wanted."""


class Graph:
    """The columns as they stand after the versions drawn so far, newest first."""

    def __init__(self) -> None:
        self._columns: list[Version] = []

    def pass_over(self, entry: Entry) -> None:
        """Go on behind a version that is not shown."""
        at = self._joined(entry.version)[0]
        self._follow(at, entry.parents[:1])

    def drawn(self, entry: Entry) -> Drawn:
        """How a version is drawn; the columns go on below it."""
        at, above = self._joined(entry.version)
        first = _row("*" if column == at else "|" for column in range(len(self._columns)))
        parents = _made_from(entry)
        self._follow(at, parents[:1])
        for parent in parents[1:]:
            self._columns.insert(at + 1, parent)
        second = rest = _row("|" for _ in self._columns)
        if len(parents) > 1:
            right = len(self._columns) - at - 2
            second = "| " * at + "|\\" + " \\" * right + " "
        return Drawn(above, first, second.ljust(len(rest)), rest)

    def _joined(self, version: Version) -> tuple[int, list[str]]:
        """The column of a version, and the rows in which the other ones that lead there join it."""
        if version not in self._columns:
            self._columns.append(version)
        at = self._columns.index(version)
        rows = []
        while version in self._columns[at + 1 :]:
            other = self._columns.index(version, at + 1)
            rows.append(_joining(at, other, len(self._columns)))
            del self._columns[other]
        return at, rows

    def _follow(self, at: int, parents: Sequence[Version]) -> None:
        if parents:
            self._columns[at] = parents[0]
        else:
            del self._columns[at]


def _made_from(entry: Entry) -> tuple[Version, ...]:
    """The versions that a version continues: the head before it, and what else it was made from."""
    if not entry.parents or not entry.session:
        return entry.parents
    began = entry.base or entry.parents[0]
    return entry.parents[:1] if began == entry.parents[0] else (entry.parents[0], began)


def _row(letters: Iterable[str]) -> str:
    return "".join(f"{letter} " for letter in letters)


def _joining(at: int, other: int, columns: int) -> str:
    """The row in which a column goes over into one further left."""
    letters = [" "] * (2 * columns)
    for column in range(columns):
        if column < other:
            letters[2 * column] = "|"
        if at <= column < other - 1:
            letters[2 * column + 1] = "_"
        if column >= other:
            letters[2 * column - 1] = "/"
    return "".join(letters).rstrip()
