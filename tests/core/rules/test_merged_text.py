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


def test_what_is_added_stands_on_the_line_on_which_the_other_side_put_the_rest():
    """A line end that was written between other lines does not come along."""
    base = '{\n "o": {\n  "a": 1,\n  "b": 2\n }\n}'
    ours = '{\n "o": {"a": 1, "b": 3}\n}'
    theirs = base.replace("2\n", '2,\n  "c": 4\n')
    value = {"o": {"a": 1, "b": 3, "c": 4}}
    for sides in ((ours, theirs), (theirs, ours)):
        want = '{\n "o": {"a": 1, "b": 3, "c": 4}\n}'
        assert merged_document(value, base, *sides) == want


def test_between_two_that_never_were_neighbours_stands_what_stands_between_most():
    """Both sides put a key to the front: a blank line after one of them is no usual gap."""
    base = '{\n "a": 1,\n "b": 2,\n "c": 3\n}'
    ours = base.replace(' "a"', ' "x": 0,\n\n "a"')
    theirs = base.replace(' "a"', ' "y": 0,\n "a"')
    value = {"x": 0, "y": 0, "a": 1, "b": 2, "c": 3}
    want = '{\n "x": 0,\n "y": 0,\n "a": 1,\n "b": 2,\n "c": 3\n}'
    for sides in ((ours, theirs), (theirs, ours)):
        assert merged_document(value, base, *sides) == want


def test_a_blank_line_that_one_side_adds_stands_where_the_other_added_a_key():
    """And one that it takes away goes, whoever is ours."""
    base = '{\n "a": 1,\n "b": 2,\n\n "c": 3\n}'
    one = base.replace("1,\n", "1,\n\n").replace("2,\n\n", "2,\n")
    other = base.replace("3\n", '3,\n\n "d": 4\n')
    value = {"a": 1, "b": 2, "c": 3, "d": 4}
    for sides in ((one, other), (other, one)):
        want = '{\n "a": 1,\n\n "b": 2,\n "c": 3,\n\n "d": 4\n}'
        assert merged_document(value, base, *sides) == want


def test_what_stands_again_as_in_the_base_is_spelled_as_it_was():
    """A rule can take the base's value."""
    assert merged_document({"a": 1}, '{"a": 1e0}', '{"a": 2}', '{"a": 3}') == '{"a": 1e0}'
