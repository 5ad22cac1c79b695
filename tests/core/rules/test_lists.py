"""The rules for lists: as sets, as records by a field, as sequences by position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.rules.base import Contest, Merge
from tractatus_merge.core.rules.generic import (
    EDIT_DELETE,
    conflict,
    fields,
    keep,
    kept_whole,
)
from tractatus_merge.core.rules.lists import (
    as_set,
    by_shape,
    is_scalars,
    keyed,
    sequence,
    shaped,
)
from tractatus_merge.core.values.equality import MISSING, canonical
from tractatus_merge.core.values.numbers import Number


@given(some.objects, some.objects, some.objects)
def test_no_key_is_lost(base, ours, theirs):
    """A key that any side added is in the value or in a contest."""
    merged = by_shape((), Merge(base, ours, theirs))
    if isinstance(merged.value, dict) and () not in [c.path for c in merged.contests]:
        contested = {c.path[0] for c in merged.contests}
        for side in (ours, theirs):
            assert set(side) - set(base) <= set(merged.value) | contested


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
    twice = Merge(STEPS, [*STEPS, STEPS[0]], [])
    assert keyed(conflict)(("s",), twice).contests == (Contest(("s",), twice),)
    for one_sided in (Merge(STEPS, STEPS, []), Merge(STEPS, [], STEPS), Merge(STEPS, [1], [1])):
        merged = keyed(conflict)((), one_sided)
        assert (merged.value, merged.contests) in [([], ()), ([1], ())]
    edited = [{**STEPS[0], "n": 2}, STEPS[1]]
    assert keyed(keep)((), Merge(STEPS, STEPS, edited)).value == edited


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


def test_an_element_may_be_named_by_another_field_or_an_integer():
    """The key is the table's to say; an integer id is its digits in a path, and stays an integer."""
    rule = keyed(fields({}), "number")
    base = [{"number": 7, "t": "a"}, {"number": "x", "t": "a"}]
    merged = rule(
        ("i",),
        Merge(base, [{"number": 7, "t": "b"}, base[1]], [base[0], {"number": "x", "t": "c"}]),
    )
    assert merged.value == [{"number": 7, "t": "b"}, {"number": "x", "t": "c"}]
    both = rule(("i",), Merge(base, [{"number": 7, "t": "b"}], [{"number": 7, "t": "c"}]))
    assert [c.path for c in both.contests] == [("i", "7", "t")]
    assert both.value == [{"number": 7, "t": "b"}]
    assert keyed(fields({}))((), Merge(base, base[:1], base[1:])).value == []


@pytest.mark.parametrize("edits_ours", [True, False])
def test_an_edit_stands_against_a_deletion(edits_ours):
    """In its place, and the deletion waits."""
    base = [{"id": 1, "n": 1}, {"id": 2, "n": 1}, {"id": 3, "n": 1}]
    edited, deleted = [base[0], {"id": 2, "n": 5}, base[2]], [base[0], base[2]]
    merge = Merge(base, *((edited, deleted) if edits_ours else (deleted, edited)))
    merged = keyed(kept_whole(fields({})))(("l",), merge)
    assert merged.value == edited
    assert [(c.path, c.kind) for c in merged.contests] == [(("l", "2"), EDIT_DELETE)]


def test_two_new_elements_of_one_id_are_one():
    """With the fields of both; a deletion of one side alone is a deletion."""
    rule = keyed(kept_whole(fields({})))
    ours = [{"id": 1}, {"id": 2, "a": 1, "n": 1}]
    merged = rule((), Merge([{"id": 1}], ours, [{"id": 2, "b": 1, "n": 2}]))
    assert merged.value == [{"id": 2, "a": 1, "n": 1, "b": 1}]
    assert [(c.path, c.kind) for c in merged.contests] == [(("2", "n"), "field")]


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value"),
    [
        ("abc", "xabc", "abcy", "xabcy"),
        ("ab", "axb", "ayb", "axyb"),
        ("ab", "axb", "axyb", "axyb"),
        ("abc", "bc", "ab", "b"),
        ("", "b", "a", "ab"),
        ("aa", "aaa", "baa", "baaa"),
        ("abc", "axc", "abc", "axc"),
        ("abc", "axc", "ayc", None),
        ("abc", "ac", "axc", None),
    ],
)
def test_a_sequence_merges_by_position(base, ours, theirs, value):
    """Insertions at two places, both at one place once each; two changes of one element conflict."""
    for sides in ((ours, theirs), (theirs, ours)):
        merge = Merge(*map(list, (base, *sides)))
        merged = sequence(("s",), merge)
        assert merged.value == list(sides[0] if value is None else value)
        assert [(c.path, c.merge) for c in merged.contests] == [(("s",), merge)] * (value is None)


