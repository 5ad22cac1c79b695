"""Merge rules: small functions `(path, Merge) -> Merged`, and ways to combine them.

A rule never raises for data it can represent, never reads, never drops a change. Three cases come
before every rule (`settled`): both sides the same, only theirs changed, only ours changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tractatus_merge.core.values import (
    MISSING,
    Contest,
    Json,
    Merge,
    Merged,
    Path,
    canonical,
    element_id,
    is_keyed,
    same,
)

__all__ = [
    "Rule",
    "by_shape",
    "conflict",
    "fields",
    "is_keyed",
    "is_scalars",
    "keep",
    "keyed",
    "largest",
    "settled",
    "union",
]

Rule = Callable[[Path, Merge], Merged]


def settled(merge: Merge) -> Merged | None:
    """What needs no rule: one side changed, or both did the same; None if a rule must speak."""
    if same(merge.ours, merge.theirs) or same(merge.theirs, merge.base):
        return Merged(merge.ours)
    return Merged(merge.theirs) if same(merge.ours, merge.base) else None


def conflict(path: Path, merge: Merge) -> Merged:
    """Only a person settles: ours stands, theirs waits."""
    return settled(merge) or Merged(merge.ours, (Contest(path, merge),))


def keep(_: Path, merge: Merge) -> Merged:
    """Ours stands, whatever theirs says: for values that are derived from others."""
    return Merged(merge.ours)


def largest(key: Callable[[Json], object | None]) -> Rule:
    """The larger of two values by `key`; where a key is None (not comparable) it conflicts."""

    def rule(path: Path, merge: Merge) -> Merged:
        easy = settled(merge)
        if easy is not None:
            return easy
        ours, theirs = key(merge.ours), key(merge.theirs)
        if ours is None or theirs is None:
            return conflict(path, merge)
        return Merged(merge.theirs if theirs > ours else merge.ours)  # type: ignore[operator]

    return rule


def union(path: Path, merge: Merge) -> Merged:
    """A list of scalars as a set against its base: additions of both, removals of both."""
    easy = settled(merge)
    if easy is not None:
        return easy
    base = [] if merge.base is MISSING else merge.base
    if not all(map(is_scalars, (base, merge.ours, merge.theirs))):
        return conflict(path, merge)
    before, mine, yours = (
        {canonical(item) for item in side} for side in (base, merge.ours, merge.theirs)
    )
    kept = [item for item in merge.ours if canonical(item) not in before - yours]
    added = [item for item in merge.theirs if canonical(item) not in before | mine]
    once = {canonical(item): item for item in reversed([*kept, *added])}
    return Merged([*reversed(once.values())])


def keyed(rule: Rule) -> Rule:
    """A list of objects that all have an `id`: element by element, additions of both kept."""

    def merge_list(path: Path, merge: Merge) -> Merged:
        easy = settled(merge)
        if easy is not None:
            return easy
        base = [] if merge.base is MISSING else merge.base
        if not all(map(is_keyed, (base, merge.ours, merge.theirs))):
            return conflict(path, merge)
        sides = [
            {element_id(item): item for item in side} for side in (base, merge.ours, merge.theirs)
        ]
        names = [*sides[1], *(name for name in sides[2] if name not in sides[1])]
        merged = [
            rule((*path, str(name)), Merge(*(side.get(name, MISSING) for side in sides)))
            for name in names
        ]
        kept = [item.value for item in merged if item.value is not MISSING]
        return Merged(kept, _contests(merged))

    return merge_list


def fields(table: Mapping[str, Rule], other: Rule = conflict) -> Rule:
    """An object key by key, each by its rule; where it is new or gone on a side, whole."""

    def merge_object(path: Path, merge: Merge) -> Merged:
        base, ours, theirs = merge.base, merge.ours, merge.theirs
        if same(ours, theirs) or same(theirs, base):
            return Merged(ours)
        if not all(isinstance(side, dict) for side in (base, ours, theirs)):
            return conflict(path, merge)  # else also a change of theirs alone goes by the table
        names = [*ours, *(name for name in (*theirs, *base) if name not in ours)]
        merged = {
            name: table.get(name, other)(
                (*path, name),
                Merge(base.get(name, MISSING), ours.get(name, MISSING), theirs.get(name, MISSING)),
            )
            for name in dict.fromkeys(names)
        }
        value = {name: item.value for name, item in merged.items() if item.value is not MISSING}
        return Merged(value, _contests(merged.values()))

    return merge_object


def by_shape(path: Path, merge: Merge) -> Merged:
    """The rule for a field nobody named: by what stands there."""
    sides = [side for side in (merge.base, merge.ours, merge.theirs) if side is not MISSING]
    if all(isinstance(side, dict) for side in sides):
        return fields({}, by_shape)(path, merge)
    if all(map(is_scalars, sides)):
        return union(path, merge)
    if all(map(is_keyed, sides)):
        return keyed(fields({}, by_shape))(path, merge)
    return conflict(path, merge)


def is_scalars(value: Json) -> bool:
    """Whether the value is a list without objects or lists in it."""
    return isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)


def _contests(merged: Iterable[Merged]) -> tuple[Contest, ...]:
    return tuple(contest for item in merged for contest in item.contests)
