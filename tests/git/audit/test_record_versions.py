"""One version of a record file, read for looking."""

from __future__ import annotations

import pytest

from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.record_versions import JSON, JSONL, parts_of, read

A, B = b'{"id":"a","n":1.0}', b'{"id": "b"}'
DEEP = b"[" * 110 + b"]" * 110
"""Nearly as deep as a value may be."""


def told(data: bytes, form: str | None = None, key: str = "id") -> dict[str, tuple[bytes, ...]]:
    """The rows by list and id, with a slash between."""
    version = read(data, key, form)
    assert version.fault is None
    assert form in (None, version.form)
    return {"/".join(parts_of(name)): rows for name, rows in version.rows.items()}


@pytest.mark.parametrize("form", [JSON, None])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[]", {}),
        (b"{}", {}),
        (b"7", {}),
        (b" [%s, %s]" % (A, B), {"/a": (A,), "/b": (B,)}),
        (b"\xef\xbb\xbf[%s]\n" % A, {"/a": (A,)}),
        (b"[%s, %s]" % (A, A), {"/a": (A, A)}),
        (b'[{"id": "x", "d": %s}, 1]' % DEEP, {"/x": (b'{"id": "x", "d": %s}' % DEEP,)}),
        (b'[{"id": 7}, {"id": true}, {"id": null}, {}]', {"/7": (b'{"id": 7}',)}),
        (b'[1, {"id": "x"}]', {"/x": (b'{"id": "x"}',)}),
        (b'[{"id": "x\\u0000y"}]', {"/x\0y": (b'{"id": "x\\u0000y"}',)}),
        (b'{"id": "doc",\n"l": [%s]}' % A, {"l/a": (A,)}),
        (b'{"v": "[]", "l": [%s], "m": [%s], "n": [1], "o": {}}' % (A, A),
         {"l/a": (A,), "m/a": (A,)}),
        (b'{"l": [%s], "d": %s, "n": 1}' % (A, DEEP), {"l/a": (A,)}),
        (b'{"s": "\\ud800", "l": [%s]}' % A, {"l/a": (A,)}),
        (b'{"l": [{"id": "x", "s": "\\ud800"}]}', {"l/x": (b'{"id": "x", "s": "\\ud800"}',)}),
        (b'{"l": [%s, {"id": "x", "d": %s}]}' % (A, DEEP),
         {"l/a": (A,), "l/x": (b'{"id": "x", "d": %s}' % DEEP,)}),
    ],
)  # fmt: skip
def test_the_records_of_json_are_those_of_its_lists(data, expected, form):
    """Of the list that the file is, or of each in its object; doubles stand together."""
    assert told(data, form) == expected


@pytest.mark.parametrize("form", [JSONL, None])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", {}),
        (b"\n \n", {}),
        (A, {"/a": (A,)}),
        (A + b"\r\n\r\n" + B + b"\n", {"/a": (A,), "/b": (B,)}),
        (b'{"v": 1}\n' + A, {"/a": (A,)}),
        (A + b"\n1\n" + B, {"/a": (A,), "/b": (B,)}),
        (A + b'\n1\n\n{"id": "x", "d": %s}' % DEEP,
         {"/a": (A,), "/x": (b'{"id": "x", "d": %s}' % DEEP,)}),
    ],
)  # fmt: skip
def test_the_records_of_lines_are_the_lines(data, expected, form):
    """Lines without an id are none; without a form, they are told from JSON."""
    assert told(data, form) == expected


def test_another_key_is_the_id():
    """A key that is no name in Python, too."""
    assert told(b'[{"issue no": 5, "id": 1}]', key="issue no").keys() == {"/5"}


@pytest.mark.parametrize(
    ("data", "form", "fault"),
    [
        (b"", JSON, "line 1: the text is empty"),
        (b'{"l": [\n1,', JSON, "line 2: the text ends in the middle"),
        (b'{"l": [],\n "l": []}', JSON, 'line 2: the key "l" stands twice in one object'),
        (A + b"\n{", JSONL, "line 2: the text ends in the middle"),
        (b"\n" + A + b"\n" + B + b"\n\n {\n" + A, JSONL, "line 5: the text ends in the middle"),
        (b'[1,\n{"d": %s}]' % (b"[" * 120 + b"]" * 120), JSON, "line 2: objects and lists nest"),
        (b"{\n" + A, JSONL, "line 1: the text ends in the middle"),
        ("\u00fc\n".encode() + A, None, "line 1: not JSON"),
        (b"\xff", None, "it is not UTF-8"),
        (b'[{"id": "\xff"}]', JSON, "it is not UTF-8"),
        (b"<<<<<<< ours\n" + A, JSONL, "git's conflict markers stand in it"),
        (A + b"\n>>>>>>> theirs\n", None, "git's conflict markers stand in it"),
    ],
)
def test_a_version_that_is_not_valid_says_why(data, form, fault):
    """The line and the reason, and no records."""
    version = read(data, "id", form)
    assert version.rows == {}
    assert version.fault is not None
    assert version.fault.startswith(fault)


def test_what_differs_is_found_and_nothing_else():
    """Rows by bytes; a row that is not strict JSON is known by its bytes alone."""
    edit = record_versions.change(read(b"[%s]" % A).rows, read(b'[{"id":"a"}]').rows)
    assert record_versions.values(edit) == {"\0a": ({"id": "a", "n": 1}, {"id": "a"})}
    one, other = read(b"[%s,%s]" % (A, B)).rows, read(b'[%s,{"id":"c"}]' % A).rows
    delta = record_versions.change(one, other)
    assert delta == {"\0b": ((B,), ()), "\0c": ((), (b'{"id":"c"}',))}
    assert record_versions.values(delta) == {
        "\0b": ({"id": "b"}, MISSING),
        "\0c": (MISSING, {"id": "c"}),
    }
    assert record_versions.change(one, other, ["\0a", "\0b", "\0c", "\0d"]) == delta
    assert record_versions.picked([one, other, one], delta) == [
        {"\0b": ({"id": "b"},)},
        {"\0c": ({"id": "c"},)},
        {"\0b": ({"id": "b"},)},
    ]
    assert record_versions.value(b'{"a":1,"a":2}') == {"": '{"a":1,"a":2}'}


@pytest.mark.parametrize(
    ("data", "form"), [(b"[%s]" % A, JSON), (A, JSONL), (A + b"\n" + B, JSONL)]
)
def test_the_form_is_told(data, form):
    """For whoever writes the file."""
    assert read(data).form == form
