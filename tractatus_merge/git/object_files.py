"""The files of an object store, brought to the disk before a ref names what is in them.

Git syncs a file that it writes, where a command heeds `core.fsync`. It syncs no folder, and no
object that is there already: that one may be another writer's who did not sync it, or what a loss
of power left of it. So each is looked at here, whoever wrote it.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from tractatus_merge.errors import StoreError
from tractatus_merge.system import files


class ObjectFiles:
    """One object store's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unsettled: set[Path] = set()

    def sync(self, oid: str, raw: bytes | None = None) -> bool:
        """Bring an object to the disk; its name is there only after `settle`.

        False where its file does not hold `raw`, the object with its header: it is taken away, for
        git would go on taking it for the object. One without a file of its own is in a pack, which
        git syncs.
        """
        path = self._folder / oid[:2] / oid[2:]
        try:
            with path.open("rb") as file:
                whole = raw is None or _inflated(file.read()) == raw
                if whole:
                    os.fsync(file.fileno())
        except FileNotFoundError:
            self._unsettled.add(self._folder / "pack")
            return True
        except OSError as error:
            raise _unsynced(path, error) from None
        if not whole:
            path.unlink(missing_ok=True)
        self._unsettled.add(path.parent)
        return whole

    def settle(self) -> None:
        """Bring the names of what was synced to the disk: each folder once."""
        if self._unsettled:
            files.sync_folders([*sorted(self._unsettled), self._folder])
            self._unsettled.clear()


def _inflated(data: bytes) -> bytes:
    """What a loose object's file holds; nothing where it is torn."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


def _unsynced(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path} cannot be synced: {error.strerror}.", hint="git fsck")
