"""Write into a session's copy: add an instruction, change places of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tractatus_merge.core.model import ids
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, Path
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.core.values.places import get, leaves, put
from tractatus_merge.errors import (
    IllegalTransition,
    NotInCopy,
    RequestError,
    UnknownInstruction,
)
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Event, Life
from tractatus_merge.system.clock import now


def add(repo: Repository, session: Session, content: dict[str, Json], why: str = "") -> str:
    """Put a new instruction into the session's copy; returns its id."""
    with session.lock():
        _reopen(session)
        data, document = session.copy()
        name = content.get("id") or ids.new_id(document.records, session.tag)
        checked_instruction_id(name)
        if name in document.records:
            raise RequestError(
                f"there is an instruction '{name}' already.",
                hint=f"tractatus-merge edit {name} --set KEY=VALUE",
            )
        content = {"id": name, **{key: value for key, value in content.items() if key != "id"}}
        records = {**document.records, name: Record.of(content, Style(document.layout.unit))}
        _note_edit(repo, session, name, [()], why)
        session.write_copy(data, replace(document, records=records))
    return str(name)


def checked_instruction_id(name: Json) -> None:
    """RequestError if a history file could not carry the id."""
    if (
        not isinstance(name, str)
        or not name.strip()
        or len(name.encode(*_BYTES)) > history_file.MAX_ID
    ):
        raise RequestError(
            f"{json_text.dump(name)} is no id: a text of at most {history_file.MAX_ID} bytes, "
            "not blank.",
            hint="tractatus-merge add TEXT   (an id is given)",
        )


_BYTES = ("utf-8", "surrogatepass")


def edit(
    repo: Repository,
    session: Session,
    name: str,
    changes: Sequence[tuple[Path, Json]],
    why: str = "",
) -> tuple[str, list[str]]:
    """Change places of an instruction in the session's copy: its id, and the changed places."""
    with session.lock():
        _reopen(session)
        data, document = session.copy()
        name = session.renames.get(name, name)
        if name not in document.records:
            late = repo.head().record(name) is not None and name not in session.base().records
            raise NotInCopy(name, session.id) if late else UnknownInstruction(name)
        old = document.records[name]
        content: Json = old.content
        for path, value in changes:
            if path[:1] in (("id",), ("version_vector",)):
                raise RequestError(f"'{path[0]}' is not for editing.", hint="tractatus-merge add")
            for length in range(1, len(path)):
                if not isinstance(get(content, path[:length]), dict):
                    content = put(content, path[:length], {})
            content = put(content, path, value)
        changed = [path for path, _, _ in leaves(old.content, content)]
        if changed:
            records = {**document.records, name: old.edited(content)}
            _note_edit(repo, session, name, changed, why)
            session.write_copy(data, replace(document, records=records))
    return name, [".".join(path) for path in changed]


def _note_edit(
    repo: Repository, session: Session, name: str, paths: Sequence[Path], why: str
) -> None:
    session.note(
        "edit", now(), instruction=name, paths=[list(p) for p in paths], why=why, author=repo.author
    )


def _reopen(session: Session) -> None:
    """Writing into a session that was merged re-opens it; an abandoned one refuses."""
    if session.state in (Life.MERGED, Life.ENDED):
        session.transition(Event.RESUME)
    elif session.state is Life.ABANDONED:
        raise IllegalTransition(session.id, session.state.value, "edit")
