"""JSON written as Node writes it, and changed with as few bytes as can be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given

from tests.laws import strategies as some
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import canonical, same
from tractatus_merge.core.values.json_text import (
    Style,
    dedent,
    dump,
    indent,
    joined,
    parse,
    rewrite,
    string,
)
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.core.values.rounding import unrounded

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("TRACTATUS_TEST_DATA", ROOT.parent / "shared" / "data"))
NODE_REWRITES = {"int_like_keys", "dup_keys"}
"""What only Node does: it orders keys that look like numbers, and drops double keys (we refuse)."""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"), ([], "[]"), ({"a": []}, '{\n  "a": []\n}'), ([1, {"b": None}], '[\n  1,\n  {\n    "b": null\n  }\n]'),
        ("a/b\x7f\u2028é📊", '"a/b\x7f\u2028é📊"'), ("\ud800", '"\\ud800"'), ("\x01\b\t\n\f\r\x1f", '"\\u0001\\b\\t\\n\\f\\r\\u001f"'),
        (Number("0.90"), "0.90"), (True, "true"), (0.5, "0.5"), (10**20, "100000000000000000000"),
    ],
)  # fmt: skip
def test_values_are_written_as_node_writes_them(value, text):
    """`JSON.stringify(value, null, 2)`, but numbers as they came."""
    assert dump(value) == text


@pytest.mark.skipif(not DATA.exists(), reason="optional data: no TRACTATUS_TEST_DATA")
def test_node_s_own_vectors():
    """What Node v20 wrote, we write: byte for byte, but for the numbers that it rounds or respells."""
    found = json.loads((DATA / "tractatus" / "json-byte-compat.vectors.json").read_text())
    for vector in found["vectors"]:
        if vector["name"] not in NODE_REWRITES:
            node = vector["node_stringify_null_2"]
            ours = dump(parse(vector["input_text"]))
            assert same(unrounded(parse(ours), parse(node)), parse(ours)), vector["name"]
            assert dump(parse(node)) == node


@pytest.mark.skipif(not shutil.which("node"), reason="optional data: no node to compare with")
def test_node_reads_what_we_write():
    """JSON.parse of our text gives the values we meant, down to the last double."""
    value = {"n": [Number("0.90"), Number("1e21")],
             "t": '\ud800 é \u2028 / \\ " \x01', "deep": [[{"": None}]], 'q"': True}  # fmt: skip
    code = "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0,'utf8')),null,2))"
    out = subprocess.run(
        ["node", "-e", code], input=dump(value).encode(), capture_output=True, check=True
    )
    assert canonical(parse(out.stdout.decode())) == canonical(value)
    assert dump(parse(out.stdout.decode())) == out.stdout.decode()


@given(some.values)
def test_what_is_written_reads_back(value):
    """In every style; on one line there is no line end."""
    for style in (Style(), Style("\t"), Style(None)):
        assert same(parse(dump(value, style)), value)
    assert "\n" not in dump(value, Style(None))


@given(some.texts(), some.values)
def test_rewriting_says_the_value(text, value):
    """Whatever the layout, the new text says the new value."""
    assert same(parse(rewrite(text, value)), value)


@given(some.texts())
def test_rewriting_to_the_same_keeps_every_byte(text):
    """White space, escapes, number spellings and key order stay."""
    assert rewrite(text, json.loads(text, parse_float=Number)) == text


@given(some.texts(some.objects.filter(bool)), some.scalars)
def test_one_changed_member_changes_only_its_bytes(text, new):
    """What stands before and after the changed value stays byte for byte."""
    value = parse(text)
    key = next(iter(value))
    changed = rewrite(text, {**value, key: new})
    first = text.index(":") + 1
    rest = list(value)[1:]
    assert changed[:first] == text[:first]
    if rest and not same(value[key], new):
        # everything from the second key on is the same text
        start = len(changed) - len(text)
        tail = text[len(text) - _tail(text) :]
        assert changed.endswith(tail)
        assert start == len(changed) - len(text)


def _tail(text):
    from tractatus_merge.core.values.json_text import members, skip

    return len(text) - members(text, skip(text, 0))[0].end


ODD = '{ "a":1.0,  "b" : "\\u00e9\\/",\n\n   "c":[ 1,2,   3 ],"d":{"x":0.90}  }'


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"a": 2}, ODD.replace("1.0", "2")),
        ({"b": "z"}, ODD.replace('"\\u00e9\\/"', '"z"')),
        ({"c": [1, 3]}, ODD.replace("[ 1,2,   3 ]", "[ 1,3 ]")),
        ({"c": [1, 9, 3]}, ODD.replace("1,2,", "1,9,")),
        ({"c": [1, 2, 3, 4]}, ODD.replace("3 ]", "3,4 ]")),
        ({"d": {"x": Number("0.90"), "y": 1}}, ODD.replace("0.90", '0.90, "y":1').replace(', "y"', ',"y"')),
        ({"e": True}, ODD.replace("0.90}", '0.90},  "e":true')),
        ({"a": Number("1")}, ODD),
        ({"d": 5}, ODD.replace('{"x":0.90}', "5")),
    ],
)  # fmt: skip
def test_minimal_changes(change, text):
    """Each change and the only bytes it may touch."""
    assert rewrite(ODD, {**parse(ODD), **change}) == text


def test_a_removed_member_leaves_the_others():
    """The white space between two that stay, stays."""
    text = '{"a":1,\n  "b":2,\n\n  "c":3,   "d":4}'
    assert rewrite(text, {"a": 1, "c": 3, "d": 4}) == '{"a":1,\n  "c":3,   "d":4}'
    assert rewrite('{"a": 1}', {}) == "{}"


def test_elements_with_ids_are_known_by_them():
    """Changing one element and adding another leaves the first one's layout."""
    text = '[{"id": "a",  "n": 0.90}, {"id":"b"}]'
    value = [{"id": "a", "n": Number("0.90"), "m": 1}, {"id": "c"}, {"id": "b"}]
    assert rewrite(text, value) == '[{"id": "a",  "n": 0.90,  "m": 1}, {"id":"c"}, {"id":"b"}]'


