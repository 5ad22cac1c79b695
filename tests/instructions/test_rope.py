"""A long text in pieces is what it would be as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.instructions import rope
from tractatus_merge.instructions.rope import Rope

letters = st.text(alphabet="aé漢🍞\n", max_size=40)


@st.composite
def pieces(draw):
    """An old text, the pieces of a new one, and that as a whole."""
    old = draw(letters)
    places = st.tuples(st.integers(0, len(old)), st.integers(0, len(old))).map(sorted).map(tuple)
    found = draw(st.lists(st.one_of(letters, places), max_size=6))
    return old, found, "".join(p if isinstance(p, str) else old[slice(*p)] for p in found)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Three characters are looked at at once."""
    monkeypatch.setattr(rope, "_AT_ONCE", 3)


@given(pieces(), st.sampled_from([b"", b"\xef\xbb\xbf"]), st.sampled_from(["\n", "\r\n"]))
def test_a_rope_is_the_text_that_its_pieces_are(made, mark, newline):
    """As a text, and as the bytes of a file."""
    old, found, whole = made
    said = Rope(old, found)
    assert said.text == whole
    assert said.to_bytes(mark, newline) == mark + whole.replace("\n", newline).encode()


@given(pieces(), letters, st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_a_rope_is_in_a_file_that_says_the_same_to_its_end(made, other, mark):
    """Neither a part of it nor something more."""
    old, found, whole = made
    for text in (whole, other, whole + "x", whole[:-1], "x" + whole):
        data = mark + text.encode()
        assert Rope(old, found).is_in(data, len(mark)) == (text == whole)
