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
_AT_ONCE = 50
"""So many lines are printed at once: whoever reads them may have seen enough."""
_OURS = {"LESS": "FRX", "LV": "-c"}


def emit_paged(
    repo: Repository, lines: Iterable[str | Line], data: Any = None, *, as_json: bool = False
) -> None:
    """Print the data as JSON, or the lines in colours; paged where the screen is too small.

    Lines are taken as they are printed: who reads no more of them ends the command.
    """
    if as_json:
        emit((), data, as_json=True)
        return
    rest = iter(lines)
    if _may_page():
        first, fits = _screenful(rest)
        rest = itertools.chain(first, rest)
        words = None if fits else _pager(repo)
        if words is not None and _shown(words, rest):
            return
    printed = False
    for text in _texts(rest):
        put(text, colour=in_colour())
        printed = True
    if not printed:
        put("", colour=False)


def _texts(lines: Iterator[str | Line]) -> Iterator[str]:
    """Some lines at once, as they are printed."""
    while some := list(itertools.islice(lines, _AT_ONCE)):
        yield printable(some, colour=in_colour())


def _may_page() -> bool:
    """Whether a pager may be wanted: at a terminal, without `--no-pager`."""
    context = click.get_current_context(silent=True)
    return sys.stdout.isatty() and not (context is not None and context.meta.get(NO_PAGER))


def _screenful(lines: Iterator[str | Line]) -> tuple[list[str | Line], bool]:
    """The lines that fill the screen, and whether they were all."""
    screen = shutil.get_terminal_size()
    taken: list[str | Line] = []
    rows = 0
    for line in lines:
        taken.append(line)
        text = printable([line], colour=False)
        rows += sum(max(1, -(-wide(row) // screen.columns)) for row in text.split("\n"))
        if rows >= screen.lines:
            return taken, False
    return taken, True


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


def _shown(words: list[str], lines: Iterator[str | Line]) -> bool:
    """Whether the pager ran; who leaves it early leaves the command, as in a pipeline."""
    environment = {**_OURS, **os.environ}
    try:
        pager = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)
    except OSError:
        return False
    broken = False
    assert pager.stdin is not None
    try:
        for text in _texts(lines):
            pager.stdin.write(f"{text}\n".encode("utf-8", "backslashreplace"))
            pager.stdin.flush()
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
