"""How a session begins: as a new one, as one that goes on, as one under a new id."""

from __future__ import annotations

import contextlib
import os
import time

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import SESSIONS
from tractatus_merge.errors import (
    DocumentError,
    RequestError,
    UnknownSession,
)
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup
from tractatus_merge.sessions.facts import Base, Facts
from tractatus_merge.sessions.folder import Session, checked_id
from tractatus_merge.sessions.lifecycle import Event, Life
from tractatus_merge.sessions.lookup import _here, find, named, open_sessions
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
    is gone, so is who worked in it. NewerNeeded where what it does could never be merged from here.
    """
    name = checked_id(name or resume or new_id())
    repo.must_be_writable()
    if resume is not None and resume != name:
        _rename(repo, resume, name)
    session = named(repo, name)
    if session is not None:
        return _resume(repo, session, process)
    head = repo.head()
    document = history_file.write(repo.document(head))
    facts = Facts(
        id=name,
        tag=lookup.free_tag(repo, name, head),
        state=Life.OPEN,
        branch=repo.workspace.line,
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
            hint="tractatus-merge start --session ANOTHER-ID",
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
        from tractatus_merge.sessions.publish import refresh  # a new session has nothing to take in

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
