"""Rules for any value, and for objects field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tractatus_merge.core.rules.base import Contest, Merge, Merged, Rule, by_rule, gathered, settled
from tractatus_merge.core.values.equality import (
    MISSING,
    Json,
    Path,
    same,
)

EDIT_DELETE = "edit/delete"
COLLISION = "collision"


def conflict(path: Path, merge: Merge) -> Merged:
    """Only a person settles: ours stands, theirs waits."""
    return settled(merge) or Merged(merge.ours, (Contest(path, merge),))


def keep(_: Path, merge: Merge) -> Merged:
    """Ours stands, whatever theirs says: for values that are derived from others."""
    return Merged(merge.ours)


def favoured(name: str, side: Callable[[Merge], Json]) -> Rule:
    """One side stands where both changed; a change of one side alone is taken."""

    def rule(path: Path, merge: Merge) -> Merged:
        return settled(merge) or by_rule(name, path, merge, side(merge))

    return rule


def fields(table: Mapping[str, Rule], other: Rule = conflict) -> Rule:
    """An object key by key, each by its rule; where it is new or gone on a side, whole."""

    def merge_object(path: Path, merge: Merge) -> Merged:
        base, ours, theirs = merge.base, merge.ours, merge.theirs
        if same(ours, theirs) or same(theirs, base):
            return Merged(ours)
        if not all(isinstance(side, dict) for side in (base, ours, theirs)):
            return conflict(path, merge)  # else also a change of theirs alone goes by the table
        merged = {
            name: table.get(name, other)(
                (*path, name),
                Merge(base.get(name, MISSING), ours.get(name, MISSING), theirs.get(name, MISSING)),
            )
            for name in dict.fromkeys((*ours, *theirs, *base))
        }
        value = {name: item.value for name, item in merged.items() if item.value is not MISSING}
        return gathered(value, merged.values())

    return merge_object


def kept_whole(rule: Rule) -> Rule:
    """Keep, as a conflict, what one side deletes and the other edits.

    Two objects that both sides put at one place merge key by key, whatever stood there before. For
    records and fields of files that know deletion.
    """

    def merge_part(path: Path, merge: Merge) -> Merged:
        easy = settled(merge)
        if easy is not None:
            return easy
        if MISSING in (merge.ours, merge.theirs):
            there = merge.theirs if merge.ours is MISSING else merge.ours
            return Merged(there, (Contest(path, merge, EDIT_DELETE),))
        objects = [isinstance(side, dict) for side in (merge.ours, merge.theirs)]
        if isinstance(merge.base, dict) or not any(objects):
            return rule(path, merge)
        merged = rule(path, Merge({}, merge.ours, merge.theirs)) if all(objects) else None
        if merged is None or any(contest.path == path for contest in merged.contests):
            new = Contest(path, merge, COLLISION)
            return Merged(merge.ours, (new if merge.base is MISSING else Contest(path, merge),))
        return merged

    return merge_part
