"""The bytes of a plain file, and of nothing else: a FIFO in its place would be waited for.

Whatever is opened by a path that others can put something at is opened here. Standard library only,
and light: hooks and the gate read by it.
"""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from pathlib import Path
    from typing import TextIO

_PIECE = 1 << 16
_HANDED = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""What a shell handed to this process: `<(...)` and the like. Whoever typed it waits for it."""


def read(path: str | Path) -> bytes:
    """What a plain file holds; OSError, at once, where there is none or anything else."""
    with open(opened(path), "rb") as file:
        return file.read()


def mapped(path: str | Path) -> mmap:
    """A plain file's bytes as they are in the kernel's memory; OSError as of `read`, or if empty.

    Only for a file that is replaced whole: who reads what another has cut off is killed.
    """
    from mmap import ACCESS_READ, mmap  # few have such files

    with open(opened(path), "rb") as file:
        try:
            return mmap(file.fileno(), 0, access=ACCESS_READ)
        except ValueError as error:  # it is empty
            raise OSError(errno.ENODATA, str(error), str(path)) from None


def are_same(one: str | Path, other: str | Path) -> bool:
    """Whether two plain files hold the same; neither is read into memory. OSError as of `read`."""
    with open(opened(one), "rb", 0) as first, open(opened(other), "rb", 0) as second:
        if os.fstat(first.fileno()).st_size != os.fstat(second.fileno()).st_size:
            return False
        while (piece := first.read(_PIECE)) == second.read(_PIECE):
            if not piece:
                return True
    return False


def holds(path: str | Path, data: bytes) -> bool:
    """Whether a plain file holds these bytes; it is not read into memory. OSError as of `read`."""
    with open(opened(path), "rb", 0) as file:
        at = 0
        while piece := file.read(_PIECE):
            if not data.startswith(piece, at):
                return False
            at += len(piece)
    return at == len(data)


def read_text(path: str | Path) -> str:
    """What a plain file of UTF-8 says; OSError or ValueError, at once, where it says nothing."""
    return read(path).decode()


def read_start(path: str | Path, size: int) -> bytes:
    """No more than the first bytes of a plain file; else as `read`."""
    with open(opened(path), "rb") as file:
        return file.read(size)


def read_given(path: str | Path) -> bytes:
    """What a person named in a command: a plain file, /dev/null, or what was handed to us.

    A pipe or terminal of this process is waited for; a FIFO that has a name of its own is not.
    """
    if os.fspath(path) == os.devnull:
        return b""
    if is_handed(path):
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    return read(path)


def swallowing() -> TextIO:
    """A stream that swallows what is written into it."""
    return open(os.devnull, "w")  # noqa: PTH123


def is_handed(path: str | Path) -> bool:
    """Whether a path is a descriptor of this process, as `<(...)` makes one."""
    return os.fspath(path).startswith(_HANDED)


def open_end(path: str | Path) -> int:
    """A descriptor at the end of a plain file, made if need be: it appends, and can be read."""
    return opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)


def opened(path: str | Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a plain file; OSError, at once, where there is anything else."""
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "this is no plain file", str(path))
