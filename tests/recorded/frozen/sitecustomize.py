"""Loaded by each Python that a recorded command starts: one clock, one source of ids, no file times.

Within one command the clock stands still at the second that FROZEN_AT names; `time.monotonic` goes on,
which is what loops wait by.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
from typing import Any

sys.modules["pytest"] = None  # time-machine has a plugin for it, which takes longer than the rest
import time_machine  # noqa: E402

del sys.modules["pytest"]

NOW = int(os.environ["FROZEN_AT"])
ID_BYTES = 10
"""What a session id asks for. Names of temporary files ask for other sizes: they never show."""

_stat, _urandom, _count = os.stat, os.urandom, itertools.count()


def urandom(size: int) -> bytes:
    """As many bytes; those for an id follow from the clock and the number of the id."""
    if size != ID_BYTES:
        return _urandom(size)
    return hashlib.sha256(f"{NOW} {next(_count)}".encode()).digest()[:size]


def stat(*words: Any, **named: Any) -> os.stat_result:
    """What is known of a file; it is never newer than the clock.

    The kernel gives a file the real time. The stage sets it back after each command; until then
    the file has just been written, which is now.
    """
    found = _stat(*words, **named)
    if found.st_mtime <= NOW:
        return found
    fields, extras = found.__reduce__()[1]
    fields = (*fields[:8], NOW, *fields[9:])
    return os.stat_result(fields, {**extras, "st_mtime": float(NOW), "st_mtime_ns": NOW * 10**9})


os.urandom, os.stat = urandom, stat
time_machine.travel(NOW, tick=False).start()
