"""The sessions of a line that moved to another store: taken there, with what is unpublished.

Their folders stay where running agents know them, be it as links: an agent goes on writing into its
copy. The versions that they name are named as in the new store, so a base stays a base.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tractatus_merge.core.model.state import Version
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup
from tractatus_merge.sessions.folder import Session
from tractatus_merge.system import files, plain_file

_FACTS = "session.json"
_ASIDE = ".moved-"
"""How the name of a folder begins that is in the new place already."""


def carry(old: Repository, new: Repository, names: Mapping[Version, Version]) -> list[str]:
    """Take the sessions of the old line to the new one; their ids.

    ContentionError where a session is at work at this moment: the same command again.
    """
    carried = []
    _finish(old, new)
    for session in lookup.line_sessions(old, commands=True):
        with session.lock():
            _carry(session, old, new, names)
        carried.append(session.id)
    _carry_notes(old.workspace.view_notes, new.workspace.view_notes, names)
    return carried


def _carry(
    session: Session, old: Repository, new: Repository, names: Mapping[Version, Version]
) -> None:
    there = new.workspace.sessions / session.id
    facts = json_text.parse(plain_file.read_text(session.folder / _FACTS))
    said = json_text.dump(_renamed(facts, {**names, old.workspace.line: new.workspace.line}))
    if there.exists() and there.resolve() == session.folder.resolve() and not there.is_symlink():
        # It lies there already: both stores have one place for them, or a command that had begun
        # before it was taken along wrote by the link.
        files.replace(session.folder / _FACTS, said.encode())
        return
    there.parent.mkdir(parents=True, exist_ok=True)
    if there.is_symlink():  # it was there before
        there.unlink()
    if not there.exists():
        staged = there.with_name(f".new-{os.urandom(8).hex()}")
        shutil.copytree(session.folder, staged, symlinks=True)
        files.replace(staged / _FACTS, said.encode())
        staged.rename(there)
    session.folder.rename(session.folder.with_name(f"{_ASIDE}{session.id}"))
    _finish(old, new)


def _finish(old: Repository, new: Repository) -> None:
    """Leave a link in the place of each folder that went, and take the old folder away."""
    for aside in old.workspace.sessions.glob(f"{_ASIDE}*"):
        link = aside.with_name(aside.name.removeprefix(_ASIDE))
        there = new.workspace.sessions / link.name
        if there.exists() and not link.exists():
            way = os.path.relpath(there.resolve(), link.parent.resolve())
            link.symlink_to(way, target_is_directory=True)
        shutil.rmtree(aside)


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
