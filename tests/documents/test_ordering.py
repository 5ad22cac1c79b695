"""In which order the records of a history stand."""

from __future__ import annotations

from tractatus_merge.core.record import Record
from tractatus_merge.documents.ordering import ordered


def test_order_is_the_adopted_one_then_time_then_id():
    """A function of what is there, not of who merged first."""
    times = {"z": "2025-01-01", "y": "2025-01-02", "b": None, "a": None, "old": "2026-01-01"}
    records = {n: Record.of({"id": n, "timestamp": t}) for n, t in times.items()}
    wanted = ["old", "z", "y", "a", "b"]
    assert list(ordered(records, ["old", "gone"])) == wanted
    assert list(ordered(dict(reversed(records.items())), ["old", "gone"])) == wanted
