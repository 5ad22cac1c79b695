"""What programs wrote into a file that had just been replaced under them.

A program that opened the file before the exchange writes into the old one, maybe long after. Each
old file therefore stays linked for a while, beside what it said when it was read; each command
looks at them. One that nobody can write into any more, the kernel says, goes at the next look.
No JSON here.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from tractatus_merge.system import files, plain_file

_SEEN = ".seen"
KEPT = 20.0
"""Seconds for which a replaced file is looked at: no program takes longer over one rewriting."""


class Late:
    """The files that were replaced of late; in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new: set[str] = set()

    def exchange(self, path: Path, data: bytes, seen: bytes) -> None:
        """Replace a file; the old one, which said `seen` when it was read, stays in sight."""
        name = self._noted(seen)
        self._new.add(name)
        try:
            files.exchange(path, data, self.folder / f"{name}.file")
        except OSError:
            self._forget(name)
            raise

    def put_away(self, path: Path, seen: bytes) -> None:
        """Take a file away that said `seen`; it stays in sight as one that was replaced."""
        path.rename(self.folder / f"{self._noted(seen)}.file")

    def _noted(self, seen: bytes) -> str:
        """Write down what a file says that is about to be replaced; the name by which it is known.

        Nothing is synced: no writer at work outlives a loss of power.
        """
        name = f"{time.time_ns():020}-{os.urandom(4).hex()}"
        self.folder.mkdir(parents=True, exist_ok=True)
        files.make(self.folder / f"{name}{_SEEN}", zlib.compress(seen, 1), 0o666)
        return name

    def look_anew(self) -> None:
        """Begin another command: what was replaced before it was replaced by then."""
        self._new.clear()

    def is_due(self) -> bool:
        """Whether a file was replaced so long ago that whoever comes may look a last time."""
        return any(_moment(name) < time.time() - KEPT for name in self._names())

    def is_empty(self) -> bool:
        """Whether nothing is looked at."""
        return not self._names()

    def _names(self) -> list[str]:
        """What is looked at, oldest first."""
        try:
            found = [path.name for path in self.folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError, PermissionError):  # no exchange was here
            return []
        return sorted(name.removesuffix(_SEEN) for name in found if name.endswith(_SEEN))

    def written(self) -> Iterator[tuple[str, bytes, bytes, bool]]:
        """Each old file that was written into, oldest first.

        (name, what it said, what it says, whether that was taken in). Files that were replaced
        long ago are let go of after the look, and so is what nobody has open to write, and wrote.
        """
        for name in self._names():
            old, taken, free = (
                *(self.folder / f"{name}.{kind}" for kind in ("file", "taken")),
                False,
            )
            try:
                free = name not in self._new and not files.may_be_written(old)
                seen = zlib.decompress(plain_file.read(self.folder / f"{name}{_SEEN}"))
                data = plain_file.read(old)
            except (OSError, zlib.error):  # cut off before it began; or it is none of ours
                data = seen = b""
            if data and data != seen:
                known, free = _said(taken) == files.digest(data).encode(), False
                yield name, seen, data, known
            if free or _moment(name) < time.time() - KEPT:
                self._forget(name)

    def _forget(self, name: str) -> None:
        for suffix in (".file", ".taken", _SEEN):
            with contextlib.suppress(OSError):  # gone already; or what no exchange has put there
                (self.folder / f"{name}{suffix}").unlink()

    def take(self, name: str, data: bytes) -> None:
        """Note that what the old file says was taken in."""
        files.replace(self.folder / f"{name}.taken", files.digest(data).encode())


def _moment(name: str) -> float:
    """When the exchange was, in seconds; long ago for what no exchange has put there."""
    text = name.partition("-")[0]
    return int(text) / 1e9 if text.isascii() and text.isdigit() and len(text) <= 20 else 0.0


def _said(path: Path) -> bytes:
    try:
        return plain_file.read(path)
    except OSError:
        return b""
