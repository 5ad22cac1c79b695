"""The algebra of contested places: each sentence of it is a test."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.model.conflict import (
    EDIT_RETIRE,
    FIELD,
    Conflict,
    Side,
    Writer,
    conflict_id,
    distinct,
)
from tractatus_merge.core.model.in_force import (
    absorbed,
    is_closed,
    lifted,
    simplified,
    with_change,
    with_supporter,
)
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING

X, Y, Z = (Writer(f"2025-01-0{n}T00:00:00Z", name) for n, name in enumerate("xyz", 1))


def conflict(force, *sides, kind=FIELD, path=("text",)):
    """A conflict of (base, value, writer) sides."""
    made = [Side(base, value, (who,)) for base, value, who in (force, *sides)]
    return Conflict("c1", kind, "i", path, "MINOR", made[0], tuple(made[1:]))


OPEN = conflict(("b", "v", X), ("b", "u", Y))


def values(found):
    """What is in force, and the set of sides."""
    return found.force.value, {(side.base, side.value) for side in found.sides}


def test_where_x_is_in_force_y_takes_its_place():
    """A change from the value in force, unseen: the new value is in force."""
    after = with_change(OPEN, "v", "y", Z, seen=False)
    assert values(after) == ("y", {("b", "u")})
    assert after.force == Side("b", "y", (Z,))


def test_where_x_is_a_side_s_value_that_side_moves():
    """The side keeps what it was made from."""
    after = with_change(OPEN, "u", "y", Z, seen=False)
    assert values(after) == ("v", {("b", "y")})
    assert after.sides[0].writers == (Z,)


def test_else_it_is_a_further_side():
    """A change from anything else waits beside the others."""
    assert values(with_change(OPEN, "b", "y", Z, seen=False)) == ("v", {("b", "u"), ("b", "y")})
    assert values(with_change(OPEN, None, "y", Z, seen=False)) == ("v", {("b", "u"), (None, "y")})
    null = conflict(("b", None, X), ("b", "u", Y))
    assert values(with_change(null, "b", "y", Z, seen=False)) == (None, {("b", "u"), ("b", "y")})


def test_a_side_that_equals_the_value_in_force_vanishes():
    """Saying what is in force joins its writers; the others still wait."""
    after = with_change(OPEN, "b", "v", Z, seen=False)
    assert values(after) == ("v", {("b", "u")})
    assert after.force.writers == (X, Z)


def test_a_side_that_moves_to_the_value_in_force_closes():
    """Who gives way settles it: with no side left the conflict is closed."""
    after = with_change(OPEN, "u", "v", Y, seen=False)
    assert is_closed(after)
    assert after.force.value == "v"
    assert is_closed(with_change(OPEN, "v", "u", X, seen=False))


def test_a_side_made_from_the_value_in_force_takes_its_place():
    """`v + (u - v)` is `u`."""
    after = simplified(conflict(("b", "v", X), ("v", "u", Y), ("b", "w", Z)))
    assert values(after) == ("u", {("b", "w")})
    assert after.force == Side("b", "u", (Y,))
    assert is_closed(simplified(conflict(("b", "v", X), ("v", "u", Y))))


def test_a_proposal_moves_and_closes_nothing():
    """From a copy in which the conflict was open, any change is a further side."""
    assert values(with_change(OPEN, "v", "y", Z, seen=True)) == ("v", {("b", "u"), ("v", "y")})
    assert values(with_change(OPEN, "u", "y", Z, seen=True)) == ("v", {("b", "u"), ("u", "y")})
    once = with_change(OPEN, "v", "u", Z, seen=True)
    assert not is_closed(once)
    assert once.force.value == "v"
    assert all(side.value == "u" for side in once.sides)


@given(st.lists(some.sides), st.lists(some.sides))
def test_sets_of_sides_unite(one, other):
    """Order does not matter, and uniting twice adds nothing."""
    both = distinct([*one, *other])
    assert set(both) == set(distinct([*other, *one]))
    assert distinct([*both, *other]) == both
    assert {side.key for side in both} == {side.key for side in (*one, *other)}


@given(st.permutations("mnopq"), st.sampled_from("bvu"))
def test_fresh_changes_commute(names, start):
    """Several sessions' new values from one place: the same sides in every order."""
    after = OPEN
    for name in names:
        after = with_change(
            after, "b" if name < "o" else start, name, Writer("t", name), seen=name > "p"
        )
    values_ = sorted([after.force.value, *(side.value for side in after.sides)])
    other = OPEN
    for name in sorted(names):
        other = with_change(
            other, "b" if name < "o" else start, name, Writer("t", name), seen=name > "p"
        )
    assert values_ == sorted([other.force.value, *(side.value for side in other.sides)])


def test_a_whole_record_conflict_is_a_plain_set():
    """Edit against retire moves nothing and closes nothing: only a person does."""
    whole = conflict((True, True, X), (True, False, Y), kind=EDIT_RETIRE, path=("active",))
    again = with_change(whole, False, True, Y, seen=False)
    assert not is_closed(again)
    assert again.force.writers == (X, Y)
    assert with_supporter(whole, False, Z).sides[0].writers == (Y, Z)
    assert simplified(conflict((True, True, X), (True, True, Y), kind=EDIT_RETIRE)).sides


