"""What came of the merge of any file, made readable: for people, and as data. No printing."""

from __future__ import annotations

from collections import Counter

from tractatus_merge.anyfile.row_merge import MergedFile
from tractatus_merge.core.model.conflict import Conflict, Side, conflict_id
from tractatus_merge.core.rules.base import Contest
from tractatus_merge.core.rules.texts import hunks
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.review.render import spelled


def contest_json(contest: Contest) -> dict[str, Json]:
    """A contest of any file in the shape of every conflict: `path` in place of the instruction.

    `hunks` shows where the lines of texts overlap.
    """
    merge = contest.merge
    there = [merge.ours, merge.theirs]
    if merge.ours is MISSING:
        there.reverse()  # the edit stands against a deletion
    force, waiting = (Side(merge.base, value) for value in there)
    name = conflict_id(None, contest.path, [])
    conflict = Conflict(name, contest.kind, None, contest.path, "WARNING", force, (waiting,))
    told_ = conflict.to_json()
    found = hunks(merge)
    if found:
        told_["hunks"] = [
            {"line": h.line + 1, "base": [*h.base], "ours": [*h.ours], "theirs": [*h.theirs]}
            for h in found
        ]
    return {key: told_[key] for key in told_ if key not in ("instruction", "field", "terms")}


def told_file(merged: MergedFile, target: str) -> list[str]:
    """What became of a file, a line for what was settled by rule, and what waits for a person."""
    count = len(merged.contests)
    lines = [f"{target}: {count} conflict{'s' * (count != 1)}" if count else f"{target}: clean"]
    rules = Counter(settlement.rule for settlement in merged.settled)
    lines += [f"  settled by {rule}: {count}" for rule, count in sorted(rules.items())]
    for contest in merged.contests:
        merge = contest.merge
        lines.append(f"  conflict {shown(contest.path) or '(the whole file)'}  ({contest.kind})")
        overlapping = hunks(merge)
        for hunk in overlapping:
            lines.append(f"    line {hunk.line + 1} of the base")
            lines += [f"      base   | {line}" for line in hunk.base]
            lines += [f"      ours   | {line}" for line in hunk.ours]
            lines += [f"      theirs | {line}" for line in hunk.theirs]
        if not overlapping:
            stands = " <- stands" if merge.ours is MISSING else ""
            lines.append(f"    base   {spelled(merge.base)}")
            lines.append(f"    ours   {spelled(merge.ours)}{'' if stands else ' <- stands'}")
            lines.append(f"    theirs {spelled(merge.theirs)}{stands}")
    return lines
