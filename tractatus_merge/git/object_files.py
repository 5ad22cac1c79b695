"""The files of an object store, brought to the disk before a ref names what is in them.

Git syncs a file that it writes, where a command heeds `core.fsync`. It syncs no folder, and no
object that is there already: that one may be another writer's who did not sync it, or what a loss
of power left of it. So each is looked at here, whoever wrote it.
"""

from __future__ import annotations

import zlib
from pathlib import Path

from tractatus_merge.errors import StoreError
from tractatus_merge.system import files, plain_file


class ObjectFiles:
    """One object store's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._noted: set[Path] = set()

    def note(self, oid: str, raw: bytes | None = None) -> bool:
        """Note an object as one that `sync` brings to the disk.

        False where its file does not hold `raw`, the object with its header: it is taken away, for
        git would go on taking it for the object. One without a file of its own is in a pack, which
        git syncs.
        """
        path = self._folder / oid[:2] / oid[2:]
        try:
            torn = raw is not None and _inflated(plain_file.read(path)) != raw
        except FileNotFoundError:
            self._noted.add(self._folder / "pack")
            return True
        except OSError as error:
            raise _unsynced(error) from None
        if torn:
            path.unlink(missing_ok=True)
        self._noted.update((path, path.parent))
        return not torn

    def sync(self) -> None:
        """Bring what was noted to the disk, each file and each folder once; StoreError if not."""
        try:
            files.sync((*self._noted, self._folder) if self._noted else ())
        except OSError as error:
            raise _unsynced(error) from None
        self._noted.clear()


def _inflated(data: bytes) -> bytes:
    """What a loose object's file holds; nothing where it is torn."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


def _unsynced(error: OSError) -> StoreError:
    why = f"{error.filename} cannot be synced: {error.strerror}; nothing was published"
    return StoreError(f"{why}.", hint="git fsck")