def test_a_side_keeps_everyone_who_wrote_it():
    """The same base and value twice is one side with both writers, oldest first."""
    twice = with_change(with_change(OPEN, "b", "y", Z, seen=False), "b", "y", X, seen=False)
    assert [side.writers for side in twice.sides if side.value == "y"] == [(X, Z)]


def test_a_conflict_above_absorbs_those_below():
    """Their sides are told at its place, with what is in force around them."""
    child = conflict((1, 2, X), (1, 3, Y), path=("p", "port"))
    parent = conflict(({"port": 1}, {"port": 2, "h": 0}, X), ({"port": 1}, MISSING, Z), path=("p",))
    after = absorbed(parent, [child])
    assert after.force == parent.force
    told = {repr(side.value): side for side in after.sides}
    assert set(told) == {"MISSING", "{'port': 3, 'h': 0}"}
    assert told["{'port': 3, 'h': 0}"].base == {"port": 1, "h": 0}
    assert told["{'port': 3, 'h': 0}"].writers == (Y,)
    above = lifted(child, ("p",), {"port": 9})
    assert (above.path, above.force) == (("p",), Side({"port": 1}, {"port": 2}, (X,)))


def test_the_id_is_a_hash_of_place_and_closings():
    """The same in every clone; after each closing another; the order of closings does not count."""
    first = conflict_id("i", ("text",), [])
    assert first == conflict_id("i", ("text",), [])
    others = {
        conflict_id("i", ("text",), ["r1"]),
        conflict_id("i", ("title",), []),
        conflict_id(None, ("text",), []),
    }
    assert len({first, *others}) == 4
    assert conflict_id("i", (), ["r1", "r2"]) == conflict_id("i", (), ["r2", "r1"])
    assert first.startswith("c")


def test_terms_change_with_what_a_person_sees():
    """Values and bases count; writers and the order of sides do not."""
    three = conflict(("b", "v", X), ("b", "u", Y), ("b", "w", Z))
    turned = conflict(("b", "v", X), ("b", "w", Z), ("b", "u", X))
    assert three.terms == turned.terms
    assert three.terms != OPEN.terms
    assert OPEN.terms != conflict(("b", None, X), ("b", "u", Y)).terms
    assert conflict(("b", MISSING, X)).terms != conflict(("b", None, X)).terms
    assert with_change(OPEN, "b", "v", Z, seen=False).terms == OPEN.terms


@given(some.sides, st.lists(some.sides, min_size=1, max_size=3), st.lists(some.keys))
def test_json_round_trip(force, waiting, path):
    """What is stored reads back: absent values, null, proposals, writers, odd paths."""
    made = Conflict("c1", FIELD, "i", tuple(path), "MINOR", force, tuple(waiting))
    text = json_text.dump(made.to_json())
    assert Conflict.from_json(json_text.parse(text)) == made


def test_json_is_the_contract_of_the_command_line():
    """The keys of `conflicts --json`: field, base of the side in force, sides with writers."""
    shown = OPEN.to_json()
    assert set(shown) == {
        "id", "kind", "severity", "terms", "instruction", "field", "path", "base", "sides",
    }  # fmt: skip
    assert shown["terms"] == OPEN.terms
    assert (shown["field"], shown["base"]) == ("text", "b")
    assert [(side["value"], side["base"], side["in_force"]) for side in shown["sides"]] == [
        ("v", "b", True), ("u", "b", False),
    ]  # fmt: skip
    assert {"session", "author", "at", "why"} <= set(shown["sides"][0]["writers"][0])
    assert "value" not in conflict(("b", MISSING, X), ("b", "u", Y)).to_json()["sides"][0]


def test_the_same_side_in_force_and_waiting_is_told_apart():
    """`in_force` belongs to the place, not to what stands there."""
    twin = Side("b", "v", (X,))
    shown = Conflict("c", EDIT_RETIRE, "i", ("active",), "MINOR", twin, (twin,)).to_json()
    assert [side["in_force"] for side in shown["sides"]] == [True, False]


def test_three_sessions_from_one_base_in_all_orders():
    """Whoever comes first is in force; the set of all values is one."""
    for names in permutations("pqr"):
        first, second, third = names
        opened = conflict(("b", first, X), ("b", second, Y))
        after = with_change(opened, "b", third, Z, seen=False)
        assert {after.force.value, *(side.value for side in after.sides)} == set("pqr")


def test_a_place_that_has_nothing_above_it_is_not_told_above():
    """What waits below a value that is no object any more has no place in it."""
    parent = conflict(("b", "v", X), ("b", "u", Y), path=("parameters",))
    child = conflict(("1", "2", X), ("1", "3", Y), path=("parameters", "port"))
    assert absorbed(parent, [child]) == parent


def test_the_id_of_a_conflict_is_the_same_in_every_clone():
    """It is a function of the place and what was settled there, and never changes."""
    assert conflict_id("inst_001", ("text",), []) == "c04f5cee2"
    assert conflict_id(None, ("metadata", "version"), ["r2", "r1"]) == "c571c5e56"
    assert conflict_id(None, ("metadata", "version"), ["r1", "r2"]) == "c571c5e56"
