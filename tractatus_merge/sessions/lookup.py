"""Find sessions: by name, those of this line, those that are open; and a tag that is free."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import DocumentError, RequestError
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import folders
from tractatus_merge.sessions.folder import History, Session, checked_id
from tractatus_merge.sessions.folders import Folders
from tractatus_merge.sessions.lifecycle import Life


def all_sessions(sessions: Path, history: History | None = None) -> list[Session]:
    """Every readable session folder, by id; half-made and broken ones are passed over."""
    return [one for one in _opened(sessions, history) if isinstance(one, Session)]


def broken_sessions(sessions: Path) -> list[DocumentError]:
    """Why the folders cannot be used whose session.json cannot be read; each names its file."""
    return [one for one in _opened(sessions) if isinstance(one, DocumentError)]


def _opened(sessions: Path, history: History | None = None) -> Iterator[Session | DocumentError]:
    for name in folders.names(sessions):
        try:
            yield Session(sessions / name, history)
        except DocumentError as error:
            yield error


def _session(repo: Repository, folder: str) -> Session:
    return Session(repo.workspace.sessions / folder, folders.shown(repo))


def free_tag(repo: Repository, session: str, state: State) -> str:
    """A session's tag: a hash of its id and this clone's, checked for being free."""
    live = {other.tag: other.id for other in Folders(repo).all()}
    clone = repo.workspace.clone_id()
    number = 0
    while True:
        text = f"{session} {clone} {number}" if number else f"{session} {clone}"
        tag = hashlib.sha256(text.encode()).hexdigest()[:8]
        known = summaries.summary(state, tag)
        owner = known["session"] if known else live.get(tag, session)
        if owner == session and live.get(tag, session) == session:
            return tag
        number += 1


def named(repo: Repository, name: str) -> Session | None:
    """The session that has, or had, exactly this id; never one that merely begins so."""
    known = of_id(repo, name)
    if known is not None:
        return known
    here = Folders(repo)
    has = [one for one in here.of_line() if one.id == name]
    had = [one for one in here.of_line() if name in one.previous]
    return next(iter(here.opened((*has, *had))), None)


def of_id(repo: Repository, name: str) -> Session | None:
    """The session whose id, and whose folder's name, is exactly this now."""
    with contextlib.suppress(RequestError, DocumentError):
        there = _session(repo, checked_id(name))
        if there.id == name and _here(repo, there):
            return there
    return None


def find(repo: Repository, name: str) -> Session:
    """The session of that id, of that previous id, or with that unique prefix; else LookupError.

    DocumentError where there is a folder of that id whose session.json cannot be read.
    """
    known = named(repo, name)
    if known is not None:
        return known
    if name in folders.names(repo.workspace.sessions):
        _session(repo, name)
    here = Folders(repo)
    fitting = [s for s in here.of_line() if s.id.startswith(name) or s.tag.startswith(name)]
    if len(fitting) == 1 and len(name) >= 4:
        for session in here.opened(fitting):
            return session
    raise LookupError(name)


def _here(repo: Repository, session: Session) -> bool:
    return session.facts.branch == repo.workspace.line


def line_sessions(repo: Repository, *, commands: bool = False) -> list[Session]:
    """Every session of this line that has a folder; one-command sessions only where asked for."""
    known = all_sessions(repo.workspace.sessions, folders.shown(repo))
    return [s for s in known if _here(repo, s) and (commands or not s.facts.command)]


def open_sessions(repo: Repository) -> list[Session]:
    """The sessions of this line that are open now."""
    return [session for session in unmerged_sessions(repo) if session.state is Life.OPEN]


def unmerged_sessions(repo: Repository) -> list[Session]:
    """The sessions of this line that are open, or ended and not merged; no one-command sessions."""
    here = Folders(repo)
    return [session for session in here.opened(here.going_on()) if not session.facts.command]
