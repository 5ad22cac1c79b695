"""What in a header follows from the records and the edits."""

from __future__ import annotations

import pytest

from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.json_text import dump
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.core.values.places import get
from tractatus_merge.instructions.counters import finish, higher, latest


def test_one_side_alone_may_lower_a_version_or_a_date():
    """The larger wins where both changed it; a change of one side is taken as any other."""
    assert higher((), Merge("4.4", "4.4", "4.3")).value == "4.3"
    assert latest((), Merge("2025-01-02", "2025-01-01", "2025-01-02")).value == "2025-01-01"
    assert higher((), Merge("4.4", "4.3", "4.2")).value == "4.3"


@pytest.mark.parametrize(
    ("there", "then"),
    [
        ("2025-10-12T00:10:00Z", "2026-01-02T03:04:05Z"),
        ("2025-10-12T00:10:00.000Z", "2026-01-02T03:04:05.678Z"),
        ("2025-11-02", "2026-01-02"),
        ("2027-01-01", "2027-01-01"),
        ("2026-01-02T04:04:05.678+01:00", "2026-01-02T04:04:05.678+01:00"),
        ("yesterday", "yesterday"),
        (None, None),
        (20250101, 20250101),
        ("2025-99-99", "2025-99-99"),
    ],
)
def test_the_last_update_follows_the_edits_in_its_own_form(there, then):
    """The later of what stood there and the latest edit; what is no date stays."""
    for header, path in (({"last_updated": there}, ("last_updated",)),
                         ({"metadata": {"lastUpdated": there}}, ("metadata", "lastUpdated"))):  # fmt: skip
        after = finish(header, dict, dict, "2026-01-02T03:04:05.678Z")
        assert get(after, path) == then
        assert finish(header, dict, dict, "") == header
        assert finish(header, dict, dict, "soon") == header
    assert finish({}, dict, dict, "2026-01-02T03:04:05.678Z") == {}


OLD = {
    "a": {"quadrant": "SYSTEM", "persistence": "HIGH"},
    "b": {"quadrant": "TACTICAL", "persistence": "HIGH", "active": False},
}
NEW = {**OLD, "c": {"quadrant": "NEW", "persistence": "LOW"}}


def test_counters_are_recomputed_if_they_were_right():
    """All of stats and of metadata; keys without records stay zero, new ones come."""
    header = {
        "stats": {"total_instructions": 2, "active_instructions": 1, "other": 7,
                  "by_quadrant": {"SYSTEM": 1, "TACTICAL": 1, "STOCHASTIC": 0}, "by_persistence": {"HIGH": 2, "LOW": 0}},
        "metadata": {"totalInstructions": 2, "activeInstructions": Number("1.0")},
    }  # fmt: skip
    after = finish(header, lambda: OLD, lambda: NEW, "")
    assert after == {
        "stats": {"total_instructions": 3, "active_instructions": 2, "other": 7,
                  "by_quadrant": {"SYSTEM": 1, "TACTICAL": 1, "STOCHASTIC": 0, "NEW": 1}, "by_persistence": {"HIGH": 2, "LOW": 1}},
        "metadata": {"totalInstructions": 3, "activeInstructions": 2},
    }  # fmt: skip


def test_counters_that_were_wrong_are_left():
    """94 stays 94 where it never was the number of records."""
    header = {
        "stats": {
            "total_instructions": 94,
            "active_instructions": "1",
            "by_quadrant": {"SYSTEM": 9, "TACTICAL": 1},
        },
        "metadata": {"totalInstructions": None, "activeInstructions": True},
    }
    after = finish(header, lambda: OLD, lambda: {**NEW, "d": NEW["b"]}, "")
    expected = {**header["stats"], "by_quadrant": {"SYSTEM": 9, "TACTICAL": 2, "NEW": 1}}
    assert dump(after) == dump({**header, "stats": expected})
    odd = {"stats": {"by_quadrant": [1]}, "metadata": 5}
    assert finish(odd, lambda: OLD, lambda: NEW, "2026-01-02T03:04:05.678Z") == odd


def test_a_group_that_was_counted_wrong_is_left_and_none_is_brought_back():
    """Only right counters follow; a key of old records that nobody listed stays away."""
    header = {"stats": {"by_quadrant": {"SYSTEM": 1, "NEW": 5}}}
    after = finish(header, lambda: OLD, lambda: NEW, "")
    assert after == {"stats": {"by_quadrant": {"SYSTEM": 1, "NEW": 5}}}
