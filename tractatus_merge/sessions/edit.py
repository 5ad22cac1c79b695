"""Write into a session's copy: add an instruction, change places of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tractatus_merge.core.model import ids
from tractatus_merge.core.model.record import STAMP, Record
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
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.instructions.misspelling import misspelt
from tractatus_merge.instructions.schema import WORDS, faults
from tractatus_merge.instructions.vocabulary import example
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Event, Life
from tractatus_merge.system.clock import now
from tractatus_merge.value import replace


def add(
    repo: Repository,
    session: Session,
    content: dict[str, Json],
    why: str = "",
    *,
    as_it_was: bool = False,
) -> str:
    """Put a new instruction into the session's copy; returns its id.

    `as_it_was`: it stood in a history before, and comes back with whatever is odd in it.
    """
    repo.must_be_writable()
    with session.lock():
        _reopen(session)
        data, document = session.copy()
        name, record = planned_add(document, session.tag, content, as_it_was=as_it_was)
        _note_edit(repo, session, name, [()], why)
        records = {**document.records, name: record}
        session.write_copy(data, replace(document, records=records))
    return name


def planned_add(
    document: Document, tag: str, content: dict[str, Json], *, as_it_was: bool = False
) -> tuple[str, Record]:
    """The id and the record that `add` would write into a document; RequestError if it cannot."""
    name = content.get("id") or ids.new_id(document.records, tag)
    checked_instruction_id(name)
    if name in document.records:
        raise RequestError(
            f"there is an instruction '{name}' already.",
            hint=f"tractatus-merge edit {name} --set KEY=VALUE",
        )
    if not as_it_was:
        _check_fields(document, {}, content, [key for key in content if key != "id"])
    content = {"id": name, **{key: value for key, value in content.items() if key != "id"}}
    return str(name), Record.of(content, Style(document.layout.unit))


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
    repo.must_be_writable()
    with session.lock():
        _reopen(session)
        data, document = session.copy()
        name = meant(repo, session, name, document)
        record, changed = planned_edit(document, name, changes)
        if changed:
            records = {**document.records, name: record}
            _note_edit(repo, session, name, changed, why)
            session.write_copy(data, replace(document, records=records))
    return name, [".".join(path) for path in changed]


def bring(
    repo: Repository,
    session: Session,
    plan: Callable[[Mapping[str, Record]], Mapping[str, dict[str, Json]]],
    why: str = "",
) -> None:
    """Write into the session's copy what came from elsewhere, all at once.

    `plan` tells, given the copy's records, the new content of each that changes or is added.
    """
    repo.must_be_writable()
    with session.lock():
        _reopen(session)
        data, document = session.copy()
        records = dict(document.records)
        for name, content in plan(document.records).items():
            old = records.get(name)
            if old is None:
                records[name] = planned_add(document, session.tag, content, as_it_was=True)[1]
                changed: list[Path] = [()]
            else:
                records[name] = old.edited(content)
                changed = [path for path, _, _ in leaves(old.content, content)]
            _note_edit(repo, session, name, changed, why)
        session.write_copy(data, replace(document, records=records))


def meant(repo: Repository, session: Session, name: str, document: Document) -> str:
    """The id that a name means in a session's copy; NotInCopy if only the head has it by now."""
    known = session.meant(name, document.records)
    missing = known not in document.records and known not in session.base().records
    if missing and repo.head().record(known) is not None:
        raise NotInCopy(known, session.id)
    return known


def planned_edit(
    document: Document, name: str, changes: Sequence[tuple[Path, Json]]
) -> tuple[Record, list[Path]]:
    """The record that `edit` would write into a document, and what would change in it.

    UnknownInstruction if it is not there, RequestError if it cannot be.
    """
    if name not in document.records:
        raise UnknownInstruction(name)
    old = document.records[name]
    content: Json = old.content
    for path, value in changes:
        for length in range(1, len(path)):
            if not isinstance(get(content, path[:length]), dict):
                content = put(content, path[:length], {})
        content = put(content, path, value)
    _check_fields(document, old.content, content, [path[0] for path, _ in changes])
    return old.edited(content), [path for path, _, _ in leaves(old.content, content)]


def _check_fields(
    document: Document, old: dict[str, Json], new: dict[str, Json], keys: Sequence[str]
) -> None:
    """RequestError if one of the fields that were set is none, or is not what readers rely on.

    What was odd before in the other fields stays, and stops nothing.
    """
    for key in keys:
        if key in {"id", STAMP}:
            raise RequestError(f"'{key}' is not for editing.", hint="leave it out")
    called = new.get("id", "this instruction")
    for key, why in faults(new).items():
        if key in keys or (not key and {*keys} & {*WORDS}):
            raise RequestError(
                f"{called}: {why}.", hint=f"--set {key or WORDS[0]}={example(key, new.get(key))}"
            )
    others = document.records.values()
    for key, field in misspelt((key for key in keys if key not in old), others).items():
        raise RequestError(
            f"{called}: there is no field '{key}'. Did you mean {field}?",
            hint=f"--set {field}=VALUE   (a field of your own: give it another name)",
        )


def _note_edit(
    repo: Repository, session: Session, name: str, paths: Sequence[Path], why: str
) -> None:
    session.note(
        "edit", now(), instruction=name, paths=[list(p) for p in paths], why=why, author=repo.author
    )


def must_take_edits(session: Session) -> None:
    """IllegalTransition for a session that was abandoned: it is to be resumed first."""
    if session.state is Life.ABANDONED:
        raise IllegalTransition(session.id, session.state.value, "edit")


def _reopen(session: Session) -> None:
    """Writing into a session that was merged re-opens it; an abandoned one refuses."""
    must_take_edits(session)
    if session.state in (Life.MERGED, Life.ENDED):
        session.transition(Event.RESUME)
