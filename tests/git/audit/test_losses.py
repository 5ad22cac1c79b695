"""What a merge or a write lost, told from the records alone."""

from __future__ import annotations

from typing import Any

import pytest

from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.git.audit import losses
from tractatus_merge.git.audit.losses import Loss, find_losses, is_restored
from tractatus_merge.git.audit.overwrites import find_overwrite

OLD = {"id": "a", "text": "Ask first", "port": 1, "tags": ["x"]}
EDIT = {**OLD, "port": 2}
OTHER = {**OLD, "tags": ["x", "y"]}
BOTH = {**EDIT, "tags": ["x", "y"]}
CONTEST = {**OLD, "port": 3}
LESS = {"id": "a", "text": "Ask first", "tags": ["x"]}
STRANGER = {"id": "a", "text": "Never on Fridays", "port": 9}


def told(found: list[Loss]) -> list[tuple]:
    """The losses in short: kind, fields, side."""
    return [(loss.kind, [".".join(path) for path in loss.fields], loss.side) for loss in found]


def records(*given: Any) -> losses.Records:
    """Those that are there, under their ids."""
    there = [record for record in given if record is not MISSING]
    return {r["id"]: tuple(o for o in there if o["id"] == r["id"]) for r in there}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        (OLD, EDIT, OTHER, BOTH),
        (OLD, EDIT, OLD, EDIT),
        (OLD, EDIT, EDIT, EDIT),
        (OLD, EDIT, CONTEST, EDIT),
        (OLD, EDIT, CONTEST, CONTEST),
        (OLD, EDIT, CONTEST, {**OLD, "port": 4}),
        (OLD, EDIT, LESS, LESS),
        (OLD, MISSING, OLD, MISSING),
        (OLD, MISSING, EDIT, MISSING),
        (OLD, MISSING, EDIT, EDIT),
        (MISSING, EDIT, MISSING, EDIT),
        (MISSING, EDIT, CONTEST, EDIT),
        (MISSING, EDIT, CONTEST, {**OLD, "port": 4}),
        (MISSING, MISSING, MISSING, OLD),
        (MISSING, OLD, OLD, OLD),
        (MISSING, OLD, {**OTHER, "note": "new"}, OLD),
        (OLD, OLD, OLD, {**OLD, "note": "new"}),
    ],
)
def test_a_faithful_merge_lost_nothing(base, ours, theirs, result):
    """One-sided changes are in; where both sides changed a place, any answer is a person's."""
    sides = [records(ours), records(theirs)]
    assert find_losses([records(base)], sides, records(result)) == []
    assert find_losses([records(base)], sides[::-1], records(result)) == []


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result", "expected"),
    [
        (MISSING, OLD, MISSING, MISSING, [("dropped", [], 0)]),
        (OLD, EDIT, OLD, MISSING, [("dropped", [], 0)]),
        (OLD, OLD, OLD, MISSING, [("dropped", [], None)]),
        (OLD, EDIT, OTHER, MISSING, [("dropped", [], 0)]),
        (OLD, OLD, OLD, LESS, [("dropped", ["port"], None)]),
        (OLD, EDIT, OLD, LESS, [("dropped", ["port"], 0)]),
        (OLD, EDIT, OLD, OLD, [("reverted", ["port"], 0)]),
        (OLD, EDIT, OTHER, EDIT, [("reverted", ["tags"], 1)]),
        (OLD, EDIT, CONTEST, OLD, [("reverted", ["port"], 0), ("reverted", ["port"], 1)]),
        (OLD, LESS, CONTEST, OLD, [("reverted", ["port"], 1)]),
        (LESS, EDIT, CONTEST, LESS, [("reverted", ["port"], 0), ("reverted", ["port"], 1)]),
        (MISSING, EDIT, CONTEST, MISSING, [("dropped", [], 0), ("dropped", [], 1)]),
        (OLD, MISSING, EDIT, OLD, [("reverted", ["port"], 1)]),
        (OLD, MISSING, OLD, OLD, [("brought back", [], 0)]),
        (OLD, OLD, MISSING, EDIT, [("brought back", [], 1)]),
        (OLD, LESS, OLD, OLD, [("brought back", ["port"], 0)]),
        (OLD, OLD, OLD, EDIT, [("altered", ["port"], None)]),
        (OLD, EDIT, OLD, CONTEST, [("altered", ["port"], 0)]),
        (MISSING, OLD, STRANGER, OLD, [("dropped", [], 1)]),
        (MISSING, OLD, {**OLD, "note": "new"}, OLD, [("reverted", ["note"], 1)]),
        ({"id": "a", "p": {"q": 1, "r": 1}}, {"id": "a", "p": {"q": 2, "r": 1}},
         {"id": "a", "p": {"q": 1, "r": 2}}, {"id": "a", "p": {"q": 1, "r": 2}},
         [("reverted", ["p.q"], 0)]),
    ],
)  # fmt: skip
def test_a_loss_is_named_with_its_place_and_side(base, ours, theirs, result, expected):
    """What only one side brought and is not there; in which fields; and which side it was."""
    found = find_losses([records(base)], [records(ours), records(theirs)], records(result))
    assert told(found) == expected
    for loss in found:
        assert loss.name == "a"
        assert loss.record is (theirs if loss.side == 1 else ours)
        assert loss.found is result


