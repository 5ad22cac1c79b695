"""Which sessions have a folder here. Nothing in the folders is changed."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tractatus_merge.errors import DocumentError
from tractatus_merge.session import Session


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
