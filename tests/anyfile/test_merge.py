"""Any JSON or JSONL file, merged from three versions: what stays, what is asked, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.anyfile import merge
from tractatus_merge.anyfile.merge import JSON, JSONL, check_file, merge_file
from tractatus_merge.anyfile.row_merge import MergedFile, RowMerge
from tractatus_merge.anyfile.rows import Rows
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.errors import DocumentError


def merged(
    base: Any, ours: Any, theirs: Any, form: str = JSON, table: Table | None = None
) -> MergedFile:
    """Merge three texts, or values in the plainest layout."""
    sides = [
        side if isinstance(side, bytes) else side.encode() if isinstance(side, str)
        else lines(side) if form == JSONL else json.dumps(side, indent=2).encode()
        for side in (base, ours, theirs)
    ]  # fmt: skip
    return merge_file(sides[0], sides[1], sides[2], table or Table.of(), form)


def lines(records: list[Any]) -> bytes:
    """A JSONL file."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def said(data: bytes, form: str) -> Any:
    """What a file says, read by another reader."""
    text = data.decode("utf-8-sig")
    if form == JSON:
        return json.loads(text) if text.strip() else MISSING
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def rec(key: Any, **fields: Any) -> dict[str, Any]:
    """A record."""
    return {"id": key, **fields}


A, B, C, D = (rec(name, n=1) for name in "abcd")


@pytest.mark.parametrize("form", [JSON, JSONL])
def test_changes_of_both_sides_are_in_the_result(form: str) -> None:
    """Additions at their places, a deletion, a field of each side: nobody is asked."""
    ours = [rec("a", n=2), B, rec("x"), C]
    theirs = [{"id": "a", "n": 1, "m": 3}, B, D, rec("y")]
    result = merged([A, B, C, D], [*ours, D], theirs, form)
    assert result.contests == ()
    assert said(result.data, form) == [{"id": "a", "n": 2, "m": 3}, B, rec("x"), D, rec("y")]


def test_a_moved_record_stands_where_it_was_moved_to() -> None:
    """One side's order counts, the other's edit is kept."""
    moved, edited = [C, A, B], [A, rec("b", n=5), C]
    for sides in ((moved, edited), (edited, moved)):
        assert said(merged([A, B, C], *sides).data, JSON) == [C, A, rec("b", n=5)]


@pytest.mark.parametrize("base", [b"", b" \n", b"[]", b"[ ]"])
def test_without_a_base_both_are_new(base: bytes) -> None:
    """The same record stands once; of two under one id the fields that differ are asked."""
    result = merged(base, [A, rec("b", n=1, x=1), C], [A, rec("b", n=2, y=2), D])
    assert said(result.data, JSON) == [A, rec("b", n=1, x=1, y=2), C, D]
    assert [(c.path, c.kind) for c in result.contests] == [(("b", "n"), "field")]


@pytest.mark.parametrize("form", [JSON, JSONL])
@pytest.mark.parametrize("swapped", [False, True])
def test_an_edit_stands_against_a_deletion(form: str, swapped: bool) -> None:
    """Whoever deletes; and it is asked."""
    sides = ([A, C], [A, rec("b", n=2), C])
    result = merged([A, B, C], *(reversed(sides) if swapped else sides), form)
    assert said(result.data, form) == sides[1]
    assert [c.kind for c in result.contests] == ["edit/delete"]


def test_all_rows_deleted_and_rows_put_into_an_empty_list() -> None:
    """An empty list is a list of no records."""
    assert said(merged([A], [], [A]).data, JSON) == []
    assert said(merged([A], [A], []).data, JSON) == []
    assert merged([A], [A], [], JSONL).data == b""
    assert said(merged([], [], [A]).data, JSON) == [A]
    assert merged({"l": []}, '{"l": []}', {"l": [A]}).data.startswith(b'{"l": [\n')
    assert said(merged([A], [], [], JSON).data, JSON) == []


def test_untouched_bytes_survive() -> None:
    """Odd spacing, 0.90, escapes: only the changed row is written, in the layout it had."""
    ours = b'[ {"id":1 ,"p":0.90},\n\n   {"id":"2",  "q":"\\u00e9"}  ,{"id":3,"z":1e2} ]\n\n'
    base = ours.replace(b"1e2", b"7")
    theirs = base.replace(b"0.90", b'0.90 , "r": 5')
    assert merged(base, ours, theirs).data == ours.replace(b"0.90", b'0.90 , "r": 5')


