"""One record of two heads: what the rules say, what was open, and who stands for it."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, Conflict, Side, Writer
from tractatus_merge.core.plans.unite_place import Answers, Precedence
from tractatus_merge.core.plans.unite_record import Version, agreement, join
from tractatus_merge.core.values.equality import MISSING, canonical
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

TEXT, ACTIVE = ("text",), ("active",)
FIRST = Precedence(True, lambda side: (canonical(side.value),))
BASE = {"id": "i", "text": "t", "active": True, "persistence": "HIGH", "p": {"a": "1", "b": "1"}}
X, Y, Z = (Writer("t", name) for name in "xyz")


def said(**more):
    """The record with some fields changed, those that are MISSING taken away."""
    return {key: item for key, item in {**BASE, **more}.items() if item is not MISSING}


def version(value, *conflicts, who="?", answers=()):
    """What a head says; who published a value there is told with the place."""

    def blame(path, value):
        return (Writer("t", who, why="/".join(path), published=repr(value)),)

    return Version(value, conflicts, dict(answers), blame)


def by(who, path, value):
    """The writer that blame tells."""
    return Writer("t", who, why="/".join(path), published=repr(value))


def open_at(path, force, *sides, kind=FIELD):
    """An open conflict of (base, value, writer...) sides."""
    made = [Side(base, value, tuple(who)) for base, value, *who in (force, *sides)]
    return Conflict("c1", kind, "i", path, "CRITICAL", made[0], tuple(made[1:]))


def joined(was, one, other, who=FIRST):
    """The record of two heads."""
    return join(HISTORY.policy, "i", was, (one, other), who)


def answer(path, *seen):
    """A person's answer at a place."""
    return {path: Answers(("2025",), frozenset(map(canonical, seen)), frozenset())}


def told(found):
    """Of each conflict the place, the value in force and those that wait."""
    return {c.path: (c.force.value, [side.value for side in c.sides]) for c in found.conflicts}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"a": 1}, [], MISSING),
        ([], {"a": 1}, MISSING),
        ({"a": 1, "b": 1}, {"a": 1, "b": 2, "c": 1}, {"a": 1}),
        ([1, 2], [2, 3], [2]),
        ([1], "1", MISSING),
        ("1", [1], MISSING),
        ([{"id": "a"}], "a", MISSING),
        ([{"id": "a", "x": 1}], [{"id": "a", "x": 1}, {"id": "a", "x": 2}], [{"id": "a", "x": 1}]),
        ([{"id": "a", "x": 1}], [{"id": "a", "x": 2}], [{"id": "a"}]),
        (1, 1, 1),
    ],
)
def test_two_values_agree_on_what_they_have_in_common(one, other, both):
    """Key by key, element by element; two kinds of value have nothing in common."""
    assert agreement(one, other) == both


def test_a_contest_is_a_conflict_of_both_heads():
    """Each side with its own head's writers, made from what both were made from."""
    one, other = version(said(text="x"), who="x"), version(said(text="y"), who="y")
    found = joined(version(BASE), one, other)
    sides = [Side("t", word, (by(word, TEXT, word),)) for word in "xy"]
    assert found.value == said(text="x")
    assert found.conflicts == (
        Conflict("", FIELD, "i", TEXT, "CRITICAL", sides[0], (sides[1],)),
    )  # fmt: skip
    lower = Precedence(False, lambda side: (str(side.value == "x"),))
    found = joined(version(BASE), one, other, lower)
    assert (found.value, found.conflicts[0].force) == (said(text="y"), sides[1])


def test_edits_of_one_head_against_the_other_s_retirement():
    """The editors of the whole record stand for keeping it; who retired it stands against them."""
    one, other = version(said(text="x"), who="x"), version(said(active=False), who="y")
    for heads in ((one, other), (other, one)):
        (conflict,) = joined(version(BASE), *heads).conflicts
        sides = {side.value: side for side in conflict.all_sides}
        assert conflict.kind == EDIT_RETIRE
        assert sides == {
            True: Side(True, True, (by("x", (), one.value),)),
            False: Side(True, False, (by("y", ACTIVE, False),)),
        }


WHOLE = open_at(ACTIVE, (True, True, X), (True, False, Y), kind=EDIT_RETIRE)


