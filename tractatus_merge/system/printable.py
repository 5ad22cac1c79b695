"""Untrusted text as it may be shown: what does not show, and what commands, is spelled out."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

_COMMAND = re.compile(r"^((?:\s|\x1b\[[\d;]*m)*):(?=:)|(?<=#)#(?=\w*\[)", re.MULTILINE)
"""Where a line is a command to who runs it in CI: `::error::` (after white space), `##[group]`,
`##vso[...]`, `##teamcity[...]` (anywhere)."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~=^$:])")
_LONG = 200
_APART = "&#8203;"
"""A space of no width: what follows it is no mention and no number of an issue."""


def clean(text: str) -> str:
    """Text from a history as it may be shown; line feeds stay."""
    return escaped(text).replace("\t", "\\t")


def escaped(text: str) -> str:
    """Control and invisible characters as JSON's escapes: the same to a program, harmless here."""
    if text.isprintable():  # as nearly all lines are, of which there may be many
        return text
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def muted(text: str) -> str:
    """Whole lines of a log that say the same, and command nothing to what runs us in CI."""
    if "::" not in text and "##" not in text:
        return text
    return _COMMAND.sub(_spelled, text)


def _spelled(found: re.Match[str]) -> str:
    return "\\u0023" if found[1] is None else f"{found[1]}\\u003a"


def printed(text: str) -> str:
    """A JSON text as a terminal may show it: the same to a program, its line ends the terminal's.

    A control character in it is either white space or in a string.
    """
    return escaped(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def inert(text: str) -> str:
    """A text as it may stand in a table of Markdown: no markup, no link, no mention, one line."""
    from html import escape  # it loads every entity there is

    text = " ".join(text.split())
    text = text if len(text) <= _LONG else f"{text[:_LONG]}…"
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return (
        escape(_MARKUP.sub(r"\\\1", text), quote=False)
        .replace("@", f"&#64;{_APART}")
        .replace("\\#", f"\\#{_APART}")
    )
