"""Where the list and its records stand: the same for every text, whatever was read before it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.json_text import MAX_DEPTH, RECORD_DEPTH, JsonError
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.record_list import located


def deep(levels: int) -> str:
    """A record that nests so deep."""
    return f'{{"id": "d", "x": {"[" * (levels - 1)}{"]" * (levels - 1)}}}'


SOUND = (
    *(
        f'{{"id": "{name}"{more}}}'
        for name in "abc"
        for more in ("", ', "n": 1.50', ', "t": "}, {"')
    ),
    '{\n      "id": "e",\n      "says": ["é", {"x": [1, 2]}]\n    }',
    '{\r\n\t"id" : "\\u0066"\r\n}',
    f'{{"id": "{"x" * 30}"}}',
    f'{{"id": "{"x" * 31}"}}',
    deep(RECORD_DEPTH),
    f'{{"id": "w", "x": [{", ".join(["{}"] * RECORD_DEPTH)}]}}',
)
BROKEN = (
    *("{}", '{"id": 5}', "[]", "1", "12", '"a"', '{"id": "a", "id": "b"}', "NaN", "", '{"id": "a"'),
    *('{"id": " "}', f'{{"id": "{"x" * 121}"}}', '{"id": "a"}}', "<<<<<<< a"),
    *map(deep, (RECORD_DEPTH + 1, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1)),
)
HEADS = (
    "[",
    '{"instructions": [',
    '{\n  "version": "1.0",\n  "instructions": [',
    ' {"a": {}, "instructions":[',
)
TAILS = (
    "]",
    "]}",
    '],\n  "stats": {"n": 1}\n}\n',
    "",
    "]} x",
    '], "instructions": []}',
    "],}",
    "}",
)
GAPS = (", ", ",\n    ", ",", " ,\r\n\t", "\n", ",,", " ")


@st.composite
def texts(draw, rows=SOUND + BROKEN, tails=TAILS):
    """A text that is nearly a history."""
    gaps = st.sampled_from(GAPS[:4] if draw(st.booleans()) else GAPS)
    text = draw(st.sampled_from(HEADS)) + draw(st.sampled_from(("", "\n    ", " ")))
    for number, row in enumerate(draw(st.lists(st.sampled_from(rows), max_size=5))):
        text += (draw(gaps) if number else "") + row
    return text + draw(st.sampled_from(("", "\n  ", ","))) + draw(st.sampled_from(tails))


sound = texts(SOUND, TAILS[:3])


def strict(text: str) -> tuple[int, int, list[tuple[int, int]]]:
    """The list and its records as a reader finds them that reads every value twice."""
    start, found = json_text.skip(text, 0), {}
    if text[start : start + 1] == "[":
        place = start
    elif text[start : start + 1] == "{":
        found = {member.key: member for member in json_text.members(text, start)}
        if "instructions" not in found or text[found["instructions"].value] != "[":
            raise DocumentError("f", 1, "no list", hint="")
        place = found["instructions"].value
    else:
        json_text.parse(text)
        raise JsonError("an object or a list should stand here", start)
    spans = json_text.elements(text, place)
    beside = [(m.value, m.end, RECORD_DEPTH - 1) for m in found.values() if m.key != "instructions"]
    for at, end, limit in [*beside, *((*span, RECORD_DEPTH) for span in spans)]:
        json_text.check_depth(text, at, end, limit)
    stop = json_text.skip(text, spans[-1][1] if spans else place + 1) + 1
    last = max((member.end for member in found.values()), default=stop)
    end = stop if place == start else json_text.skip(text, last) + 1
    if text[end:].strip(" \t\r\n"):
        raise JsonError("more text after the end of the document", json_text.skip(text, end))
    return place, stop, spans


def told(read, *words):
    """What a reader says of a text, faults included."""
    try:
        return read(*words)
    except JsonError as error:
        return error.why, error.at
    except DocumentError:
        return "no list"


def placed(text: str, before=None):
    """What `located` says, in the words of `strict`; each record is what its place says."""
    found = located(text, "f", before)
    for row in found.rows:
        part = text[row.start : row.end]
        assert row.record.text == json_text.dedent(part, row.margin)
        assert row.name is None or json_text.parse(part)["id"] == row.name
    return found.start, found.end, [(row.start, row.end) for row in found.rows]


@given(texts())
@example('{"instructions": ["x": 1}')
@example('{"instructions"')
@example('{"instructions":')
@example("")
@example("5")
@example('{"instructions": [ ]} ]')
@example('{"a": [' + deep(RECORD_DEPTH) + '], "instructions": []}')
@example('{"instructions": [' + deep(MAX_DEPTH) + "]}")
def test_the_quick_reader_says_what_the_strict_one_says(text):
    """The same places where both read a text, and the same fault at the same offset."""
    assert told(placed, text) == told(strict, text)


@given(sound, texts())
def test_what_was_read_before_changes_nothing(before, text):
    """A text is told as it is when it is read alone, whatever was read before it."""
    known = told(located, before, "f")
    if isinstance(known, tuple):
        return
    assert told(placed, text, known) == told(strict, text)
    if not isinstance(found := told(located, text, "f", known), (tuple, str)):
        assert found == located(text, "f")


def file_of(*rows: str) -> str:
    """A file with these records."""
    return '{\n  "instructions": [\n    ' + ",\n    ".join(rows) + "\n  ]\n}\n"


A, B, C, D = (f'{{\n      "id": "{name}"\n    }}' for name in "abcd")


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ((A, B, C), (0, 1, 2)),
        ((A, D, B, C), (0, 2, 3)),
        ((B, C), (1,)),
        ((A, '{"id": "b"}', C), (0, 2)),
        ((A, C, B), (0,)),
        ((C, A, B), (2,)),
    ],
)
def test_what_stood_there_before_is_not_read_again(rows, kept):
    """Added, edited, moved, taken away: what stands behind that is known again, as it was."""
    before = located(file_of(A, B, C), "f")
    old = {row.name: row.record for row in before.rows}
    found = located(file_of(*rows), "f", before)
    same = [number for number, row in enumerate(found.rows) if row.record is old.get(row.name)]
    assert tuple(same) == kept


def test_a_file_that_cannot_be_read_is_not_remembered(monkeypatch):
    """The next file is compared with one whose records are sound."""
    monkeypatch.setattr(history_file._Recent, "files", ())  # what other tests read
    good = history_file.read(file_of(A, B).encode(), "f")
    with pytest.raises(DocumentError):
        history_file.read(file_of(A, "{}").encode(), "f")
    history_file.read(b'{"instructions": []}', "f")  # a header alone has nothing in common
    history_file.read(file_of(D).encode(), "f")  # and a short file less than a long one
    again = history_file.read(file_of(A, B, C).encode(), "f")
    assert again.records["b"] is good.records["b"]


def test_many_brackets_are_no_depth():
    """A record that is wide is read as any other."""
    wide = SOUND[-1]
    assert located(file_of(A, wide), "f").rows[1].name == "w"


def test_the_same_file_read_again_is_the_same_document():
    """With a mark at its beginning it is another one: that is written back."""
    data = file_of(A, B).encode()
    first = history_file.read(data, "f")
    assert history_file.read(bytearray(data), "g") is first
    marked = history_file.read(b"\xef\xbb\xbf" + data, "f")
    assert marked.layout.bom and not first.layout.bom
    assert history_file.read(data, "f") == first
