"""Finish what others left: sessions that ended and were never merged, or whose agent is gone.

Nothing is lost by it: a session that only seemed dead goes on, with the merged head as its base.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import liveness
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Event, Life
from tractatus_merge.sessions.lookup import line_sessions
from tractatus_merge.sessions.publish import PRUNED, TROUBLE, Merged, SetAside, merge, restore
from tractatus_merge.system.clock import now
from tractatus_merge.value import Value

RETENTION = 7 * 24 * 3600
"""Seconds for which the folder of a merged session is kept."""
_MERGING = 10.0
"""Seconds for a session that has ended: somebody may be merging it."""
ROOM = 64 * 1024 * 1024
"""Bytes that the folders of merged sessions may take together; the oldest go first."""


class Swept(Value):
    """What came of each session that was merged, and what was set aside for good."""

    merged: tuple[Merged, ...] = ()
    aside: tuple[SetAside, ...] = ()


def sweep(repo: Repository, but: str = "", wait: float = 0.0) -> Swept:
    """Merge every session of this line that is over, but one.

    Who is busy (for longer than `wait` seconds), torn, closed to this account or in the way is left
    to the next sweep; everybody, where this program may only read the history.
    """
    if repo.read_only is not None:
        return Swept()
    aside, done = restore(repo), []
    here = line_sessions(repo, commands=True)
    for session in here:
        with contextlib.suppress(TROUBLE):
            if session.id != but and _reaped(session, wait):
                done.append(merge(repo, session, end=True))
    with contextlib.suppress(TROUBLE):
        _tidy(repo, [session for session in here if session.state is Life.MERGED])
    return Swept(tuple(done), tuple(aside))


def _reaped(session: Session, wait: float) -> bool:
    """Whether the session has ended; one that nobody works in any more is ended now."""
    if _left_behind(session):
        return True
    if session.state is Life.OPEN and liveness.over(session) is None:
        return False
    if session.state not in (Life.OPEN, Life.ENDED):
        return False
    with session.lock(wait if session.state is Life.OPEN else _MERGING):
        why = liveness.over(session)  # its agent may have come back until the lock was held
        if session.facts.state is Life.OPEN and why is not None:
            session.transition(Event.REAP)
            session.note("reap", now(), why=why)
        return session.facts.state is Life.ENDED  # or somebody else has merged it


def _left_behind(session: Session) -> bool:
    """A one-command session whose process died before it could merge."""
    return session.state is Life.OPEN and session.facts.command and _age(session) > 10


def _tidy(repo: Repository, merged: list[Session]) -> None:
    """Remove the folders of sessions that were merged long ago, or take too much room."""
    used = 0
    for session in sorted(merged, key=_age):
        used += _size(session.folder)
        old = _age(session) > RETENTION or (used > ROOM and _age(session) > PRUNED)
        if old and session.untouched() and os.access(session.folder, os.W_OK | os.X_OK):
            from shutil import rmtree

            from tractatus_merge.sessions import live_metrics  # once in a session's life

            live_metrics.keep(repo.workspace.state, session)
            rmtree(session.folder, ignore_errors=True)


def _size(folder: Path) -> int:
    """The bytes of a folder; what goes meanwhile counts nothing."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            size += path.stat().st_size
    return size


def _age(session: Session) -> float:
    """Seconds since the session's facts changed; none where its folder has just gone."""
    try:
        return time.time() - (session.folder / "session.json").stat().st_mtime
    except OSError:
        return 0.0
