"""The rules for plain values: the larger, the smaller, either, a counter."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.scalars import counter, either, extreme, measure, moment, revision
from tractatus_merge.core.values.equality import MISSING, same
from tractatus_merge.core.values.numbers import Number


def number(path, merge):
    """The larger of two integers. Each rule here is made when it is used: so a mutant shows."""
    return extreme("max", lambda value: value if isinstance(value, int) else None)(path, merge)


def largest(path, merge):
    """The rule `max`."""
    return extreme("max", measure)(path, merge)


def least(path, merge):
    """The rule `min`."""
    return extreme("min", measure, least=True)(path, merge)


def both_ways(rule, base, ours, theirs):
    """The value and the rule that settled it (None: a contest), the same with the sides swapped."""
    there, back = (rule(("n",), m) for m in (Merge(base, ours, theirs), Merge(base, theirs, ours)))
    if there.contests:
        assert [(c.path, c.merge) for c in there.contests] == [(("n",), Merge(base, ours, theirs))]
        assert there.value is ours and back.value is theirs and back.contests
        assert there.settled == back.settled == ()
        return None
    assert same(there.value, back.value) and type(there.value) is type(back.value)
    assert [(s.path, s.merge) for s in there.settled] == [(("n",), Merge(base, ours, theirs))]
    return there.value, there.settled[0].rule


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value", "clean"),
    [(1, 2, 3, 3, True), (1, 3, 2, 3, True), (5, 5, 3, 3, True), (5, 3, 5, 3, True), (1, "x", 3, "x", False),
     (1, "x", 1, "x", True), (1, MISSING, 3, MISSING, False), (1, 1, MISSING, MISSING, True), (MISSING, 1, 2, 2, True)],
)  # fmt: skip
def test_the_largest_wins_where_comparable(base, ours, theirs, value, clean):
    """Where both changed it; a change of one side alone is taken; else as any scalar."""
    merged = number((), Merge(base, ours, theirs))
    assert (merged.value, merged.contests == ()) == (value, clean)


@pytest.mark.parametrize(
    ("ours", "theirs", "large"),
    [
        (2, 10, 10),
        (-2, -10, -2),
        (Number("0.90"), Number("0.10"), Number("0.90")),
        (Number("9007199254740992"), Number("9007199254740993"), Number("9007199254740993")),
        (Number("1e400"), Number("2e400"), Number("2e400")),
        (2, Number("2.5"), Number("2.5")),
        ("2025-01-02", "2025-01-03", "2025-01-03"),
        ("2025-01-02T23:00:00Z", "2025-01-03", "2025-01-03"),
        ("2025-01-02T10:00:00Z", "2025-01-02T11:30:00+02:00", "2025-01-02T10:00:00Z"),
        ("2025-01-02 10:00", "2025-01-02T09:00:00.5Z", "2025-01-02 10:00"),
        ("4.4", "4.10", "4.10"),
        ("4.4", "v5", "v5"),
        ("3.0", "3.0.0", "3.0.0"),
    ],
)
def test_numbers_moments_and_revisions_compare(ours, theirs, large):
    """Each by what it means, not by its letters; `min` takes the other."""
    small = ours if large == theirs else theirs
    assert both_ways(largest, MISSING, ours, theirs) == (large, "max")
    assert both_ways(least, None, ours, theirs) == (small, "min")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (1, "4.4"),
        ("2025-01-02", "4.4"),
        ("2025-01-02", 5),
        ("2025-02-30", "2025-01-01"),
        ("2025-01-02X", "2025-01-01"),
        ("soon", "2025-01-01"),
        ("soon", "later"),
        (True, 5),
        (True, False),
        ([], 5),
        (None, 5),
        (MISSING, 5),
        ("1.0-rc1", "1.0"),
        ("1..0", "1.0"),
        ("1234567890", "1"),
    ],
)
def test_what_does_not_compare_is_for_a_person(ours, theirs):
    """Two kinds of value, no calendar's date, a word, true or false, nothing at all."""
    assert both_ways(largest, "base", ours, theirs) is None
    assert both_ways(least, "base", ours, theirs) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "v1.0"),
        ("2025-01-02", "2025-01-02T00:00:00Z"),
        ("2025-01-02T00:00Z", "2025-01-02T01:00+01:00"),
    ],
)
def test_a_tie_is_the_same_with_sides_swapped(one, other):
    """Of two spellings of one value the text that sorts last is the larger, whoever wrote it."""
    assert both_ways(largest, "x", one, other) == (max(one, other), "max")
    assert both_ways(least, "x", one, other) == (min(one, other), "min")


