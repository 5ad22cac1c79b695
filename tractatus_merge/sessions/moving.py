"""The sessions of a line that moved to another store: taken there, with what is unpublished.

Their folders stay where running agents know them, be it as links: an agent goes on writing into its
copy. The versions that they name are named as in the new store, so a base stays a base.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping
from pathlib import Path

from tractatus_merge.core.model.state import Version
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import RequestError
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup
from tractatus_merge.sessions.folder import Session
from tractatus_merge.system import files, plain_file

_FACTS = "session.json"


def carry(old: Repository, new: Repository, names: Mapping[Version, Version]) -> list[str]:
    """Take the sessions of the old line to the new one; their ids.

    ContentionError where a session is at work at this moment, RequestError where the new line has
    another session of that id: the same command goes on when that is over.
    """
    names = {**names, old.workspace.line: new.workspace.line}
    known = [*lookup.line_sessions(old, commands=True), *_half_way(old, new)]
    for session in known:
        with session.lock():
            there = new.workspace.sessions / session.folder.name
            if there.is_symlink() or there.resolve() != session.folder.resolve():
                _move(session, there)
            _link(old.workspace.sessions / there.name, there)
            facts = json_text.parse(plain_file.read_text(there / _FACTS))
            files.replace(there / _FACTS, json_text.dump(_renamed(facts, names)).encode())
    _carry_notes(old.workspace.view_notes, new.workspace.view_notes, names)
    return [session.id for session in known]


def _half_way(old: Repository, new: Repository) -> list[Session]:
    """Sessions whose folder is in the new place, and that have no link in the old one yet."""
    there = lookup.all_sessions(new.workspace.sessions)
    gone = (one for one in there if not (old.workspace.sessions / one.folder.name).exists())
    return [one for one in gone if one.facts.branch == old.workspace.line]


def _move(session: Session, there: Path) -> None:
    """Move a session's folder: what has a file of it open goes on writing there."""
    from shutil import copytree, rmtree  # rarely needed, and it loads every archiver

    there.parent.mkdir(parents=True, exist_ok=True)
    if there.is_symlink():  # the session was there before
        there.unlink()
    if there.exists():
        if Session(there).tag != session.tag:
            raise RequestError(
                f"there is a session {session.id} in {there.parent} already.",
                hint=f"tractatus-merge sessions; mv {there} ELSEWHERE   (if it is nobody's)",
            )
        rmtree(there)  # a copy that was cut short, of what is still here
    try:
        session.folder.rename(there)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        staged = there.with_name(f".new-{os.urandom(8).hex()}")
        copytree(session.folder, staged, symlinks=True)
        staged.rename(there)
        rmtree(session.folder)


def _link(link: Path, there: Path) -> None:
    """Let the path that an agent knows lead to where the folder is now."""
    if not link.exists():
        way = os.path.relpath(there.resolve(), link.parent.resolve())
        link.symlink_to(way, target_is_directory=True)


def _carry_notes(old: Path, new: Path, names: Mapping[Version, Version]) -> None:
    """What a worktree remembers of its view: else it would be taken for edited."""
    with contextlib.suppress(FileNotFoundError):
        notes = json_text.parse(plain_file.read_text(old))
        new.parent.mkdir(parents=True, exist_ok=True)
        files.replace(new, json_text.dump(_renamed(notes, names)).encode())


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    """A value with each text that is such a name renamed, wherever it stands."""
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
