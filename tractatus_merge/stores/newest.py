"""Which version is the newest in a folder of version files, and whether a database has changed.

No version is read, and nothing is opened that somebody else may hold. Standard library only, and
light: agents' hooks ask by it on every prompt.
"""

from __future__ import annotations

import os
import time

HEAD_SIZE = 128
"""The first line of a version's file is never longer."""
FORM, NEWEST_FORM = b"tractatus-merge version ", b"1"
"""How that line begins, and the newest form that this program knows."""
DIGITS = 32
"""So many of the digest's hexadecimal digits stand in a version's name, its number behind them."""


def number(folder: str) -> int:
    """The highest number that a version has; 0 for none. Strangers in the folder are passed."""
    try:
        names = set(os.listdir(folder))  # noqa: PTH208 (it is the fastest)
    except FileNotFoundError:
        return 0
    numbers = (int(name) for name in names if name.isascii() and name.isdigit())
    return max((number for number in numbers if str(number) in names), default=0)


def name(start: bytes, number: int) -> str:
    """The name of the version whose file begins so; ValueError, with a reason, if it is none."""
    line, end, _ = start.partition(b"\n")
    form, _, digest = line.removeprefix(FORM).partition(b" ")
    if not (end and line.startswith(FORM)) or len(digest) != 2 * DIGITS:
        raise ValueError("it is not whole, or no version of a history")
    if form != NEWEST_FORM:
        raise ValueError(
            f"a newer tractatus-merge wrote it, in form {form.decode('ascii', 'replace')}"
        )
    return made(digest.decode("ascii", "replace"), number)


def made(digest: str, number: int) -> str:
    """The name of a version, of its content's digest and its number."""
    return f"{digest[:DIGITS]}{number:08}"


_SETTLED = 0.1
"""Seconds after which another write has another time: the clock of files ticks slowly."""


def stamp(path: str) -> str:
    """What changes whenever a SQLite file is committed to; nothing where that cannot be said yet.

    A commit appends to the log beside the file, or begins it anew; whoever closes the file last
    moves the log into it. So both files are looked at, and neither is read.
    """
    path = os.path.realpath(path)  # which has the log beside it
    found, newest = [], 0.0
    for name in (path, f"{path}-wal"):
        try:
            seen = os.stat(name)  # noqa: PTH116 (pathlib is slow to load)
        except OSError:  # no log: all of it is in the file
            continue
        if seen.st_size:
            found.append(f"{seen.st_ino} {seen.st_size} {seen.st_mtime_ns}")
            newest = max(newest, seen.st_mtime)
    settled = abs(time.time() - newest) > _SETTLED
    return ", ".join(found) if settled else ""