@pytest.mark.parametrize("form", [JSON, JSONL])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_mark_at_the_start_are_those_of_who_changed_them(
    form: str, bom: bytes
) -> None:
    """CRLF and LF are never mixed, whichever side has them; where both changed them, as ours has."""
    texts = [said_as(side, form) for side in ([A, C], [A, C, D], [A, B, C])]
    windows = [bom + text.replace(b"\n", b"\r\n") for text in texts]
    want = merged(*texts, form).data
    assert said(want, form) == [A, B, C, D]
    long = bom + want.replace(b"\n", b"\r\n")
    assert merged(*windows, form).data == long
    assert merged(texts[0], texts[1], windows[2], form).data == long
    assert merged(texts[0], windows[1], texts[2], form).data == long
    assert merged(windows[0], texts[1], windows[2], form).data == want
    assert merged(windows[0], windows[1], texts[2], form).data == want
    assert merged(b"", windows[1], texts[2], form).data.startswith(windows[1][:20])


def said_as(value: list[Any], form: str) -> bytes:
    """A file that says the value."""
    return lines(value) if form == JSONL else json.dumps(value, indent=4).encode() + b"\n"


def test_lines_ends_that_are_mixed_stay() -> None:
    """A file of ours with both kinds keeps them."""
    ours = b'[\r\n{"id": 1},\n{"id": 2}\n]'
    assert merged(ours, ours, ours.replace(b"2}", b'2, "x": 1}')).data.count(b"\r\n") == 1


def test_blank_lines_between_lines_survive_and_no_end_is_added() -> None:
    """JSONL with blank lines, and without a newline at the end."""
    ours = b'{"id":1}\n\n{"id":2}\n{"id":3}'
    got = merged(ours, ours, ours.replace(b"2}", b'2,"x":1}'), JSONL).data
    assert got == ours.replace(b"2}", b'2,"x":1}')


def test_a_list_of_one_after_white_space_grows() -> None:
    """The first gap of a list is a comma also where white space stands before the list."""
    got = merged(b' [{"id":1}]', b' [{"id":1}]', [rec(1), rec(2)])
    assert said(got.data, JSON) == [rec(1), rec(2)]


def test_a_line_that_is_an_empty_list_is_a_line() -> None:
    """In JSONL, `[]` is an element."""
    got = merged("[]\n", "[]\n", '[]\n{"id": 1}\n', JSONL)
    assert said(got.data, JSONL) == [[], {"id": 1}]
    got = merged('{"id": 1}\n', '[]\n{"id": 1}\n', '{"id": 1}\n{"id": 2}', JSONL)
    assert said(got.data, JSONL) == [[], {"id": 1}, {"id": 2}]


def test_lines_without_ids_merge_as_a_list() -> None:
    """Each line an element; lines that stay keep their spelling, and so does a file left alone."""
    base = b'{"a": 1}\n\n[2,  3]\n'
    got = merged(base, b'{"a": 0}\n\n' + base, base + b'"\xc3\xa9"\n', JSONL)
    assert got.data == b'{"a": 0}\n{"a": 1}\n[2,  3]\n"\xc3\xa9"\n'
    assert merged(base, base + b"\n\n7", base, JSONL).data == base + b"\n\n7"
    assert merged(b"1", b"1", b"", JSONL).data == b""
    assert merged(b"1\n2\n3\n", b"1\n2\n5\n", b"1\n2\n4\n", JSONL).contests


