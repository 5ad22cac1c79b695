"""The files of an object store: written here, and on the disk before a ref names what is in them.

Git's own writers start a process for each kind of object, trust an object that is there already,
which may be another writer's who did not sync it or what a loss of power left of it, and sync no
folder. So loose objects are written here as git writes them. What reads them, packs them and takes
them away is git.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tractatus_merge.errors import StoreError
from tractatus_merge.system import files, plain_file

_MODE = 0o444
_READ_WRITE, _GROUP, _SET_GROUP = 0o666, 0o060, 0o2000
_SHARED = {"umask": 0, "group": 0o660, "all": 0o664, "world": 0o664, "everybody": 0o664}
_NUMBERS = {0: 0, 1: 0o660, 2: 0o664}
"""What older configurations say in numbers."""


class ObjectFiles:
    """One object store's folder.

    `config` gives git's `extensions.objectFormat` and `core.sharedRepository`, an empty text for
    what is not set; it is asked at the first write.
    """

    def __init__(self, folder: Path, config: Callable[[], tuple[str, str]]) -> None:
        self._folder, self._config = folder, config
        self._said: tuple[str, str] | None = None
        self._waiting: dict[str, bytes] = {}
        self._noted: set[Path] = set()

    @property
    def is_ready(self) -> bool:
        """Whether the configuration is known."""
        return self._said is not None

    def put(self, kind: str, content: bytes) -> str:
        """The id of an object that is to be written; its file is there after `flush`."""
        raw = b"%s %d\0" % (kind.encode(), len(content)) + content
        oid = hashlib.new(self._asked()[0] or "sha1", raw, usedforsecurity=False).hexdigest()
        self._waiting[oid] = raw
        return oid

    def waits_for(self, names: Iterable[str]) -> bool:
        """Whether an object has no file yet with whose id a name begins, such as `ID^{tree}`.

        What is there already names nothing that waits.
        """
        if not self._waiting:
            return False
        return any(name.partition(":")[0].partition("^")[0] in self._waiting for name in names)

    def note(self, oid: str) -> None:
        """Note an object, whoever wrote it, as one that `sync` brings to the disk.

        One without a file of its own is in a pack, which git syncs.
        """
        path = self._path(oid)
        found = (path, path.parent) if path.exists() else (self._folder / "pack",)
        self._noted.update(found)

    def flush(self) -> None:
        """Write what waits, whole and synced before it has its name.

        StoreError if that fails; it waits on then, so that no ref moves to what is not there.
        """
        if not self._waiting:
            return
        staged: dict[Path, Path] = {}
        try:
            for oid, raw in self._waiting.items():
                path = self._path(oid)
                self._noted.update((path, path.parent))
                if not _freshened(path, raw):
                    staged[path] = self._stage(path, raw)
            files.sync(staged.values())
            for path, file in staged.items():
                file.rename(path)
            self._waiting = {}
        except OSError as error:
            raise _unwritten(error) from None
        finally:
            for file in staged.values():
                with contextlib.suppress(OSError):  # it has its name by now
                    file.unlink()

    def sync(self) -> None:
        """Write what waits, and bring it and what was noted to the disk; StoreError if not."""
        self.flush()
        try:
            files.sync((*self._noted, self._folder) if self._noted else ())
        except OSError as error:
            raise _unwritten(error) from None
        self._noted.clear()

    def _path(self, oid: str) -> Path:
        return self._folder / oid[:2] / oid[2:]

    def _stage(self, path: Path, raw: bytes) -> Path:
        """Write a file beside its place, under a name that `git prune` takes away in time."""
        folder = path.parent
        if not folder.is_dir():
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
                self._share(folder)
        file = folder / f"tmp_obj_{os.urandom(6).hex()}"
        try:
            files.make(file, zlib.compress(raw, 1), _MODE)
            self._share(file)
        except OSError as error:
            file.unlink(missing_ok=True)
            raise OSError(error.errno, error.strerror, str(file)) from None
        return file

    def _share(self, path: Path) -> None:
        """Give a new file or folder the rights that `core.sharedRepository` asks for."""
        if not self._asked()[1]:
            return
        there = path.stat().st_mode
        wanted = shared_mode(stat.S_IMODE(there), self._asked()[1], folder=stat.S_ISDIR(there))
        if wanted != stat.S_IMODE(there):
            path.chmod(wanted)

    def _asked(self) -> tuple[str, str]:
        if self._said is None:
            self._said = self._config()
        return self._said


def shared_mode(mode: int, said: str, *, folder: bool) -> int:
    """The mode that git gives a file of this mode where `core.sharedRepository` says this.

    Source: git-config(1), and what git's own files look like.
    """
    exact, rights = _rights(said)
    if not rights:
        return mode
    if not mode & 0o200:
        rights &= ~0o222
    if mode & 0o100:
        rights |= (rights & 0o444) >> 2
    mode = (mode & ~0o777) | rights if exact else mode | rights
    if not folder:
        return mode
    return mode | (mode & 0o444) >> 2 | (_SET_GROUP if mode & _GROUP else 0)


def _rights(said: str) -> tuple[bool, int]:
    """Whether the rights are just these, and which."""
    word = said.lower() or "umask"
    if word in _SHARED:
        return False, _SHARED[word]
    try:
        number = int(word, 8)
    except ValueError:
        return False, _SHARED["group" if word in ("true", "yes", "on") else "umask"]
    if number in _NUMBERS:
        return False, _NUMBERS[number]
    return True, number & _READ_WRITE


def _freshened(path: Path, raw: bytes) -> bool:
    """Whether an object is there, whole, and younger now than anything that `git prune` takes."""
    try:
        if _inflated(plain_file.read(path)) != raw:
            return False
        os.utime(path)
    except OSError:  # not there, or another's: then it is written anew
        return False
    return True


def _inflated(data: bytes) -> bytes:
    """What a loose object's file holds; nothing where it is torn."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


def _unwritten(error: OSError) -> StoreError:
    from shlex import quote  # a full disk is rare

    why = f"{error.filename} cannot be written: {error.strerror}; nothing was published"
    return StoreError(f"{why}.", hint=f"df -h {quote(str(Path(error.filename).parent))}")