def test_a_doubled_id_is_a_loss_of_its_own_and_one_right_record_is_enough():
    """Where no side had two; what stands beside the right record is not looked at."""
    twice = {"a": (OLD, EDIT)}
    found = find_losses([records(OLD)], [records(EDIT), records(OLD)], twice)
    assert found == [Loss("duplicate id", "a", found=EDIT)]
    other = {"a": (OTHER, OLD, EDIT)}
    assert find_losses([records(OLD)], [records(EDIT)], other) == [
        Loss("duplicate id", "a", found=EDIT)
    ]
    assert find_losses([records(OLD)], [{"a": (OLD, EDIT)}, records(OLD)], records(OLD)) == []
    assert find_losses([twice], [twice, records(OLD)], twice) == []
    assert find_losses([records(OLD)], [twice, records(OLD)], records(EDIT)) == []


def test_without_a_base_both_sides_are_new():
    """What either has must be there."""
    sides = [records(OLD), records({"id": "b"})]
    assert find_losses([], sides, records(OLD, {"id": "b"})) == []
    assert [loss.name for loss in find_losses([], sides, records(OLD))] == ["b"]


def test_what_stands_in_any_base_was_brought_by_nobody():
    """In a criss-cross, the side that is not among the bases is the one that changed it."""
    bases = [records(OLD), records(EDIT)]
    assert find_losses(bases, [records(OLD), records(EDIT)], records(OLD)) == []
    assert told(find_losses(bases, [records(CONTEST), records(OLD)], records(EDIT))) == [
        ("reverted", ["port"], 0)
    ]
    third = records(CONTEST)
    assert told(find_losses([*bases, third], [records(OLD), records(EDIT)], third)) == [
        ("reverted", ["port"], None)
    ]


def test_a_record_under_another_id_is_not_lost():
    """Word for word, its stamp apart, or with its title; what says nothing is no other's twin."""
    renamed = {**OLD, "id": "a_7f3a91c2", "version_vector": "+7f3a91c2:1 #9c1e0b42"}
    sides = [records(OLD), records(STRANGER)]
    assert find_losses([{}], sides, records(STRANGER, renamed)) == []
    assert find_losses([{}], sides, records(STRANGER, {**renamed, "port": 8})) == []
    other = {**renamed, "id": "q", "text": "Ask later"}
    assert told(find_losses([{}], sides, records(STRANGER, other))) == [("dropped", [], 0)]
    assert told(find_losses([{}], [records({"id": "x"})], records({"id": "y"}))) == [
        ("dropped", [], 0)
    ]


def test_a_stranger_under_the_id_of_two_new_records_is_an_answer():
    """Of one new record it is none: that one was dropped."""
    third = {"id": "a", "text": "Neither", "port": 5}
    assert told(find_losses([{}], [records(OLD), {}], records(third))) == [("dropped", [], 0)]
    assert find_losses([{}], [records(OLD), records(STRANGER)], records(third)) == []