def test_double_ids_are_a_plain_list_unless_a_key_was_said() -> None:
    """Nobody said that they are records; with a key said it is refused, and names the id."""
    base = [rec(1, n=1), rec(1, n=2)]
    assert said(merged(base, [*base, rec(3)], [rec(0), *base]).data, JSON) == [
        rec(0), *base, rec(3),
    ]  # fmt: skip
    for form, keys, wrap in (
        (JSON, "[*]", list),
        (JSONL, "[*]", list),
        (JSON, "l[*]", lambda x: {"l": x}),
        (JSON, "d.l[*]", lambda x: {"d": {"l": x}}),
        (JSON, "*.l[*]", lambda x: {"d": {"l": x}}),
        (JSON, "[*].l[*]", lambda x: [{"id": "r", "l": x}]),
        (JSON, "m[*].l[*]", lambda x: {"m": [{"id": "r", "l": x}]}),
        (JSON, "*[*].l[*]", lambda x: {"m": [{"id": "r", "l": x}]}),
        (JSON, "d.m[*].l[*]", lambda x: {"d": {"m": [{"id": "r", "l": x}]}}),
    ):
        table = Table.of({keys: "id"})
        sides = [wrap(side) for side in ([rec(1)], [rec(1), rec(2)], base)]
        with pytest.raises(
            DocumentError, match=r"^THEIRS: two records of .* have the id '1'"
        ) as caught:
            merged(*sides, form, table)
        assert caught.value.hint == "give one of them another; nothing was written"


def test_keys_with_other_names_and_nested_ones() -> None:
    """`--key`: integers and texts, at the top, under a key, further down."""
    for path, wrap in (
        ("[*]", lambda x: x),
        ("l[*]", lambda x: {"v": 1, "l": x}),
        ("a.b[*]", lambda x: {"a": {"b": x}}),
    ):
        base = [{"no": 7, "n": 1}, {"no": "k", "n": 1}]
        ours = [{"no": 7, "n": 2}, {"no": "k", "n": 1}]
        theirs = [{"no": 7, "n": 1, "m": 1}, {"no": "k", "n": 3}]
        got = merged(*map(wrap, (base, ours, theirs)), table=Table.of({path: "no"}))
        assert said(got.data, JSON) == wrap([{"no": 7, "n": 2, "m": 1}, {"no": "k", "n": 3}])


def test_a_rule_for_a_whole_list_keeps_the_rows_out() -> None:
    """Where a rule settles the list or what it stands in, no row is merged."""
    sides = ({"l": [A]}, {"l": [A, B]}, {"l": [A, C]})
    for rules, expected in (
        ({"l": "ours"}, [A, B]),
        ({"": "theirs"}, [A, C]),
        ({"l": "keyed"}, [A, B, C]),
    ):
        assert said(merged(*sides, table=Table.of(rules=rules)).data, JSON) == {"l": expected}
    assert merged(*sides, table=Table.of(rules={"l": "map"})).contests
    assert merged([A], [A, B], [A, C], table=Table.of(rules={"": "whole"})).contests


def test_the_frame_is_merged_around_several_lists() -> None:
    """Keys beside the lists merge, keys as both sides moved them; each list keeps its place."""
    base = '{"l": [{"id": 1}], "v": 1, "m": [{"id": 1}], "w": 1}'
    ours = '{"v": 2, "l": [{"id": 1}, {"id": 2}], "m": [{"id": 1}], "w": 1}'
    theirs = '{"w": 3, "m": [{"id": 5}, {"id": 1}], "l": [{"id": 1, "x": 1}], "v": 1}'
    got = merged(base, ours, theirs)
    assert got.data.decode() == (
        '{"w": 3, "m": [{"id": 5}, {"id": 1}], "v": 2, "l": [{"id": 1, "x": 1}, {"id": 2}]}'
    )
    assert got.contests == ()


def test_a_list_deleted_with_all_else_loses_no_edit() -> None:
    """One side empties the object, the other edits a row in it: the edit stands, and is asked."""
    got = merged({"l": [A]}, {"l": [rec("a", n=2)]}, {})
    assert said(got.data, JSON) == {"l": [rec("a", n=2)]}
    assert got.contests


@pytest.mark.parametrize("other", [5, {"id": 1}, None, [1, 2]])
def test_a_list_that_one_side_made_something_else(other: Any) -> None:
    """If only that side changed it, it is that; else it is asked, and ours stands."""
    for wrap in (lambda x: x, lambda x: {"l": x}):
        got = merged(wrap([A]), wrap([A]), wrap(other))
        assert said(got.data, JSON) == wrap(other)
        got = merged(wrap([A]), wrap([A, B]), wrap(other))
        assert got.contests
        assert said(got.data, JSON) == wrap([A, B])
        assert said(merged(wrap([A]), wrap(other), wrap([A, B])).data, JSON) == wrap(other)


