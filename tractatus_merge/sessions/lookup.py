"""Find sessions: by name, those of this line, those that are open; and a tag that is free."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import (
    DocumentError,
)
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Life


def all_sessions(sessions: Path) -> list[Session]:
    """Every readable session folder, by id; half-made and broken ones are passed over."""
    found = []
    for folder in _folders(sessions):
        with contextlib.suppress(DocumentError):
            found.append(Session(folder))
    return found


def broken_sessions(sessions: Path) -> list[Path]:
    """The folders whose session.json cannot be read."""
    readable = {session.folder for session in all_sessions(sessions)}
    return [folder for folder in _folders(sessions) if folder not in readable]


def _folders(sessions: Path) -> list[Path]:
    if not sessions.is_dir():
        return []
    named = (folder for folder in sorted(sessions.iterdir()) if not folder.name.startswith("."))
    return [folder for folder in named if (folder / "session.json").is_file()]


def free_tag(repo: Repository, session: str, state: State) -> str:
    """A session's tag: a hash of its id and this clone's, checked for being free."""
    live = {other.tag: other.id for other in all_sessions(repo.workspace.sessions)}
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


def _named(repo: Repository, name: str) -> Session | None:
    """The session that has, or had, exactly this id; never one that merely begins so."""
    known = [s for s in all_sessions(repo.workspace.sessions) if _here(repo, s)]
    has = [s for s in known if s.id == name]
    had = [s for s in known if name in s.facts.previous_ids]
    return next(iter((*has, *had)), None)


def find(repo: Repository, name: str) -> Session:
    """The session of that id, of that previous id, or with that unique prefix; else LookupError."""
    named = _named(repo, name)
    if named is not None:
        return named
    known = [s for s in all_sessions(repo.workspace.sessions) if _here(repo, s)]
    fitting = [s for s in known if s.id.startswith(name) or s.tag.startswith(name)]
    if len(fitting) == 1 and len(name) >= 4:
        return fitting[0]
    raise LookupError(name)


def _here(repo: Repository, session: Session) -> bool:
    return session.facts.branch == repo.workspace.branch


def line_sessions(repo: Repository) -> list[Session]:
    """Every session of this line that has a folder, one-command sessions left out."""
    known = all_sessions(repo.workspace.sessions)
    return [s for s in known if _here(repo, s) and not s.facts.command]


def open_sessions(repo: Repository) -> list[Session]:
    """The sessions of this line that are open now."""
    return [session for session in line_sessions(repo) if session.state is Life.OPEN]
