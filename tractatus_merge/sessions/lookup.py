"""Which sessions have a folder here, and which tags are free. Nothing in the folders is changed."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import DocumentError
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session


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
