"""Untrusted text as it may be shown: what does not show, and what commands, is spelled out."""

from __future__ import annotations

import re
from functools import lru_cache

_CONTROL = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

_COMMAND = r"^((?:\s|\x1b\[[\d;]*m)*):(?=:)|(?<=#)#(?=\w*\[)"
"""Where a line is a command to who runs it in CI: `::error::` (after white space), `##[group]`,
`##vso[...]`, `##teamcity[...]` (anywhere)."""
_LONG = 200
_APART = "&#8203;"
"""A space of no width: what follows it is no mention and no number of an issue."""
_INERT = str.maketrans(
    {letter: f"\\{letter}" for letter in r"\`*_{}[]()+-.!|~=^$:"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": f"&#64;{_APART}", "#": f"\\#{_APART}"}
)


def clean(text: str) -> str:
    """Text from a history as it may be shown; line feeds stay."""
    return escaped(text).replace("\t", "\\t")


def escaped(text: str) -> str:
    """Control and invisible characters as JSON's escapes: the same to a program, harmless here."""
    if text.replace("\n", "").replace("\t", "").isprintable():  # as nearly all lines are
        return text
    return re.sub(_CONTROL, lambda found: f"\\u{ord(found[0]):04x}", text)


def muted(text: str) -> str:
    """Whole lines of a log that say the same, and command nothing to what runs us in CI."""
    if "::" not in text and "##" not in text:
        return text
    return re.sub(_COMMAND, _spelled, text, flags=re.MULTILINE)


def _spelled(found: re.Match[str]) -> str:
    return "\\u0023" if found[1] is None else f"{found[1]}\\u003a"


def printed(text: str) -> str:
    """A JSON text as a terminal may show it: the same to a program, its line ends the terminal's.

    A control character in it is either white space or in a string.
    """
    return escaped(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=4096)
def inert(text: str) -> str:
    """A text as it may stand in a table of Markdown: no markup, no link, no mention, one line."""
    text = " ".join(text.split())
    text = text if len(text) <= _LONG else f"{text[:_LONG]}…"
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return text.translate(_INERT)