def test_a_moment_and_a_revision_are_none_for_anything_else():
    """A number is no revision, a day without its time is a moment in UTC, a year none."""
    assert revision("v4.10") == revision("4.10") == (4, 10)
    assert revision(4) is revision("") is revision("4.") is revision("vv4") is None
    assert moment("2025-01-02") == moment("2025-01-02T00:00:00+00:00")
    assert moment(20250102) is moment("2025") is moment("20250102") is moment("2025-13-01") is None
    assert measure(True) is measure("x") is measure(MISSING) is measure({}) is None


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "total"),
    [
        (10, 12, 15, 17),
        (10, 8, 15, 13),
        (MISSING, 2, 3, 5),
        (0, Number("0.1"), Number("0.2"), "0.3"),
        (Number("0.1"), Number("0.3"), Number("0.2"), "0.4"),
        (Number("0.5"), Number("1.0"), Number("1.5"), 2),
        (0, Number("1e2"), Number("1e-2"), "100.01"),
        (Number("9007199254740993"), Number("9007199254740997"), Number("9007199254740999"),
         9007199254741003),
        (0, Number("1" + "0" * 400), Number("2" + "0" * 400), 3 * 10**400),
        (0, Number("1e999999999"), Number("2e999999999"), "3E+999999999"),
        (0, Number("1e-999999999"), Number("2e-999999999"), "3E-999999999"),
    ],
)  # fmt: skip
def test_both_counts_are_added_exactly(base, ours, theirs, total):
    """As decimals, not as doubles; a whole number stays one, and a new counter began at 0."""
    value, rule = both_ways(counter, base, ours, theirs)
    assert (value.text if isinstance(value, Number) else value, rule) == (total, "counter")


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (0, Number("1e300"), 1),
        (0, Number("1e300"), Number("1e-300")),
        (Number("0.1"), Number("1" + "0" * 39), Number("1.1")),
        (0, Number("1e9999999999999999999"), 5),
        (0, True, 5),
        (False, 2, 5),
        (0, "2", 5),
        (None, 2, 5),
        (0, MISSING, 5),
    ],
)
def test_what_cannot_be_counted_exactly_is_for_a_person(base, ours, theirs):
    """More digits than are kept, true and false, texts, a counter that is gone."""
    assert both_ways(counter, base, ours, theirs) is None


@given(*[st.decimals(-1000, 1000, places=3)] * 3)
def test_counting_is_the_sum_of_both_differences(base, ours, theirs):
    """For all decimals that both sides changed."""
    base, ours, theirs = (f"{Decimal(number):f}" for number in (base, ours, theirs))
    merged = counter((), Merge(*map(Number, (base, ours, theirs))))
    if merged.settled:
        text = getattr(merged.value, "text", str(merged.value))
        assert Decimal(text) == Decimal(ours) + Decimal(theirs) - Decimal(base)


@pytest.mark.parametrize(
    ("ours", "theirs", "value"), [(1, 2, 2), ("a", "b", "b"), (MISSING, 1, 1), ([1], {}, {})]
)
def test_either_never_asks(ours, theirs, value):
    """The one whose canonical text sorts last, whoever wrote it."""
    assert both_ways(either, "x", ours, theirs) == (value, "either")


@pytest.mark.parametrize("rule", [largest, least, either, counter])
def test_what_one_side_changed_needs_no_rule(rule):
    """Also to what does not compare; and then no rule is named."""
    for merge, value in [(Merge(5, 3, 5), 3), (Merge(5, 5, "x"), "x"), (Merge(5, 7, 7), 7)]:
        merged = rule((), merge)
        assert (merged.value, merged.contests, merged.settled) == (value, (), ())
