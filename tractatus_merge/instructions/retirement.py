"""What it means that an instruction is retired, and what a merge makes of an edit against it."""

from __future__ import annotations

from tractatus_merge.core.model.conflict import EDIT_RETIRE
from tractatus_merge.core.rules.base import (
    Contest,
    Merge,
    Merged,
    Rule,
    settled,
)
from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.places import get


def is_retired(content: Json) -> bool:
    """Whether the record says of itself that it is not in force."""
    return isinstance(content, dict) and content.get("active") is False


def edit_against_retire(rule: Rule) -> Rule:
    """One side edits, the other retires: the edits are in, `active` waits for a person."""

    def merge_record(path: Path, merge: Merge) -> Merged:
        easy = settled(merge)
        merged = easy or rule(path, merge)
        sides = (merge.base, merge.ours, merge.theirs)
        if easy is not None or not all(isinstance(side, dict) for side in sides):
            return merged
        both = all(stance(merge.base, side, ACTIVE) for side in (merge.ours, merge.theirs))
        if not both or is_retired(merge.ours) == is_retired(merge.theirs):
            return merged
        active = Merge(*(get(side, ACTIVE) for side in sides))
        contest = Contest((*path, *ACTIVE), active, EDIT_RETIRE)
        others = tuple(item for item in merged.contests if item.path != contest.path)
        value = {**merged.value, "active": active.ours}
        if active.ours is MISSING:
            del value["active"]
        return Merged(value, (*others, contest), merged.settled)

    return merge_record


ACTIVE: Path = ("active",)


def stance(base: Json, side: Json, path: Path) -> bool:
    """Whether a side takes part in edit against retire: it changes `active`, or edits the rest."""
    if path != ACTIVE or not isinstance(base, dict) or not isinstance(side, dict):
        return False
    if not same(get(base, ACTIVE), get(side, ACTIVE)):
        return True
    keys = {*base, *side}
    edits = any(not same(base.get(key, MISSING), side.get(key, MISSING)) for key in keys)
    return edits and not is_retired(base)
