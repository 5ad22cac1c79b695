"""What programs wrote into a file that had just been replaced under them.

A program that opened the file before the exchange writes into the old one, maybe long after. Each
old file therefore stays linked for a while, beside what it said when it was read; each command
looks at them. One that nobody can write into any more, the kernel says, goes at the next look.
No JSON here. Standard library only, and of it little at import.
"""

from __future__ import annotations

import contextlib
import os
import time

from tractatus_merge.system import files, plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT = 20.0
"""Seconds for which a replaced file is looked at: no program takes longer over one rewriting."""


class Late:
    """The files that were replaced of late; in a folder of their own."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = folder
        self._new: set[str] = set()

    def exchange(self, path: str | Path, data: bytes, seen: bytes) -> None:
        """Replace a file; the old one, which said `seen` when it was read, stays in sight."""
        name = self._marked(seen)
        self._new.add(name)
        try:
            files.exchange(path, data, self._file(name, "file"))
        except OSError:
            self._forget(name)
            raise

    def put_away(self, path: str | Path, seen: bytes) -> None:
        """Take a file away that said `seen`; it stays in sight as one that was replaced."""
        os.rename(path, self._file(self._marked(seen), "file"))

    def _marked(self, seen: bytes) -> str:
        """Note what a file says that is about to be replaced; the name under which it is.

        Nothing is synced: no writer at work outlives a loss of power. What that leaves of the note
        is known by the digest in its name.
        """
        name = f"{time.time_ns():020}-{os.urandom(4).hex()}-{files.digest(seen)}"
        os.makedirs(self.folder, exist_ok=True)
        files.make(self._file(name, "seen"), seen, 0o666)
        return name

    def _file(self, name: str, suffix: str) -> str:
        return os.path.join(self.folder, f"{name}.{suffix}")

    def _names(self) -> list[str]:
        """The names of what is looked at, oldest first."""
        try:
            there = os.listdir(self.folder)
        except OSError:
            return []
        return sorted(one.removesuffix(".seen") for one in there if one.endswith(".seen"))

    def look_anew(self) -> None:
        """Begin another command: what was replaced before it was replaced by then."""
        self._new.clear()

    def is_due(self) -> bool:
        """Whether a file was replaced so long ago that whoever comes may look a last time."""
        return any(_moment(name) < time.time() - KEPT for name in self._names())

    def is_empty(self) -> bool:
        """Whether nothing is looked at."""
        return not self._names()

    def written(self) -> Iterator[tuple[str, bytes, bytes, bool]]:
        """Each old file that was written into, oldest first.

        (name, what it said, what it says, whether that was taken in). Files that were replaced
        long ago are let go of after the look, and so is what nobody has open to write, and wrote.
        """
        for name in self._names():
            old, said, free = self._file(name, "file"), self._file(name, "seen"), False
            seen = data = b""
            try:
                free = name not in self._new and not files.may_be_written(old)
                if not plain_file.are_same(old, said):
                    seen, data = plain_file.read(said), plain_file.read(old)
            except OSError:  # cut off before it began; or it is none of ours
                data = b""
            if data and data != seen and name.endswith(files.digest(seen)):
                known, free = _said(self._file(name, "taken")) == files.digest(data).encode(), False
                yield name, seen, data, known
            if free or _moment(name) < time.time() - KEPT:
                self._forget(name)

    def _forget(self, name: str) -> None:
        for suffix in ("file", "taken", "seen"):
            with contextlib.suppress(OSError):  # gone already; or what no exchange has put there
                os.unlink(self._file(name, suffix))

    def take(self, name: str, data: bytes) -> None:
        """Note that what the old file says was taken in."""
        files.replace(self._file(name, "taken"), files.digest(data).encode())


def _moment(name: str) -> float:
    """When the exchange was, in seconds; long ago for what no exchange has put there."""
    text = name.partition("-")[0]
    return int(text) / 1e9 if text.isascii() and text.isdigit() and len(text) <= 20 else 0.0


def _said(path: str) -> bytes:
    try:
        return plain_file.read(path)
    except OSError:
        return b""
