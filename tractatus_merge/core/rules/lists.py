"""The rules for lists: as sets, as records keyed by a field, as sequences by position.

Additions of both sides are kept, in an order that does not depend on which side is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tractatus_merge.core.rules.base import Merge, Merged, Rule, by_rule, gathered, settled
from tractatus_merge.core.rules.elements import known_by_content, known_by_id
from tractatus_merge.core.rules.generic import conflict, fields
from tractatus_merge.core.rules.orders import is_torn, one_by_one, ordered
from tractatus_merge.core.rules.renumbering import is_renumbered
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical
from tractatus_merge.core.values.places import element_id, is_keyed, other_id


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
    """A list of objects by their ids: element by element, additions of both kept.

    What has no id, and what has one that stands twice, goes by what it says, as in a sequence.
    """

    def merge_list(path: Path, merge: Merge) -> Merged:
        easy = settled(merge)
        if easy is not None:
            return easy
        lists = _lists(merge)
        if not all(isinstance(side, list) for side in lists):
            return conflict(path, merge)
        found = known_by_id(
            [[element_id(item, key) for item in side] for side in lists],
            lambda version, at: canonical(lists[version][at]),
            lambda version, at: other_id(lists[version][at], key),
        )
        base, ours, theirs = (
            dict(zip(names, side, strict=True))
            for names, side in zip(found.sides, lists, strict=True)
        )
        if found.torn or is_renumbered(base, ours, theirs, key):
            return conflict(path, merge)
        merged = {
            name: rule(
                (*path, name), Merge(*(side.get(name, MISSING) for side in (base, ours, theirs)))
            )
            for name in {**ours, **theirs}
        }
        standing = {name for name, item in merged.items() if item.value is not MISSING}
        open_ = [name for name, item in merged.items() if item.contests]
        if any("\0" in name for name in open_) or is_torn(*found.sides, standing):
            return conflict(path, merge)
        names = ordered(*found.sides, standing=standing)
        return gathered([merged[name].value for name in names], merged.values())

    return merge_list


def sequence(path: Path, merge: Merge) -> Merged:
    """A list by position: changes at different places merge, moves too; else it is a conflict.

    Of two new lists the one that has all of the other stands.
    """
    easy = settled(merge)
    if easy is not None:
        return easy
    sides = (merge.base, merge.ours, merge.theirs)
    if merge.base is MISSING and isinstance(merge.ours, list) and isinstance(merge.theirs, list):
        larger = _larger(merge.ours, merge.theirs)
        return conflict(path, merge) if larger is None else Merged(larger)
    if not all(isinstance(side, list) for side in sides):
        return conflict(path, merge)
    found = known_by_content(*([canonical(item) for item in side] for side in sides))
    if found.torn:
        return conflict(path, merge)
    items = {
        name: item
        for names, side in zip(reversed(found.sides), reversed(sides), strict=True)
        for name, item in zip(names, side, strict=True)
    }
    names = ordered(*found.sides, standing=found.standing, meet=one_by_one)
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


def _larger(one: list[Json], other: list[Json]) -> list[Json] | None:
    """Of two lists the one that has all of the other, in its order; None where neither has."""
    low, high = sorted((one, other), key=len)
    left = map(canonical, high)
    return high if all(canonical(item) in left for item in low) else None


def _lists(merge: Merge) -> tuple[Json, Json, Json]:
    """The three sides, a missing base as an empty list."""
    return [] if merge.base is MISSING else merge.base, merge.ours, merge.theirs


by_shape = shaped(as_set)
"""The rule for a field nobody named: by what stands there."""