def test_what_was_lost_can_come_back():
    """The record, or the fields as they were; and what was brought back can go again."""
    whole = Loss("dropped", "a", record=OLD)
    assert [is_restored(whole, record, "id") for record in (MISSING, OLD, EDIT)] == [
        False,
        True,
        True,
    ]
    taken = Loss("dropped", "a", record=OLD, found=STRANGER)
    assert [is_restored(taken, record, "id") for record in (STRANGER, EDIT)] == [False, True]
    field = Loss("reverted", "a", (("port",),), record=EDIT, found=OLD)
    assert [is_restored(field, record, "id") for record in (MISSING, OLD, EDIT, BOTH)] == [
        False, False, True, True,
    ]  # fmt: skip
    there = Loss("brought back", "a", found=OLD)
    assert [is_restored(there, record, "id") for record in (OLD, MISSING)] == [False, True]
    some = Loss("brought back", "a", (("port",),), found=OLD)
    assert [is_restored(some, record, "id") for record in (OLD, LESS)] == [False, True]


NUMBER = "number"
TIME = "2025-11-03T09:30:00Z"


def numbered(name: str, **more: Any) -> dict[str, Any]:
    """A record that is known by a number, which is as long as a time."""
    return {NUMBER: f"{name}{TIME}", **more}


def test_two_new_records_without_a_sign_are_one_that_was_edited():
    """A state, a number, a short word are no sign: what stands under the id is not dropped."""
    sides = [records({"id": "a", "state": "open"}), records({"id": "a", "state": "shut", "n": 1})]
    assert find_losses([{}], sides, records({"id": "a", "state": "shut", "n": 1})) == []


@pytest.mark.parametrize("same_time", [False, True])
def test_another_key_is_the_id_and_says_nothing(same_time):
    """Two records are one where they agree in a title or a time, and not by their id."""
    times = [TIME, TIME] if same_time else [TIME, TIME.replace("03", "04")]
    one, two = (numbered("a", n=n, at=times[n - 1]) for n in (1, 2))
    name = one[NUMBER]
    found = find_losses([{}], [{name: (one,)}, {name: (two,)}], {name: (two,)}, NUMBER)
    assert told(found) == ([] if same_time else [("dropped", [], 0)])
    loss = Loss("dropped", name, record=one, found=numbered("a", n=9))
    assert is_restored(loss, two, NUMBER) == same_time
    assert is_restored(loss, one, NUMBER)


def test_another_key_may_change_where_the_words_stay():
    """Renamed in a merge or in a write: not lost; a record that stood before is no new name."""
    one, moved = numbered("a", n=1), numbered("b", n=1)
    names = one[NUMBER], moved[NUMBER]
    assert find_losses([{}], [{names[0]: (one,)}], {names[1]: (moved,)}, NUMBER) == []
    past = [{names[0]: (MISSING, one)}]
    own = {names[0]: (one, MISSING), names[1]: (MISSING, moved)}
    assert find_overwrite(own, past, NUMBER) is None
    was = {**own, names[1]: (moved, {**moved, "n": 2}), "z": (MISSING, numbered("z", n=3))}
    assert find_overwrite(was, past, NUMBER) is not None


def test_a_reverted_edit_beside_a_renamed_record_is_told():
    """Only the record that stands elsewhere is left out."""
    sides = [records(EDIT), records(OLD, {"id": "b", "text": "B"})]
    result = records(OLD, {"id": "c", "text": "B"}, {**EDIT, "id": "d"})
    assert told(find_losses([records(OLD)], sides, result)) == [("reverted", ["port"], 0)]
    back = [{"x": (OLD,)}, {"x": (OLD,)}]
    assert told(find_losses([{"x": (OLD,)}], [{}, back[0]], {**back[0], "b": (EDIT,)})) == [
        ("brought back", [], 0)
    ]


def test_a_record_that_says_no_more_is_no_stranger():
    """One of two new records that has all the other has: what it lacks was an edit."""
    short, long = {"id": "a", "n": 1}, {"id": "a", "n": 1, "m": 2}
    sides = [records(short), records(long)]
    assert told(find_losses([], sides, records(short))) == [("reverted", ["m"], 1)]
    assert find_losses([], sides, records(long)) == []


def test_all_that_stood_under_one_id_in_a_base_was_brought_by_nobody():
    """A doubled id is taken apart by each side as it likes."""
    twice = {"a": (OLD, EDIT)}
    for result in (OLD, EDIT):
        assert find_losses([twice], [records(OLD), records(EDIT)], records(result)) == []
        assert told(find_losses([twice], [records(CONTEST), records(EDIT)], records(result))) == [
            ("reverted", ["port"], 0)
        ]
