"""The policy of the instruction history: which rule for which field, and what is derived.

The tables are meant to be read by the person who owns the policy. The file's form is in `history`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from tractatus_merge.core.merging import Policy
from tractatus_merge.core.plan import DocumentType, Records
from tractatus_merge.core.rules import (
    Rule,
    by_shape,
    conflict,
    fields,
    keep,
    largest,
    settled,
)
from tractatus_merge.core.conflicts import EDIT_RETIRE
from tractatus_merge.core.values import MISSING, Contest, Json, Merge, Merged, Path, get, same
from tractatus_merge.documents import history


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
        return Merged(value, (*others, contest))

    return merge_record


ACTIVE: Path = ("active",)


def stance(base: Json, side: Json, path: Path) -> bool:
    """Whether a side takes part in edit against retire: it changes `active`, or edits the rest."""
    if path != ACTIVE or not isinstance(base, dict) or not isinstance(side, dict):
        return False
    if not same(get(base, ACTIVE), get(side, ACTIVE)):
        return True
    rest = {*base, *side} - {"active"}
    edits = any(not same(base.get(key, MISSING), side.get(key, MISSING)) for key in rest)
    return edits and not is_retired(base)


def severity(content: Json, path: Path) -> str:
    """How grave a contested place is, by the framework's table of persistence and explicitness."""
    record = content if isinstance(content, dict) else {}
    explicit = record.get("explicitness")
    clear = isinstance(explicit, (int, float)) and not isinstance(explicit, bool) and explicit > 0.6
    keys = ("port", "database", "host", "url", "confirmed")
    if record.get("persistence") == "HIGH" or (path and path[-1] in keys and clear):
        return "CRITICAL"
    return "WARNING" if clear or record.get("persistence") == "MEDIUM" else "MINOR"


def _revision(value: Json) -> tuple[int, ...] | None:
    """A revision such as "4.4" or "3.0.0", comparable; None if it is not one."""
    if not isinstance(value, str) or not re.fullmatch(r"v?[0-9]{1,9}(\.[0-9]{1,9})*", value):
        return None
    return tuple(int(part) for part in value.removeprefix("v").split("."))


def _moment(value: Json) -> datetime | None:
    """A date or time in ISO 8601, comparable (in UTC where it names no zone); None if it is not one."""
    if not isinstance(value, str) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T|$)", value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:  # a date that no calendar has: not a moment, so a person settles it
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


higher = largest(_revision)
latest = largest(_moment)
only_a_person = conflict

COUNTERS: dict[Path, Callable[[list[dict[str, Json]]], Json]] = {
    ("stats", "total_instructions"): len,
    ("stats", "active_instructions"): lambda records: sum(map(_is_active, records)),
    ("stats", "by_quadrant"): lambda records: _tally(records, "quadrant"),
    ("stats", "by_persistence"): lambda records: _tally(records, "persistence"),
    ("metadata", "totalInstructions"): len,
    ("metadata", "activeInstructions"): lambda records: sum(map(_is_active, records)),
}

INSTRUCTION: dict[str, Rule] = {
    "id": keep,
    "text": only_a_person,
    "title": only_a_person,
    "persistence": only_a_person,
    "quadrant": only_a_person,
    "active": only_a_person,
    "parameters": by_shape,
    "notes": conflict,
    "description": conflict,
    "context": conflict,
    "rationale": conflict,
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


def _is_active(record: dict[str, Json]) -> bool:
    return record.get("active") is not False


def _tally(records: list[dict[str, Json]], key: str) -> Counter[str]:
    return Counter(str(record.get(key)) for record in records)


def finish(
    header: dict[str, Json], before: Records, after: Records, edited: str
) -> dict[str, Json]:
    """The header after a merge: counters recomputed if they were right, the date of the last edit."""
    dates: tuple[Path, ...] = (("last_updated",), ("metadata", "lastUpdated"))
    for path in dates:
        header = _dated(header, path, edited)
    counters = {path: count for path, count in COUNTERS.items() if get(header, path) is not MISSING}
    if counters:
        old, new = before(), after()
        for path, count in counters.items():
            header = _recounted(header, path, count(old), count(new))
    return header


def _dated(header: dict[str, Json], path: Path, edited: str) -> dict[str, Json]:
    """The later of the header's date and the latest edit, in the form that the date had."""
    there = get(header, path)
    before, after = _moment(there), _moment(edited)
    if before is None or after is None or after <= before:
        return header
    new = edited[:10] if len(there) == 10 else edited
    if there.endswith("Z") and "." not in there:
        new = re.sub(r"\.\d+Z$", "Z", edited)
    return _put(header, path, new)


def _recounted(header: dict[str, Json], path: Path, old: Json, new: Json) -> dict[str, Json]:
    there = get(header, path)
    if not isinstance(old, Counter):
        return _put(header, path, new) if same(there, old) else header
    if not isinstance(there, dict):
        return header
    counts = {key: new[key] if same(value, old[key]) else value for key, value in there.items()}
    fresh = {key: new[key] for key in new if key not in there and key not in old}
    return _put(header, path, {**counts, **fresh})


def _put(header: dict[str, Json], path: Path, value: Json) -> dict[str, Json]:
    if len(path) == 1:
        return {**header, path[0]: value}
    return {**header, path[0]: _put(header[path[0]], path[1:], value)}


HISTORY = DocumentType(
    policy=Policy(edit_against_retire(fields(INSTRUCTION, by_shape)), severity, stance),
    header_policy=Policy(fields(HEADER, by_shape), severity, lambda *_: False),
    header=history.header_value,
    with_header=history.with_header,
    finish=finish,
    retired=is_retired,
)
