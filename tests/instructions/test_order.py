"""In which order the records of a history stand."""

from __future__ import annotations

from tractatus_merge.core.model.record import Record
from tractatus_merge.instructions.order import ordered


def test_order_is_the_adopted_one_then_time_then_id():
    """A function of what is there, not of who merged first."""
    times = {"z": "2025-01-01", "y": "2025-01-02", "b": None, "a": None, "old": "2026-01-01"}
    records = {n: Record.of({"id": n, "timestamp": t}) for n, t in times.items()}
    wanted = ["old", "z", "y", "a", "b"]
    assert list(ordered(records, ["old", "gone"])) == wanted
    assert list(ordered(dict(reversed(records.items())), ["old", "gone"])) == wanted


def test_a_time_is_a_text_that_says_something():
    """`timestamp`, else `created_at`; numbers and empty texts are no times, and stand last."""
    contents = {
        "a": {"timestamp": 5},
        "b": {"timestamp": "", "created_at": "2025-01-03"},
        "c": {"created_at": "2025-01-01"},
        "d": {"timestamp": "2025-01-02", "created_at": "2025-01-09"},
    }
    records = {name: Record.of({"id": name, **content}) for name, content in contents.items()}
    assert list(ordered(records, [])) == ["c", "d", "b", "a"]
