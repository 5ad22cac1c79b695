"""By which key the records of a list are known where nobody says it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tractatus_merge.anyfile.merge import JSON, JSONL, merge_file
from tractatus_merge.anyfile.tables import Table

PLACES = {
    "the file": lambda rows: rows,
    "a list in it": lambda rows: {"l": rows},
    "deeper": lambda rows: {"a": [{"id": 1, "l": rows}]},
}


def contested(
    base: Any, ours: Any, theirs: Any, place: Any, table: Table | None = None
) -> list[str]:
    """The places that are asked about, without where the list itself stands."""
    sides = [json.dumps(place(rows)).encode() for rows in (base, ours, theirs)]
    found = merge_file(sides[0], sides[1], sides[2], table or Table.of(), JSON)
    shown = [
        ".".join(contest.path).removeprefix("a.1.").removeprefix("l") for contest in found.contests
    ]
    return [text.removeprefix(".") or "the list" for text in shown]


def rows(key: str, *names: Any, **changes: Any) -> list[dict[str, Any]]:
    """Records of these names, the first one changed."""
    first, *others = ({key: name, "p": 1, "q": 1} for name in names)
    return [first | changes, *others]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("key", ["id", "uuid", "key", "name"])
def test_records_are_known_by_what_tells_them_apart_in_all_three_versions(key, place):
    """Two fields of one record merge, and a field that both changed is asked under its name."""
    base = rows(key, "x", "y")
    assert contested(base, rows(key, "x", "y", p=2), rows(key, "x", "y", q=2), place) == []
    assert contested(base, rows(key, "x", "y", p=2), rows(key, "x", "y", p=3), place) == ["x.p"]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("names", [("x", "x"), ("x", None), ("x", True), ("x", 1.5), ("1", 1)])
@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_key_that_is_doubled_or_missing_in_a_version_tells_nothing_apart(names, version, place):
    """In one of the three is enough: then the list is one by position, and the whole of it is asked."""
    sides = [rows("name", "x", "y", **changes) for changes in ({}, {"p": 2}, {"p": 3})]
    sides[version] = rows("name", *names, **({}, {"p": 2}, {"p": 3})[version])
    assert contested(*sides, place) == ["the list"]


def test_the_first_key_that_fits_counts():
    """An `id` that all have comes before a `name`; one that a record lacks does not count."""
    base = [{"id": 1, "name": "x", "p": 1}, {"id": 2, "name": "y", "p": 1}]
    ours, theirs = ([{**base[0], "p": p}, base[1]] for p in (2, 3))
    assert contested(base, ours, theirs, PLACES["the file"]) == ["1.p"]
    for side in (base, ours, theirs):
        side[1] = {"name": "y", "p": 1}
    assert contested(base, ours, theirs, PLACES["the file"]) == ["x.p"]


def test_a_key_that_was_said_wins():
    """Whatever could be guessed."""
    base = [{"id": 1, "no": "x", "p": 1}, {"id": 2, "no": "y", "p": 1}]
    ours, theirs = ([{**base[0], "p": p}, base[1]] for p in (2, 3))
    table = Table.of({"l[*]": "no"})
    assert contested(base, ours, theirs, PLACES["a list in it"], table) == ["x.p"]


def test_lines_are_known_by_their_name_too():
    """A JSONL file is a list."""
    lines = [
        b'{"name": "x", "p": %d, "q": %d}\n{"name": "y"}\n' % pair
        for pair in ((1, 1), (2, 1), (1, 2))
    ]
    got = merge_file(lines[0], lines[1], lines[2], Table.of(), JSONL)
    assert (got.data, got.contests) == (b'{"name": "x", "p": 2, "q": 2}\n{"name": "y"}\n', ())
