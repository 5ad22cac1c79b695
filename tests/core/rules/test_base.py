"""Merge rules, each by its table and by the laws of all rules."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.laws import strategies as some
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.rules.base import Contest, Merge, settled
from tractatus_merge.core.rules.generic import (
    COLLISION,
    EDIT_DELETE,
    conflict,
    favoured,
    fields,
    keep,
    kept_whole,
)
from tractatus_merge.core.rules.lists import as_set, by_shape, keyed, sequence
from tractatus_merge.core.rules.scalars import counter, either, extreme, measure
from tractatus_merge.core.rules.texts import text
from tractatus_merge.core.values.equality import MISSING, same
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.core.values.places import get

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


def test_objects_merge_key_by_key():
    """The table says how; a key gone on one side and changed on the other is for a person."""
    rule = fields({"n": NUMBER, "k": keep}, conflict)
    merged = rule(
        (), Merge({"n": 1, "k": 1, "x": 1}, {"n": 2, "k": 2}, {"n": 5, "k": 3, "x": 2, "y": 1})
    )
    assert merged.value == {"n": 5, "k": 2, "y": 1}
    assert [(c.path, c.merge) for c in merged.contests] == [(("x",), Merge(1, MISSING, 2))]


@pytest.mark.parametrize(
    ("name", "side"),
    [("ours", lambda m: m.ours), ("theirs", lambda m: m.theirs), ("base", lambda m: m.base)],
)
def test_a_favoured_side_stands_where_both_changed(name, side):
    """Only there; a change of one side alone is taken, and the rule then is not named."""
    rule, merge = favoured(name, side), Merge("b", "o", "t")
    merged = rule(("f",), merge)
    assert (merged.value, merged.contests) == (side(merge), ())
    assert [(s.path, s.rule, s.merge) for s in merged.settled] == [(("f",), name, merge)]
    for easy, value in [(Merge(1, 2, 1), 2), (Merge(1, 1, 2), 2), (Merge(1, 2, 2), 2)]:
        assert (rule((), easy).value, rule((), easy).settled) == (value, ())


def whole(path, merge):
    """A rule that keeps records whole, made when it is used: so a mutant shows."""
    return kept_whole(fields({"at": extreme("max", measure)}))(path, merge)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value", "kind"),
    [
        ({"n": 1}, {"n": 2}, MISSING, {"n": 2}, EDIT_DELETE),
        ({"n": 1}, MISSING, {"n": 2}, {"n": 2}, EDIT_DELETE),
        (1, MISSING, 2, 2, EDIT_DELETE),
        ({"n": 1}, {"n": 1}, MISSING, MISSING, None),
        ({"n": 1}, MISSING, MISSING, MISSING, None),
        (MISSING, {"n": 1}, {"m": 1}, {"n": 1, "m": 1}, None),
        (None, {"n": 1}, {"m": 1}, {"n": 1, "m": 1}, None),
        ("x", {"n": 1, "m": 2}, {"n": 1}, {"n": 1, "m": 2}, None),
        (MISSING, {"n": 1}, {"n": 1, "m": 2}, {"n": 1, "m": 2}, None),
        (MISSING, {"n": 1}, "x", {"n": 1}, COLLISION),
        (MISSING, {"n": 1, "at": 1}, {"n": 1, "at": 2}, {"n": 1, "at": 2}, None),
        (MISSING, {"at": 3}, {"at": 2}, {"at": 3}, None),
        (MISSING, 1, 2, 1, "field"),
        (0, 1, {"n": 2}, 1, "field"),
        (MISSING, 1, {"n": 2}, 1, COLLISION),
    ],
)
def test_what_is_kept_whole(base, ours, theirs, value, kind):
    """An edit stands against a deletion; two new objects at one place have the keys of both."""
    merge = Merge(base, ours, theirs)
    merged = whole(("r",), merge)
    assert merged.value == value
    assert merged.contests == ((Contest(("r",), merge, kind),) if kind else ())


@pytest.mark.parametrize("base", [MISSING, None, [1]])
def test_fields_of_two_new_objects_that_differ_are_asked_one_by_one(base):
    """And only these: what a rule settles, and what one side alone has, is in."""
    ours, theirs = {"n": 1, "at": 1, "a": 1}, {"n": 2, "at": 2, "b": 1}
    merged = whole(("r",), Merge(base, ours, theirs))
    assert merged.value == {"n": 1, "at": 2, "a": 1, "b": 1}
    assert merged.contests == (Contest(("r", "n"), Merge(MISSING, 1, 2)),)


@pytest.mark.parametrize(("base", "kind"), [(MISSING, COLLISION), (None, "field")])
def test_two_new_objects_that_a_rule_keeps_apart_are_asked_whole(base, kind):
    """With what really stood there before."""
    merge = Merge(base, {"n": 1}, {"n": 2})
    assert kept_whole(conflict)(("r",), merge).contests == (Contest(("r",), merge, kind),)


def test_what_rules_settled_in_two_new_objects_is_named():
    """Each field of its own, compared with nothing."""
    merged = whole(("r",), Merge(MISSING, {"at": 1, "n": 1}, {"at": 2, "n": 1}))
    assert [(s.path, s.rule, s.merge) for s in merged.settled] == [
        (("r", "at"), "max", Merge(MISSING, 1, 2))
    ]


def test_an_object_that_needs_no_rule_is_ours_itself():
    """Where theirs left it alone, and where both did the same."""
    rule = fields({}, conflict)
    for merge in (Merge({"a": 1}, {"a": 2}, {"a": 1}), Merge({"a": 1}, {"a": 2}, {"a": 2})):
        assert rule((), merge).value is merge.ours


def test_a_table_rules_also_over_what_theirs_alone_changed():
    """A derived field stays ours, though only theirs changed it; what theirs left alone is ours."""
    rule = fields({"k": keep})
    merged = rule((), Merge({"k": 1, "n": 1}, {"k": 1, "n": 1}, {"k": 2, "n": 2}))
    assert (merged.value, merged.contests, merged.settled) == ({"k": 1, "n": 2}, (), ())
    assert rule((), Merge({"k": 1}, {"k": 2}, {"k": 1})).value == {"k": 2}
    assert rule((), Merge({"k": 1}, "x", {"k": 2})).contests[0].path == ()