def test_new_parts_follow_the_text_s_own_style():
    """Tabs, four spaces, one line: read off the text."""
    for unit in ("\t", "    ", " "):
        text = dump({"a": {"b": 1}}, Style(unit))
        assert rewrite(text, {"a": {"b": 1}, "n": [1]}) == dump(
            {"a": {"b": 1}, "n": [1]}, Style(unit)
        )
    assert rewrite('{"a":1}', {"a": 1, "b": [2]}) == '{"a":1,"b":[2]}'
    assert rewrite("[1]", [1, 2]) == "[1,2]"
    assert rewrite("{}", {"a": 1}) == '{\n  "a": 1\n}'


@pytest.mark.parametrize(
    ("text", "unit"),
    [("{}", "  "), ("[]", "  "), ('{"a":1}', None), ('{\n\t"a":1\n}', "\t"), ("[\r\n    1\r\n]", "    "),
     ('  {\n      "a":1\n  }', "    "), ('\t{\n\t  "a":1\n\t}', "  "), ("{\n\t{", "\t")],
)  # fmt: skip
def test_the_style_is_read_off_the_first_member(text, unit):
    """None stands for one line."""
    assert Style.of(text).unit == unit


@given(some.values)
def test_indenting_can_be_undone(value):
    """`dedent` undoes `indent`, and line ends become LF."""
    text = dump(value)
    assert dedent(indent(text, "    ").replace("\n", "\r\n"), "    ") == text


def within(text, spans, parts, place):
    """What an object or array inside a text becomes."""
    found = json_text.pieces(text, spans, parts, place)
    return "".join(one if isinstance(one, str) else text[slice(*one)] for one in found)


def test_joined_keeps_the_gaps_between_neighbours():
    """A gap is kept where both its neighbours are; elsewhere the first gap serves."""
    text, spans = "[a; b,\tc]", [(1, 2), (4, 5), (7, 8)]
    parts = [(0, "a"), (None, "n"), (1, None), (2, "c")]
    assert joined(text, spans, parts) == "[a; n; b,\tc]"
    moved = [(start + 2, end + 2) for start, end in spans]
    assert within(f"x {text} y", moved, parts, (2, 2 + len(text))) == joined(text, spans, parts)


def test_a_second_item_stands_off_as_members_do():
    """Where one item alone tells nothing of gaps; what stands around the array tells nothing."""
    for text, gap in (("[1]", ""), ('[{"a": 1}]', " "), ("[ 1 ]", " ")):
        span = [(text.index(text.strip("[] ")), len(text.rstrip(" ]")))]
        wanted = f"{text[: span[0][1]]},{gap}n{text[span[0][1] :]}"
        assert joined(text, span, [(0, None), (None, "n")]) == wanted
        around = [(start + 7, end + 7) for start, end in span]
        place = 7, 7 + len(text)
        assert within(f"{{'x, y: {text}", around, [(0, None), (None, "n")], place) != ""


def test_strings_escape_only_what_they_must():
    """As Node: non-ASCII raw, lone surrogates escaped."""
    assert string("é\ud83d") == '"é\\ud83d"'


@pytest.mark.parametrize(
    ("text", "value", "new"),
    [
        ('{"a": 1}', {"a": 1, "b": 2}, '{"a": 1, "b": 2}'),
        ("[[1, 2]]", [[1, 2], 3], "[[1, 2], 3]"),
        ('{\n  "a": {"x": 1}\n}', {"a": {"x": 1, "n": {"y": 2}}}, '{\n  "a": {"x": 1, "n": {"y":2}}\n}'),
        ('{\n  "a": [\n    1\n  ]\n}', {"a": [1, [2]]}, dump({"a": [1, [2]]})),
    ],
)  # fmt: skip
def test_a_new_part_is_set_as_its_neighbours_are(text, value, new):
    """Airy where they are airy, on one line where they are, indented as deep as they are."""
    assert rewrite(text, value) == new


def test_elements_that_change_places_keep_their_spelling():
    """An element is known by its whole value first, then by its id, then by its place."""
    assert rewrite("[1.0,2.0]", [2, 1]) == "[2.0,1.0]"
    twice = '[{"id":"a","n":1}, {"id":"a", "n":2.0}]'
    assert rewrite(twice, [{"id": "a", "n": 2}]) == '[{"id":"a", "n":2.0}]'


@pytest.mark.parametrize("places", [(0, 1, 2), (0, 2), (1, 2), (2, 1, 0), (1,), (0, None, 1), ()])
def test_an_item_that_stands_as_it_did_needs_no_text(places):
    """Its own text, said again, gives the same."""
    text = '[ 1,  "b" ,\n{} ]'
    spans = json_text.elements(text, 0)
    said = [(place, "9" if place is None else text[slice(*spans[place])]) for place in places]
    silent = [(place, "9" if place is None else None) for place in places]
    assert json_text.joined(text, spans, silent) == json_text.joined(text, spans, said)
