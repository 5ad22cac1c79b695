"""What programs wrote into a file that had just been replaced under them.

A program that opened the file before the exchange writes into the old one, maybe long after. Each
old file therefore stays linked for a while, beside what it said when it was read; each command
looks at them. No JSON here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from tractatus_merge.system import files

KEPT = 20.0
"""Seconds for which a replaced file is looked at: no program takes longer over one rewriting."""


class Late:
    """The files that were replaced of late; in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exchange(self, path: Path, data: bytes, seen: bytes) -> None:
        """Replace a file; the old one, which said `seen` when it was read, stays in sight."""
        name = f"{time.time_ns():020}-{os.urandom(4).hex()}"
        files.replace(self.folder / f"{name}.seen", seen)
        files.exchange(path, data, self.folder / f"{name}.file")

    def written(self) -> Iterator[tuple[str, bytes, bytes, bool]]:
        """Each old file that was written into, oldest first.

        (name, what it said, what it says, whether that was taken in). Files that were replaced
        long ago are let go of after the look.
        """
        for mark in sorted(self.folder.glob("*.seen")):
            old, taken = mark.with_suffix(".file"), mark.with_suffix(".taken")
            try:
                seen, data = mark.read_bytes(), old.read_bytes()
            except FileNotFoundError:  # the exchange was cut off before it began
                data = seen = b""
            if data and data != seen:
                known = taken.exists() and taken.read_text() == files.digest(data)
                yield mark.stem, seen, data, known
            if int(mark.stem.partition("-")[0]) / 1e9 < time.time() - KEPT:
                for path in (old, taken, mark):
                    path.unlink(missing_ok=True)

    def take(self, name: str, data: bytes) -> None:
        """Note that what the old file says was taken in."""
        files.replace(self.folder / f"{name}.taken", files.digest(data).encode())