def test_a_sequence_holds_any_value():
    """What has no id, what stands twice; a list that is new on both sides or gone is for a person."""
    base = [{"do": "a"}, [1], Number("1.0")]
    merged = sequence((), Merge(base, [{"do": "x"}, *base], [{"do": "a"}, [1], 1, {"do": "x"}]))
    assert merged.value == [*base, {"do": "x"}]
    assert merged.value[2].text == "1.0"
    assert sequence((), Merge(MISSING, [1], [2])).contests
    assert sequence((), Merge([1], MISSING, [2])).contests
    assert sequence((), Merge([1], {}, [2])).contests


def test_the_rule_of_a_list_says_its_name():
    """Only where both sides changed it."""
    for name, rule in (("set", as_set), ("sequence", sequence)):
        merge = Merge([1, 2], [0, 1, 2], [1, 2, 3])
        assert [(s.path, s.rule, s.merge) for s in rule(("l",), merge).settled] == [
            (("l",), name, merge)
        ]
        assert rule(("l",), Merge([1], [1, 2], [1])).settled == ()
    inside = keyed(fields({"tags": as_set}))
    one, two = ([{"id": "a", "tags": tags}] for tags in (["x"], ["y"]))
    settled = inside(("l",), Merge([{"id": "a", "tags": []}], one, two)).settled
    assert [(s.path, s.rule) for s in settled] == [(("l", "a", "tags"), "set")]


def test_a_shape_is_what_stands_on_every_side():
    """Objects, records, other lists, each by its rule; two shapes in one place are for a person."""
    rule = shaped(as_set, conflict, keys=("id", "name"))
    assert rule((), Merge({}, {"a": 1}, {"b": 1})).value == {"a": 1, "b": 1}
    assert rule((), Merge({"a": 1}, {"a": 2}, {"a": 3})).contests[0].path == ("a",)
    named = [[{"name": "x"}], [{"name": "x"}, {"name": "y"}], [{"name": "z"}, {"name": "x"}]]
    assert [item["name"] for item in rule((), Merge(*named)).value] == ["z", "x", "y"]
    assert rule((), Merge([], [1], [2])).value == [1, 2]
    assert rule((), Merge(MISSING, [1], [2])).value == [1, 2]
    assert rule((), Merge([1], {}, [2])).contests
    odd = Merge([1], {}, [2])
    assert rule(("l",), odd).contests == (Contest(("l",), odd),)
    assert shaped(as_set)(("l",), Merge([], [1], [2])).settled[0].path == ("l",)
    again = shaped(as_set)((), Merge({"a": {"b": [1]}}, {"a": {"b": [1, 2]}}, {"a": {"b": [3, 1]}}))
    assert (again.value, again.contests) == ({"a": {"b": [3, 1, 2]}}, ())
    steps = [[{"id": "s", "tags": tags}] for tags in ([1], [1, 2], [1, 3])]
    assert shaped(as_set)((), Merge(*steps)).value == [{"id": "s", "tags": [1, 2, 3]}]
    kept = shaped(as_set, keep)
    assert kept((), Merge({"a": 1}, {"a": 2}, {"a": 3})).value == {"a": 2}
    assert kept((), Merge(*steps)).value == steps[1]
    own = shaped(as_set, objects=lambda *_: "object", records=lambda key: lambda *_: key)
    assert own((), Merge({}, {"a": 1}, {})) == "object"
    assert own((), Merge([], [{"id": 1}], [])) == "id"


