"""Show what is longer than the screen in the person's pager, as git does."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from tractatus_merge.cli.terminal.colour import Line, printable, wide
from tractatus_merge.cli.terminal.output import NO_PAGER, emit, in_colour, put
from tractatus_merge.repository.line import Repository

_NEEDS_A_SHELL = re.compile(r"[|&;<>()$`*?~]|\A\s*\w+=")
_OURS = {"LESS": "FRX", "LV": "-c"}


def emit_paged(
    repo: Repository, lines: Iterable[str | Line], data: Any = None, *, as_json: bool = False
) -> None:
    """Print the data as JSON, or the lines in colours; paged where the screen is too small.

    Lines are asked for one by one: who has seen enough ends the command before it made them all.
    """
    if as_json:
        emit((), data, as_json=True)
        return
    colour = in_colour()
    ahead = iter(lines)
    first = list(_screenful(ahead)) if _is_page_wanted() else None
    words = _pager(repo) if first and not _fits(first) else None
    if words is None or not _shown(words, _printed(itertools.chain(first or (), ahead), colour)):
        for line in itertools.chain(first or (), ahead):
            put(printable([line], colour=colour), colour=colour)


def _printed(lines: Iterable[str | Line], colour: bool) -> Iterator[str]:  # noqa: FBT001
    return (printable([line], colour=colour) + "\n" for line in lines)


def _is_page_wanted() -> bool:
    """Whether there is a terminal, and nobody said `--no-pager`."""
    context = click.get_current_context(silent=True)
    return sys.stdout.isatty() and not (context is not None and context.meta.get(NO_PAGER))


def _screenful(lines: Iterator[str | Line]) -> Iterator[str | Line]:
    """The first lines: all of them, or more than the screen has."""
    screen = shutil.get_terminal_size()
    rows = 0
    for line in lines:
        yield line
        rows += _rows(line, screen.columns)
        if rows >= screen.lines:
            return


def _rows(line: str | Line, columns: int) -> int:
    """How many rows of a terminal a line takes."""
    text = printable([line], colour=False)
    return sum(max(1, -(-wide(row) // columns)) for row in text.split("\n"))


def _fits(lines: Iterable[str | Line]) -> bool:
    """Whether the screen is large enough."""
    screen = shutil.get_terminal_size()
    return sum(_rows(line, screen.columns) for line in lines) < screen.lines


def _pager(repo: Repository) -> list[str] | None:
    """The words of the pager that git would take; None for none.

    Git has a shell read the line. Here it is words: a line that needs a shell is passed over for
    `less`.
    """
    line = repo.checkout.pager() or "less"
    try:
        words = ["less"] if _NEEDS_A_SHELL.search(line) else shlex.split(line)
    except ValueError:  # a quote that is not closed
        words = ["less"]
    return None if words in ([], ["cat"]) else words


def _shown(words: list[str], parts: Iterable[str]) -> bool:
    """Whether the pager ran; who leaves it early leaves the command, as in a pipeline."""
    environment = {**_OURS, **os.environ}
    try:
        pager = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)
    except OSError:
        return False
    broken = False
    assert pager.stdin is not None
    try:
        for part in parts:
            pager.stdin.write(part.encode("utf-8", "backslashreplace"))
        pager.stdin.close()
    except (BrokenPipeError, KeyboardInterrupt):
        broken = True
        with contextlib.suppress(BrokenPipeError):
            pager.stdin.close()
    while pager.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):  # it is the pager's: `less` stops a search
            pager.wait()
    if broken:
        raise SystemExit(141)
    return True
