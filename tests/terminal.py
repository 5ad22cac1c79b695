"""A real terminal for a program: a pty, keys that are pressed, and the screen as it would be seen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyte

from tests.conftest import ROOT

LIMIT = 20.0
"""Seconds after which a screen that was waited for will not come."""


class _Screen(pyte.Screen):
    """pyte's, which stumbles over what only newer terminals heed: keys told apart (CSI > 4 m)."""

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        """Colours are ours; a private sequence is none."""
        if not private:
            super().select_graphic_rendition(*attrs)


class Terminal:
    """One program in a terminal of so many columns and lines. `end` is its exit code."""

    def __init__(self, folder: Path, words: list[str], size: tuple[int, int], **env: str) -> None:
        self.screen = _Screen(*size)
        self.said = b""
        self.limit = LIMIT
        self._stream = pyte.ByteStream(self.screen)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            self._become(folder, words, env)
        self.resize(*size)

    @staticmethod
    def _become(folder: Path, words: list[str], env: dict[str, str]) -> None:
        try:
            os.chdir(folder)
            for number in (signal.SIGINT, signal.SIGHUP):  # who sits here did not say `nohup`
                signal.signal(number, signal.SIG_DFL)
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
            known = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **env}
            os.execvpe(words[0], words, known)
        finally:
            os._exit(127)

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size; the program gets its signal."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self._pid, number)

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._fd)[3] & termios.ECHO)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, once single keys are read: before that they are dropped.

        A program that reads whole lines gets them all the same, a little later.
        """
        limit = time.monotonic() + 2
        while termios.tcgetattr(self._fd)[3] & termios.ICANON and time.monotonic() < limit:
            self._read(0.01)
        for key in keys:
            os.write(self._fd, key.encode())

    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def until(self, *wanted: str, check: Callable[[str], bool] | None = None) -> str:
        """Wait until the screen shows all this; what it shows then."""

        def there(text: str) -> bool:
            return all(word in text for word in wanted) and (check is None or check(text))

        if not self.comes(there, self.limit):
            raise AssertionError(f"{wanted} did not come; the screen is:\n{self.text()}")
        return self.text()

    def comes(self, check: Callable[[str], bool], seconds: float) -> bool:
        """Whether the screen shows this within the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self._read(0.05) and check(self.text()):
                return True
        return False

    def shown(self, wanted: bytes, start: int) -> int:
        """Wait until this came, after so many bytes, and single keys are read; where it ends."""
        limit = time.monotonic() + self.limit
        while time.monotonic() < limit:
            self._read(0.05)
            at = self.said.find(wanted, start)
            if at >= 0 and not termios.tcgetattr(self._fd)[3] & termios.ICANON:
                return at + len(wanted)
        raise AssertionError(f"never shown: {wanted!r}\n{self.said.decode('utf-8', 'replace')}")

    def end(self) -> int:
        """Wait until the program has ended; its exit code."""
        limit = time.monotonic() + self.limit
        while time.monotonic() < limit:
            self._read(0.05)
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                while self._read(0.05):
                    pass
                self._pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it goes on; the screen is:\n{self.text()}")

    def _read(self, seconds: float) -> bool:
        """Whether something came within the time."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # the other end was closed: the program has ended
            time.sleep(seconds)
            return False
        self.said += data
        self._stream.feed(data)
        return bool(data)

    def close(self) -> None:
        """End the program if it still runs."""
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)


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
    there = Terminal(folder, list(words), (size[1], size[0]), **(env or {}))
    try:
        seen = 0
        for wanted, key in keys:
            seen = there.shown(wanted.encode(), seen)
            there.press(key)
        code = there.end()
    finally:
        there.close()
    return Shown(code, there.said.decode("utf-8", "replace").replace("\r\n", "\n"))


def program(*words: str) -> tuple[str, ...]:
    """The words that run `tractatus-merge WORDS` by this interpreter."""
    return (sys.executable, "-m", "tractatus_merge", *words)


@contextlib.contextmanager
def terminal(
    folder: Path, *words: str, size: tuple[int, int] = (80, 24), **env: str
) -> Iterator[Terminal]:
    """`tractatus-merge WORDS` in a terminal; it ends with the block."""
    there = Terminal(folder, list(program(*words)), size, **env)
    try:
        yield there
    finally:
        there.close()
