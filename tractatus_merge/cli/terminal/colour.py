"""Text in colours: untrusted text is made harmless first, then painted; lines are broken to fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import click

from tractatus_merge.system.printable import clean

Piece = tuple[str, str]
"""A style's name (or nothing) and a text."""
Line = Sequence[Piece]

_STYLES: dict[str, dict[str, object]] = {
    "": {},
    "strong": {"bold": True},
    "faint": {"dim": True},
    "id": {"fg": "yellow"},
    "gone": {"fg": "red"},
    "new": {"fg": "green"},
    "same": {},
    "key": {"bold": True, "fg": "cyan"},
    "CRITICAL": {"fg": "red", "bold": True},
    "WARNING": {"fg": "yellow", "bold": True},
}
_AROUND = {"gone": ("[-", "-]"), "new": ("{+", "+}")}


def painted(line: Line, *, colour: bool) -> str:
    """The line as it is printed: made harmless, then in its colours."""
    if not colour:
        return clean("".join(text for _, text in line))
    return "".join(
        click.style(clean(text), **_STYLES[style])  # type: ignore[arg-type]
        if text and _STYLES.get(style)
        else clean(text)
        for style, text in line
    )


def printable(lines: Iterable[str | Line], *, colour: bool) -> str:
    """Lines as they are printed; a text may have several, pieces are always one."""
    return "\n".join(
        "\n".join(map(clean, line.split("\n")))
        if isinstance(line, str)
        else painted([(style, text.replace("\n", "\\n")) for style, text in line], colour=colour)
        for line in lines
    )


def marked(pieces: Iterable[Piece]) -> list[Piece]:
    """A word difference with what is gone or new in marks, as `git diff --word-diff` has them."""
    around = ((style, *_AROUND.get(style, ("", "")), text) for style, text in pieces)
    return [(style, f"{before}{text}{after}") for style, before, after, text in around]


def wide(text: str) -> int:
    """How many columns a clean text takes."""
    marks = sum(unicodedata.combining(letter) != 0 for letter in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def broken(line: Iterable[Piece], width: int, indent: int = 0) -> list[Line]:
    """The line broken at spaces to so many columns; what follows the first is indented."""
    lines: list[list[Piece]] = [[]]
    room = width
    for style, word, is_new in _flowing(line):
        left = word
        if is_new or (wide(left) > room and room < width - indent):
            lines.append([("", " " * indent)])
            room = width - indent
            left = left if is_new else left.lstrip(" ")
        while wide(left) > room:
            cut = _fitting(left, room)
            lines[-1].append((style, left[:cut]))
            lines.append([("", " " * indent)])
            left, room = left[cut:], width - indent
        lines[-1].append((style, left))
        room -= wide(left)
    return [_joined(pieces) for pieces in lines]


def _flowing(line: Iterable[Piece]) -> Iterator[tuple[str, str, bool]]:
    """Each word with its style, and whether a line of the text begins with it."""
    for style, text in line:
        for number, part in enumerate(text.split("\n")):
            words = list(_words(clean(part))) or ([""] if number else [])
            yield from ((style, word, number > 0 and not at) for at, word in enumerate(words))


def _words(text: str) -> Iterator[str]:
    """The words, each with the spaces before it."""
    start = 0
    for at in range(1, len(text)):
        if text[at] == " " and text[at - 1] != " ":
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _fitting(word: str, room: int) -> int:
    """How many letters of a long word fit; one at least."""
    used = 0
    for at, letter in enumerate(word):
        used += wide(letter)
        if used > room:
            return max(at, 1)
    return len(word)


def _joined(pieces: list[Piece]) -> Line:
    """Neighbours of one style as one."""
    found: list[Piece] = []
    for style, text in pieces:
        if found and found[-1][0] == style:
            found[-1] = (style, found[-1][1] + text)
        elif text:
            found.append((style, text))
    return found
