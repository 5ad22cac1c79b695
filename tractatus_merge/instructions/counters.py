"""What in a header follows from others: counters from the records, dates from the edits.

Which field is which, `policy` says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from tractatus_merge.core.plans.document_type import Records
from tractatus_merge.core.rules.scalars import extreme, moment, revision
from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.places import get, put

higher = extreme("higher", revision)
latest = extreme("latest", moment)


def _is_active(record: dict[str, Json]) -> bool:
    return record.get("active") is not False


def _tally(records: list[dict[str, Json]], key: str) -> Counter[str]:
    return Counter(str(record.get(key)) for record in records)


COUNTERS: dict[Path, Callable[[list[dict[str, Json]]], Json]] = {
    ("stats", "total_instructions"): len,
    ("stats", "active_instructions"): lambda records: sum(map(_is_active, records)),
    ("stats", "by_quadrant"): lambda records: _tally(records, "quadrant"),
    ("stats", "by_persistence"): lambda records: _tally(records, "persistence"),
    ("metadata", "totalInstructions"): len,
    ("metadata", "activeInstructions"): lambda records: sum(map(_is_active, records)),
}


def finish(
    header: dict[str, Json], before: Records, after: Records, edited: str
) -> dict[str, Json]:
    """The header after a merge: counters recomputed if they were right, the last edit dated."""
    dates: tuple[Path, ...] = (("last_updated",), ("metadata", "lastUpdated"))
    for path in dates:
        header = _dated(header, path, edited)
    counters = {path: count for path, count in COUNTERS.items() if get(header, path) is not MISSING}
    if counters:
        old, new = list(before().values()), list(after().values())
        for path, count in counters.items():
            header = _recounted(header, path, count(old), count(new))
    return header


def _dated(header: Json, path: Path, edited: str) -> Json:
    """The later of the header's date and the latest edit, in the form that the date had."""
    there = get(header, path)
    before, after = moment(there), moment(edited)
    if before is None or after is None or after <= before:
        return header
    new = edited[:10] if len(there) == 10 else edited
    if there.endswith("Z") and "." not in there:
        new = re.sub(r"\.\d+Z$", "Z", edited)
    return put(header, path, new)


def _recounted(header: Json, path: Path, old: Json, new: Json) -> Json:
    there = get(header, path)
    if not isinstance(old, Counter):
        return put(header, path, new) if same(there, old) else header
    if not isinstance(there, dict):
        return header
    counts = {key: new[key] if same(value, old[key]) else value for key, value in there.items()}
    fresh = {key: new[key] for key in new if key not in there and key not in old}
    return put(header, path, {**counts, **fresh})
