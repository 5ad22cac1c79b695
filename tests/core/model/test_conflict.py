"""Sides as a set: each once, with everyone who wrote it, in an order that nobody's turn decides."""

from __future__ import annotations

from itertools import permutations

import pytest

from tractatus_merge.core.model.conflict import Conflict, Side, Writer, distinct

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


LATER = {
    "id": "c1", "kind": "field", "severity": "MINOR", "instruction": "a", "path": ["x"],
    "sides": [
        {"value": 1, "in_force": True, "writers": [{"at": "1", "session": "s", "new": 0}], "new": []},
        {"value": 2, "base": 1, "writers": [{"at": "2", "session": "t"}], "votes": {"0": "1"}},
    ],
    "deadline": "2027",
}  # fmt: skip


def test_what_later_programs_say_of_a_conflict_stays():
    """Of the conflict, of a side, of a writer: read, and written as it was."""
    told = Conflict.from_json(LATER).to_json()
    assert told["deadline"] == "2027"
    assert [side.get("new") for side in told["sides"]] == [[], None]
    assert told["sides"][1]["votes"] == {"0": "1"}
    assert told["sides"][0]["writers"][0]["new"] == 0
    assert Conflict.from_json(told).to_json() == told


@pytest.mark.parametrize("turned", [False, True])
def test_what_later_programs_say_stays_where_sides_are_one(turned):
    """A writer that is told twice is one, with all that is told; so is a side."""
    known, more = Writer("1", "s"), Writer("1", "s", more='{"new": 0}')
    sides = [Side(1, 2, (known,)), Side(1, 2, (more,), more='{"votes": 1}')]
    (one,) = distinct(sides[::-1] if turned else sides)
    assert one.more == '{"votes": 1}'
    assert [writer.more for writer in one.writers] == ['{"new": 0}']
