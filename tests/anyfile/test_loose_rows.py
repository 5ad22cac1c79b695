"""Rows without a key of their own: no key, one that stands twice, no object at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tractatus_merge.anyfile import loose_rows, rows
from tractatus_merge.anyfile.merge import JSON, JSONL, merge_file
from tractatus_merge.anyfile.row_merge import ORDER, MergedFile
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.errors import DocumentError

BY_ID = Table.of({"[*]": "id"})
NOTE = {"kind": "note", "key": "door", "says": "red"}


def merged(sides: Any, table: Table = BY_ID, form: str = JSONL) -> MergedFile:
    """Merge three lists, one value a line, or as one list."""
    texts = [
        side.encode()
        if isinstance(side, str)
        else json.dumps(side).encode()
        if form == JSON
        else b"".join(json.dumps(value).encode() + b"\n" for value in side)
        for side in sides
    ]
    return merge_file(texts[0], texts[1], texts[2], table, form)


def said(found: MergedFile, form: str = JSONL) -> Any:
    """What the result says."""
    if form == JSON:
        return json.loads(found.data)
    return [json.loads(line) for line in found.data.splitlines()]


def task(name: str, done: int = 0) -> dict[str, Any]:
    """A record."""
    return {"id": name, "done": done}


@pytest.mark.parametrize("form", [JSON, JSONL])
@pytest.mark.parametrize("loose", [NOTE, {}, 5, "text", None, [1], {"id": None}, {"id": True}])
@pytest.mark.parametrize("table", [BY_ID, Table.of()], ids=["said", "guessed"])
def test_a_row_without_the_key_stops_nothing(loose: Any, form: str, table: Table) -> None:
    """The others merge row by row, and it stays where it stands."""
    sides = (
        [task("a"), loose, task("b")],
        [task("a", 1), loose, task("b")],
        [task("a"), loose, task("c"), task("b", 2)],
    )
    found = merged(sides, table, form)
    assert said(found, form) == [task("a", 1), loose, task("c"), task("b", 2)]
    assert found.contests == ()


def test_rows_without_the_key_follow_whoever_changed_them() -> None:
    """Additions of both, a removal, an edit."""
    found = merged(
        (
            ["x", task("a"), "y", task("b"), "z", task("c")],
            [task("a"), "y", task("b"), "z", task("c"), "end"],
            ["x", task("a"), "new", task("b"), "Z", task("c")],
        )
    )
    want = [task("a"), "new", task("b"), "Z", task("c"), "end"]
    assert (said(found), found.contests) == (want, ())


def test_a_row_without_the_key_is_known_by_another_usual_one() -> None:
    """So edits of both sides in one row, and in rows beside each other, are in."""
    other = {"kind": "note", "key": "roof", "says": "flat"}
    sides = (
        [task("a"), NOTE, other],
        [task("a"), {**NOTE, "says": "blue"}, other],
        [task("a"), {**NOTE, "by": "x"}, {**other, "says": "steep"}],
    )
    found = merged(sides)
    want = [task("a"), {**NOTE, "says": "blue", "by": "x"}, {**other, "says": "steep"}]
    assert (said(found), found.contests) == (want, ())


def test_rows_of_one_other_key_are_known_by_what_they_say() -> None:
    """None is lost, and none is taken for the other."""
    again = {**NOTE, "says": "oak"}
    sides = (
        [NOTE, task("a"), again],
        [{**NOTE, "says": "blue"}, task("a"), again],
        [NOTE, task("a"), {**again, "says": "elm"}],
    )
    found = merged(sides)
    assert said(found) == [{**NOTE, "says": "blue"}, task("a"), {**NOTE, "says": "elm"}]
    assert found.contests == ()


def test_rows_that_the_sides_changed_against_each_other_are_asked_with_their_list() -> None:
    """What else changed is in, whatever a person answers."""
    sides = (
        [task("a"), NOTE],
        [task("a", 1), {**NOTE, "says": "blue"}],
        [task("a"), {**NOTE, "says": "green", "by": "x"}, task("b")],
    )
    found = merged(sides)
    ours = [task("a", 1), {**NOTE, "says": "blue", "by": "x"}, task("b")]
    assert said(found) == ours
    (contest,) = found.contests
    assert (contest.path, contest.kind) == ((), "field")
    assert contest.merge.base == sides[0]
    assert contest.merge.ours == ours
    assert contest.merge.theirs == [task("a", 1), sides[2][1], task("b")]


@pytest.mark.parametrize("swapped", [False, True])
def test_what_says_nothing_by_which_it_is_known_is_asked_where_both_replaced_it(
    swapped: bool,
) -> None:
    """Ours stands, the rest merges."""
    sides = [[["x"], task("a")], [["y"], task("a")], [["z"], task("a", 1)]]
    if swapped:
        sides[1:] = sides[:0:-1]
    found = merged(sides)
    assert said(found) == [sides[1][0], task("a", 1)]
    (contest,) = found.contests
    assert (contest.merge.ours, contest.merge.theirs) == (
        [sides[1][0], task("a", 1)],
        [sides[2][0], task("a", 1)],
    )


TWICE = [task("d"), task("d", 1)]


@pytest.mark.parametrize("form", [JSON, JSONL])
@pytest.mark.parametrize("table", [BY_ID, Table.of()], ids=["said", "guessed"])
def test_a_key_that_stands_twice_in_all_versions_stops_nothing(form: str, table: Table) -> None:
    """The double stays as it is, or as the side has it that alone changed it."""
    base = [*TWICE, task("a"), task("b")]
    ours = [*TWICE, task("a", 1), task("b")]
    for double in (TWICE, TWICE[:1], [], [*TWICE, task("d", 2)], [task("d"), task("d", 5)]):
        theirs = [*double, task("a"), task("b"), task("c")]
        for sides in ((ours, theirs), (theirs, ours)):
            found = merged((base, *sides), table, form)
            assert said(found, form) == [*double, task("a", 1), task("b"), task("c")]
            assert found.contests == ()


def test_a_double_that_both_changed_is_asked_with_its_list() -> None:
    """Of it ours stands."""
    found = merged(
        (
            [*TWICE, task("a")],
            [task("d"), task("d", 5), task("a")],
            [task("d"), task("d", 6), task("a", 1)],
        )
    )
    assert said(found) == [task("d"), task("d", 5), task("a", 1)]
    assert [(c.path, c.merge.theirs[1]) for c in found.contests] == [((), task("d", 6))]


def test_a_double_that_a_side_made_is_refused_where_the_key_was_said() -> None:
    """With its id; where nobody said that it is a key, the list goes by position."""
    sides = ([task("d")], [task("d"), task("d", 1)], [task("d"), task("e")])
    with pytest.raises(DocumentError, match=r"^OURS: two records of one list have the id 'd'$"):
        merged(sides)
    assert said(merged((sides[0], sides[1], [task("e"), *sides[0]]), Table.of())) == [
        task("e"), *sides[1],
    ]  # fmt: skip


def test_a_double_inside_a_record_is_let_pass_where_the_base_has_it() -> None:
    """In a row that a side changed, and beside the rows."""
    table = Table.of({"[*].l[*]": "id", "m.l[*]": "id"})
    base, ours = ([{"id": "r", "l": TWICE, "n": n}] for n in (1, 2))
    theirs = [{"id": "r", "l": [*TWICE, task("x")], "n": 1}]
    assert said(merged((base, ours, theirs), table)) == [
        {"id": "r", "l": [*TWICE, task("x")], "n": 2}
    ]
    with pytest.raises(DocumentError, match="have the id 'x'"):
        merged((base, ours, [{"id": "r", "l": [task("x"), task("x")], "n": 1}]), table)
    sides = [{"m": {"l": [*TWICE, *more]}} for more in ([], [task("y")], [task("z")])]
    got = merged(sides, table, JSON)
    assert said(got, JSON) == {"m": {"l": [*TWICE, task("y"), task("z")]}}


@pytest.mark.parametrize("form", [JSON, JSONL])
def test_rows_that_the_sides_moved_against_each_other_are_asked(form: str) -> None:
    """The rows merge; each answer is an order of one side with the changes of both."""
    a, b, c = map(task, "abc")
    found = merged(([a, b, c], [b, a, task("c", 1)], [a, c, task("b", 2), task("x")]), BY_ID, form)
    b, c = task("b", 2), task("c", 1)
    assert said(found, form) == [b, task("x"), a, c]
    (contest,) = found.contests
    assert (contest.path, contest.kind) == ((), ORDER)
    assert contest.merge.ours == [b, task("x"), a, c]
    assert contest.merge.theirs == [a, c, b, task("x")]


def test_moves_of_both_sides_are_in() -> None:
    """Where there is an order that has them."""
    rows_ = list(map(task, "abcd"))
    a, b, c, d = rows_
    assert said(merged((rows_, [b, a, c, d], [a, b, d, c]))) == [b, a, d, c]


BAD = '{"no": 1, "no": 2}'


def test_a_bad_row_that_nobody_changed_is_not_read() -> None:
    """One that a side changed is refused, by its number."""
    base = f'{{"id": "a"}}\n{BAD}\n'
    got = merged((base, base.replace('"a"', '"a", "n": 1'), base + '{"id": "b"}\n'))
    assert got.data.decode() == f'{{"id": "a", "n": 1}}\n{BAD}\n{{"id": "b"}}\n'
    with pytest.raises(DocumentError, match=r'THEIRS, the record number 3: the key "no" stands'):
        merged((base, base.replace('"a"', '"a", "n": 1'), base + BAD.replace("1", "3")))


def test_what_all_have_in_the_same_bytes_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also rows without a key."""
    text = b'{"id": 1}\n5\n{"note": 1}\n'
    cut = rows.of_lines(text, "id", loose=True)
    assert cut is not None
    assert cut.names == ["1", rows.NAMELESS, rows.NAMELESS]
    monkeypatch.setattr(loose_rows, "_value", None)
    found = loose_rows.named(cut, cut, cut, "id")
    assert found is not None
    assert found.torn == frozenset()
    assert len({*found.base.names}) == 3
    assert found.base.names == found.ours.names == found.theirs.names


@pytest.mark.parametrize("data", [b"[5", b"{}", b"[]"])
def test_what_is_no_list_has_no_rows_at_all(data: bytes) -> None:
    """However loose."""
    assert rows.of_list(data, "id", loose=True) is None
    assert rows.of_lines(b'{"id": 1} 5\n', "id", loose=True) is None


def test_most_rows_must_have_the_usual_key_where_none_was_said() -> None:
    """Else the list goes by position."""
    few, half = (
        rows.of_list(text, "id", loose=True) for text in (b'[{"id": 1}, 5, 6]', b'[{"id": 1}, 5]')
    )
    assert few is not None
    assert half is not None
    assert not loose_rows.is_mostly_named(few)
    assert loose_rows.is_mostly_named(half)
