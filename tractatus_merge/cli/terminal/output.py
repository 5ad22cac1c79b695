"""What goes to the terminal: data to stdout, talk to stderr, untrusted text made harmless."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from tractatus_merge.core.values import json_text
from tractatus_merge.errors import TractatusError
from tractatus_merge.system.printable import clean, escaped, muted

_Item = TypeVar("_Item")
_COLOURS = re.compile(r"\x1b\[[\d;]*m")

NO_PAGER = "tractatus_merge.no_pager"
"""The mark that `--no-pager` leaves in the context of a command."""


def emit(lines: Iterable[str], data: Any = None, *, as_json: bool = False) -> None:
    """Print the data as JSON, or the lines for people."""
    if as_json:
        _echo(escaped(json_text.dump(data)), colour=False)
        return
    text = "\n".join("\n".join(map(clean, line.split("\n"))) for line in lines)
    put(text, colour=_colour())


def put(text: str, *, colour: bool | None) -> None:
    """Print lines whose letters are harmless already; none of them commands anything."""
    _echo(muted(text), colour=colour)


def annotate(commands: Iterable[str]) -> None:
    """Print commands to what runs us in CI: whoever makes them escapes what comes from data."""
    for command in commands:
        _echo(command, colour=False)


def _echo(text: str, *, colour: bool | None) -> None:
    if colour is not True and "\x1b" in text and not sys.stdout.isatty():
        text = _COLOURS.sub("", text)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def talk(line: str) -> None:
    """Say something beside the data."""
    sys.stderr.write(f"{muted(clean(line))}\n")
    sys.stderr.flush()


def complain(error: TractatusError) -> None:
    """An error: what happened, and the next command to type."""
    talk(f"error: {error.sentence}")
    if error.hint:
        talk(f"  {error.hint}")


def _colour() -> bool | None:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def in_colour() -> bool:
    """Whether stdout gets colours: as the environment says, else where it is a terminal."""
    wanted = _colour()
    return sys.stdout.isatty() if wanted is None else wanted


_FIRST_WIDE = "\u0370"
"""All characters before it take one column."""


def fitted(text: str, width: int) -> str:
    """Text cut to so many columns, wide characters counted twice."""
    width = max(width, 1)
    text = clean(text[:width].replace("\n", " "))  # no character takes less than a column
    if text.isascii() or max(text) < _FIRST_WIDE:
        return text if len(text) < width else f"{text[: width - 1]}…"
    taken: list[str] = []
    for letter in text:
        width -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width < 1:
            return "".join(taken) + "…"
        taken.append(letter)
    return "".join(taken)


def progress(items: Sequence[_Item], label: str = "commits") -> Iterator[_Item]:
    """The items, one by one; at a terminal with a line that says how far it is."""
    if not sys.stderr.isatty():
        yield from items
        return
    import click  # who waits long has time for it

    with click.progressbar(items, label=label, file=sys.stderr) as bar:
        yield from bar