def test_new_files_merge_by_what_they_are() -> None:
    """Without a base: objects key by key, one against nothing, two of different kinds."""
    got = merged("", {"l": [A], "x": 1}, {"l": [B], "x": 1})
    assert (said(got.data, JSON), got.contests) == ({"l": [A, B], "x": 1}, ())
    assert merged("", "", {"x": [1]}).data == b'{\n  "x": [\n    1\n  ]\n}'
    assert merged("", "", "").data == b""
    assert merged("", {"x": 1}, "").data == b'{\n  "x": 1\n}'
    for ours, theirs in (("5", "6"), ("[1]", '{"a": 1}'), ('{"a": 1}', "[1]")):
        (contest,) = merged("", ours, theirs).contests
        assert (contest.path, contest.merge.base) == ((), MISSING)


def test_new_values_of_one_kind_merge_as_if_they_had_been_empty() -> None:
    """Two objects have the keys of both, two lists the elements of both."""
    got = merged("", {"x": 1}, {"y": 2})
    assert (said(got.data, JSON), got.contests) == ({"x": 1, "y": 2}, ())
    got = merged("", [1], [2])
    assert (said(got.data, JSON), got.contests) == ([1, 2], ())


def test_a_file_that_is_blank_stays_blank() -> None:
    """White space against white space says nothing; where theirs has more it is as theirs is."""
    assert merged("", " ", " \n").data == b""
    assert merged("", " \n", '{"l":[{"id":1 }]}').data == b'{"l":[{"id":1 }]}'
    assert merged("", "", '{"id": 1}\n', JSONL).data == b'{"id": 1}\n'
    assert merged("", "", "1\n2", JSONL).data == b"1\n2"
    assert merged("", "\n", "1\n2", JSONL).data == b"1\n2"


def test_rows_of_theirs_keep_their_spelling_in_a_new_list() -> None:
    """Without a base too, the rows are copied."""
    got = merged("", '{"l": [{"id":1}]}', '{"l": [{"id":2 ,"p":0.90}]}').data
    assert got == b'{"l": [{"id":1},{"id":2 ,"p":0.90}]}'


def test_lines_that_theirs_emptied_keep_the_layout_of_ours() -> None:
    """An edit against a deletion: ours stands as it stood."""
    ours = b' {"id":1,"x":1}\n'
    assert merged(b' {"id":1}\n', ours, b"", JSONL).data == ours


def test_a_change_within_a_row_is_indented_as_the_row_is() -> None:
    """What theirs adds to a row of ours stands as it wrote it, as deep as the row stands."""
    row = b'[\n    {\n        "id": 1,\n        "n": %s\n    }\n]\n'
    for new in (b'{"p": 1}', b'{\n            "p": 1\n        }'):
        added = b',\n        "o": ' + new
        assert merged(row % b"1", row % b"2", row % (b"1" + added)).data == row % (b"2" + added)
        theirs = (row % (b"1" + added)).replace(b"    ", b"\t")
        assert merged(row % b"1", row % b"2", theirs).data == theirs.replace(b'"n": 1', b'"n": 2')


def test_a_change_that_both_made_keeps_the_spelling_of_ours() -> None:
    """The same value in two spellings is no contest."""
    got = merged('[{"id": 1, "n": 1}]', '[{"id": 1, "n": 2e0}]', '[{"id": 1, "n": 2}]')
    assert (got.data, got.contests) == (b'[{"id": 1, "n": 2e0}]', ())


@pytest.mark.parametrize("form", [JSON, JSONL])
def test_what_both_changed_is_asked_once(form: str) -> None:
    """One contest, in the order of theirs' rows."""
    sides = [[rec("a", n=n), rec("b", n=n)] for n in (1, 2, 3)]
    contests = merged(*sides, form).contests
    assert [contest.path for contest in contests] == [("a", "n"), ("b", "n")]


