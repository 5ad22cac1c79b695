"""Where the records of a file stand, told from some of its versions, and read accordingly."""

from __future__ import annotations

import json

import pytest

from tractatus_merge.git.audit.record_versions import JSON, JSONL, parts_of, read, shape_of
from tractatus_merge.git.audit.shapes import Shape

DEEP = b"[" * 110 + b"]" * 110
TWO = {"t1": {"title": "One"}, "t2": {"title": "Two", "n": 1}}


@pytest.mark.parametrize(
    ("samples", "shape"),
    [
        ([], Shape()),
        ([{}], Shape()),
        ([[]], Shape()),
        ([[{"id": "a"}]], Shape()),
        ([{"l": [{"id": "a"}]}, {}], Shape()),
        ([{"l": [{"number": 1}]}], Shape()),
        ([{"a": {"v": 1}}], Shape(top=True)),
        ([{}, {"a": {"v": 1}, "b": {"w": 1}}], Shape(top=True)),
        ([{"hello": "Bonjour", "list": [1, 2]}], Shape(top=True)),
        ([{"home": {"title": "Accueil"}, "nav": {"back": "Retour"}}], Shape(top=True)),
        ([{"tasks": TWO}], Shape(frozenset({"tasks"}))),
        ([{"tasks": TWO, "v": 1}, {"tasks": {}, "people": TWO}], Shape(frozenset({"tasks", "people"}))),
        ([{"l": [{"id": "a"}], "tasks": TWO}], Shape(frozenset({"tasks"}))),
        ([{"l": [{"id": "a"}], "stats": {"a": {"x": 1}, "b": {"y": 1}, "c": 2}}], Shape()),
        ([{"l": [{"id": "a"}], "stats": {"a": {"x": 1}, "b": {"y": 1}}}], Shape()),
    ],
)  # fmt: skip
def test_the_shape_of_a_file_is_told_from_its_versions(samples, shape):
    """Lists go before objects; an object under a key is a collection if its members are alike."""
    assert shape_of([json.dumps(sample).encode() for sample in samples]) == shape


def test_versions_that_cannot_be_read_tell_no_shape():
    """Nor do lines."""
    assert shape_of([b"{", b"\xff", b'{"id": "a"}\n{"id": "b"}']) == Shape()
    assert shape_of([b'{"a": {}}\n{"b": {}}'], "id", JSONL) == Shape()


def names(data: bytes, shape: Shape) -> dict[str, bytes]:
    """The rows by collection and id."""
    version = read(data, "id", JSON, shape)
    assert version.fault is None
    return {"/".join(parts_of(name)): rows[0] for name, rows in version.rows.items()}


@pytest.mark.parametrize("more", [b"", b', "deep": %s' % DEEP, b', "s": "\\ud800"'])
def test_members_of_objects_are_records(more):
    """By their keys; also where the fast reader cannot read the file."""
    data = b'{"v": "x", "tasks": {"t1": {"n": 1.0}, "t2": 7}, "l": [{"id": "a"}]%s}' % more
    assert names(data, Shape(frozenset({"tasks", "v"}))) == {
        "tasks/t1": b'{"n": 1.0}',
        "tasks/t2": b"7",
        "l/a": b'{"id": "a"}',
    }
    top = names(data, Shape(top=True))
    assert (top["/v"], top["/l"]) == (b'"x"', b'[{"id": "a"}]')


def test_a_key_that_stands_twice_in_a_collection_is_a_fault():
    """As it is elsewhere in the file."""
    data = b'{"v": 1,\n"tasks": {"t1": 1,\n "t1": 2}}'
    for shape in (Shape(frozenset({"tasks"})), Shape()):
        version = read(data, "id", JSON, shape)
        if shape.maps:
            assert version.fault == 'line 3: the key "t1" stands twice in one object'


def test_a_list_of_records_and_other_things_is_read_slowly():
    """Its records are found all the same; in lists of the top and of a member."""
    assert names(b'{"l": [1, {"id": "a"}]}', Shape()) == {"l/a": b'{"id": "a"}'}
    assert names(b'{"l": [1, {"id": "a"}], "deep": %s}' % DEEP, Shape()) == {"l/a": b'{"id": "a"}'}
