"""The laws of numbers that no double tells apart: nothing is rounded on the way through a merge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.anyfile.merge import merge_file
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import canonical, same
from tractatus_merge.core.values.numbers import is_number, spelled
from tractatus_merge.instructions.field_rules import HISTORY

fields = st.dictionaries(st.sampled_from("abcd"), some.wide | st.lists(some.wide, max_size=3))
VECTOR = VersionVector({"aaaaaaaa": 1}, frozenset())


def numbers(value):
    """Every number in a value, as it is spelled, in order."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers(item)]
    if isinstance(value, list):
        return [number for item in value for number in numbers(item)]
    return [spelled(value)] if is_number(value) else []


@given(some.values, some.values, some.values)
def test_the_same_is_an_equivalence(one, other, third):
    """Every value is the same as itself; it works both ways, and goes on to a third."""
    assert same(one, one)
    assert same(one, other) == same(other, one)
    assert not (same(one, other) and same(other, third)) or same(one, third)
    assert same(one, other) == (canonical(one) == canonical(other))


@given(some.values)
def test_reading_and_writing_keeps_every_spelling(value):
    """Whatever the layout."""
    text = json_text.dump(value)
    assert numbers(json_text.parse(text)) == numbers(value)
    assert numbers(json_text.parse(json_text.rewrite(text, {"is": value}))) == numbers(value)


@given(fields, fields, fields)
def test_a_merge_has_no_number_that_no_side_has(base, ours, theirs):
    """Neither of records nor of files; and what one side alone changed is as that side has it."""
    known = {*numbers(base), *numbers(ours), *numbers(theirs)}
    merged = HISTORY.policy.rule((), Merge(base, ours, theirs))
    assert known.issuperset(numbers(merged.value))
    assert same(HISTORY.policy.rule((), Merge(base, base, theirs)).value, theirs)
    data = [json_text.dump(value).encode() for value in (base, ours, theirs)]
    file = merge_file(*data, Table.of())
    assert known.issuperset(numbers(json_text.parse(file.data.decode())))
    assert same(
        json_text.parse(merge_file(data[0], data[0], data[2], Table.of()).data.decode()), theirs
    )


@given(fields, fields, fields)
def test_two_numbers_for_one_place_are_a_conflict(base, ours, theirs):
    """Of one double or not; and only two different ones."""
    merged = HISTORY.policy.rule((), Merge(base, ours, theirs))
    contested = {contest.path[0] for contest in merged.contests}
    for key in base.keys() & ours.keys() & theirs.keys():
        sides = (base[key], ours[key], theirs[key])
        if all(map(is_number, sides)):
            assert (key in contested) == (len(set(map(canonical, sides))) == 3)


@given(fields, fields)
def test_a_stamp_is_broken_by_any_other_number(said, other):
    """And by none that is the same."""
    record = Record.of({"id": "x"}).published({"id": "x", **said}, VECTOR)
    assert record.genuine
    assert record.edited({"id": "x", **other}).genuine == same(said, other)
