"""Show what is longer than the screen in the person's pager, as git does."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
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
    """Print the data as JSON, or the lines in colours; paged where the screen is too small."""
    if as_json:
        emit((), data, as_json=True)
        return
    lines = list(lines)
    text = printable(lines, colour=in_colour())
    words = None if _fits(printable(lines, colour=False)) else _pager(repo)
    if words is None or not _shown(words, text + "\n"):
        put(text, colour=in_colour())


def _fits(text: str) -> bool:
    """Whether no pager is wanted: no terminal, `--no-pager`, or the screen is large enough."""
    context = click.get_current_context(silent=True)
    if not sys.stdout.isatty() or (context is not None and context.meta.get(NO_PAGER)):
        return True
    screen = shutil.get_terminal_size()
    rows = sum(max(1, -(-wide(row) // screen.columns)) for row in text.split("\n"))
    return rows < screen.lines


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


def _shown(words: list[str], text: str) -> bool:
    """Whether the pager ran; who leaves it early leaves the command, as in a pipeline."""
    environment = {**_OURS, **os.environ}
    try:
        pager = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)
    except OSError:
        return False
    broken = False
    assert pager.stdin is not None
    try:
        pager.stdin.write(text.encode("utf-8", "backslashreplace"))
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
