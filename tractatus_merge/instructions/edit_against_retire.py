"""The rule that lets an edit meet a retirement: nothing is lost, and a person has the last word."""

from __future__ import annotations

from tractatus_merge.core.model.conflict import EDIT_RETIRE
from tractatus_merge.core.rules.base import Contest, Merge, Merged, Rule, settled
from tractatus_merge.core.values.equality import MISSING, Path
from tractatus_merge.core.values.places import get
from tractatus_merge.instructions.retirement import ACTIVE, is_retired, stance

IN_WORDS = "one session retired it, another edited it: the edit is kept; is it in force?"
"""What such a conflict asks a person."""


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