def test_a_head_that_takes_no_side_leaves_the_conflict_of_a_record_as_it_is():
    """One that edits stands for keeping it, one that retires for retiring it."""
    there = version(said(text="x"), WHOLE)
    light = replace(WHOLE, severity="MINOR")
    light_there = version(said(text="x"), light)
    assert joined(version(BASE), light_there, version(BASE, who="z")).conflicts == (light,)
    edited = version(said(n=1), who="z")
    (conflict,) = joined(version(BASE), there, edited).conflicts
    assert conflict.force == Side(True, True, tuple(sorted((X, by("z", (), edited.value)))))
    retired = version(said(active=False), who="z")
    (conflict,) = joined(version(BASE), there, retired).conflicts
    assert conflict.sides == (Side(True, False, tuple(sorted((Y, by("z", ACTIVE, False))))),)
    (conflict,) = joined(version(BASE), retired, there).conflicts
    assert conflict.force == Side(True, False, tuple(sorted((Y, by("z", ACTIVE, False)))))


def test_a_conflict_of_a_record_stays_one_where_the_other_head_has_a_plain_one_there():
    """Whichever head has it."""
    plain = open_at(ACTIVE, (True, False, Z), (True, MISSING, X))
    heads = version(said(active=False), plain), version(said(text="x"), WHOLE)
    for pair in (heads, heads[::-1]):
        (conflict,) = joined(version(BASE), *pair).conflicts
        assert (conflict.kind, conflict.path) == (EDIT_RETIRE, ACTIVE)


def test_what_both_heads_hold_open_without_a_known_base_is_open():
    """With the sides of both."""
    one = version(said(text="x"), open_at(TEXT, ("t", "x"), ("t", "y")))
    other = version(said(text="x"), open_at(TEXT, ("t", "x"), ("t", "z")))
    assert told(joined(None, one, other)) == {TEXT: ("x", ["y", "z"])}


@pytest.mark.parametrize("turned", [False, True])
def test_what_was_open_before_an_answer_is_answered(turned):
    """Also where who answered did not see it; what came after it reopens the place."""
    was = version(said(text="x"), open_at(TEXT, ("t", "x"), ("t", "y")))
    one = version(said(text="answer"), answers=answer(TEXT, "answer"))
    other = version(said(text="x"), open_at(TEXT, ("t", "x"), ("t", "y"), ("t", "late")))
    heads = (other, one) if turned else (one, other)
    found = joined(was, *heads)
    assert (found.value["text"], told(found)) == ("answer", {TEXT: ("answer", ["late"])})


@pytest.mark.parametrize("turned", [False, True])
def test_where_one_head_alone_changed_a_place_its_conflicts_are_taken(turned):
    """Those below the place too, each at its own place."""
    was = version(said(p="none"), open_at(("p",), ("b", "none"), ("b", BASE["p"])))
    one = version(BASE, open_at(("p", "a"), ("0", "1"), ("0", "2")))
    heads = (was, one) if turned else (one, was)
    found = joined(was, *heads)
    assert (found.value, told(found)) == (BASE, {("p", "a"): ("1", ["2"])})


@pytest.mark.parametrize("turned", [False, True])
def test_a_place_that_one_head_does_not_have_is_settled_at_the_nearest_that_both_have(turned):
    """Not further up."""
    base = {"id": "i", "p": {"deep": {"a": "1"}, "b": "1"}}
    one = version(
        {"id": "i", "p": {"deep": {"a": "2"}, "b": "1"}},
        open_at(("p", "deep", "a"), ("1", "2"), ("1", "3")),
    )
    other = version({"id": "i", "p": {"b": "2"}})
    heads = (other, one) if turned else (one, other)
    found = joined(version(base), *heads)
    assert list(told(found)) == [("p", "deep")]
    assert found.value["p"]["b"] == "2"


@pytest.mark.parametrize("turned", [False, True])
def test_a_value_in_force_that_one_head_left_as_it_was_is_merged_by_no_rule(turned):
    """The algebra says what became of it: it moved, and only who moved it stands for what it is."""
    one = version(said(text="t"), open_at(TEXT, ("s", "t", X), ("s", "u")))
    other = version(said(text="v"), open_at(TEXT, ("s", "v", Y), ("s", "u")))
    heads = (other, one) if turned else (one, other)
    (conflict,) = joined(version(BASE), *heads).conflicts
    assert (conflict.force.value, conflict.force.writers) == ("v", (Y,))
    assert [side.value for side in conflict.sides] == ["u"]


