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

KEPT = 20.0
"""Seconds for which a replaced file is looked at: no program takes longer over one rewriting."""


class Late:
    """The files that were replaced of late; in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new: set[str] = set()

    def exchange(self, path: Path, data: bytes, seen: bytes) -> None:
        """Replace a file; the old one, which said `seen` when it was read, stays in sight."""
        name = f"{time.time_ns():020}-{os.urandom(4).hex()}"
        files.replace(self.folder / f"{name}.seen", zlib.compress(seen, 1))
        self._new.add(name)
        try:
            files.exchange(path, data, self.folder / f"{name}.file")
        except OSError:
            self._forget(name)
            raise

    def put_away(self, path: Path, seen: bytes) -> None:
        """Take a file away that said `seen`; it stays in sight as one that was replaced."""
        name = f"{time.time_ns():020}-{os.urandom(4).hex()}"
        files.replace(self.folder / f"{name}.seen", zlib.compress(seen, 1))
        path.rename(self.folder / f"{name}.file")

    def look_anew(self) -> None:
        """Begin another command: what was replaced before it was replaced by then."""
        self._new.clear()

    def is_due(self) -> bool:
        """Whether a file was replaced so long ago that whoever comes may look a last time."""
        return any(_moment(mark) < time.time() - KEPT for mark in self.folder.glob("*.seen"))

    def is_empty(self) -> bool:
        """Whether nothing is looked at."""
        return next(self.folder.glob("*.seen"), None) is None

    def written(self) -> Iterator[tuple[str, bytes, bytes, bool]]:
        """Each old file that was written into, oldest first.

        (name, what it said, what it says, whether that was taken in). Files that were replaced
        long ago are let go of after the look, and so is what nobody has open to write, and wrote.
        """
        for mark in sorted(self.folder.glob("*.seen")):
            old, taken, free = mark.with_suffix(".file"), mark.with_suffix(".taken"), False
            try:
                free = mark.stem not in self._new and not files.may_be_written(old)
                seen, data = zlib.decompress(plain_file.read(mark)), plain_file.read(old)
            except (OSError, zlib.error):  # cut off before it began; or it is none of ours
                data = seen = b""
            if data and data != seen:
                known, free = _said(taken) == files.digest(data).encode(), False
                yield mark.stem, seen, data, known
            if free or _moment(mark) < time.time() - KEPT:
                self._forget(mark.stem)

    def _forget(self, name: str) -> None:
        for suffix in (".file", ".taken", ".seen"):
            with contextlib.suppress(OSError):  # gone already; or what no exchange has put there
                (self.folder / f"{name}{suffix}").unlink()

    def take(self, name: str, data: bytes) -> None:
        """Note that what the old file says was taken in."""
        files.replace(self.folder / f"{name}.taken", files.digest(data).encode())


def _moment(mark: Path) -> float:
    """When the exchange was, in seconds; long ago for what no exchange has put there."""
    text = mark.stem.partition("-")[0]
    return int(text) / 1e9 if text.isascii() and text.isdigit() and len(text) <= 20 else 0.0


def _said(path: Path) -> bytes:
    try:
        return plain_file.read(path)
    except OSError:
        return b""
