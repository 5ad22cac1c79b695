"""Rows: a file of records cut into bytes, and put together again."""

from __future__ import annotations

import pytest

from tractatus_merge.anyfile.rows import Rows, _row_type, lined, members, of_lines, of_list

LISTS = [
    b'[{"id":1}]',
    b' [ {"id":1},\n{"id":"b"} ,{"id":3}]\n',
    b'[\n  {"id":1},\n  {"id":2},\n  {"id":3}\n]\n',
    b'[\r\n\t{"id":1},\r\n\t{"id":2}\r\n]',
]
LINES = [
    b'{"id":1}',
    b'\n{"id":1}\n\n{"id":"b"}\r\n{"id":3}\n',
    b'{"id":1}\n{"id":2}\n',
    b'{"id":1}\n \t\n{"id":2}',
]


@pytest.mark.parametrize(
    ("data", "cut"), [*((d, of_list) for d in LISTS), *((d, of_lines) for d in LINES)]
)
def test_put_together_the_rows_are_the_file(data, cut):
    """Nothing is lost between the rows."""
    rows = cut(data, "id")
    assert rows.body(rows.names, dict(zip(rows.names, rows.texts, strict=True))) == data
    joined = rows.lead + b"".join(
        text + gap for text, gap in zip(rows.texts, [*rows.gaps, b""], strict=True)
    )
    assert joined + rows.tail == data


def test_one_gap_everywhere_is_kept_once():
    """As a tuple of the same bytes, in a list and in lines."""
    one, two = b'{"id":1}', b'{"id":2}'
    found = of_list(b'[\n  {"id":1},\n  {"id":2}\n]', "id")
    assert found == Rows(["1", "2"], [one, two], (b",\n  ",), b"[\n  ", b"\n]")
    assert of_lines(b'{"id":1}\n{"id":2}', "id") == Rows(["1", "2"], [one, two], (b"\n",), b"", b"")


@pytest.mark.parametrize("data", LISTS)
def test_other_rows_keep_the_gaps_of_neighbours(data):
    """A row at the front, one at the end, one gone, all gone: a list, with what stays as it was."""
    rows = of_list(data, "id")
    texts = dict(zip(rows.names, rows.texts, strict=True)) | {"n": b'{"id":"n"}'}
    for names in (
        ["n", *rows.names],
        [*rows.names, "n"],
        rows.names[1:],
        ["n"],
        [],
        rows.names[::-1],
    ):
        found = of_list(rows.body(names, texts), "id")
        assert (found.names if found else []) == list(names)


def test_new_rows_stand_as_far_apart_as_most_do():
    """Of as many the first; a single row, as far as it stands from the bracket. Old gaps stay."""
    rows = of_list(b'[ {"id":1},\n{"id":2} ,{"id":3}, {"id":4}]', "id")
    texts = dict.fromkeys([*"1234n"], b"x")
    assert rows.body([*"1234n"], texts) == b"[ x,\nx ,x, x,\nx]"
    assert rows.body([*"1n4"], texts) == b"[ x,\nx, x]"
    assert of_list(b'[\n {"id":1}\n]', "id").body([*"1n"], texts) == b"[\n x,\n x\n]"
    assert of_lines(b'{"id":1}\n', "id").body([*"1n"], texts) == b"x\nx\n"


@pytest.mark.parametrize(
    ("data", "empty"), [*zip(LISTS, [b"[]", b" []\n", b"[]\n", b"[]"], strict=True)]
)
def test_without_rows_the_brackets_stand_together(data, empty):
    """What stands around the list stays."""
    assert of_list(data, "id").body([], {}) == empty


@pytest.mark.parametrize(
    "data",
    [b"[]", b"{}", b"5", b"", b'[{"id":1},{"id":"1"}]', b'[{"id":true}]', b'[{"no":1}]', b"[1]",
     b'[{"id":1}', b'[{"id":NaN}]', b'[{"id":1,"a":"\n"}]', b'[{"id":"\xff"}]', b"[" * 5000],
)  # fmt: skip
def test_what_is_no_list_of_records_has_no_rows(data):
    """Also what is no JSON: whoever reads the whole says what is wrong."""
    assert of_list(data, "id") is None


@pytest.mark.parametrize(
    "data",
    [b"[]", b"5", b'{"id":1} {"id":2}', b'{"id":1}\n{"id":1}', b'{"id":1}{"id":2}\n\n{"id":3}',
     b'{"id":' + b"[" * 5000],
)  # fmt: skip
def test_what_is_no_file_of_records_has_no_rows(data):
    """The same for lines."""
    assert of_lines(data, "id") is None


