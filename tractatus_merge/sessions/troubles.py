"""What is wrong with sessions' folders: told by `sessions` and `doctor`, passed over by all others.

One trouble a session, the gravest. Looking changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from tractatus_merge.errors import DocumentError
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import folders, journal, lookup, publish
from tractatus_merge.sessions.facts import Requested, SealedCopy, UndoRequest
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.system import jsonl, plain_file
from tractatus_merge.value import Value

SESSION, COPY, JOURNAL, ASIDE = "session", "copy", "journal", "aside"
"""What a trouble is in: the facts, base or copy, the journal; or what was set aside for good."""
_MENDED = "tractatus-merge doctor --fix   (keeps them in journal.damaged)"


class Trouble(Value):
    """What is wrong at a path, and what to type next; `session` None: it cannot be read at all."""

    code: str
    where: Path
    what: str
    fix: str
    session: Session | None = None

    @property
    def mendable(self) -> bool:
        """Whether `doctor --fix` can mend it."""
        return self.code == JOURNAL and self.fix == _MENDED

    @property
    def sentence(self) -> str:
        """Where, and what."""
        colon = "" if self.code == SESSION else ":"
        return f"{self.where}{colon} {self.what}"


def troubles(repo: Repository, but: Collection[Path] = ()) -> Iterator[Trouble]:
    """The trouble of each session that has one; those in some folders are left out."""
    sessions = repo.workspace.sessions
    for error in lookup.broken_sessions(sessions):
        yield Trouble(SESSION, Path(error.file), error.why, error.hint or "")
    for session in lookup.all_sessions(sessions, folders.shown(repo)):
        found = None if session.folder in but else trouble_of(repo, session)
        if found is not None:
            yield found


def trouble_of(repo: Repository, session: Session) -> Trouble | None:
    """What is wrong with a session that can be read; None if nothing is."""
    return (_of_copy(repo, session) or _of_journal(session)) or _of_works(session)


def _of_copy(repo: Repository, session: Session) -> Trouble | None:
    """Why the session could not be merged; nobody waits for what an abandoned one has."""
    here = session.facts.branch == repo.workspace.line
    if not here or session.state is Life.ABANDONED:
        return None
    try:
        publish.changes(repo, session)
        for work in session.works():
            if isinstance(work, SealedCopy):
                session.sealed(work)
    except DocumentError as error:
        return Trouble(COPY, Path(error.file), _why(error), error.hint or "", session)
    except OSError as error:
        where = Path(str(error.filename or session.folder))
        fix = f"ls -ld {where}"
        return Trouble(COPY, where, f"cannot be read: {error.strerror or error}", fix, session)
    except publish.TROUBLE as error:
        what = f"cannot be merged: {type(error).__name__}: {error}"
        fix = f"tractatus-merge end --session {session.id}   (writes down where it fails)"
        return Trouble(COPY, session.copy_path, what, fix, session)
    return None


def _why(error: DocumentError) -> str:
    return error.why if error.line is None else f"line {error.line}: {error.why}"


def _of_journal(session: Session) -> Trouble | None:
    path = session.folder / journal.JOURNAL
    try:
        bad = damaged(plain_file.read(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        return Trouble(
            JOURNAL, path, f"cannot be read: {error.strerror}", f"ls -ld {path}", session
        )
    if not bad:
        return None
    what = f"{len(bad)} damaged line{'s' * (len(bad) != 1)}"
    return Trouble(JOURNAL, path, what, _MENDED, session)


def damaged(data: bytes) -> list[bytes]:
    """The lines of a journal that are torn, or say nothing that this program understands."""
    lines = [line for line in data.splitlines() if line.strip()]
    return [line for line in lines if (event := jsonl.parse(line)) is None or journal.is_odd(event)]


def _of_works(session: Session) -> Trouble | None:
    for work in session.works():
        if isinstance(work, Requested) and work.aside:
            return Trouble(ASIDE, session.folder, set_aside(work), "tractatus-merge log", session)
    return None


def set_aside(work: Requested) -> str:
    """What was set aside, in words."""
    request = work.request
    what, about = "the answer to", getattr(request, "conflict", "")
    if isinstance(request, UndoRequest):
        what, about = "the undoing of", request.version[:12]
    elif not about:
        what, about = "the revocation of", getattr(request, "resolution", "")
    why = f" ({json.dumps(request.why, ensure_ascii=False)})" if request.why else ""
    return f"{what} {about} by {request.author}{why} is gone, and not done again: {work.aside}"