def test_contests_come_in_the_order_of_ours() -> None:
    """List by list as ours has them."""
    base, ours, theirs = (f'"l": [{{"id": 1, "n": {n}}}]' for n in (1, 2, 3))
    last = theirs.replace("l", "k")
    got = merged(
        f"{{{base}, {base.replace('l', 'k')}}}",
        f"{{{ours}, {ours.replace('l', 'k')}}}",
        f"{{{last}, {theirs}}}",
    )
    assert [contest.path for contest in got.contests] == [("l", "1", "n"), ("k", "1", "n")]


def test_what_a_rule_settled_is_told() -> None:
    """With its path and the rule's name: in a row, beside the lists, in lines without ids."""
    rules = {"[*].n": "max", "v": "min", "l[*].n": "max"}
    for form, sides, settled in (
        (JSON, [[rec("a", n=n)] for n in (1, 2, 3)], [(("a", "n"), "max")]),
        (JSONL, [[rec("a", n=n)] for n in (1, 2, 3)], [(("a", "n"), "max")]),
        (JSON, [{"l": [rec("a", n=n)], "v": n} for n in (3, 1, 2)],
         [(("v",), "min"), (("l", "a", "n"), "max")]),
        (JSONL, [[1], [1, 2], [0, 1]], [((), "sequence")]),
    ):  # fmt: skip
        got = merged(*sides, form, Table.of(rules=rules if sides[0] != [1] else {}))
        assert [(each.path, each.rule) for each in got.settled] == settled


def test_a_rule_settles_that_a_deleted_row_stays_away() -> None:
    """Where ours counts, what ours deleted does not come back with theirs' edit."""
    got = merged([A, B], [A], [A, rec("b", n=2)], table=Table.of(rules={"[*]": "ours"}))
    assert (said(got.data, JSON), got.contests) == ([A], ())


def test_lines_that_merge_within_themselves() -> None:
    """A lone surrogate is read by us alone: lines with it are merged as one list, by their ids."""
    base = b'{"id": 1, "t": "\\ud800"}\n{"id": 2}\n'
    ours = base.replace(b"}\n{", b', "a": 1}\n{')
    theirs = base.replace(b"}\n{", b', "b": 1}\n{')
    got = merged(base, ours, theirs, JSONL)
    assert got.data == b'{"id": 1, "t": "\\ud800", "a": 1, "b": 1}\n{"id": 2}\n'


def test_a_final_newline_that_one_side_adds_or_takes_is_as_it_made_it() -> None:
    """Of lines without ids, of rows, of a document."""
    assert merged("1", "1\n2", "0\n1\n", JSONL).data == b"0\n1\n2\n"
    assert merged("1", "1\n2", "", JSONL).data == b"1\n2"
    got = merged('{"id": 1}\n', "[]\n", '{"id": 1}\n{"id": 2}\n', JSONL)
    assert (said(got.data, JSONL), len(got.contests)) == ([[]], 1)


BAD = '{"id": "a", "n": 1, "n": 2}'


def test_a_bad_record_that_stays_is_not_read() -> None:
    """Nobody changed it, or it is mended: no reason to refuse the rest."""
    good = BAD.replace(', "n": 2', "")
    assert merged(f"[{BAD}]", f"[{BAD}]", f'[{BAD},{{"id":1}}]').data.decode() == (
        f'[{BAD},{{"id":1}}]'
    )
    assert merged(f"[{BAD}]", f"[{good}]", f"[{BAD}]\n").data == f"[{good}]\n".encode()
    assert merged(f"[{BAD}]", f"[{good}]", f"[{good}]\n").data == f"[{good}]\n".encode()


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("wrap", ["[%s]", '{"l": [%s]}'])
def test_a_bad_record_is_named_with_its_version(place: int, wrap: str) -> None:
    """Also one of the base, where theirs changed it."""
    records = ['{"id": "a", "n": 1}', '{"id": "a", "n": 3}', '{"id": "a", "n": 4}']
    records[place] = BAD
    with pytest.raises(DocumentError) as caught:
        merged(*(wrap % record for record in records))
    name = ("BASE", "OURS", "THEIRS")[place]
    why = 'the record a: the key "n" stands twice in one object'
    assert str(caught.value) == f"{name}, {why}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'\n\n"\xff"\n\n', "OURS:3: a byte here is not UTF-8"),
        (b'\n"\xff"', "OURS:2: a byte here is not UTF-8"),
        (b"[\n1,\n<<<<<<< x\n\n2]\n", "OURS:3: git's conflict markers stand here"),
        (b"\n<<<<<<< x", "OURS:2: git's conflict markers stand here"),
        (b"[\n<<<<<<< x\n1\n>>>>>>> y\n]", "OURS:2: git's conflict markers stand here"),
        (b"\n ", "OURS:1: the file is empty, and the base is not"),
        (b'\n{"v": 1,\n"v": 2,\n"w": 3\n}', 'OURS:3: the key "v" stands twice in one object'),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_what_to_do(text: bytes, why: str) -> None:
    """With the line that it stands in, whatever follows."""
    with pytest.raises(DocumentError) as caught:
        merged({"v": 1}, text, {"v": 2})
    assert (str(caught.value), caught.value.hint) == (
        why, "mend it by hand; nothing was written",
    )  # fmt: skip


