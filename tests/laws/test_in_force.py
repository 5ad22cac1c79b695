"""What an open conflict calls in force is what stands at its place: in a clone, and in a union."""

from __future__ import annotations

from itertools import count

import pytest

from tests.laws.clones import united
from tests.laws.test_undo_steps import Story, assert_in_force


@pytest.mark.parametrize("seed", [*range(10), 1058, 1164, 1449])
def test_what_is_in_force_stands_after_a_union_too(seed):
    """Two clones that edit, answer and revoke apart; the last three seeds failed once."""
    ours = Story(seed)
    while len(ours.done) < 4:
        ours.act()
    theirs = Story(seed + 100_000)
    theirs.states, theirs.numbers = list(ours.states), count(1000)
    base = ours.head
    more, others = ours.random.randint(1, 4), ours.random.randint(1, 4)
    while len(ours.done) < 4 + more:
        ours.act()
    while len(theirs.done) < others:
        theirs.act()
    assert_in_force(united(base, ours.head, theirs.head), f"seed {seed}")
