"""The bytes of a plain file, and of nothing else: a FIFO in its place would be waited for.

Standard library only, and light: hooks and the gate read by it.
"""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def read(path: str | Path) -> bytes:
    """What a plain file holds; OSError, at once, where there is none or anything else."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:  # noqa: PTH123 (a descriptor has no path)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "this is no plain file", str(path))
        return file.read()
