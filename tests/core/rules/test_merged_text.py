"""The text of a merged value, where no side has just that."""

from __future__ import annotations

from tractatus_merge.core.rules.merged_text import Indentation, merged_document, refitted


def test_what_no_side_has_is_laid_out_as_its_neighbours_are():
    """A key that the merge itself brings has the colon of ours."""
    text = '{\n  "a" : 1\n}\n'
    assert merged_document({"a": 1, "z": 2}, text, text, text) == '{\n  "a" : 1,\n  "z" : 2\n}\n'
    assert merged_document([1, 2], "[1]", "[1]", "[1]") == "[1,2]"


def test_a_line_that_stands_left_of_its_level_stays_there():
    """Only what is indented as the value is moves with it."""
    old, new = Indentation("    ", "  "), Indentation("  ", "  ")
    text = '{\n      "a": 1,\n "b": 2\n    }'
    assert refitted(text, old, new) == '{\n    "a": 1,\n "b": 2\n  }'
