"""Ranges and limits as people write them, and which two leave nothing in common."""

from __future__ import annotations

import pytest

from tractatus_merge.core.values.json_text import parse
from tractatus_merge.meaning.ranges import exclude, is_range

APART = [
    (">=20.9", "18"),
    (">= 20.9", "20.8.1"),
    ("18+", "16"),
    ("^1.2", "2"),
    ("^1.2", "1.1"),
    ("~=1.4", "2.0"),
    ("at least 3", "2"),
    ("no less than 3", "2.5"),
    ("up to 10", "11"),
    ("10 or less", "11"),
    ("at most 10", "at least 12"),
    ("under 5", "5"),
    ("> 3, < 5", "6"),
    (">=3 <5", "5.1"),
    ("3 - 5", "6"),
    ("between 3 and 5", "2"),
    ("18 || 20", "22"),
    ("18 or 20", "19"),
    ("3.x", "4.1"),
    (">=80%", "70%"),
    ("<3.9", ">=3.11"),
    (">=18", 16),
]
SHARED = [
    (">=20.9", "24"),
    (">=20.9", 24),
    ("18+", "18"),
    ("^1.2", "1.9"),
    ("at least 3", "3"),
    ("up to 10", "10"),
    ("3 - 5", "5"),
    ("18 || 20", "20"),
    ("*", "7"),
    ("!=3", "3"),
    ("3.x", "3.7"),
    (">=80%", "90%"),
    ("<=10 seconds", ">=12 hours"),  # two measures: not compared
    (">=0.85", "0.9"),
    ("<=0.85", ">=0.9"),  # as versions they meet
    (">=20.9", "latest"),  # not understood
    (">=20.9", True),
    (">=20.9", ["18"]),
]


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_leaves_nothing_in_common_excludes_each_other(one, other):
    """Either way round."""
    assert exclude(one, other)
    assert exclude(other, one)


@pytest.mark.parametrize(("one", "other"), SHARED)
def test_what_shares_a_number_or_is_not_understood_excludes_nothing(one, other):
    """Either way round."""
    assert not exclude(one, other)
    assert not exclude(other, one)


@pytest.mark.parametrize(
    "value",
    [">=20.9", "18+", "^1.2", "at least 3", "3.x", "*", "up to 10", "18 || 20", "18 or 20"],
)
def test_limits_and_alternatives_are_a_range(value):
    """And no single value."""
    assert is_range(value)


@pytest.mark.parametrize(
    "value", ["18", "latest", "tabs or spaces", "port 8080", parse("20.9"), None, True]
)
def test_one_value_is_no_range(value):
    """Nor is what is no text."""
    assert not is_range(value)
