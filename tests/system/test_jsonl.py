"""What programs write for programs: one JSON object a file, read tolerantly."""

from __future__ import annotations

import pytest

from tractatus_merge.system import jsonl


@pytest.mark.parametrize(
    "data",
    [None, b"", b"{", b'{"a": 1', b"[1]", b"7", b"\xff{}", b"[" * 200_000, b'{"a":' * 200_000],
    ids=lambda data: str(data)[:12],
)
def test_a_file_that_holds_no_object_holds_nothing(tmp_path, data):
    """Not there, torn, foreign, not UTF-8, or nested without end: an empty object."""
    path = tmp_path / "x.json"
    if data is not None:
        path.write_bytes(data)
    assert jsonl.load(path) == {}
    assert jsonl.load(tmp_path) == {}, "a folder"


def test_a_file_that_holds_one_is_read(tmp_path):
    """As it was written, also over several lines."""
    path = tmp_path / "x.json"
    path.write_text('\n{"a": {"b": [1, null]},\n "c": "é"}\n', "utf-8")
    assert jsonl.load(path) == {"a": {"b": [1, None]}, "c": "é"}
