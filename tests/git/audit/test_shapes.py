"""Where the records of a file stand, told from some of its versions, and read accordingly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.git.audit.test_report import report, told
from tests.graphs import Graph
from tests.tool import tool
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


@pytest.mark.parametrize("more", [b"", b', "deep": %s' % DEEP])
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


def test_a_collection_that_the_fast_reader_cannot_read_is_read_slowly():
    """One that nests deeply, in a file that does not."""
    data = b'{"tasks": {"t1": {"n": "\\ud800"}, "t2": 7}}'
    assert names(data, Shape(frozenset({"tasks"}))).keys() == {"tasks/t1", "tasks/t2"}


ACT = [
    ("Ann", {"a": 1, "b": 1, "c": 1}),
    ("Bo", {"a": 1, "b": 1, "c": 1, "d": 1}),
    ("Ann", {"a": 2, "b": 1, "c": 1}),
]
"""Ann's copy is from before d; she edits a."""


def keyed(values: dict[str, int]) -> dict:
    """Flags by their names."""
    return {name: {"on": value, "owner": f"team {name}"} for name, value in values.items()}


@pytest.mark.parametrize(
    ("file", "wrap", "place"),
    [
        ("flags.json", keyed, ""),
        ("locales/fr.json", lambda values: {n: f"texte {v}" for n, v in values.items()}, ""),
        ("state.json", lambda values: {"version": "1", "flags": keyed(values)}, "flags"),
        ("two.json", lambda values: {"flags": keyed(values), "people": keyed({"x": 1, "y": 1})}, "flags"),
        ("lists.json", lambda values: {"people": [{"id": "x"}], "flags": [{"id": n, "v": v} for n, v in values.items()]}, "flags"),
        ("both.json", lambda values: {"people": [{"id": "x"}], "flags": keyed(values)}, "flags"),
    ],
)  # fmt: skip
def test_a_loss_is_found_in_every_shape(tmp_path: Path, file, wrap, place):
    """Objects keyed by id, flat maps, several collections; and it can be brought back."""
    graph = Graph(tmp_path / "r", file)
    mark: list[int] = []
    for by, values in ACT:
        mark = [graph.commit(json.dumps(wrap(values), indent=2).encode(), *mark, by=by)]
    graph.make()
    found = report(graph)
    assert told(found) == [("overwrite", "dropped", "d", "missing")]
    assert parts_of(found.losses()[0].loss.name) == (place, "d")
    expected = wrap({"a": 2, "b": 1, "c": 1, "d": 1})
    assert tool(graph.folder, "audit", file, "--restore")["restored"] == ["d"]
    assert json.loads((graph.folder / file).read_text()) == expected


def test_a_version_that_is_torn_among_others_is_told_as_such(tmp_path):
    """And the file is audited all the same."""
    graph = Graph(tmp_path / "r", "f.json")
    mark: list[int] = []
    for data in (b'{"a":{"v":1}}', b'{"a":{"v":2}}', b'{"a":{"v":2}', b'{"a":{"v":2},"b":{"v":1}}'):
        mark = [graph.commit(data, *mark)]
    graph.make()
    assert told(report(graph)) == [("write", "invalid", "", "restored")]
