"""How grave a finding or a conflict is, by the framework's table."""

from __future__ import annotations

from tractatus_merge.core.values.equality import Json, Path
from tractatus_merge.core.values.numbers import is_number, rank

_CLEAR = 0.6


def severity(content: Json, path: Path) -> str:
    """How grave a contested place is, by the framework's table of persistence and explicitness."""
    record = content if isinstance(content, dict) else {}
    explicit = record.get("explicitness")
    clear = is_number(explicit) and rank(explicit) > rank(_CLEAR)
    keys = ("port", "database", "host", "url", "confirmed")
    if record.get("persistence") == "HIGH" or (path and path[-1] in keys and clear):
        return "CRITICAL"
    return "WARNING" if clear or record.get("persistence") == "MEDIUM" else "MINOR"