BROKEN = {
    "torn": (JSON, '{"l": [\n{"id": 1}', 2, "ends in the middle"),
    "torn rows": (JSON, '[\n{"id": 1},\n{"id', 3, "ends in the middle"),
    "torn line": (JSONL, '{"id": "a", "n": 1}\n{"id', 2, "ends in the middle"),
    "markers": (JSON, '{"l": [\n<<<<<<< x\n]}', 2, "conflict markers"),
    "markers in lines": (JSONL, '{"id": 1}\n<<<<<<< x\n', 2, "conflict markers"),
    "double key": (JSON, '[{"id": "a", "n": 1,\n "n": 2}]', None, "stands twice"),
    "double key in a line": (JSONL, '{"id": "a", "n": 1, "n": 2}', None, "stands twice"),
    "double key in the frame": (JSON, '{"l": [\n{"id": 1}],\n"v": {"a": 1,\n"a": 2}}', 4, "twice"),
    "double list": (JSON, '{"l": [{"id": 1}],\n"l": [{"id": 2}]}', 2, "stands twice"),
    "NaN": (JSON, '[\n{"id": "a", "n": NaN}]', 2, "NaN"),
    "deep": (JSON, '[{"id": "a", "n":\n' + "[" * 5000 + "]" * 4999 + "}]", 2, "deeper"),
    "deep frame": (JSON, '{"n":\n' + "[" * 5000 + "]" * 4999 + "}", 2, "deeper"),
    "deep line": (JSONL, '{"id": "a", "n":' + "[" * 5000 + "]" * 4999 + "}", 1, "deeper"),
    "deep from the start": (JSON, "[" * 5000 + "]" * 4999, 1, "deeper"),
    "a byte": (JSON, b'[\n{"id": "a", "n": "\xff"}]', 2, "not UTF-8"),
    "a byte in a line": (JSONL, b'{"id": 1}\n{"id": "\xff"}', 2, "not UTF-8"),
    "empty": (JSON, " \n", 1, "empty"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("place", [1, 2])
def test_what_is_no_json_is_refused_with_name_and_line(name: str, place: int) -> None:
    """In ours or in theirs, in a record that changed."""
    form, text, line, why = BROKEN[name]
    sides: list[Any] = [[A], [A], [A]]
    sides[place] = text
    with pytest.raises(DocumentError) as caught:
        merged(*sides, form)
    shown = f"{('BASE', 'OURS', 'THEIRS')[place]}"
    assert str(caught.value).startswith(shown)
    assert why in str(caught.value)
    assert line is None or f"{shown}:{line}:" in str(caught.value)


@pytest.mark.parametrize("form", [JSON, JSONL])
@pytest.mark.parametrize("shape", ["{%s}", '[{"id": 1, "x": %s}]'], ids=["objects", "records"])
def test_values_merge_down_to_the_limit(form: str, shape: str) -> None:
    """Both sides edit the deepest object that a record may have, with little stack left."""
    step, levels = ('{"x": %s}', 119) if shape == "{%s}" else (shape, 58)

    def text(ours: int, theirs: int) -> str:
        inner = f'{{"a": {ours}, "b": {theirs}}}'
        for _ in range(levels - 1):
            inner = step % inner
        record = f'{{"id": "r", "x": {inner}}}'
        return f"[{record}]" if form == JSON else record + "\n"

    def called(depth: int) -> MergedFile:
        if depth:
            return called(depth - 1)
        return merged(text(1, 1), text(2, 1), text(1, 2), form)

    assert called(200).data.decode() == text(2, 2)


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [("a.json", b'[{"id": 1},\n{"id": 1}]', None), ("a.jsonl", b'{"id": 1}\n{"id": 1}\n', None),
     ("a.NDJSON", b'{"id": 1}\n{"id"', 2), ("a.json", b'[{"id": 1},\n{"id"]', 2),
     ("a.json", b'[\n{"id": "\xff"}]', 2), ("a.json", b" \n", 1),
     ("a.json", b"[\n<<<<<<< x\n]", 2)],
)  # fmt: skip
def test_one_file_is_checked_as_three_are(name: str, data: bytes, line: int | None) -> None:
    """It must be JSON, or by its name JSONL, without markers, and its ids single."""
    with pytest.raises(DocumentError) as caught:
        check_file(data, name, Table.of({"[*]": "id"}))
    assert (caught.value.file, caught.value.line) == (name, line)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_sound_file_is_let_pass(name: str) -> None:
    """A mark of the byte order is no fault; a JSONL file may be empty."""
    check_file(b'\xef\xbb\xbf{"id": 1}\n', name, Table.of({"[*]": "id"}))
    check_file(b"", "a.jsonl", Table.of())
    check_file(b'[{"id": 1}, {"id": 1}]', "a.json", Table.of())


def test_a_bad_byte_in_a_record_that_nobody_changed_is_refused() -> None:
    """The result is always UTF-8."""
    text = b'[{"id": 1, "a": "\xff"}]'
    with pytest.raises(DocumentError, match="not UTF-8"):
        merged(text, text, text)


def test_a_line_of_the_last_level_is_refused_where_lines_are_elements() -> None:
    """Lines without ids merge as one list, which is a level: an error with the line, no traceback."""
    deep = b"[" * 119 + b"]" * 119
    got = merged(b"1\n0\n", b"1\n0\n" + deep, b"2\n0\n", JSONL)
    assert got.data == b"2\n0\n" + deep
    with pytest.raises(DocumentError, match=r"^OURS:2: .*deeper than 119 levels"):
        merged(b"1\n", b"1\n[" + deep + b"]", b"2\n", JSONL)


def test_a_version_without_its_counterpart_is_an_error() -> None:
    """Three versions have three names, and each value its line: nothing is left out quietly."""
    table = Table.of()
    for call in (
        lambda: merge_file(b"[]", b'[{"id":1}]', b"[]", table, names=("a", "b")),
        lambda: merge._whole_lines([b"1", b"1", b"1"], table, ("a", "b")),
        lambda: RowMerge(*[Rows(["1"], [], (), b"[", b"]")] * 3, (), table, "abc").merged(),
    ):
        with pytest.raises(ValueError, match=r"^zip\(\) argument 2"):
            call()


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "é\n", "\\"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqr"), inner),
    max_leaves=6,
)
RECORDS = st.lists(
    st.builds(lambda k, v: {"id": k, **v}, st.sampled_from("abcdefg"),
              st.dictionaries(st.sampled_from("xyz"), VALUES)),
    max_size=5, unique_by=lambda record: record["id"],
)  # fmt: skip
LISTS = RECORDS | RECORDS | st.lists(VALUES, max_size=4)
DOCUMENTS = LISTS | st.dictionaries(st.sampled_from(["l", "m", "v"]), LISTS | VALUES) | VALUES
LAYOUTS = st.tuples(
    st.sampled_from([None, 0, 2, 4, "\t"]), st.sampled_from(["", "\n", " \n\n"]),
    st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]), st.booleans(),
    st.sampled_from(["", " ", "\n"]),
)  # fmt: skip