def test_a_contested_place_is_merged_by_its_rule_where_both_moved_it():
    """Compared with what was there; where the base has no such place, by no rule."""
    lists = ([1], [1, 2], [1, 3])
    sides = [
        version(said(p={"l": value}), open_at(("p", "l"), (0, value, who), (0, "side")))
        for value, who in zip(lists, (X, Y, Z), strict=True)
    ]
    found = joined(version(said(p={"l": [1]})), *sides[1:])
    assert told(found) == {("p", "l"): ([1, 2, 3], ["side"])}
    assert found.conflicts[0].force.writers == (Y, Z)
    found = joined(version(said(p=MISSING)), *sides[1:])
    assert told(found) == {("p", "l"): ([1, 2], ["side", [1, 3]])}


def test_a_new_conflict_is_weighed_at_its_place():
    """A port is graver than another word."""
    base = {"id": "i", "explicitness": 0.9, "p": {"port": "1", "word": "1"}}
    one, other = ({**base, "p": {"port": value, "word": value}} for value in "23")
    found = joined(version(base), version(one), version(other))
    assert {c.path[-1]: c.severity for c in found.conflicts} == {
        "port": "CRITICAL", "word": "WARNING",
    }  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("late", "kinds"), [([], [FIELD]), ([("t", "late")], [EDIT_RETIRE, FIELD])]
)
def test_only_an_edit_that_came_to_wait_since_stands_against_a_retirement(turned, late, kinds):
    """What waited before was known to who retired it."""
    sides = ("t", "x"), ("t", "y")
    was = version(said(text="x"), open_at(TEXT, *sides))
    one = version(said(text="x"), open_at(TEXT, *sides, *late))
    other = version(said(text="x", active=False), open_at(TEXT, *sides))
    heads = (other, one) if turned else (one, other)
    assert sorted(c.kind for c in joined(was, *heads).conflicts) == kinds


@pytest.mark.parametrize("turned", [False, True])
def test_a_plain_change_that_came_late_to_an_answer_waits(turned):
    """With its writer, made from what both heads were made from."""
    one = version(said(text="answer"), answers=answer(TEXT, "answer", "t"))
    other = version(said(text="late"), who="z")
    heads = (other, one) if turned else (one, other)
    (conflict,) = joined(version(BASE), *heads).conflicts
    assert (conflict.force.value, conflict.kind) == ("answer", FIELD)
    assert conflict.sides == (Side("t", "late", (by("z", TEXT, "late"),)),)


def test_conflicts_below_a_place_are_told_at_it_with_what_they_were_made_from():
    """As one that has no id yet."""
    there = {"a": "2", "b": "1"}
    one = version(said(p=there), open_at(("p", "a"), ("1", "2"), ("1", "3", Y)), who="x")
    other = version(said(p="none"), who="z")
    base, writer = {"a": "1", "b": "1"}, by("x", ("p",), there)
    assert joined(None, one, other).conflicts == (
        Conflict("", FIELD, "i", ("p",), "CRITICAL", Side(base, there, (writer,)), (
            Side(base, {"a": "3", "b": "1"}, (Y,)),
            Side(MISSING, "none", (by("z", ("p",), "none"),)),
        )),
    )  # fmt: skip


def test_a_conflict_beside_a_place_is_not_told_at_it():
    """Each keeps its own sides."""
    one, other = (
        version(
            said(text=word, p={"a": word}),
            open_at(("p",), (0, {"a": word}), (0, {"a": f"{word} waits"})),
            open_at(TEXT, ("t", word), ("t", f"{word} waits")),
        )
        for word in "xy"
    )
    found = {
        path: [force, *sides] for path, (force, sides) in told(joined(None, one, other)).items()
    }
    words = ["x", "x waits", "y", "y waits"]
    assert sorted(found[TEXT]) == words
    assert sorted(value["a"] for value in found["p",]) == words


def test_a_retirement_that_a_person_answered_is_asked_again_only_for_what_they_did_not_see():
    """An unseen value waits as it is; what was seen, or said anew, is no late edit."""
    one = version(said(active=False), answers=answer(ACTIVE, True, False))
    there = open_at(ACTIVE, (True, True), (True, MISSING, Z), kind=EDIT_RETIRE)
    other = version(said(text="x"), there)
    assert told(joined(version(BASE), one, other)) == {ACTIVE: (False, [MISSING])}
    one = version(said(active=False), answers=answer(ACTIVE, True, False, MISSING))
    other = version(said(text="x", active=MISSING))
    assert told(joined(version(BASE), one, other)) == {}
