"""Merge rules, each by its table and by the laws of all rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.lists import as_set, by_shape, is_scalars, keyed, sequence
from tractatus_merge.core.rules import (
    EDIT_DELETE,
    conflict,
    fields,
    keep,
    settled,
)
from tractatus_merge.core.scalars import counter, either, extreme, measure
from tractatus_merge.core.texts import text
from tractatus_merge.core.values import MISSING, Merge, Number, canonical, get, same
from tractatus_merge.documents.tables import Table

NUMBER = extreme("max", lambda value: value if isinstance(value, int) else None)
FILES = Table.of().rule()
RULES = [
    *(conflict, as_set, keyed(fields({}, by_shape)), fields({}, by_shape), by_shape, text),
    *(
        sequence,
        counter,
        either,
        extreme("max", measure),
        extreme("min", measure, least=True),
        FILES,
    ),
]


@pytest.mark.parametrize("rule", RULES)
@given(some.values, some.values)
def test_one_sided_and_equal_changes_are_settled(rule, base, other):
    """Theirs alone, ours alone, both the same: no rule conflicts."""
    for merge, result in [(Merge(base, base, other), other), (Merge(base, other, base), other),
                          (Merge(base, other, other), other)]:  # fmt: skip
        merged = rule((), merge)
        assert same(merged.value, result)
        assert merged.contests == ()


@pytest.mark.parametrize("rule", RULES)
@given(some.values, some.values, some.values)
def test_no_rule_raises_and_both_ways_contest_the_same_places(rule, base, ours, theirs):
    """Whatever stands there, a value comes back; swapping sides swaps the contests' sides."""
    there, back = (rule((), m) for m in (Merge(base, ours, theirs), Merge(base, theirs, ours)))
    assert {c.path for c in there.contests} == {c.path for c in back.contests}
    for contest in there.contests:
        kept = contest.merge.theirs if contest.merge.ours is MISSING else contest.merge.ours
        kept = kept if contest.kind == EDIT_DELETE else contest.merge.ours
        assert same(get(there.value, contest.path), kept)
        assert not same(contest.merge.ours, contest.merge.theirs)


@given(some.objects, some.objects, some.objects)
def test_no_key_is_lost(base, ours, theirs):
    """A key that any side added is in the value or in a contest."""
    merged = by_shape((), Merge(base, ours, theirs))
    if isinstance(merged.value, dict) and () not in [c.path for c in merged.contests]:
        contested = {c.path[0] for c in merged.contests}
        for side in (ours, theirs):
            assert set(side) - set(base) <= set(merged.value) | contested


def test_settled_leaves_the_rest_to_the_rule():
    """None where both changed it differently; ours where spelling alone differs."""
    assert settled(Merge(1, 2, 3)) is None
    assert settled(Merge(1, Number("2.0"), 2)).value.text == "2.0"


def test_conflict_keeps_ours_and_holds_theirs():
    """Nobody's word wins silently."""
    merged = conflict(("a",), Merge(1, 2, 3))
    assert (merged.value, merged.contests[0].path, merged.contests[0].merge) == (
        2,
        ("a",),
        Merge(1, 2, 3),
    )
    assert keep((), Merge(1, 2, 3)).value == 2


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value", "clean"),
    [(1, 2, 3, 3, True), (1, 3, 2, 3, True), (5, 5, 3, 3, True), (5, 3, 5, 3, True), (1, "x", 3, "x", False),
     (1, "x", 1, "x", True), (1, MISSING, 3, MISSING, False), (1, 1, MISSING, MISSING, True), (MISSING, 1, 2, 2, True)],
)  # fmt: skip
def test_the_largest_wins_where_comparable(base, ours, theirs, value, clean):
    """Where both changed it; a change of one side alone is taken; else as any scalar."""
    merged = NUMBER((), Merge(base, ours, theirs))
    assert (merged.value, merged.contests == ()) == (value, clean)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value"),
    [([1, 2], [1, 2, 3], [2, 4], [2, 3, 4]), (MISSING, [1], [2], [1, 2]), ([1], [], [1, 2], [2]),
     (["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]), ([1, True], [1], [True, 0], [0]),
     ([1], [Number("1.0"), 2], [1, 3], [1, 2, 3]), ([], [None], [None, 1], [None, 1])],
)  # fmt: skip
def test_lists_of_scalars_are_sets(base, ours, theirs, value):
    """Additions of both, removals of both."""
    merged = as_set((), Merge(base, ours, theirs))
    assert [canonical(item) for item in merged.value] == [canonical(item) for item in value]
    assert merged.contests == ()


def test_a_list_that_is_gone_or_no_set_conflicts():
    """Removing the list against adding to it is for a person; so are lists of objects without ids."""
    assert by_shape((), Merge([1], MISSING, [1, 2])).contests
    assert by_shape((), Merge([{}], [{"a": 1}], [{"b": 1}])).contests
    assert as_set((), Merge([1], [2, {}], [3])).contests
    assert not is_scalars([1, []])


STEPS = [{"id": "a", "n": 1}, {"id": "b", "n": 1}]


def test_lists_of_objects_merge_by_id():
    """Edits of different elements, additions of both, a removal; contests name the element."""
    ours = [{"id": "a", "n": 2}, {"id": "b", "n": 1}, {"id": "x"}]
    theirs = [{"id": "y"}, {"id": "a", "n": 1, "m": 5}]
    merged = by_shape(("s",), Merge(STEPS, ours, theirs))
    assert merged.value == [{"id": "y"}, {"id": "a", "n": 2, "m": 5}, {"id": "x"}]
    assert merged.contests == ()
    both = by_shape(("s",), Merge(STEPS, ours, [{"id": "a", "n": 3}, {"id": "b", "n": 1}]))
    assert [c.path for c in both.contests] == [("s", "a", "n")]
    gone = by_shape(("s",), Merge(STEPS, STEPS[1:], [{"id": "a", "n": 3}, STEPS[1]]))
    assert gone.contests[0].merge == Merge(STEPS[0], MISSING, {"id": "a", "n": 3})
    assert gone.value == STEPS[1:]
    twice = keyed(conflict)((), Merge(STEPS, [*STEPS, STEPS[0]], []))
    assert twice.contests


def test_objects_merge_key_by_key():
    """The table says how; a key gone on one side and changed on the other is for a person."""
    rule = fields({"n": NUMBER, "k": keep}, conflict)
    merged = rule(
        (), Merge({"n": 1, "k": 1, "x": 1}, {"n": 2, "k": 2}, {"n": 5, "k": 3, "x": 2, "y": 1})
    )
    assert merged.value == {"n": 5, "k": 2, "y": 1}
    assert [(c.path, c.merge) for c in merged.contests] == [(("x",), Merge(1, MISSING, 2))]


def test_what_is_new_on_both_sides_is_taken_whole():
    """Two new objects at one place are not mixed."""
    merged = by_shape(("p",), Merge(MISSING, {"a": 1}, {"b": 1}))
    assert merged.value == {"a": 1}
    assert [c.path for c in merged.contests] == [("p",)]


@given(st.lists(st.integers(0, 5), unique=True), st.lists(st.integers(0, 5), unique=True))
def test_sets_commute(ours, theirs):
    """Ours with theirs and theirs with ours hold the same elements, each once."""
    there, back = (
        by_shape((), Merge([0, 1], *sides)).value for sides in ((ours, theirs), (theirs, ours))
    )
    assert sorted(there) == sorted(back) == sorted(set(there))