def rendered(value: Any, layout: Any, form: str) -> bytes:
    """The value in a layout."""
    indent, end, newline, mark, tight, start = layout
    marks = (",", ":") if tight else None
    if form == JSON:
        text = start + json.dumps(value, indent=indent, separators=marks) + end
    else:
        text = (end or "\n").join(json.dumps(item, separators=marks) for item in value) + end
    return (mark + text.replace("\n", newline)).encode()


def varied(value: Any) -> st.SearchStrategy[Any]:
    """The value with edits, or another."""
    if isinstance(value, dict) and value:
        parts = {k: varied(v) if k != "id" else st.just(v) for k, v in value.items()}
        return st.just(value) | st.fixed_dictionaries(parts) | st.fixed_dictionaries(
            {}, optional=parts
        )  # fmt: skip
    if isinstance(value, list) and value:
        kept = st.permutations(value).flatmap(lambda v: st.just(v) | st.just(v[1:]))
        return st.just(value) | kept | st.tuples(*map(varied, value)).map(list)
    return st.just(value) | VALUES


@st.composite
def versions(draw: Any) -> tuple[str, list[Any], list[bytes]]:
    """A form, three documents in it, and their texts in layouts of their own."""
    form = draw(st.sampled_from([JSON, JSONL]))
    base = draw(DOCUMENTS if form == JSON else LISTS)
    values = [base, draw(varied(base)), draw(varied(base))]
    if form == JSONL:
        values = [value if isinstance(value, list) else [value] for value in values]
    return form, values, [rendered(value, draw(LAYOUTS), form) for value in values]


