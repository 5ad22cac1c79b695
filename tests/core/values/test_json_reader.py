"""JSON read strictly, with the offset of whatever is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.laws import strategies as some
from tractatus_merge.core.values import json_reader
from tractatus_merge.core.values.equality import same
from tractatus_merge.core.values.json_reader import (
    MAX_DEPTH,
    JsonError,
    check_depth,
    elements,
    members,
    parse,
    value_at,
)
from tractatus_merge.core.values.numbers import Number

WRONG = [
    ("", 0, "empty"),
    (" \n", 0, "empty"),
    ('{"a": 1, "a": 2}', 9, "twice"),
    ('[{"x": {"a": 1, "\\u0061": 2}}]', 16, "twice"),
    ('{"b": "a", "c": {"a": 1}, "b": 1}', 26, "twice"),
    ("NaN", 0, "NaN"),
    ('{"a": [1, NaN]}', 10, "NaN"),
    ('["NaN", -Infinity]', 8, "NaN"),
    ('{"a": 1', 7, "ends"),
    ('{"a": "x', 6, "ends"),
    ("[1, ", 4, "ends"),
    ("[1] x", 4, "more text"),
    ("{} {}", 3, "more text"),
    ('["a\tb"]', 3, "control character"),
    ("[01]", 2, ""),
    ("[1 2]", 3, ""),
    ("{a: 1}", 1, ""),
    ("{'a': 1}", 1, ""),
    ('["\\x"]', 2, ""),
    ("[" * 10_000, 120, "deeper than 120 levels"),
    ("[" * 121 + "]" * 121, 120, "deeper than 120 levels"),
    ('{"a": [], "b":' + '{"a":' * 5_000 + "}", 14 + 119 * 5, "deeper"),
    ('["[[", "\\"[", ' + "[" * 500 + "NaN" + "]" * 500 + "]", 14 + 119, "deeper"),
    ("[" * 200 + '{"a":1,"a":2}' + "]" * 200, 120, "deeper"),
    ("[[" + "[]," * 300 + "NaN]]", 2 + 3 * 300, "NaN"),
    ("[Infinity]", 1, "NaN"),
    ("[" * 110 + "NaN" + "]" * 110, 110, "NaN"),
    ("[" * 110 + '{"a":1,"a":2}' + "]" * 110, 117, "twice"),
    ('[{"a": [NaN]}, ' + "[" * 121 + "]" * 121 + "]", 15 + 119, "deeper"),
    ("\ufeff{}", 0, ""),
    ("\xa0{}", 0, ""),
]


@pytest.mark.parametrize(("text", "at", "why"), WRONG, ids=range(len(WRONG)))
def test_what_is_not_strict_json_is_refused_at_its_offset(text, at, why):
    """Double keys, NaN, torn ends, control characters, however deep: told where and why."""
    with pytest.raises(JsonError) as error:
        parse(text)
    assert error.value.at == at
    assert why in error.value.why
    assert error.value.why


@pytest.mark.parametrize("text", ["[1,]", '{"a":1,}', "[,]", '{"a":1,,"b":2}'])
def test_a_comma_too_many_is_refused(text):
    """The offset is near it (Python versions differ by the comma itself)."""
    with pytest.raises(JsonError) as error:
        parse(text)
    assert 0 < error.value.at <= len(text) - 1


def test_a_value_may_nest_to_the_limit():
    """However many siblings there are, and whatever brackets stand in texts."""
    for text in ("[" * MAX_DEPTH + "]" * MAX_DEPTH, '{"a":' * 120 + "1" + "}" * 120):
        assert parse(text) == json.loads(text)
    assert parse('[["' + "[" * 300 + '"]]') == [["[" * 300]]
    assert parse('"' + "{" * 300 + '"') == "{" * 300
    assert len(parse("[" + "[]," * 1000 + "[]]")) == 1001


def test_another_limit_is_of_one_value():
    """What comes after the value is not looked at, and a scalar has no depth."""
    check_depth("[[1]] [[[2]]]", 0, 5, 2)
    check_depth("[[1]] [[[2]]]", limit=2)
    check_depth('"[[[" [[[2]]]', limit=2)
    check_depth("[[1], [2], [3", limit=2)  # torn: who reads it says so
    with pytest.raises(JsonError, match="deeper than 2 levels") as error:
        check_depth("[[1]] [[[2]]]", 6, limit=2)
    assert error.value.at == 8


@given(some.texts())
def test_any_layout_reads_as_python_reads_it(text):
    """White space, escapes and spellings do not change the value."""
    assert same(parse(text), json.loads(text, parse_float=Number))


@given(some.texts())
def test_a_torn_text_is_refused_or_whole(text):
    """Cut anywhere, it is a JsonError with an offset inside it, or a smaller value."""
    for end in range(len(text)):
        try:
            parse(text[:end])
        except JsonError as error:
            assert 0 <= error.at <= end


def test_numbers_remember_their_spelling():
    """Fractions and what no int of a double is keep their text; lengths do not matter."""
    value = parse("[0.90, 1e2, -0, 12345678901234567890, 5, " + "7" * 10_000 + "]")
    spelled = [item.text for item in value if isinstance(item, Number)]
    assert spelled == ["0.90", "1e2", "-0", "12345678901234567890", "7" * 10_000]
    assert type(value[4]) is int


def test_members_and_elements_stand_where_they_say():
    """The spans cut out exactly keys, values and elements."""
    text = ' {"a" : [1, {"b":2} ] , "c":3}'
    found = members(text, 1)
    assert [(m.key, text[m.start : m.value], text[m.value : m.end]) for m in found] == [
        ("a", '"a" : ', '[1, {"b":2} ]'), ("c", '"c":', "3"),
    ]  # fmt: skip
    inner = found[0].value
    assert [text[start:end] for start, end in elements(text, inner)] == ["1", '{"b":2}']
    assert value_at(text, inner)[1] == found[0].end


@pytest.mark.parametrize(
    "text", ['{"a":1 "b":2}', '{"a" 1}', "{1:2}", '{"a":1,}', '{"a":1,"a":2}', "{", '{"a":']
)
def test_members_of_a_broken_object_are_refused(text):
    """Looking for members is as strict as reading."""
    with pytest.raises(JsonError):
        members(text, 0)


@pytest.mark.parametrize("text", ["[1 2]", "[1,]", "[", "[1"])
def test_elements_of_a_broken_list_are_refused(text):
    """And so is looking for elements."""
    with pytest.raises(JsonError):
        elements(text, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the text is empty"),
        ("[1] x", "more text after the end of the value"),
        ("[1,", "the text ends in the middle of a value (a torn write?)"),
        ('["x', "the text ends in the middle of a value (a torn write?)"),
        ("[01]", "not JSON: expecting ',' delimiter"),
        ("[NaN]", "NaN and Infinity are not JSON"),
        ('{"\\u00e9": 1, "é": 2}', 'the key "\\u00e9" stands twice in one object'),
    ],
)
def test_the_reason_is_a_sentence_for_people(text, why):
    """An error says what is wrong in the same words everywhere, also as an exception's text."""
    with pytest.raises(JsonError) as error:
        parse(text)
    assert error.value.why == str(error.value) == why


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ('{"a":1 "b":2}', 7, "a ',' or '}' is missing"),
        ('{"a":1', 6, "the text ends in the middle"),
        ('{"a" 1}', 5, "a ':' should stand here"),
        ("{1:2}", 1, "a key in double quotes should stand here"),
        ('{"a":1, }', 8, "a comma stands before the closing bracket"),
        ('{"a":1, "a":2}', 8, 'the key "a" stands twice in one object'),
        ('{"é":1,"é":2}', 7, 'the key "\\u00e9" stands twice in one object'),
    ],
)
def test_a_broken_object_is_told_at_its_offset(text, at, why):
    """Looking for members, place and reason are as exact as in reading."""
    with pytest.raises(JsonError) as error:
        members(text, 0)
    assert (error.value.at, error.value.why) == (at, why)


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("[1 2]", 3, "a ',' or ']' is missing"),
        ("[1, ] ", 4, "a comma stands before the closing bracket"),
        ("[1 ", 3, "the text ends in the middle"),
    ],
)
def test_a_broken_list_is_told_at_its_offset(text, at, why):
    """And so it is in looking for elements."""
    with pytest.raises(JsonError) as error:
        elements(text, 0)
    assert (error.value.at, error.value.why) == (at, why)


def test_a_fault_is_looked_for_in_the_value_alone():
    """What stands before the offset belongs to somebody else."""
    with pytest.raises(JsonError, match='the key "a" stands twice') as error:
        value_at('NaN {"a":1,"a":2}', 4)
    assert error.value.at == 11


def test_where_the_stack_ends_first_it_is_told_as_python_tells_it(monkeypatch):
    """A value within the limit is never called too deep."""

    def exhausted(text, at):
        raise RecursionError

    monkeypatch.setattr(json_reader, "_scan", exhausted)
    with pytest.raises(RecursionError):
        value_at("[" * 120 + "]" * 120, 0)
    with pytest.raises(JsonError, match="deeper"):
        value_at("[" * 121, 0)
