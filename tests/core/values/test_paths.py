"""Paths as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.core.values.paths import Every, path_of, pattern_of, shown


@given(st.lists(st.text()))
def test_a_shown_path_reads_back(steps):
    """Whatever the keys hold: dots, brackets, quotes, backslashes, nothing at all."""
    assert path_of(shown(tuple(steps))) == tuple(steps)


def test_plain_keys_are_joined_by_dots():
    """Only odd keys need brackets."""
    assert shown(("parameters", "port")) == "parameters.port"
    assert shown(("a.b", "c", 'd"')) == '["a.b"].c["d\\""]'
    assert shown(("é", "ü ö")) == 'é["ü ö"]'
    assert shown(("a\nb", "\u202e")) == '["a\\nb"]["\u202e"]'
    assert path_of("steps[0].x") == ("steps", "0", "x")


def test_a_dot_or_a_bracket_may_come_first():
    """A first dot separates nothing; a first bracket is a key like any other."""
    assert path_of(".a.b") == path_of("a.b") == ("a", "b")
    assert path_of('["a"].b[0].c') == ("a", "b", "0", "c")


def test_a_bracket_that_is_not_closed_is_told_where_it_should_be():
    """The offset and the sign that is missing."""
    with pytest.raises(JsonError, match=r"^a '\]' is missing$") as error:
        path_of('a["b"x')
    assert error.value.at == 5


@pytest.mark.parametrize("text", ["a[a[x]", 'a["b', 'a["b"', 'a["b"x'])
def test_a_broken_bracket_is_a_value_error(text):
    """The user's typing error is told, not guessed at."""
    with pytest.raises(ValueError, match=r".+"):
        path_of(text)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", ()),
        ("issues[*].labels", ("issues", Every.ELEMENT, "labels")),
        ("[*]", (Every.ELEMENT,)),
        ("[*].updated_at", (Every.ELEMENT, "updated_at")),
        ("[*][*]", (Every.ELEMENT, Every.ELEMENT)),
        ('[*]["odd.key"]', (Every.ELEMENT, "odd.key")),
        ("meta.*", ("meta", Every.KEY)),
        ("*.x", (Every.KEY, "x")),
        ("a[*].*", ("a", Every.ELEMENT, Every.KEY)),
        ('["odd.key"].x', ("odd.key", "x")),
        ('a[""].b', ("a", "", "b")),
    ],
)
def test_a_pattern_has_steps_that_stand_for_many(text, pattern):
    """`[*]` is every element, `*` every key; the rest is a path."""
    assert pattern_of(text) == pattern


@pytest.mark.parametrize(
    ("text", "why", "at"),
    [
        ("issues[*]labels", r"^a '\.' should stand after \[\*\]$", 9),
        ("a..b", "^a key is missing between two dots$", 0),
        ("[*].", "^a key is missing between two dots$", 0),
        ("[*]..b", "^a key is missing between two dots$", 0),
        ("a.", "^a key is missing between two dots$", 0),
        ('a["b"x', r"^a '\]' is missing$", 5),
    ],
)
def test_a_pattern_that_is_none_is_told(text, why, at):
    """What is missing, and where."""
    with pytest.raises(JsonError, match=why) as error:
        pattern_of(text)
    assert error.value.at == at


@given(st.lists(st.text(min_size=1).filter(lambda step: step != "*" and "[*]" not in step)))
def test_a_path_is_a_pattern_of_itself(steps):
    """What `shown` wrote stands for that place alone."""
    assert pattern_of(shown(tuple(steps))) == tuple(steps)