def places(value: Any, asked: set[tuple[str, ...]], path: tuple[str, ...] = ()) -> Any:
    """The value without what is asked about; lists of records by id."""
    if path in asked:
        return "asked"
    if isinstance(value, dict):
        return {k: places(v, asked, (*path, k)) for k, v in value.items()}
    if isinstance(value, list):
        names = [str(v["id"]) if isinstance(v, dict) and "id" in v else "" for v in value]
        return [places(v, asked, (*path, k)) for k, v in zip(names, value, strict=True)]
    return value


@given(versions())
def test_whatever_the_versions_the_result_is_json(found: Any) -> None:
    """It parses, in the form; and where one side is the base, it is the other byte for byte."""
    form, _, texts = found
    said(merged(*texts, form).data, form)
    base, ours, theirs = texts
    assert merged(base, ours, base, form).data == ours
    assert merged(base, base, theirs, form).data == theirs
    assert not merged(base, base, theirs, form).contests


@given(versions())
def test_the_side_does_not_matter(found: Any) -> None:
    """Swapped, the same places are asked about, and all else is the same."""
    form, _, (base, ours, theirs) = found
    one, other = merged(base, ours, theirs, form), merged(base, theirs, ours, form)
    asked = {contest.path for contest in one.contests}
    assert asked == {contest.path for contest in other.contests}
    left, right = (places(said(each.data, form), asked) for each in (one, other))
    assert left == right


@pytest.mark.parametrize("before", [0, 1, (1 << 16) - 40, (1 << 16) - 1, 1 << 16])
@pytest.mark.parametrize("letter", ["é", "漢", "🍞"])
def test_a_byte_that_is_no_text_is_told_wherever_it_is(before, letter):
    """A file is looked through piece by piece: a letter may stand in two of them."""
    text = f'[\n{{"id": 1, "t": "{"x" * before}{letter}"}}\n]'
    sound = text.encode()
    assert merge_file(sound, sound, sound, Table.of()).data == sound
    torn = sound.replace(letter.encode(), letter.encode()[:-1])
    with pytest.raises(DocumentError, match="THEIRS:2: a byte here is not UTF-8"):
        merge_file(sound, sound, torn, Table.of())


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ((b"[\n<<<<<<< x\n]", b"\xff", b""), "BASE:2: git's conflict markers"),
        ((b"[]", b"[\n<<<<<<< x\n]", b"\xff"), "OURS:2: git's conflict markers"),
        ((b"[]", b"\xff", b"[\n<<<<<<< x\n]"), "OURS:1: a byte here is not UTF-8"),
        ((b"[1]", b"[}", b"[\n<<<<<<< x\n]"), "THEIRS:2: git's conflict markers"),
        ((b"[1]", b"[1]", b" "), "THEIRS:1: the file is empty"),
        ((b"[\n<<<<<<< x\n]", b"[1]", b" "), "BASE:2: git's conflict markers"),
    ],
)
def test_of_many_faults_the_first_is_told(versions, told):
    """By the order of the versions; markers before what they make of a file."""
    with pytest.raises(DocumentError, match=told):
        merge_file(*versions, Table.of())