def test_a_file_without_a_line_has_no_row():
    """White space is no line."""
    assert of_lines(b" \n", "id") == Rows([], [], (), b" \n", b"")


def test_rows_are_nothing_to_the_garbage_collector():
    """There may be a hundred thousand, and none of them can be in a cycle."""
    assert _row_type("id").__struct_config__.gc is False


def test_the_members_of_an_object_are_where_they_stand():
    """Keys with escapes too."""
    data = b' { "a" :1, "b\\u00e9": [ 2 ] ,"c":{}\n}'
    found = members(data)
    assert {key: data[at:end] for key, (at, end) in found.items()} == {
        "a": b"1", "b\u00e9": b"[ 2 ]", "c": b"{}",
    }  # fmt: skip
    assert members(b"{}") == {}
    assert members(b'{"a":1}\n') == {"a": (5, 6)}


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b'{"a":1,"a":1}', b'{"a":1,"b":2,"a":1}', b'{"a":1,"a":1,"b":2}',
     b'{"a":1,"a":2}', b'{"a":12,"a":1,"b":3}',
     b'{"a":' + b"[" * 5000, b'{"a":"\xff"', b'{"\xff":1}'],
)  # fmt: skip
def test_what_is_no_object_has_no_members(data):
    """A key that stands twice makes it none."""
    assert members(data) is None


@pytest.mark.parametrize("data", [b'{"id": 1} {"id": 2}\n', b'{"id": 1}\n[', b"{", b"\xff"])
def test_what_is_no_object_on_each_line_is_not_cut(data):
    """Two on one line, a torn one, another encoding."""
    assert lined(data, "id") is None
    assert lined(b'{"id": 1}\n\n{"x": 2}\r\n', "id") == [(1, b'{"id": 1}'), (None, b'{"x": 2}')]


def numbered(count: int) -> list[bytes]:
    """So many rows."""
    return [b'{"id":%d}' % number for number in range(count)]


@pytest.mark.parametrize("odd", [None, 0, 1, 126, 127, 128, 298])
def test_one_uneven_gap_among_hundreds_is_seen(odd):
    """Rows are compared some hundred at once: between two such heaps there is a gap as well."""
    rows, gaps = numbered(300), [b",\n"] * 299
    if odd is not None:
        gaps[odd] = b", "
    data = b"[" + b"".join(map(b"".join, zip(rows, [*gaps, b""], strict=True))) + b"]\n"
    found = of_list(data, "id")
    assert (found.texts, list(found.gaps)) == (rows, gaps)
    assert found.is_even == (odd is None)
    assert isinstance(found.gaps, tuple) == (odd is None)  # else each gap was looked for


@pytest.mark.parametrize("around", [b"", b'{"e": [1], "list": '])
def test_a_list_inside_other_data_is_cut_as_if_it_stood_alone(around):
    """Where it stands is told; what is around it is none of it."""
    for part in LISTS:
        alone = of_list(part, "id")
        span = len(around), len(around) + len(part)
        assert of_list(around + part + b', "id": [3]}', "id", span) == alone
    for part in LINES:
        span = 4, 4 + len(part)
        assert of_lines(b"{5}\n" + part + b"\n{6}", "id", span) == of_lines(part, "id")


@pytest.mark.parametrize("size", [0, 1, (1 << 16) - 3, (1 << 16) - 2, 1 << 16, 3 << 16])
def test_a_long_value_is_found_where_it_stands(size):
    """It is compared piece by piece."""
    value = b'"%s"' % (b"x" * size)
    data = b'{"a": 1, "long": %s , "b": [2]}' % value
    places = members(data)
    assert {key: data[slice(*span)] for key, span in places.items()} == {
        "a": b"1", "long": value, "b": b"[2]",
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [b'{"a": [1], "a": [2]}', b'{"a": 1, "b": 2, "a": 3}', b'{"a": 1, "b": 2, "b": 3, "a": "1,b2"}',
     b'{"a": 1,"b":2,"c":3, "a": "xxxxx"}', b'{"a": 1, "a": 1}', b'{"a": {}, "b": 1, "a": {"b": 1}}'],
)  # fmt: skip
def test_of_a_key_that_stands_twice_nobody_can_tell_where(data):
    """Whoever reads the whole says what is wrong."""
    assert members(data) is None
