"""The rules for lists: as sets, as records keyed by a field, as sequences by position.

Additions of both sides are kept, in an order that does not depend on which side is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from tractatus_merge.core.rules import diff3
from tractatus_merge.core.rules.base import Merge, Merged, Rule, by_rule, gathered, settled
from tractatus_merge.core.rules.generic import conflict, fields
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical
from tractatus_merge.core.values.places import element_id, is_keyed


def as_set(path: Path, merge: Merge) -> Merged:
    """A list of plain values as a set against its base: additions of both, removals of both."""
    easy = settled(merge)
    if easy is not None:
        return easy
    sides = _lists(merge)
    if not all(map(is_scalars, sides)):
        return conflict(path, merge)
    base, ours, theirs = ({canonical(item): item for item in reversed(side)} for side in sides)
    orders = [list(reversed(side)) for side in (base, ours, theirs)]
    standing = {name for name in {**ours, **theirs} if (name in ours) == (name in theirs)}
    standing |= {name for name in {**ours, **theirs} if name not in base}
    items = {**theirs, **ours}
    names = ordered(*orders, standing=standing)
    return by_rule("set", path, merge, [items[name] for name in names])


def keyed(rule: Rule, key: str = "id") -> Rule:
    """A list of objects that all have an id: element by element, additions of both kept."""

    def merge_list(path: Path, merge: Merge) -> Merged:
        easy = settled(merge)
        if easy is not None:
            return easy
        lists = _lists(merge)
        if not all(is_keyed(side, key) for side in lists):
            return conflict(path, merge)
        sides = [{str(element_id(item, key)): item for item in side} for side in lists]
        merged = {
            name: rule((*path, name), Merge(*(side.get(name, MISSING) for side in sides)))
            for name in dict.fromkeys((*sides[1], *sides[2]))
        }
        standing = {name for name, item in merged.items() if item.value is not MISSING}
        names = ordered(*map(list, sides), standing=standing)
        return gathered([merged[name].value for name in names], merged.values())

    return merge_list


def sequence(path: Path, merge: Merge) -> Merged:
    """A list by position: insertions at different places merge, overlapping changes conflict."""
    easy = settled(merge)
    if easy is not None:
        return easy
    sides = (merge.base, merge.ours, merge.theirs)
    if not all(isinstance(side, list) for side in sides):
        return conflict(path, merge)
    items = {canonical(item): item for side in reversed(sides) for item in side}
    names = diff3.joined(*([canonical(item) for item in side] for side in sides))
    if names is None:
        return conflict(path, merge)
    return by_rule("sequence", path, merge, [items[name] for name in names])


def shaped(
    plain: Rule,
    part: Rule | None = None,
    *,
    objects: Rule | None = None,
    records: Callable[[str], Rule] | None = None,
    keys: Sequence[str] = ("id",),
) -> Rule:
    """A rule by what stands there: objects key by key, lists of records by their id.

    `plain` merges every other list; `part` what is inside (else the same rule again). `objects` and
    `records` (given the key) take the place of what is made from `part`. The id is what the first
    of `keys` says that tells the records apart in every version.
    """

    def rule(path: Path, merge: Merge) -> Merged:
        sides = [side for side in (merge.base, merge.ours, merge.theirs) if side is not MISSING]
        if all(isinstance(side, dict) for side in sides):
            return (objects or fields({}, part or rule))(path, merge)
        key = key_of(sides, keys) if any(sides) else None
        if key is not None:
            return (records(key) if records else keyed(part or rule, key))(path, merge)
        if all(isinstance(side, list) for side in sides):
            return plain(path, merge)
        return conflict(path, merge)

    return rule


def key_of(versions: Sequence[Json], keys: Sequence[str]) -> str | None:
    """The first key that tells the records of a list apart in every version; None if none does."""
    return next((key for key in keys if all(is_keyed(side, key) for side in versions)), None)


def is_scalars(value: Json) -> bool:
    """Whether the value is a list without objects or lists in it."""
    return isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)


def ordered(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], *, standing: Collection[str]
) -> list[str]:
    """One order for the names that stand, out of the three orders: the same with sides swapped.

    What both have stands as the side has it that moved it; if both did, as in the order that sorts
    first. What one has follows what it followed there; runs that meet at one place are merged by
    name, so sorted lists stay sorted.
    """
    both = set(ours) & set(theirs) & set(standing)
    spine = _spine(base, [name for name in ours if name in both], theirs, both)
    after: dict[str | None, list[list[str]]] = {}
    for number, side in enumerate((ours, theirs)):
        anchor = None
        for name in side:
            if name in both:
                anchor = name
            elif name in standing:
                after.setdefault(anchor, [[], []])[number].append(name)
    result = _by_name(*after[None]) if None in after else []
    for place in spine:
        result.append(place)
        if place in after:
            result += _by_name(*after[place])
    return result


def _spine(
    base: Sequence[str], ours: list[str], theirs: Sequence[str], both: Collection[str]
) -> list[str]:
    other = [name for name in theirs if name in both]
    if ours == other:
        return ours
    known = set(base)
    before = [name for name in base if name in both]
    moved = [[n for n in side if n in known] != before for side in (ours, other)]
    if moved[0] == moved[1]:
        return min(ours, other)
    return ours if moved[0] else other


def _by_name(one: list[str], other: list[str]) -> list[str]:
    """Two runs as one: of their next elements always the one whose name sorts first."""
    result: list[str] = []
    here, there = list(reversed(one)), list(reversed(other))
    while here and there:
        result.append((here if here[-1] < there[-1] else there).pop())
    return [*result, *reversed(here), *reversed(there)]


def _lists(merge: Merge) -> tuple[Json, Json, Json]:
    """The three sides, a missing base as an empty list."""
    return [] if merge.base is MISSING else merge.base, merge.ours, merge.theirs


by_shape = shaped(as_set)
"""The rule for a field nobody named: by what stands there."""
