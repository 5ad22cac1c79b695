"""Which version of a line need not be looked through again: a note beside the sessions.

`git gc --prune=now` takes objects that nothing named when it began to look; so for a while it may
take some of a version that was found whole. A version is trusted when it was found whole twice, as
the head, so far apart that what was pruning at first has ended. Of a later head only what it has
besides is looked at, each time, until it is trusted itself. When it is, it is looked at whether
it is made as this program makes trees, too: of a later one that need not be asked of all folders.

The note is void where packs, the shallow boundary or alternates have changed, or the clock went
back. Where objects are borrowed from another repository nothing is trusted: it prunes by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from tractatus_merge.core.model.state import Version
from tractatus_merge.system import files, plain_file
from tractatus_merge.value import Value, asdict, replace

AGE = 15 * 60.0
"""Seconds after which whatever was pruning has ended."""


class _Note(Value):
    """The trusted version, if there is one, and the one that is next, found whole at `since`.

    `ours`: the trusted one is made as this program makes trees.
    """

    trusted: Version | None
    waiting: Version | None
    since: float
    ours: bool = False


_NOTHING = _Note(None, None, 0.0)


class Trust:
    """What is noted of one branch in a repository, whose common folder this is."""

    def __init__(self, common: Path, branch: str) -> None:
        self._common = common
        self._path = common / "tractatus" / f"whole-{files.digest(branch.encode())}.json"

    def version(self) -> Version | None:
        """The version that is trusted."""
        return self._read().trusted

    def ours(self) -> Version | None:
        """The version that is trusted, where it is made as this program makes trees."""
        note = self._read()
        return note.trusted if note.ours else None

    def seen(
        self,
        head: Version,
        is_whole: Callable[[Version], bool],
        is_ours: Callable[[Version], bool],
    ) -> None:
        """Note that the head was found whole just now; the others look at an older one."""
        note, now = self._read(), time.time()
        if note.waiting is None:
            self._write(replace(note, waiting=head, since=now))
        elif now - note.since >= AGE:
            old = note.waiting == head or is_whole(note.waiting)
            trusted = note.waiting if old else None
            self._write(_Note(trusted, head, now, bool(trusted) and is_ours(note.waiting)))

    def forget(self) -> None:
        """Trust nothing any more."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> _Note:
        """What is noted; nothing where that is void."""
        try:
            said = json.loads(plain_file.read_text(self._path))
            note = _Note(
                said["trusted"], said["waiting"], float(said["since"]), said.get("ours") is True
            )
            void = said["store"] != self._store() or note.since > time.time()
        except (OSError, ValueError, KeyError, TypeError):  # not there, or torn: look again
            return _NOTHING
        return _NOTHING if void else note

    def _write(self, note: _Note) -> None:
        """Keep a note, where the line keeps anything; it only saves time."""
        store = self._store()
        if store is not None and self._path.parent.is_dir():
            said = json.dumps({**asdict(note), "store": store})
            with contextlib.suppress(OSError):
                files.replace(self._path, said.encode())

    def _store(self) -> str | None:
        """What the object store is made of, as a digest; None where it borrows objects."""
        objects = self._common / "objects"
        if (objects / "info" / "alternates").exists():
            return None
        shallow = self._common / "shallow"
        cut = plain_file.read_text(shallow) if shallow.exists() else ""
        try:
            packs = sorted(
                (entry.name, entry.stat().st_mtime_ns, entry.stat().st_size)
                for entry in os.scandir(objects / "pack")
            )
        except FileNotFoundError:
            packs = []
        return files.digest(repr((cut, packs)).encode())
