"""Every session's folder, looked at without opening those that are known.

What is known stands in one file beside them, by the mark that the kernel gives each `session.json`:
a folder whose mark is another is opened and read. The file may go at any time; nothing stands in it
alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from tractatus_merge.core.model.state import Version
from tractatus_merge.errors import DocumentError, Missing
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import COPY, Session
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.system import plain_file

FILE = "sessions.json"
MANY = 1
"""So many folders are opened without a thought; if there are more, it is noted what is in them."""
_FORM = 1
_GOING_ON = {Life.OPEN.value, Life.ENDED.value}


class Known(NamedTuple):
    """What a folder's `session.json` says, in short, while it has this mark.

    `works`: it keeps what it published. `whole`: the head had all that, at the version for which
    it was noted. `size` are its bytes, once no program can be writing into a replaced copy; `done`:
    it is as small as it can be.
    """

    folder: str
    mark: tuple[int, ...]
    id: str
    tag: str
    line: str
    state: str
    command: bool
    previous: tuple[str, ...]
    works: bool
    whole: bool = False
    done: bool = False
    size: int = 0

    @property
    def age(self) -> float:
        """Seconds since the session's facts changed."""
        return time.time() - self.mark[1] / 1e9


class Folders:
    """The folders as they were at one look; broken ones are passed over."""

    def __init__(self, repo: Repository) -> None:
        self._sessions, self._file = repo.workspace.sessions, repo.workspace.state / FILE
        self._history = shown(repo)
        self._opened: dict[str, Session] = {}
        self._head: Version | None = None
        noted, self._whole = _noted(str(self._file), _mark(str(self._file)))
        self._rows = {row.folder: row for row in self._look(noted)}
        self._line = repo.workspace.line
        self._new = sum(noted.get(row.folder) != row for row in self.of_line())

    def _look(self, noted: Mapping[str, Known]) -> Iterable[Known]:
        for name in _listed(self._sessions):
            mark, row = _mark(f"{self._sessions}/{name}/session.json"), noted.get(name)
            if mark is not None and row is not None and row.mark == mark:
                yield row
            elif mark is not None:
                with contextlib.suppress(DocumentError):
                    yield _of(name, mark, self._open(name))

    def _open(self, name: str) -> Session:
        if name not in self._opened:
            self._opened[name] = Session(self._sessions / name, self._history)
        return self._opened[name]

    def all(self) -> list[Known]:
        """Every folder, by name."""
        return list(self._rows.values())

    def of_line(self) -> list[Known]:
        """Those of this line."""
        return [row for row in self._rows.values() if row.line == self._line]

    def going_on(self) -> list[Known]:
        """Those of this line that are open, or ended and not merged yet."""
        return [row for row in self.of_line() if row.state in _GOING_ON]

    def merged(self) -> list[Known]:
        """Those of this line that were merged, the newest first."""
        found = (row for row in self.of_line() if row.state == Life.MERGED.value)
        return sorted(found, key=lambda row: row.age)

    def opened(self, rows: Iterable[Known]) -> list[Session]:
        """The sessions of some folders; what cannot be read any more is passed over."""
        found = []
        for row in rows:
            with contextlib.suppress(DocumentError):
                found.append(self._open(row.folder))
        return found

    def doubtful(self, head: Version, in_head: Callable[[Version], bool]) -> list[Known]:
        """Those of this line that may have published what the head has not."""
        rows = [row for row in self.of_line() if row.works]
        sure = [row for row in rows if row.whole]
        noted = self._whole.get(self._line)
        if len(sure) > MANY and noted and (noted == head or in_head(noted)):
            return [row for row in rows if not row.whole]
        return rows

    def now(self, row: Known) -> None:
        """Another thing is known of a folder from now on."""
        self._new += 1
        self._rows[row.folder] = row

    def whole(self, head: Version) -> None:
        """A version has all that this line's sessions published: so it can be noted."""
        self._head = head

    def note(self) -> None:
        """Note what is known, where that is worth it."""
        if self._new <= MANY or self._head is None:
            return
        rows = [row._replace(whole=row.line == self._line or row.whole) for row in self.all()]
        said = {"form": _FORM, "whole": {**self._whole, self._line: self._head}, "rows": rows}
        staged = self._file.with_name(f".{FILE}.{os.getpid()}")
        with contextlib.suppress(OSError):  # another account's: who may, notes it
            staged.write_text(json.dumps(said), "utf-8")
            staged.replace(self._file)


def names(sessions: Path) -> list[str]:
    """The folders that hold a session, by name."""
    return [name for name in _listed(sessions) if _holds_session(f"{sessions}/{name}")]


def _listed(sessions: Path) -> list[str]:
    try:
        with os.scandir(sessions) as found:
            return sorted(one.name for one in found if not one.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _holds_session(folder: str) -> bool:
    """Whether there are facts or a copy in the folder, or nobody can tell from here."""
    for name in ("session.json", COPY):
        try:
            os.lstat(f"{folder}/{name}")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # another account's, closed to this one
            pass
        return True
    return False


def shown(repo: Repository) -> Callable[[Version], tuple[Version, bytes]]:
    """How a session that let go of its base gets it again: the history file of that version.

    Of the head where that is gone: what is untouched is as it stands now.
    """

    def history(version: Version) -> tuple[Version, bytes]:
        try:
            state = repo.store.load(repo.resolved(version))
        except Missing:
            state = repo.head()
            version = str(state.version)
        return version, history_file.write(repo.document(state))

    return history


def size(folder: str | Path) -> int:
    """The bytes of a folder; what goes meanwhile counts nothing."""
    found = 0
    with contextlib.suppress(OSError), os.scandir(folder) as there:
        for entry in there:
            with contextlib.suppress(OSError):
                found += entry.stat(follow_symlinks=False).st_size
                found += size(entry.path) if entry.is_dir(follow_symlinks=False) else 0
    return found


def _of(name: str, mark: tuple[int, ...], session: Session) -> Known:
    facts = session.facts
    said = facts.id, facts.tag, facts.branch, facts.state.value, facts.command, facts.previous_ids
    return Known(name, mark, *said, works=bool(session.works()))


def _mark(path: str) -> tuple[int, ...] | None:
    """What tells one state of a file from another: each is a new file. None: there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=2)
def _noted(path: str, mark: tuple[int, ...] | None) -> tuple[dict[str, Known], dict[str, Version]]:
    """What is noted in the file, by folder, and at which version it was, by line."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        said = json.loads(plain_file.read(Path(path))) if mark else {}
        if said.get("form") == _FORM:
            rows = [Known(*row) for row in said["rows"]]
            known = (
                row._replace(mark=tuple(row.mark), previous=tuple(row.previous)) for row in rows
            )
            return {row.folder: row for row in known}, dict(said["whole"])
    return {}, {}