def test_what_a_set_has_twice_it_has_once():
    """The first spelling stays; what is the same by JSON is the same."""
    merged = as_set((), Merge([], [Number("1.0"), 1, 2], [3]))
    assert [canonical(item) for item in merged.value] == ["1", "2", "3"]
    assert merged.value[0].text == "1.0"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value"),
    [
        ("ab", "ba", "a", "a"),  # a removal, of what the other side moved
        ("c", "abc", "cab", "abc"),  # additions of both, at different places: each once
        ("abcd", "bacd", "abdc", "badc"),  # two moves
        ("abcd", "dabc", "axcd", "daxc"),  # a move, and another element replaced
        ("ab", "", "a", ""),
        ("abc", "ab", "bc", "b"),
        ("aba", "ba", "ab", "ba"),  # a double that each side took away
        ("abca", "bca", "xabc", "xbca"),
        ("abc", "abcc", "cab", "ccab"),
        ("abc", "bac", "axc", None),  # moved here, replaced there
        ("abc", "bac", "acb", None),  # no order has both moves
        ("abcde", "axcde", "abcxe", None),  # one new element in two others' places
        ("abcde", "axcde", "abcdex", None),
        ("aba", "xba", "aby", "xby"),  # two equal elements, each replaced
        ("abcd", "dabc", "xbcd", "xdbc"),
        ("", "wxxy", "ywyy", "ywxxyy"),  # what both have once is found alike from either side
        ("ab", "axb", "x", None),
        ("abc", "axc", "abyc", None),  # beside each other
    ],
)
def test_a_sequence_keeps_moves_and_removals(base, ours, theirs, value):
    """Or it is a conflict: nothing comes back, nothing is doubled, no move is dropped."""
    for sides in ((ours, theirs), (theirs, ours)):
        merged = sequence((), Merge(*map(list, (base, *sides))))
        assert (merged.value, len(merged.contests)) == (
            (list(sides[0]), 1) if value is None else (list(value), 0)
        )


@pytest.mark.parametrize(
    ("ours", "theirs", "value"),
    [("ab", "axb", "axb"), ("", "a", "a"), ("ab", "ab", "ab"), ("ab", "bac", None), ("a", "b", None)],
)  # fmt: skip
def test_of_two_new_lists_the_larger_stands(ours, theirs, value):
    """Where it has all of the other in its order; else a person is asked."""
    for sides in ((ours, theirs), (theirs, ours)):
        merged = sequence((), Merge(MISSING, *map(list, sides)))
        assert merged.value == list(sides[0] if value is None else value)
        assert len(merged.contests) == (value is None)


def ids(text, **more):
    """Records with one-letter ids; a capital letter is a record without an id."""
    return [
        {"m": c} if c.isupper() else {"id": c, "n": 1} | ({"n": more[c]} if c in more else {})
        for c in text
    ]


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "value"),
    [
        (ids("abcd"), ids("bacd"), ids("abdc"), ids("badc")),
        (ids("abc"), ids("ca"), ids("abc", a=2), ids("ca", a=2)),
        (ids("aXb"), ids("aXb", a=2), ids("aXbcY"), ids("aXbcY", a=2)),
        (ids("aXb"), ids("ab"), ids("aXb", b=2), ids("ab", b=2)),
        (ids("dda"), ids("dda", a=2), ids("ddab"), ids("ddab", a=2)),
        (ids("dda"), ids("da"), ids("ddab"), ids("dab")),
        (["x", 5, *ids("c"), {"id": ""}, {"id": ""}], ["x", *ids("c"), {"id": ""}, {"id": ""}], ["x", 5, *ids("c"), {"id": ""}, {"id": ""}, []],
         ["x", *ids("c"), {"id": ""}, {"id": ""}, []]),
        ([{"key": "k", "n": 1, "m": 1}, *ids("a")], [{"key": "k", "n": 2, "m": 1}],
         [{"key": "k", "n": 1, "m": 2}, *ids("ab")], [{"key": "k", "n": 2, "m": 2}, *ids("b")]),
    ],
)  # fmt: skip
def test_records_merge_one_by_one_whatever_else_is_in_the_list(base, ours, theirs, value):
    """Moves of both sides, elements without an id or of one id, and what is no object."""
    rule = keyed(kept_whole(fields({})))
    for sides in ((ours, theirs), (theirs, ours)):
        merged = rule((), Merge(base, *sides))
        assert (merged.value, merged.contests) == (value, ())


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (ids("abc"), ids("bac"), ids("acb")),
        (ids("aX"), ids("aY"), ids("aZ")),
        (ids("dd"), [*ids("d"), *ids("d", d=2)], [*ids("d"), *ids("d", d=3)]),
        ([{"key": "k", "n": 1}], [{"key": "k", "n": 2}], [{"key": "k", "n": 3}]),
        ([{"id": 11, "text": "hi"}], [{"id": 2, "text": "hi"}], [{"id": 6, "text": "hi"}]),
    ],
)
def test_a_list_that_no_rule_puts_together_is_asked_whole(base, ours, theirs):
    """Ours stands."""
    rule = keyed(kept_whole(fields({})))
    for sides in ((ours, theirs), (theirs, ours)):
        merge = Merge(base, *sides)
        merged = rule(("l",), merge)
        assert (merged.value, merged.contests) == (sides[0], (Contest(("l",), merge),))
