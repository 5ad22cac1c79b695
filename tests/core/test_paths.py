"""Paths as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.core.jsonreader import JsonError
from tractatus_merge.core.paths import path_of, shown


@given(st.lists(st.text()))
def test_a_shown_path_reads_back(steps):
    """Whatever the keys hold: dots, brackets, quotes, backslashes, nothing at all."""
    assert path_of(shown(tuple(steps))) == tuple(steps)


def test_plain_keys_are_joined_by_dots():
    """Only odd keys need brackets."""
    assert shown(("parameters", "port")) == "parameters.port"
    assert shown(("a.b", "c", 'd"')) == '["a.b"].c["d\\""]'
    assert shown(("é", "ü ö")) == 'é["ü ö"]'
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
