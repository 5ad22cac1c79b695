"""The kernel's locks on files: held for a while, or kept until this process ends.

Standard library only, and of it little at import.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    AnyPath = str | Path

_KEPT: dict[tuple[int, int], int] = {}
"""The locks that this process keeps: the device and inode of each file, and its descriptor."""


@contextmanager
def locked(path: AnyPath, wait: float) -> Iterator[bool]:
    """Hold the kernel's lock on a file; yields whether it was got within `wait` seconds.

    Waiting is done by the kernel, in order: polling locks starve (Jain index 0.5 against 0.99). The
    file stays after release: removing it would let two processes lock two files of one name.
    """
    if is_kept(path):
        yield True
        return
    descriptor = _lock_file(path)
    try:
        yield _acquire(descriptor, wait)
    finally:
        os.close(descriptor)


def keep(path: AnyPath) -> bool:
    """Take the kernel's lock on a file, at once, until `let_go` or the end of this process.

    False if another process has it. For this process it is as good as free then: see `locked`.
    """
    descriptor = _lock_file(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    facts = os.fstat(descriptor)
    _KEPT[facts.st_dev, facts.st_ino] = descriptor
    return True


def is_kept(path: AnyPath) -> bool:
    """Whether this process keeps the lock on a file."""
    return bool(_KEPT) and _named(path) in _KEPT


def let_go(path: AnyPath) -> None:
    """Keep the lock on a file no longer."""
    descriptor = _KEPT.pop(_named(path) or (0, 0), None)
    if descriptor is not None:
        os.close(descriptor)


def _named(path: AnyPath) -> tuple[int, int] | None:
    """What tells a file from all others, whatever path leads to it; None where it is not there."""
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _lock_file(path: AnyPath) -> int:
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _acquire(descriptor: int, wait: float) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        if wait <= 0:
            return False
    from threading import Event, Thread

    got = Event()

    def block() -> None:
        with contextlib.suppress(OSError):  # the descriptor was closed when patience ran out
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            got.set()

    Thread(target=block, daemon=True).start()
    return got.wait(wait)
