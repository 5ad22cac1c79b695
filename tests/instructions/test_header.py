"""The header of a history file: everything beside the list."""

from __future__ import annotations

from hypothesis import given

from tests.laws import strategies as some
from tractatus_merge.core.values.equality import same
from tractatus_merge.core.values.json_text import dump
from tractatus_merge.instructions.header import LIST, header_value, with_header


@given(some.objects, some.objects)
def test_the_header_says_what_it_is_given(before, after):
    """Keys are changed, added, taken away; the list stays where it was."""
    text = dump({**before, LIST: []})
    new = with_header(text, after)
    assert same(header_value(new), after)
    assert '"instructions"' in new
    assert with_header(text, header_value(text)) == text


def test_key_order_and_spelling_stay():
    """A new key comes last, the list keeps its place."""
    text = '{ "n":1.0, "instructions":[], "z": "\\u00e9" }'
    assert with_header(text, {"n": 1, "z": "é", "a": 1}) == (
        '{ "n":1.0, "instructions":[], "z": "\\u00e9", "a":1 }'
    )
