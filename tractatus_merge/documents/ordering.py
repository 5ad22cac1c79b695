"""In which order the records of a history stand: by what is there, not by who came first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tractatus_merge.core.record import Record


def ordered(records: Mapping[str, Record], adopted: Iterable[str]) -> dict[str, Record]:
    """Records as they stood when the file was adopted, then all others by timestamp, then id."""
    first = [name for name in adopted if name in records]
    known = set(first)
    rest = sorted(
        (name for name in records if name not in known),
        key=lambda name: (_timestamp(records[name]), name),
    )
    return {name: records[name] for name in (*first, *rest)}


def _timestamp(record: Record) -> str:
    for key in ("timestamp", "created_at"):
        value = record.content.get(key)
        if isinstance(value, str) and value:
            return value
    return "~"
