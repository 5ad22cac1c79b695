"""Untrusted text as it may be shown: control and invisible characters are spelled out."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Text from a history as it may be shown; line feeds stay."""
    return escaped(text).replace("\t", "\\t")


def escaped(text: str) -> str:
    """Control and invisible characters as JSON's escapes: the same to a program, harmless here."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
