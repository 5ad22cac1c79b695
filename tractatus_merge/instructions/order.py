"""The order of the records of a history: it does not depend on who merged last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values.equality import Json


def ordered(
    records: Mapping[str, Record],
    adopted: Iterable[str],
    published: Callable[[str, Record], str] = lambda *_: "~",
) -> dict[str, Record]:
    """As they stood when the file was adopted, then by timestamp (else when published), then id."""
    first = dict.fromkeys(name for name in adopted if name in records)
    rest = sorted(
        (name for name in records if name not in first),
        key=lambda name: (timestamp(records[name].content) or published(name, records[name]), name),
    )
    return {name: records[name] for name in (*first, *rest)}


def timestamp(content: Mapping[str, Json]) -> str:
    """When the instruction was given, as it says itself; nothing where it does not."""
    for key in ("timestamp", "created_at"):
        value = content.get(key)
        if isinstance(value, str) and value:
            return value
    return ""
