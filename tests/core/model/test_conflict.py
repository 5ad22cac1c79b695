"""Sides as a set: each once, with everyone who wrote it, in an order that nobody's turn decides."""

from __future__ import annotations

from itertools import permutations

import pytest

from tractatus_merge.core.model.conflict import Side, Writer, distinct

X, Y, Z = (Writer(f"2025-01-0{n}T00:00:00Z", name) for n, name in enumerate("xyz", 1))


def test_sides_are_counted_by_who_wrote_first_then_by_what_they_say():
    """A person's `--take 2` means the same side in every clone; later writers move nothing."""
    early, late = Side("b", "z", (X,)), Side("b", "a", (Y,))
    first, second = Side("b", "m", (Z, X)), Side("b", "n", (Z, Y))
    wanted = (early, late, first, second)
    assert all(distinct(sides) == wanted for sides in permutations(wanted))
    swapped = (Side("b", "m", (Z, Y)), Side("b", "n", (Z, X)))
    assert distinct(reversed(swapped)) == swapped


@pytest.mark.parametrize(("one", "other"), [(True, True), (True, False), (False, False)])
def test_a_side_is_a_proposal_only_if_all_who_wrote_it_proposed_it(one, other):
    """Who wrote the value without seeing the conflict makes it a side like any other."""
    sides = Side("b", "v", (X,), proposal=one), Side("b", "v", (Y,), proposal=other)
    wanted = (Side("b", "v", (X, Y), proposal=one and other),)
    assert distinct(sides) == distinct(reversed(sides)) == wanted
