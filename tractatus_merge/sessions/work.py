"""What a session does until it publishes: start, resume, be found, write into its copy."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tractatus_merge.core.model import ids, summaries
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import SESSIONS, State
from tractatus_merge.core.plans.merge import Plan
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.json_text import JsonError, Style
from tractatus_merge.core.values.places import Json, Path, get, leaves, put
from tractatus_merge.errors import (
    DocumentError,
    IllegalTransition,
    RequestError,
    TractatusError,
    UnknownInstruction,
    UnknownSession,
)
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup, replay
from tractatus_merge.sessions.facts import Base, Facts, Request, Requested
from tractatus_merge.sessions.folder import Session, checked_id
from tractatus_merge.sessions.lifecycle import Event, Life
from tractatus_merge.sessions.lookup import all_sessions
from tractatus_merge.sessions.publish import Merged, merge, refresh
from tractatus_merge.system import files, processes
from tractatus_merge.system.clock import now


def new_id() -> str:
    """A fresh session id: a UUIDv7, time-ordered, never a date or a counter."""
    moment = int(time.time() * 1000).to_bytes(6, "big")
    tail = bytearray(os.urandom(10))
    tail[0] = 0x70 | tail[0] & 0x0F
    tail[2] = 0x80 | tail[2] & 0x3F
    text = (moment + bytes(tail)).hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def start(
    repo: Repository,
    name: str | None = None,
    *,
    agent: str = "",
    resume: str | None = None,
    command: bool = False,
    process: processes.Facts | None = None,
) -> Session:
    """A session with its own copy; one that exists is gone on with, wherever it stands.

    With `resume`, the session goes on from another's folder under its own new id. When `process`
    is gone, so is who worked in it.
    """
    name = checked_id(name or resume or new_id())
    if resume is not None and resume != name:
        _rename(repo, resume, name)
    session = _named(repo, name)
    if session is not None:
        return _resume(repo, session, process)
    head = repo.head()
    document = history_file.write(repo.document(head))
    facts = Facts(
        id=name,
        tag=lookup.free_tag(repo, name, head),
        state=Life.OPEN,
        branch=repo.workspace.branch,
        base=Base(str(head.version), files.digest(document)),
        agent=agent,
        author=repo.author,
        claude=str(repo.workspace.claude),
        worktree=str(repo.workspace.top),
        started=now(),
        previous_ids=(resume,) if resume else (),
        command=command,
        process=process,
    )
    session = Session.create(repo.workspace.sessions, facts, document)
    if not _here(repo, session):
        raise RequestError(
            f"session {name} belongs to the line {session.facts.branch}.",
            hint="tractatus-merge start --id ANOTHER-ID",
        )
    session.note("start", now(), agent=agent, author=repo.author)
    return session


def _resume(repo: Repository, session: Session, process: processes.Facts | None) -> Session:
    """Open a session again, with what others published since where it is in step with the head."""
    with session.lock():
        was = session.state
        session.transition(Event.RESUME)
        session.note("resume", now())
        if process is not None:
            session.save(process=process)
    if was in (Life.MERGED, Life.OPEN):
        with contextlib.suppress(DocumentError):  # a torn copy stays as it is, to be mended
            refresh(repo, session)
    return session


def _rename(repo: Repository, old: str, new: str) -> None:
    """Let a session go on under a new id; both names find it from now on.

    One whose folder was cleaned after its merge is only remembered by name; UnknownSession if the
    history has never heard of it.
    """
    try:
        session = find(repo, old)
    except LookupError:
        head = repo.head()
        known = (summaries.summary(head, tag) for tag in head.names(SESSIONS))
        if any(found and found["session"] == old for found in known):
            return
        raise UnknownSession(old, [other.id for other in open_sessions(repo)]) from None
    if (session.folder.parent / new).exists():
        raise RequestError(
            f"there is a session {new} already, with a copy of its own.",
            hint=f"tractatus-merge end --session {new}   (or give another --id)",
        )
    with session.lock():
        session.save(id=new, previous_ids=(*session.facts.previous_ids, session.id))
        session.folder.rename(session.folder.with_name(new))


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
            raise UnknownInstruction(name)
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


def one_command(repo: Repository, act: Callable[[Session], Any]) -> tuple[Any, Merged]:
    """Run one write as a session of its own, merged at once: how a person writes.

    If the process dies in between, the next start or end finishes it.
    """
    session = start(repo, agent="person", command=True)
    try:
        return act(session), merge(repo, session, end=True)
    except (
        TractatusError,
        JsonError,
    ):  # told to have failed: it must not be published behind one's back
        session.save(state=Life.ABANDONED)
        raise


def publish_request(repo: Repository, request: Request, *, agent: str) -> tuple[Plan, State]:
    """Publish what a person asked for, as a session of its own: what was done, and the head.

    If the process dies in between, the next start or end publishes it. A request that changes
    nothing, or fails, is not given again.
    """
    session = start(repo, request.session, agent=agent, command=True)
    session.save(last=Requested(request.session, request))
    try:
        plan, head = repo.publish(replay.planned(repo, request))
    except TractatusError:
        session.save(state=Life.ABANDONED, last=None)
        raise
    if plan.entry is None:
        session.save(state=Life.ABANDONED, last=None)
    else:
        session.save(state=Life.MERGED)
    return plan, head
