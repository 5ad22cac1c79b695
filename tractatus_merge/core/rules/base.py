"""Merge rules: functions `(path, Merge) -> Merged`, and the ways to combine them.

A rule never raises for data it can represent, never reads, never drops a change. Three cases come
before every rule (`settled`): both sides the same, only theirs changed, only ours changed. The
rules for plain values are in `scalars`, for lists in `lists`, for texts in `texts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tractatus_merge.core.values.equality import (
    Json,
    Path,
    same,
)
from tractatus_merge.value import Value


class Merge(Value):
    """The three sides of a merge: ours is the head's, theirs the session's."""

    base: Json
    ours: Json
    theirs: Json


class Contest(Value):
    """A place that no rule could merge: ours is in force, theirs waits for a person."""

    path: Path
    merge: Merge
    kind: str = "field"


class Settlement(Value):
    """A place that both sides changed differently, and the rule that settled it."""

    path: Path
    rule: str
    merge: Merge


class Merged(Value):
    """A value, the contests inside it (none means clean), and what was settled by which rule."""

    value: Json
    contests: tuple[Contest, ...] = ()
    settled: tuple[Settlement, ...] = ()


Rule = Callable[[Path, Merge], Merged]


def settled(merge: Merge) -> Merged | None:
    """The result if only one side changed, or both did the same; None if a rule is needed."""
    if same(merge.ours, merge.theirs) or same(merge.theirs, merge.base):
        return Merged(merge.ours)
    return Merged(merge.theirs) if same(merge.ours, merge.base) else None


def by_rule(name: str, path: Path, merge: Merge, value: Json) -> Merged:
    """A value that a rule settled, with the rule's name for people to see."""
    return Merged(value, settled=(Settlement(path, name, merge),))


def gathered(value: Json, merged: Iterable[Merged]) -> Merged:
    """A value made of merged parts, with the contests and settlements of them all."""
    merged = list(merged)
    return Merged(
        value,
        tuple(contest for item in merged for contest in item.contests),
        tuple(settlement for item in merged for settlement in item.settled),
    )
