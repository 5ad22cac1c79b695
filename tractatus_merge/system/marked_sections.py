"""Our part in files of others: a marked section, whole lines, and how to take them out again.

Texts in, texts out, as bytes; no file is opened here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tractatus_merge.value import Value

_BEGIN = b"# >>> tractatus-merge >>> (tractatus-merge uninstall takes this section away)\n"
_END = b"# <<< tractatus-merge <<<\n"
_SECTION = re.compile(
    rb"# >>> tractatus-merge >>>[^\n]*\n.*?# <<< tractatus-merge <<<\n?", re.DOTALL
)
_SHELL = re.compile(
    rb"#![ \t]*(?:/\S*/)?(?:env[ \t]+(?:-S[ \t]+)?)?(?:ba|da|a|k|z)?sh(?=[ \t\r\n]|\Z)"
)
SHEBANG = b"#!/bin/sh\n"


class Splice(Value):
    """The one place at which two texts differ: there `was` became `now`."""

    at: int
    was: bytes
    now: bytes

    @classmethod
    def between(cls, before: bytes, after: bytes) -> Splice:
        """The smallest such place."""
        most = min(len(before), len(after))
        at = next((i for i in range(most) if before[i] != after[i]), most)
        end = 0
        while end < most - at and before[-1 - end] == after[-1 - end]:
            end += 1
        return cls(at, before[at : len(before) - end], after[at : len(after) - end])


def is_shell(hook: bytes) -> bool:
    """Whether git would have a shell of sh's kind read the hook: by its first line, or without."""
    if hook.startswith(b"#!"):
        return _SHELL.match(hook) is not None
    return b"\0" not in hook and not hook.startswith((b"\x7fELF", b"\xef\xbb\xbf"))


def with_section(hook: bytes, body: str) -> bytes:
    """The hook with our section as the first that runs; one that is there already is replaced."""
    hook = without_section(hook)
    first, rest = b"", hook
    if hook.startswith(b"#!"):
        line, newline, rest = hook.partition(b"\n")
        first = line + (newline or b"\n")
    return first + _BEGIN + body.encode("utf-8", "surrogateescape") + _END + rest


def without_section(hook: bytes) -> bytes:
    """The hook without our section."""
    return _SECTION.sub(b"", hook)


def has_section(hook: bytes) -> bool:
    """Whether our section is there."""
    return _SECTION.search(hook) is not None


def without_ours(hook: bytes) -> bytes:
    """A hook without our section; nothing, where nothing but a first line is left."""
    left = without_section(hook)
    return b"" if left.strip() in (b"", SHEBANG.strip()) else left


def with_lines(text: bytes, lines: Iterable[str]) -> bytes:
    """The text with those of the lines that it lacks, at its end."""
    there = {line.strip() for line in text.splitlines()}
    new = [data for line in lines if (data := _bytes(line)) not in there]
    if not new:
        return text
    gap = b"" if not text or text.endswith(b"\n") else b"\n"
    return text + gap + b"".join(line + b"\n" for line in new)


def without_lines(text: bytes, lines: Iterable[str]) -> bytes:
    """The text without these lines."""
    gone = {_bytes(line) for line in lines}
    return b"".join(line for line in text.splitlines(keepends=True) if line.strip() not in gone)


def _bytes(line: str) -> bytes:
    return line.encode("utf-8", "surrogateescape")
