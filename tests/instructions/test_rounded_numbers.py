"""A history file that a program in JavaScript rewrote: what it says without what that rounded."""

from __future__ import annotations

from tractatus_merge.instructions.history_file import read, write
from tractatus_merge.instructions.rounded_numbers import told, unrounded

WAS = b"""{
  "limit": 9007199254740993,
  "instructions": [
    {"id": "a", "n": 9007199254740993, "text": "A", "version_vector": "aaaaaaaa:1 #00000000"},
    {"id": "b", "n": 0.90, "m": 1e400}
  ]
}
"""
SAID = (
    WAS.replace(b"9007199254740993", b"9007199254740992")
    .replace(b"1e400", b"null")
    .replace(b"0.90", b"0.9")
    .replace(b'"A"', b'"A, edited"')
)
PLACES = (("a", ("n",)), ("b", ("m",)), ("header", ("limit",)))


def test_its_numbers_are_put_right_and_its_edits_stay():
    """Each place is told; the bytes of what was not rounded are the program's."""
    base, copy = read(WAS, "f"), read(SAID, "f")
    document, places = unrounded(base, copy)
    assert places == PLACES
    assert write(document) == WAS.replace(b"0.90", b"0.9").replace(b'"A"', b'"A, edited"')


def test_nothing_rounded_is_nothing_changed():
    """Neither a new record nor an edit nor another header is touched."""
    base = read(WAS, "f")
    edited = read(
        SAID.replace(b'"id": "a"', b'"id": "c"').replace(b"null", b"2e400").replace(b"992", b"994"),
        "f",
    )
    assert unrounded(base, base) == (base, ())
    assert unrounded(base, edited) == (edited, ())


def test_what_was_meant_is_an_edit():
    """Whoever wrote the number through the tool wanted it so."""
    base, copy = read(WAS, "f"), read(SAID, "f")
    document, places = unrounded(base, copy, [("a", ("text",)), ("a", ("n",)), ("z", ())])
    assert places == PLACES[1:]
    assert document.records["a"] == copy.records["a"]


def test_the_first_places_are_named():
    """On one line, also where there are many; nothing is said of none."""
    start = "numbers rounded by the program that wrote the file were left as they are: "
    assert told(()) == []
    assert told(PLACES) == [f"{start}a n, b m, header limit"]
    many = [("a", ("b", str(number))) for number in range(10)]
    (line,) = told(many)
    assert line == start + ", ".join(f"a b.{n}" for n in range(8)) + " and 2 more"
    assert told(many[:8]) == [start + ", ".join(f"a b.{n}" for n in range(8))]
