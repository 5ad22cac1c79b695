"""A real terminal: the program in a pty of a given size, what it showed, keys pressed on the way."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

WAIT = 20.0
_SIZE = ("COLUMNS", "LINES")
"""Variables that would hide the terminal's own size."""


class Shown(NamedTuple):
    """What one command did on a terminal."""

    code: int
    text: str


def on_terminal(
    folder: Path,
    *words: str,
    keys: Iterable[tuple[str, str]] = (),
    size: tuple[int, int] = (24, 80),
    env: Mapping[str, str] | None = None,
) -> Shown:
    """Run words (a program and its arguments) on a terminal of so many rows and columns.

    `keys`: each time the first text has been shown, and single keys are read, the second is typed.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    known = {name: value for name, value in os.environ.items() if name not in _SIZE}
    environment = {**known, "TERM": "xterm", **(env or {})}
    shown, seen, waiting = b"", 0, list(keys)
    with subprocess.Popen(
        words, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (no threads here)
    ) as process:  # fmt: skip
        os.close(theirs)
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            at = shown.find(waiting[0][0].encode(), seen) if waiting else -1
            if at >= 0 and not termios.tcgetattr(ours)[3] & termios.ICANON:
                seen = at + len(waiting[0][0].encode())
                os.write(ours, waiting.pop(0)[1].encode())
            if not select.select([ours], [], [], 0.05)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                data = os.read(ours, 65536)
            except OSError:  # everybody has closed it
                break
            if not data:
                break
            shown += data
        else:
            process.kill()
    os.close(ours)
    text = shown.decode("utf-8", "replace").replace("\r\n", "\n")
    assert not waiting, f"never shown: {waiting[0][0]}\n{text}"
    return Shown(process.returncode, text)


def program(*words: str) -> tuple[str, ...]:
    """The words that run `tractatus-merge WORDS` by this interpreter."""
    return (sys.executable, "-m", "tractatus_merge", *words)
