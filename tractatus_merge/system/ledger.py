"""What `install` changed, noted before it is changed, so that every byte can be given back.

A file as it was left gets its old bytes. One that was edited since loses our part only, and that
is said. No policy of what is installed.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tractatus_merge.errors import StoreError
from tractatus_merge.system import files, plain_file
from tractatus_merge.system.marked_sections import Splice
from tractatus_merge.value import Value

Strip = Callable[[bytes], bytes]


class Change(Value):
    """One file: what it was (None: not there), what it becomes; `aside`: where the old one goes.

    With `aside` the old file is moved as it is, be it a link, a program or switched off.
    """

    path: Path
    kind: str
    before: bytes | None
    after: bytes
    aside: Path | None = None

    def noted(self, path: str) -> dict[str, Any]:
        """As the ledger keeps it: the difference, never the rest of the file."""
        note: dict[str, Any] = {"path": path, "kind": self.kind}
        if self.aside is not None:
            return note | {"aside": self.aside.name, "after": files.digest(self.after)}
        splice = Splice.between(self.before or b"", self.after)
        return note | {
            "existed": self.before is not None,
            "before": files.digest(self.before or b""),
            "after": files.digest(self.after),
            "at": splice.at,
            "was": splice.was.decode("latin-1"),
            "now": len(splice.now),
        }

    def make(self) -> None:
        """Write it."""
        if self.aside is not None:
            self.path.rename(self.aside)
        _put(self.path, self.after, self.kind)
        if self.kind == "hook" and not os.access(self.path, os.X_OK):
            self.path.chmod(0o755)


@dataclass
class Ledger:
    """The notes of one clone."""

    path: Path
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Ledger:
        """The ledger there; an empty one if there is none. StoreError if it cannot be read."""
        try:
            notes = json.loads(plain_file.read(path))
            why = "" if isinstance(notes, dict) else "it holds no object"
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, RecursionError) as error:
            why = str(error)
        if why:
            hint = f"mv {path} {path}.broken"
            raise StoreError(f"{path} cannot be read: {why}", hint=hint)
        return cls(path, notes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is installed."""
        return not self.notes

    def save(self) -> None:
        """Keep it, for its owner's eyes only."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(self.path, json.dumps(self.notes, indent=1).encode())
        self.path.chmod(0o600)

    def make(self, changes: list[Change]) -> None:
        """Note all the changes, then make them."""
        folders = {change.path.parent for change in changes} | {self.path.parent}
        missing = {self._named(made) for folder in folders for made in _missing(folder)}
        missing |= {*self.notes.get("folders", ())}
        self.notes["folders"] = sorted(missing)
        self.notes["files"] = [*self.files(), *(c.noted(self._named(c.path)) for c in changes)]
        self.save()
        for change in changes:
            change.make()

    def undo(
        self, strips: dict[str, Strip], keep: Callable[[Path], bool] | None = None
    ) -> list[str]:
        """Give every file back; what could not be given back byte for byte is told.

        `strips` take our part out of a file of a kind that was edited since. Files that are to be
        kept stay as they are, and noted.
        """
        kept = [note for note in self.files() if keep and keep(self._place(note["path"]))]
        gone = [note for note in reversed(self.files()) if note not in kept]
        told = [
            said for note in gone if (said := _given_back(note, self._place(note["path"]), strips))
        ]
        folders = self.notes.get("folders", [])
        if kept:
            self.notes |= {"files": kept, "folders": folders}
            self.save()
            return told
        self.notes = {}
        self.path.unlink(missing_ok=True)
        inmost_first = sorted(map(self._place, folders), key=lambda at: len(at.parts), reverse=True)
        for folder in inmost_first:
            with contextlib.suppress(OSError):  # somebody else's file is in it now
                folder.rmdir()
        return told

    def paths(self) -> list[Path]:
        """The files that were changed."""
        return [self._place(note["path"]) for note in self.files()]

    def _named(self, path: Path) -> str:
        """A path as it is noted: from the ledger's folder, so that a repository may be moved."""
        near = self.path.parent.parent.parent
        return os.path.relpath(path, self.path.parent) if near in path.parents else str(path)

    def _place(self, name: str) -> Path:
        """The path that was noted; of its folder no link is followed twice."""
        return Path(os.path.normpath(self.path.parent / name))

    def files(self) -> list[dict[str, Any]]:
        """The notes about files."""
        found: list[dict[str, Any]] = self.notes.get("files", [])
        return found


def read(path: Path) -> bytes | None:
    """The file's bytes, None if there is none."""
    try:
        return plain_file.read(path)
    except FileNotFoundError:
        return None


def under_lock(path: Path, data: bytes) -> None:
    """Replace a file of git's own by git's own rule: first the lock, then the rename."""
    path = path.resolve()
    lock = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError:
        why = f"{path} is locked by another git process: {lock} is there."
        raise StoreError(why, hint=f"when no git runs any more: rm {lock}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):
            lock.chmod(path.stat().st_mode & 0o7777)
        lock.rename(path)
    except OSError:
        lock.unlink(missing_ok=True)
        raise


def _missing(folder: Path) -> Iterator[Path]:
    while not folder.exists():
        yield folder
        folder = folder.parent


def _given_back(note: dict[str, Any], path: Path, strips: dict[str, Strip]) -> str | None:
    now = read(path)
    if "aside" in note:
        return _moved_back(note, path, now, strips)
    if now is None:
        return f"{path} is gone: it was left so" if note["existed"] else None
    if files.digest(now) == note["after"]:
        at = note["at"]
        was = now[:at] + note["was"].encode("latin-1") + now[at + note["now"] :]
        _put(path, was if note["existed"] else None, note["kind"])
        return None
    if note["existed"] and files.digest(now) == note["before"]:
        return None  # killed before it was written
    left = strips[note["kind"]](now)
    if left == now:
        return f"{path} was written anew since, without our part: it was left so"
    _put(path, left or (b"" if note["existed"] else None), note["kind"])
    return f"{path} was edited since: only our part was taken away"


def _moved_back(
    note: dict[str, Any], path: Path, now: bytes | None, strips: dict[str, Strip]
) -> str | None:
    aside = path.with_name(note["aside"])
    if not os.path.lexists(aside):
        return f"{aside} is gone: {path} was left" if now is not None else None
    if now is not None and files.digest(now) != note["after"]:
        _put(path, strips[note["kind"]](now), note["kind"])
        return f"{path} was edited since: it still runs {aside.name}; only our part was taken away"
    aside.replace(path)
    return None


def _put(path: Path, data: bytes | None, kind: str) -> None:
    if data is None:
        path.unlink()
    elif kind == "config":
        under_lock(path, data)
    else:
        files.replace(path, data)
