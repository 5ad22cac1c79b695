"""Files that others may be writing: atomic replacement, late writers. No JSON.

Paths are texts or `Path`s. Standard library only, and of it little at import: who waits for
another's merge reads and writes by it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from _thread import get_ident
from contextlib import contextmanager
from functools import lru_cache

from tractatus_merge.system import plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    AnyPath = str | Path

_AT_ONCE = 3
"""Threads that help with many syncs."""


_LARGE = 1 << 18
"""Bytes of a content whose name is remembered: one command asks for it more than once."""


_named: list[tuple[bytes, str]] = []
"""The large contents that were named last."""


def digest(data: bytes) -> str:
    """The name of a content: the first 16 hex digits of its SHA-256."""
    if len(data) < _LARGE:
        return hashlib.sha256(data).hexdigest()[:16]
    for known, name in _named:
        if known == data:
            return name
    _named[:] = [*_named[-1:], (data, hashlib.sha256(data).hexdigest()[:16])]
    return _named[-1][1]


def digest_of(path: AnyPath) -> str:
    """The name of what a plain file holds, which is not read into memory; OSError if it is none."""
    with open(plain_file.opened(path), "rb", 0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def replace(path: AnyPath, data: bytes, *, settled: bool = True) -> None:
    """Put a whole new file at the path, durable before it is visible; its mode stays.

    When this returns, it is there also after a loss of power; not `settled`, when the next one in
    this folder is. OSError, naming the path, where it cannot be put there; then nothing is left
    beside it.
    """
    with _whole(path, _beside(path)) as staged:
        _stage(staged, path, data)
        os.rename(staged, path)
    if settled:
        sync([_folder(path)])


def exchange(path: AnyPath, data: bytes, keep: AnyPath) -> None:
    """Replace a file that foreign programs write in place.

    The old file stays linked at `keep`, so that a writer still at work in it can be noticed.
    OSError, naming the path, where that cannot be done; then nothing is left, the link neither.
    """
    with _whole(path, _beside(path, _folder(keep)), keep) as staged:
        _stage(staged, path, data)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(keep)
        with contextlib.suppress(OSError):  # none there, or another file system: no second look
            os.link(path, keep)
        os.rename(staged, path)
    sync([_folder(path)])


def may_be_written(path: AnyPath) -> bool:
    """Whether a program has the file open to write, or another name of it; or nobody can tell.

    The kernel knows it of what is on this machine: it leases a file to readers if nobody writes.
    """
    lease = getattr(fcntl, "F_SETLEASE", None)
    if lease is None:
        return True
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        facts = os.fstat(descriptor)
        if facts.st_nlink > 1 or not _is_here(facts.st_dev):
            return True
        fcntl.fcntl(descriptor, lease, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, lease, fcntl.F_UNLCK)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


@lru_cache(maxsize=8)
def _is_here(device: int) -> bool:
    """Whether a file system is this machine's alone: else its kernel knows not all who write."""
    if os.major(device):
        return True
    named = f"{os.major(device)}:{os.minor(device)}"
    table = plain_file.read("/proc/self/mountinfo").decode("utf-8", "replace")
    rows = map(str.split, table.splitlines())
    kinds = {row[row.index("-") + 1] for row in rows if row[2] == named}
    return bool(kinds) and kinds <= {"tmpfs", "overlay"}


def create(path: AnyPath, data: bytes, aside: AnyPath) -> bool:
    """Put a whole new file at a path where nothing is; False where another is there, which stays.

    It is written in `aside`, a folder of the same file system, and durable before it is visible:
    link(2) gives it its name, and of many who do so at once the kernel lets one. OSError, naming
    the path, where that cannot be done.
    """
    staged = os.path.join(aside, f"{os.path.basename(path)}.{os.urandom(8).hex()}")
    try:
        os.makedirs(aside, exist_ok=True)
        _stage(staged, path, data)
        try:
            os.link(staged, path)
        except OSError:
            if not os.path.exists(path):
                raise
            if not (os.path.exists(staged) and os.path.samefile(path, staged)):
                return False
            # It was done, and a server's answer got lost. An inode alone would not say so: that of
            # a file which a sweep took away is given to the next one.
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with contextlib.suppress(OSError):  # never written, or a later sweep finds it
            os.unlink(staged)
    sync([_folder(path)])
    return True


def link(path: AnyPath, beside: AnyPath) -> bool:
    """Give a file that nobody changes any more another name; whether it could be given.

    It is durable with the next file that is put into that folder.
    """
    try:
        os.link(path, beside)
    except OSError:  # it was put there before a crash, maybe not whole; or nothing can be linked
        return False
    return True


def make(path: AnyPath, data: bytes, mode: int) -> None:
    """Write a new file where nothing is, with these rights less the umask; nothing is synced."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(data)


@contextmanager
def _whole(path: AnyPath, staged: str, *more: AnyPath) -> Iterator[str]:
    """Take away what was put aside where the file cannot be replaced; the error names the file."""
    try:
        yield staged
    except OSError as error:
        for left in (staged, *more):
            with contextlib.suppress(OSError):
                os.unlink(left)
        where = path
        if isinstance(error, PermissionError):  # a folder refused: the one that was written in
            where = _folder(staged) if error.filename == staged else _folder(path)
            where = _folder(path) if error.filename2 is not None else where
        raise OSError(error.errno, error.strerror, str(where)) from None


def sync(paths: Iterable[AnyPath]) -> None:
    """Make some files, and the names in some folders, durable; what is not there is passed over.

    Several at once: a disk then takes many syncs as one.
    """
    every = list(paths)
    if len(every) < 2:
        for path in every:
            _fsync(path)
        return
    from threading import Thread

    todo, failed = iter(every), list[OSError]()

    def work() -> None:
        for path in todo:
            try:
                _fsync(path)
            except OSError as error:
                failed.append(error)

    helpers = [Thread(target=work) for _ in range(min(_AT_ONCE, len(every) - 1))]
    for helper in helpers:
        helper.start()
    work()
    for helper in helpers:
        helper.join()
    if failed:
        raise failed[0]


def _fsync(path: AnyPath) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except PermissionError:
        if os.path.isdir(path):  # it may be written in and not be listed: what is there, is there
            return
        raise
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not os.path.isdir(path):  # some network file systems know no such thing of a folder
            error.filename = str(path)
            raise
    finally:
        os.close(descriptor)


def _folder(path: AnyPath) -> str:
    return os.path.dirname(path) or "."


def _beside(path: AnyPath, aside: str | None = None) -> str:
    """Where the new file waits to be renamed: `aside` where that is the same file system."""
    folder = _folder(path)
    near = aside is not None and os.path.isdir(aside) and os.path.isdir(folder)
    if near and aside is not None and os.stat(aside).st_dev == os.stat(folder).st_dev:
        folder = aside  # else one who is killed here leaves a stranger in the work tree
    name = f".{os.path.basename(path)}.{os.getpid()}-{get_ident()}"
    return os.path.join(folder, name)


def _stage(staged: str, path: AnyPath, data: bytes) -> None:
    """Write the new file, with the mode of the old one."""
    os.makedirs(_folder(path), exist_ok=True)
    with open(staged, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(OSError):
        os.chmod(staged, os.stat(path).st_mode & 0o7777)


def sweep(folder: Path, pattern: str, age: float) -> None:
    """Remove the folders that were half made, so many seconds ago, by a process that was killed."""
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):  # finished, or removed by another, at this moment
            if time.time() - path.stat().st_mtime > age:
                from shutil import rmtree  # rarely needed, and it loads every archiver

                rmtree(path, ignore_errors=True)
