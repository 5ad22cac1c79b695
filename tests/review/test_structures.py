"""What people read of two structures that differ."""

from __future__ import annotations

import pytest

from tractatus_merge.core.values.json_reader import MAX_DEPTH
from tractatus_merge.core.values.json_text import parse
from tractatus_merge.review import structures
from tractatus_merge.review.render import differences

CASES = {
    "one number, two spellings": ('{"n": 1, "m": 2}', '{"n": 1.0, "m": 3}', ["m: 2 -> 3"]),
    "in a list": ("[1, 100, -0]", "[1.0, 1e2, 0]", []),
    "true is no number": ('{"n": true, "l": [1]}', '{"n": 1, "l": [true]}',
                          ["l.0: 1 -> true", "n: true -> 1"]),
    "a text is no number": ('{"n": "1"}', '{"n": 1}', ['n: "1" -> 1']),
    "long ids": ("[9007199254740993, -9007199254740993]", "[9007199254740992, -9007199254740992]",
                 ["0: 9007199254740993 -> 9007199254740992",
                  "1: -9007199254740993 -> -9007199254740992"]),
    "many digits": ("[0.1234567890123]", "[0.12345678901234]",
                    ["0: 0.1234567890123 -> 0.12345678901234"]),
    "records that change places": ('{"l": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}',
                                   '{"l": [{"id": "b", "n": 2}, {"id": "a", "n": 1}]}',
                                   ["l (order): a, b -> b, a"]),
    "and one that changes": ('[{"id": 7, "n": 1}, {"id": "b"}]', '[{"id": "b"}, {"id": 7, "n": 3}]',
                             ["(order): 7, b -> b, 7", "7.n: 1 -> 3"]),
    "records that come and go": ('[{"id": "a"}, {"id": "b"}]', '[{"id": "b"}, {"id": "c", "k": [1.50]}]',
                                 ['a: {"id":"a"} -> (not there)',
                                  'c: (not there) -> {"id":"c","k":[1.50]}']),
    "records inside a record": ('[{"id": "a", "l": [{"id": "x"}, {"id": "y", "n": null}]}]',
                                '[{"id": "a", "l": [{"id": "y"}, {"id": "x"}]}]',
                                ["a.l (order): x, y -> y, x", "a.l.y.n: null -> (not there)"]),
    "one more in a list": ('{"l": ["x", "y"]}', '{"l": ["w", "x", "y"]}', ["l.0: (not there) -> w"]),
    "another kind": ('{"l": [{"id": 1}]}', '{"l": {"id": 1}}', ['l: [{"id":1}] -> {"id":1}']),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_told_once(name):
    """By its place: a record's id, a key, a position."""
    before, after, lines = CASES[name]
    assert differences(parse(before), parse(after)) == lines


def test_a_change_as_deep_as_a_value_may_be():
    """One line, with its whole path."""
    half = MAX_DEPTH // 2
    before, after = (parse('{"k":[' * half + n + "]}" * half) for n in "12")
    assert differences(before, after) == [f"{'.'.join(['k.0'] * half)}: 1 -> 2"]


def test_an_empty_list_is_no_empty_object():
    """The whole value differs: its place has no name."""
    assert structures.changes([], {}) == [("", [], {})]
