"""Three sequences laid side by side, on their own and beside another library's diff3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from merge3 import Merge3

from tractatus_merge.core.rules.diff3 import Region, joined, overlaps, regions

lines = st.lists(st.sampled_from("abcde"), max_size=9)


@st.composite
def edited(draw, base):
    """The base with a few lines taken out and put in."""
    side = list(base)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(side)))
        side[at : at + draw(st.integers(0, 2))] = draw(
            st.lists(st.sampled_from("abcxyz"), max_size=2)
        )
    return side


@st.composite
def three(draw):
    """A base and two sides made from it."""
    base = draw(lines)
    return base, draw(edited(base)), draw(edited(base))


@given(three() | st.tuples(lines, lines, lines))
def test_another_diff3_joins_the_same(found):
    """Where merge3 sees no conflict the result is its own; where lines of the base are contested, none."""
    groups = list(Merge3(*found).merge_groups())
    contested = [group for group in groups if group[0] == "conflict"]
    if not contested:
        assert joined(*found) == [line for group in groups for line in group[1]]
    elif any(group[1] for group in contested):
        assert joined(*found) is None
    else:
        assert joined(*found) is not None


@given(three())
def test_swapping_the_sides_changes_nothing(found):
    """Neither what is joined, nor where it cannot be."""
    base, ours, theirs = found
    assert joined(base, ours, theirs) == joined(base, theirs, ours)
    there, back = overlaps(base, ours, theirs), overlaps(base, theirs, ours)
    assert [(r.line, r.base, r.theirs, r.ours) for r in there] == [
        (r.line, r.base, r.ours, r.theirs) for r in back
    ]


@given(three() | st.tuples(lines, lines, lines))
def test_the_regions_are_the_three_sequences(found):
    """Put together again they are all that was laid out, each at its line of the base."""
    base, ours, theirs = found
    cut = list(regions(base, ours, theirs))
    assert [x for region in cut for x in region.base] == base
    assert [x for region in cut for x in region.ours] == ours
    assert [x for region in cut for x in region.theirs] == theirs
    at = 0
    for region in cut:
        assert region.line == at
        at += len(region.base)
        assert region.base or region.ours or region.theirs


@given(three() | st.tuples(lines, lines, lines))
def test_nothing_is_joined_exactly_where_something_overlaps(found):
    """One of the two: a sequence, or regions to show to people."""
    assert (joined(*found) is None) == bool(overlaps(*found))


@given(three())
def test_what_both_added_is_in(found):
    """A line that only one side has, and the base has not, is not lost."""
    base, ours, theirs = found
    result = joined(base, ours, theirs)
    if result is not None:
        assert {*ours, *theirs} - {*base} <= {*result}
        assert {*result} <= {*ours, *theirs}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("", "", "", ""),
        ("", "b", "a", "ab"),
        ("ab", "xab", "aby", "xaby"),
        ("ab", "axb", "ayb", "axyb"),
        ("ab", "axzb", "ayzb", "axyzb"),
        ("abc", "ac", "abc", "ac"),
        ("abc", "bc", "ab", "b"),
        ("abcde", "aBcde", "abcDe", "aBcDe"),
        ("ab", "b", "b", "b"),
        ("abc", "axc", "ayc", None),
        ("abc", "ac", "axc", None),
        ("abc", "", "abcd", None),
        ("abcdef", "12345abc67def", "abcdeF", "12345abc67deF"),
        ("abcdef", "abcdeF", "12345abc67def", "12345abc67deF"),
    ],
)
def test_the_table_of_joins(base, ours, theirs, result):
    """Changes at different places, at one place, of one line; None for two changes of one line."""
    found = joined(list(base), list(ours), list(theirs))
    assert found == (result if result is None else list(result))


def test_a_region_says_what_it_is():
    """Untouched, changed by one, alike by both, added by both, overlapping."""
    one, same, added, over = (
        Region(["a"], ["x"], ["a"]),
        Region(["a"], ["x"], ["x"]),
        Region([], ["x"], ["y"]),
        Region(["a"], ["x"], ["y"]),
    )
    assert [region.overlaps for region in (one, same, added, over)] == [False, False, True, True]
    assert [region.insertion for region in (one, same, added, over)] == [False, False, True, False]


def test_a_long_sequence_is_matched_whole():
    """A line that stands everywhere in a long text still matches (no heuristic takes it for junk)."""
    base = [line for number in range(150) for line in (str(number), "")]
    ours, theirs = [*base[:-1], "x", ""], ["y", *base]
    assert joined(base, ours, theirs) == ["y", *ours]
    alike = ["x"] * 250
    assert joined(alike, [*alike, "b"], ["a", *alike]) == ["a", *alike, "b"]
