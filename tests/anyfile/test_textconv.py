"""Files as lines for git diff."""

from __future__ import annotations

import pytest

from tractatus_merge.anyfile.textconv import lines_of
from tractatus_merge.errors import DocumentError

RECORD = (
    b'{"instructions": [{"id": "a.b", "n": 0.90, "tags": ["x"], "odd": [{"q": 1}, 2], "none": {}}]}'
)


def test_a_line_for_each_record_and_field():
    """Every line tells where it belongs, and numbers are spelled as they came."""
    assert list(lines_of(b"\xef\xbb\xbf" + RECORD, "json", "f")) == [
        'instructions["a.b"].id: "a.b"',
        'instructions["a.b"].n: 0.90',
        'instructions["a.b"].tags: ["x"]',
        'instructions["a.b"].odd[*]: {"q":1}',
        'instructions["a.b"].odd[*]: 2',
        'instructions["a.b"].none: {}',
    ]


@pytest.mark.parametrize(
    ("data", "form", "wanted"),
    [
        (b'{"id": 1, "a": 2}\n\n{"id": 3}\n', "jsonl", ["1.id: 1", "1.a: 2", "3.id: 3"]),
        (b"", "json", ["[]"]),
        (b"", "jsonl", ["[]"]),
        (b"7", "json", ["7"]),
    ],
)
def test_forms(data, form, wanted):
    """JSONL is a list; a file may be empty or one value."""
    assert list(lines_of(data, form, "f")) == wanted


@pytest.mark.parametrize("data", [b"{", b'{"a": "\xff"}'])
def test_what_is_not_json_is_refused(data):
    """The error names the file."""
    with pytest.raises(DocumentError, match="f"):
        list(lines_of(data, "json", "f"))
