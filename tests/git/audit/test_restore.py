"""What was lost, put back into a file's text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.git.audit.test_record_versions import A, B, told
from tractatus_merge.git.audit.record_versions import JSON, JSONL, read
from tractatus_merge.git.audit.restore import Lost, Piece, plan, restore
from tractatus_merge.git.audit.shapes import Shape

COMMIT = "7f3a91c2" * 5


def whole(*rows: tuple[str, bytes]) -> list[Piece]:
    """Whole records, each of a list, under their own ids."""
    found = [(place, json.loads(row)["id"], row) for place, row in rows]
    return [Piece(Lost(f"{place}\0{name}", COMMIT, row), name) for place, name, row in found]


@pytest.mark.parametrize(
    ("data", "form", "expected"),
    [
        (b"", JSONL, B + b"\n"),
        (A + b"\n", JSONL, A + b"\n" + B + b"\n"),
        (A, JSONL, A + b"\n" + B),
        (A + b"\r\n" + A + b"\r\n", JSONL, A + b"\r\n" + A + b"\r\n" + B + b"\r\n"),
        (b"[%s]" % A, JSON, b'[%s,{"id":"b"}]' % A),
        (b'\xef\xbb\xbf[\r\n\t{"id": "a"}\r\n]', JSON,
         b'\xef\xbb\xbf[\r\n\t{"id": "a"},\r\n\t{\r\n\t\t"id": "b"\r\n\t}\r\n]'),
    ],
)  # fmt: skip
def test_a_record_is_put_back_at_the_end(data, form, expected):
    """What stands keeps its bytes; line ends and layout are the file's own."""
    assert restore(data, whole(("", B)), form) == expected


def test_many_records_are_put_back_in_order():
    """Each on its line."""
    assert restore(b"", whole(("", A), ("", B)), JSONL) == A + b"\n" + B + b"\n"


def test_a_record_goes_into_its_list():
    """Also where the object has lost the list."""
    data = b'{"v": 1.0, "l": [%s]}' % A
    found = restore(data, whole(("l", B), ("m", A)), JSON)
    assert found.startswith(data[:-2])
    assert json.loads(found)["l"][1:] == [{"id": "b"}]
    assert told(found).keys() == {"l/a", "l/b", "m/a"}


def back(data: bytes, *lost: Lost, form: str = JSON, shape: Shape = Shape()) -> bytes:  # noqa: B008
    """A file with everything put back that it lacks."""
    pieces = plan(lost, read(data, "id", form, shape).rows, "id", shape)
    return restore(data, pieces, form, "id", shape)


def test_a_record_whose_id_another_one_has_comes_back_under_a_new_one():
    """The old id with the commit's; a number goes on counting; what stands is left alone."""
    lost = Lost("\0a", COMMIT, b'{"id": "a", "title": "Mine"}')
    data = b'[{"id": "a", "title": "Theirs"}]'
    other = Lost("\0a", COMMIT, b'{"id": "a", "title": "Hers"}')
    made = back(data, lost, lost, other)
    assert json.loads(made) == [
        {"id": "a", "title": "Theirs"},
        {"id": "a_7f3a91c2", "title": "Mine"},
        {"id": "a_7f3a91c2_2", "title": "Hers"},
    ]
    assert back(made, lost, other) == made
    lost = Lost("\0a", COMMIT, b'{"id":"a",  "title":"Mine"}')
    assert back(b'{"id":"a","title":"Theirs"}\n', lost, form=JSONL) == (
        b'{"id":"a","title":"Theirs"}\n{"id":"a_7f3a91c2",  "title":"Mine"}\n'
    )
    number = Lost("\x007", COMMIT, b'{"id": 7, "title": "Mine"}')
    data = b'[{"id": 7, "title": "Theirs"}, {"id": 12}]'
    assert json.loads(back(data, number))[2] == {"id": 13, "title": "Mine"}


def test_what_stands_is_not_put_back():
    """Edited since, or the same."""
    lost = Lost("\0a", COMMIT, b'{"id": "a", "n": 1}')
    data = b'[{"id": "a", "n": 2}]'
    assert [piece.there for piece in plan([lost], read(data).rows)] == [True]
    assert back(data, lost) == data


@pytest.mark.parametrize(
    ("data", "form", "name", "expected"),
    [
        (b'[{"id": "a", "n": 1.0, "m": 2}, {"id": "b", "n": 1}]', JSON, "\0a",
         b'[{"id": "a", "n": 5, "m": 2}, {"id": "b", "n": 1}]'),
        (b'{"l": [{"id": "a", "n": 1}], "m": [{"id": "a", "n": 1}]}', JSON, "m\0a",
         b'{"l": [{"id": "a", "n": 1}], "m": [{"id": "a", "n": 5}]}'),
        (b'{"id":"b","n":1}\n\n{"id":"a",  "n":1}\n[1]', JSONL, "\0a",
         b'{"id":"b","n":1}\n\n{"id":"a",  "n":5}\n[1]'),
    ],
)  # fmt: skip
def test_an_edit_comes_back_into_its_record(data, form, name, expected):
    """That field alone; the rest keeps its bytes."""
    assert back(data, Lost(name, COMMIT, fields=((("n",), 5),)), form=form) == expected


def test_an_edit_that_stands_or_whose_record_is_gone_is_left():
    """Nothing is written for it."""
    edit: Any = ((("n",), 1),)
    for data in (b'[{"id": "a", "n": 1}]', b"[]"):
        assert back(data, Lost("\0a", COMMIT, fields=edit)) == data


def test_members_of_an_object_come_back_by_their_keys():
    """Into a collection under a key, or the file itself; values that are no objects too."""
    maps = Shape(frozenset({"tasks"}))
    lost = Lost("tasks\0t1", COMMIT, b'{"title": "Mine"}')
    assert back(b'{"tasks": {}}', lost, shape=maps) == (b'{"tasks": {"t1":{"title":"Mine"}}}')
    assert json.loads(back(b"{}", lost, shape=maps)) == {"tasks": {"t1": {"title": "Mine"}}}
    there = b'{"tasks": {"t1": {"title": "Theirs"}}}'
    assert json.loads(back(there, lost, shape=maps))["tasks"] == {
        "t1": {"title": "Theirs"},
        "t1_7f3a91c2": {"title": "Mine"},
    }
    inner = Lost("tasks\0t1", COMMIT, b'{"id": 7}')
    assert json.loads(back(b'{"tasks": {}}', inner, shape=maps)) == {"tasks": {"t1": {"id": 7}}}
    top = Shape(top=True)
    assert back(b'{"a": "x"}', Lost("\0b", COMMIT, b'"y"'), shape=top) == b'{"a": "x", "b": "y"}'
    edit = Lost("\0a", COMMIT, fields=(((), "z"),))
    assert back(b'{"a": "x"}', edit, shape=top) == b'{"a": "z"}'
