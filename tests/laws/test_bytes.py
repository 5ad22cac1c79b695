"""The laws of bytes: what a side did not touch it does not respell, whatever the layout."""

from __future__ import annotations

import json

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tests.laws.layouts import four_texts
from tractatus_merge.anyfile.merge import JSON, JSONL, merge_file
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.rules.merged_text import Indentation, merged_text, unit_of
from tractatus_merge.core.values.equality import MISSING, same
from tractatus_merge.core.values.json_text import Style, dump, parse

SLOT = "\x1a"
NEW = [
    "{}", "[]", "[0, 0, 1]", "[ ]", "0.90", "1E2", r'"Ren\u00e9e"', r'"https:\/\/y"', '"é"',
    '{"p":1}', '{ "p" : [1,2] }', r'{"\u0070": {}}', "[\n@  1,\n@  2\n@]", '{\n@  "p" : 1\n@}',
    "null", '{"id": 1, "p": [1]}',
]  # fmt: skip
"""Values spelled in ways of their own; `@` stands for the indentation of their line."""
LAYOUTS = [
    ("\n", "  ", ": "),
    ("\n", "\t", ":"),
    ("\n", "    ", " : "),
    (" ", "", ": "),
    ("", "", ":"),
]


def laid_out(shape, layout, level=""):
    """A document with a slot at every leaf: (indentation of its line, slot) in turn."""
    newline, unit, colon = layout
    if shape is None:
        return f"{level}{SLOT}{SLOT}"
    inner = level + unit
    parts = []
    for number, below in enumerate(shape):
        value = laid_out(below, layout, inner)
        if below is None:
            value = f"{SLOT}{inner}{SLOT}"
        parts.append(f'{newline}{inner}"{"abcdefg"[number]}"{colon}{value}')
    comma = "," if newline == "\n" else f",{newline}".rstrip() or ","
    return "{" + comma.join(parts) + newline + level + "}"


shapes = st.recursive(
    st.none(), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=8
).filter(bool)


@st.composite
def edited_apart(draw):
    """A base, two sides that changed different leaves of it, and the text with both changes."""
    layout = draw(st.sampled_from(LAYOUTS))
    text = laid_out(draw(shapes), layout) + draw(st.sampled_from(["", "\n"]))
    pieces = text.split(SLOT)
    levels = pieces[1::2]
    assume(len(levels) > 1)
    old = [draw(st.sampled_from(["1", '"x"', "[1, 2]", '{"q":1 }'])) for _ in levels]
    new = [
        draw(st.sampled_from(NEW if layout[0] == "\n" else [v for v in NEW if "\n" not in v]))
        + draw(st.sampled_from(["", '{,}"new" :[ 1]']))
        for _ in levels
    ]
    whose = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=len(levels), max_size=len(levels)))
    versions = []
    for changed in ((), (1,), (2,), (1, 2)):
        parts = [pieces[0]]
        for number, level in enumerate(levels):
            value = (new if whose[number] in changed else old)[number]
            comma = f",{layout[0]}{level}"
            name = f'"new{number}"'
            value = value.replace("{,}", comma).replace('"new"', name).replace("@", level)
            parts += [value, pieces[2 * number + 2]]
        versions.append("".join(parts).encode())
    return versions


@given(edited_apart())
def test_every_edit_stands_as_its_writer_wrote_it(versions):
    """Changes and additions at different leaves, of either side, in five layouts."""
    base, ours, theirs, both = versions
    for sides in ((ours, theirs), (theirs, ours)):
        got = merge_file(base, *sides, Table.of(), JSON)
        assert (got.data.decode(), got.contests) == (both.decode(), ())


@given(edited_apart(), st.sampled_from(LAYOUTS[:3]))
def test_edits_in_a_document_that_one_side_laid_out_anew(versions, layout):
    """The layout of that side, the values of both."""
    base, ours, theirs, both = versions
    anew = json.dumps(json.loads(ours), indent=layout[1]).encode()
    got = merge_file(base, anew, theirs, Table.of(), JSON)
    assert json.loads(got.data) == json.loads(both)
    other = merge_file(base, theirs, anew, Table.of(), JSON)
    assert json.loads(other.data) == json.loads(both)


versions_of_a_line = st.tuples(*[some.values.map(lambda value: dump(value, Style(None)))] * 3)


@given(versions_of_a_line, st.sampled_from([b"", b"\n"]))
def test_lines_keep_their_bytes(values, end):
    """A side that is the base gives the other, in JSONL too."""
    base, one, other = (f"{value}\n{{}}".encode() + end for value in values)
    assert merge_file(base, base, one, Table.of(), JSONL).data == one
    assert merge_file(base, one, base, Table.of(), JSONL).data == one
    assert merge_file(base, one, one, Table.of(), JSONL).data == one
    merge_file(base, one, other, Table.of(), JSONL)


@given(st.tuples(*[some.texts()] * 3), some.values, st.sets(st.sampled_from([0, 1, 2]), max_size=2))
def test_the_text_says_the_value_whatever_the_versions_are(texts, value, blank):
    """It is never read from the versions what is said, only how."""
    sides = ["" if number in blank else text for number, text in enumerate(texts)]
    indentations = [Indentation("", unit_of(text)) for text in sides]
    text = merged_text(value, sides, indentations, Indentation("  ", "\t"))
    assert same(parse(text), value)
    assert value is not MISSING


@given(st.integers(0, 2**32))
def test_both_sides_edits_are_in_to_the_byte_whatever_the_layouts(seed):
    """New keys and records at their places, values as written, gaps, line ends, mark and end."""
    base, ours, theirs, both = four_texts(seed)
    for sides in ((ours, theirs), (theirs, ours)):
        got = merge_file(base, *sides, Table.of(), JSON)
        assert (got.data.decode(), got.contests) == (both.decode(), ())
    for side in (ours, theirs):
        assert merge_file(base, base, side, Table.of(), JSON).data == side
        assert merge_file(base, side, base, Table.of(), JSON).data == side
        assert merge_file(base, side, side, Table.of(), JSON).data == side
