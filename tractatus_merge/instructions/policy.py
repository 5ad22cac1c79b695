"""The policy of the instruction history: which rule for which field, and what is derived.

The tables are meant to be read by the person who owns the policy.
The file's form is in `history_file`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.algebra import EDIT_RETIRE
from tractatus_merge.core.model.findings import Contents, Finding
from tractatus_merge.core.plans.merge import DocumentType
from tractatus_merge.core.plans.merge_record import Policy
from tractatus_merge.core.rules.base import Rule, conflict, fields, keep, settled
from tractatus_merge.core.rules.lists import by_shape
from tractatus_merge.core.rules.texts import text
from tractatus_merge.core.values.places import (
    MISSING,
    Contest,
    Json,
    Merge,
    Merged,
    Path,
    get,
    same,
)
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.counters import COUNTERS, finish, higher, latest

__all__ = [
    "ACTIVE",
    "COUNTERS",
    "HEADER",
    "HISTORY",
    "INSTRUCTION",
    "METADATA",
    "edit_against_retire",
    "finish",
    "higher",
    "is_retired",
    "latest",
    "only_a_person",
    "severity",
    "stance",
    "words",
]


def is_retired(content: Json) -> bool:
    """Whether the record says of itself that it is not in force."""
    return isinstance(content, dict) and content.get("active") is False


def words(content: Mapping[str, Json]) -> str:
    """What an instruction says, in one schema or the other."""
    said = content.get("text") or content.get("title") or content.get("description")
    return str(said or "")


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


GRAVITY = ("NOTE", "MINOR", "WARNING", "CRITICAL")
"""How grave a finding or a conflict is, the least first."""


def severity(content: Json, path: Path) -> str:
    """How grave a contested place is, by the framework's table of persistence and explicitness."""
    record = content if isinstance(content, dict) else {}
    explicit = record.get("explicitness")
    clear = isinstance(explicit, (int, float)) and not isinstance(explicit, bool) and explicit > 0.6
    keys = ("port", "database", "host", "url", "confirmed")
    if record.get("persistence") == "HIGH" or (path and path[-1] in keys and clear):
        return "CRITICAL"
    return "WARNING" if clear or record.get("persistence") == "MEDIUM" else "MINOR"


only_a_person = conflict

INSTRUCTION: dict[str, Rule] = {
    "id": keep,
    "text": only_a_person,
    "title": only_a_person,
    "persistence": only_a_person,
    "quadrant": only_a_person,
    "active": only_a_person,
    "parameters": by_shape,
    "notes": text,
    "description": text,
    "context": text,
    "rationale": text,
}

METADATA: dict[str, Rule] = {
    "version": higher,
    "lastUpdated": latest,
    "totalInstructions": keep,
    "activeInstructions": keep,
}

HEADER: dict[str, Rule] = {
    "version": higher,
    "last_updated": latest,
    "stats": keep,
    "metadata": fields(METADATA, by_shape),
}


def _find_contradictions(brought: Contents, there: Contents) -> list[Finding]:
    """`meaning.find_contradictions`, imported only where there is something to compare: 5 ms."""
    if not brought or not there:
        return []
    from tractatus_merge.meaning.contradictions import find_contradictions

    return find_contradictions(brought, there)


HISTORY = DocumentType(
    policy=Policy(edit_against_retire(fields(INSTRUCTION, by_shape)), severity, stance),
    header_policy=Policy(fields(HEADER, by_shape), severity, lambda *_: False),
    header=history_file.header_value,
    with_header=history_file.with_header,
    finish=finish,
    retired=is_retired,
    meaning=_find_contradictions,
)
