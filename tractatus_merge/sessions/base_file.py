"""A session's base as files: the history when the copy was made, and where its records stand.

Both are named by the digest of the history's bytes. The second is there for a long one alone, so
that it need not be parsed; it is disposable. Its first line is the mark that the kernel gave the
history's file when it was written.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from tractatus_merge.instructions import history_file
from tractatus_merge.sessions.facts import Base
from tractatus_merge.system import files, plain_file


def path_of(folder: Path, base: Base) -> Path:
    """The history's file."""
    return folder / f"base-{base.digest}.json"


def index_path(folder: Path, base: Base) -> Path:
    """The file that says where its records stand."""
    return folder / f"rows-{base.digest}.json"


def keep(folder: Path, base: Base, data: bytes) -> Path:
    """Keep a history that was written just now; durable when the next file in the folder is."""
    path = path_of(folder, base)
    files.replace(path, data, settled=False)
    index = history_file.index(data)
    if index:
        with contextlib.suppress(OSError):  # it is there already, or is not missed
            files.make(index_path(folder, base), _mark(path) + index, 0o666)
    return path


def index(folder: Path, base: Base, data: bytes) -> bytes:
    """Where the records stand in the bytes of a base, if that is told, and they are as written."""
    try:
        mark, end, found = plain_file.read(index_path(folder, base)).partition(b"\n")
        is_known = mark + end == _mark(path_of(folder, base))
    except OSError:
        return b""
    return found if is_known or files.digest(data) == base.digest else b""


def drop(folder: Path, base: Base) -> None:
    """Take both files away."""
    for path in (path_of(folder, base), index_path(folder, base)):
        path.unlink(missing_ok=True)


def _mark(path: Path) -> bytes:
    """What tells one state of a file from another."""
    found = path.stat()
    return b"%d %d %d\n" % (found.st_ino, found.st_mtime_ns, found.st_size)
