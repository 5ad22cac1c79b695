"""Untrusted text, as it may be shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tractatus_merge.system import printable
from tractatus_merge.system.printable import clean, escaped, muted


def commands(text: str) -> list[str]:
    """The lines that GitHub's and Azure's runners take for commands, as their sources look."""
    return [
        line
        for line in text.replace("\r", "\n").split("\n")
        if line.strip().startswith("::") or "##[" in line or "##vso[" in line
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", r"\u003a:error::x"),
        ("  \t::error::x", "  \t\\u003a:error::x"),
        ("\u00a0\u3000::x", "\u00a0\u3000\\u003a:x"),
        ("\x1b[31m ::x", "\x1b[31m \\u003a:x"),
        ("a\n::x\n:x\n::", "a\n\\u003a:x\n:x\n\\u003a:"),
        ("::::", r"\u003a:::"),
        ("a ##[error]x ##vso[y] ##teamcity[z]", r"a #\u0023[error]x #\u0023vso[y] #\u0023teamcity[z]"),
        ("###[x]", r"##\u0023[x]"),
    ],
)  # fmt: skip
def test_what_would_command_is_spelled_out(text, shown):
    """The first letter that makes it a command, as JSON writes it."""
    assert muted(text) == shown


@pytest.mark.parametrize(
    "text", ["host: ::1", "std::vector", "a::b", ": :x", "# [x]", "##x", "#[x]", ""]
)
def test_what_commands_nothing_is_as_it_was(text):
    """An address, a name of a program, a heading."""
    assert muted(text) == text


@given(st.text(alphabet=":#[]vso \t\n\r\x85\u2028\u00a0\x1ba1;m"))
def test_no_line_commands_anything(text):
    """However it is put together; and a second time changes nothing."""
    shown = muted(clean(text))
    assert commands(shown) == []
    assert muted(shown) == shown


def test_what_can_be_printed_needs_no_escape():
    """No character that is spelled out counts as printable: such a text is not looked through."""
    every = map(chr, range(0x110000))
    assert not [
        letter for letter in every if re.match(printable._CONTROL, letter) and letter.isprintable()
    ]
    assert escaped("a\x1b\u200bé") == "a\\u001b\\u200bé"
