"""One order out of three: moves of both sides, whichever is ours."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.rules.orders import is_torn, one_by_one, ordered


def order(base, ours, theirs, standing=None):
    """The order of three orders, as a text; all that a side has stands, where nothing is said."""
    return "".join(ordered(base, ours, theirs, standing=standing or {*ours, *theirs}))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("abc", "abc", "cab", "cab"),
        ("abc", "cab", "abc", "cab"),
        ("abc", "bac", "acb", "acb"),
        ("abc", "axbc", "cab", "caxb"),
        ("ac", "abc", "abdc", "abdc"),
        ("ac", "abdc", "aedc", "abedc"),
        ("", "xy", "yx", "xy"),
        ("m", "mzb", "mxa", "mxazb"),
        ("", "bd", "ac", "abcd"),
    ],
)
def test_the_order_follows_who_moved(base, ours, theirs, result):
    """One side's move is followed; if both moved, the order that sorts first; runs meet by name."""
    assert order(base, ours, theirs) == order(base, theirs, ours) == result


@st.composite
def three_orders(draw):
    """Three orders of some of eight names, and those that stand."""
    sides = [draw(st.lists(st.sampled_from("abcdefgh"), unique=True)) for _ in range(3)]
    return sides, draw(st.sets(st.sampled_from("abcdefgh")))


@given(three_orders())
def test_an_order_has_what_stands_and_no_side(found):
    """Every name that stands and that a side has, once; the same with the sides swapped."""
    (base, ours, theirs), standing = found
    standing &= {*ours, *theirs}
    result = ordered(base, ours, theirs, standing=standing)
    assert sorted(result) == sorted(standing)
    assert result == ordered(base, theirs, ours, standing=standing)
    if all(side == sorted(side) for side in (base, ours, theirs)):
        assert result == sorted(result)


@given(st.permutations("abcde"), st.lists(st.sampled_from("abcdexyz"), unique=True))
def test_sorted_lists_stay_sorted(moved, some_names):
    """Whatever is added to and taken from them; and a move that one side alone made is in."""
    base, names = list("abcde"), sorted(some_names)
    assert ordered(base, base, moved, standing=base) == moved
    result = ordered(base, base, names, standing={*base, *names})
    assert result == sorted({*base, *names})


def turned(base, side):
    """The pairs of names that a side turned round."""
    return {
        (one, other) for one, other in combinations(base, 2) if side.index(one) > side.index(other)
    }


MOVED = [list(names) for names in permutations("abcd")]


@pytest.mark.parametrize("ours", MOVED)
def test_every_pair_that_a_side_turned_round_stands_so(ours):
    """If there is an order that has them all; else it is told that there is none."""
    base = list("abcd")
    for theirs in MOVED:
        both = turned(base, ours) | turned(base, theirs)
        possible = [names for names in MOVED if turned(base, names) == both]
        assert is_torn(base, ours, theirs, {*base}) == (not possible)
        found = ordered(base, ours, theirs, standing={*base})
        assert found == (possible[0] if possible else min(ours, theirs))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("1234", "2134x", "1243x", "2143x"),
        ("1234", "x2134", "1243x", "2143x"),
        ("abc", "cabx", "abcx", "cabx"),
        ("abc", "abcx", "cabx", "cabx"),
        ("abc", "cabA", "Aabc", "cabA"),
        ("3", "123", "312", "123"),
        ("", "xyz", "zyx", "xyz"),
        ("abc", "xbacy", "yacbx", "xbacy"),
    ],
)
def test_what_both_added_stands_where_both_say_so(base, ours, theirs, result):
    """Where they do not, it follows the side that moved, else the order that sorts first."""
    assert order(base, ours, theirs) == order(base, theirs, ours) == result


@given(st.permutations("abc"), st.permutations("abcxyz"), st.permutations("abcxyz"))
def test_what_is_new_never_turns_round_what_is_old(base, ours, theirs):
    """The moves of both sides among what the base has are in, wherever the new ones stand."""
    result = ordered(base, ours, theirs, standing={*ours})
    assert result == ordered(base, theirs, ours, standing={*ours})
    if not is_torn(base, ours, theirs, {*ours}):
        old = [[n for n in side if n in base] for side in (ours, theirs, result)]
        assert turned(base, old[2]) == turned(base, old[0]) | turned(base, old[1])


def test_what_does_not_stand_tears_nothing():
    """Only what all three have, and what stands, can be in two orders."""
    assert is_torn("abc", "bac", "acb", {*"abc"})
    assert is_torn("abcde", "abdce", "acbed", {*"abcde"})
    assert not is_torn("abc", "bac", "acb", {*"ab"})
    assert not is_torn("ab", "bac", "acb", {*"abc"})
    assert not is_torn("abc", "bac", "ac", {*"abc"})


def test_runs_can_stay_whole():
    """Then the run that sorts first stands first."""
    assert one_by_one(["b", "a"], ["a", "z"]) == ["a", "z", "b", "a"]
    names = ordered("m", "mbc", "mad", standing={*"mabcd"}, meet=one_by_one)
    assert names == list("madbc")


def test_many_names_are_ordered_in_time():
    """Ten thousand, moved on both sides."""
    base = [f"{number:05}" for number in range(10_000)]
    ours = [*base[5:], *base[:5]]
    theirs = [*base[-3:], *base[:-3]]
    assert ordered(base, ours, theirs, standing={*base}) == [*base[-3:], *base[5:-3], *base[:5]]
