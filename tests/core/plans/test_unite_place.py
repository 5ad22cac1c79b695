"""One contested place in two heads: which values stay, what they were made from, who stands."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, Conflict, Side, Writer
from tractatus_merge.core.plans.unite_place import (
    Answers,
    Precedence,
    is_exchange,
    merge_answered,
    merge_answered_twice,
    merge_diverged,
    merge_whole,
    with_in_force,
)
from tractatus_merge.core.values.equality import canonical

X, Y, Z = (Writer(f"2025-01-0{n}T00:00:00Z", name) for n, name in enumerate("xyz", 1))
LEAST = Precedence(False, lambda side: (canonical(side.value),))
GREATEST = Precedence(False, lambda side: tuple(-ord(c) for c in canonical(side.value)))


def place(force, *sides, kind=FIELD):
    """A contested place of (base, value, writer...) sides."""
    made = [Side(base, value, tuple(who)) for base, value, *who in (force, *sides)]
    return Conflict("c1", kind, "i", ("text",), "MINOR", made[0], tuple(made[1:]))


def told(conflict):
    """The value in force, and each side that waits as (base, value)."""
    return conflict.force.value, [(side.base, side.value) for side in conflict.sides]


def known(*values, bases=(), rank=("2025",)):
    """Answers of a person who saw the values."""
    return Answers(rank, frozenset(map(canonical, values)), frozenset(map(canonical, bases)))


def test_of_two_sides_of_one_rank_the_first_stands():
    """And the first head's in any case, where it is a remote's."""
    one, other = Side("b", "z"), Side("b", "a")
    assert Precedence(False, lambda _: ()).of(one, other) is one
    assert Precedence(True, LEAST.rank).of(one, other) is one
    assert LEAST.of(one, other) is LEAST.of(other, one) is other


def test_two_moves_of_the_value_in_force_were_made_from_it():
    """One of them stands, the other waits as a change of what was in force."""
    was = place(("b", "v"), ("b", "u"))
    first, second = place(("b", "y"), ("b", "u")), place(("b", "z"), ("b", "u"))
    assert told(merge_diverged(was, first, second, LEAST)) == ("y", [("b", "u"), ("v", "z")])
    assert told(merge_diverged(was, first, second, GREATEST)) == ("z", [("b", "u"), ("v", "y")])


def test_heads_that_differ_only_in_who_stands_have_no_new_side():
    """Each value once, made from what it was made from where it waits."""
    was = place(("b", "v"), ("c", "u"))
    first, second = place(("b", "v"), ("c", "u")), place(("b", "u"), ("c", "v"))
    assert told(merge_diverged(was, first, second, LEAST)) == ("u", [("c", "v")])
    assert told(merge_diverged(was, first, second, GREATEST)) == ("v", [("c", "u")])


def test_where_both_values_in_force_were_given_up_one_that_waits_stands():
    """The one of the lowest rank."""
    was = place(("b", "a"), ("b", "e"), ("b", "c"), ("b", "d"))
    first, second = (
        place(("b", force), ("b", "d"), ("b", "c")) for force in ("a", "e")
    )  # fmt: skip
    assert told(merge_diverged(was, first, second, LEAST)) == ("c", [("b", "d")])
    assert told(merge_diverged(was, first, second, GREATEST)) == ("d", [("b", "c")])


def test_heads_that_each_went_to_what_the_other_gave_up_keep_both():
    """What was in force is told as it was, the other as a change of it, which moves nothing."""
    was = place(("o", "a"), ("o", "b"))
    first, second = place(("o", "b")), place(("o", "a"))
    one = merge_diverged(was, first, second, LEAST)
    assert (told(one), one.sides[0].proposal) == (("a", [("a", "b")]), True)
    assert told(merge_diverged(was, first, second, GREATEST)) == ("b", [("o", "a")])


def test_without_a_known_base_what_a_value_was_made_from_was_there_before():
    """So it goes where one head has it no more."""
    assert told(merge_diverged(None, place(("b", "a")), place(("b", "b")), GREATEST)) == ("a", [])


@pytest.mark.parametrize(
    ("was", "late"), [(place(("x", "old")), ["base", "new"]), (None, ["new", "old"])]
)
def test_only_what_a_person_did_not_know_reopens_an_answer(was, late):
    """Not what they saw, answered or left open, nor what was there before (else: its bases)."""
    first = place(("b", "answer", X), ("b", "open"))
    values = ("base", "seen", "open", "answer", "new")
    second = place(("b", "old", Y), *(("b", value, Z) for value in values))
    found = merge_answered(was, first, second, known("seen", bases=["base"]))
    assert found.force == Side("b", "answer", (X, Z))
    assert sorted(side.value for side in found.sides) == sorted([*late, "open"])


def test_of_two_answers_both_are_told_with_what_came_late_to_either():
    """What the other person saw is answered; of two at one instant the first head's stands."""
    first = place(("b", "yes"), ("b", "seen by the other"), ("b", "late here"))
    second = place(("b", "no"), ("b", "seen by the one"), ("b", "late there"))
    answers = known("yes", "seen by the one"), known("no", "seen by the other")
    found = merge_answered_twice(first, second, answers, GREATEST)
    sides = [("b", "late here"), ("b", "late there"), ("b", "no")]
    assert told(found) == ("yes", sides)
    later = known("yes", "seen by the one", rank=("2026",))
    assert merge_answered_twice(first, second, (later, answers[1]), LEAST).force.value == "no"
    remote = Precedence(True, LEAST.rank)
    assert merge_answered_twice(first, second, (later, answers[1]), remote).force.value == "yes"


def test_the_sides_of_a_whole_record_were_made_from_the_base_of_the_one_in_force():
    """Each value once, with everyone who stands for it."""
    first = place((1, True, X), (2, False, Y), kind=EDIT_RETIRE)
    second = place((3, False, Z), (4, True, Z), kind=EDIT_RETIRE)
    found = merge_whole(first, second, GREATEST)
    assert found.force == Side(1, True, (X, Z))
    assert found.sides == (Side(1, False, (Y, Z)),)


def test_another_of_a_conflict_s_values_may_stand():
    """Then it is no proposal any more, and what stood waits behind it with the others."""
    conflict = place(("b", "v"), ("b", "u"), ("c", "w"))
    proposal = Side("v", "p", (X,), proposal=True)
    found = with_in_force(Conflict("c1", FIELD, "i", ("text",), "MINOR", conflict.force,
                              (*conflict.sides, proposal)), "p")  # fmt: skip
    assert found.force == Side("v", "p", (X,))
    assert told(found) == ("p", [("b", "u"), ("b", "v"), ("c", "w")])


def test_an_exchange_is_of_roles_alone():
    """Each holds the other's value in force as a side that waits."""
    one, other = place(("b", "v"), ("b", "u")), place(("b", "u"), ("b", "v"))
    assert is_exchange(one, other)
    assert not is_exchange(one, place(("b", "u")))
    assert not is_exchange(place(("b", "v")), other)
