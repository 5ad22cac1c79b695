"""Finish what others left: sessions that ended and were never merged, or whose agent is gone.

Nothing is lost by it: a session that only seemed dead goes on, with the merged head as its base.
"""

from __future__ import annotations

import contextlib
import os
import time

from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import folders
from tractatus_merge.sessions.adoption import PRUNED
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.folders import Folders
from tractatus_merge.sessions.lifecycle import Event, Life
from tractatus_merge.sessions.publish import TROUBLE, Merged, SetAside, merge, restore
from tractatus_merge.sessions.waiting import Waiting
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
    here, leads = Folders(repo), Waiting(repo.workspace.state).leads
    aside, done = restore(repo, here), []
    for session in here.opened(here.going_on()):
        with contextlib.suppress(TROUBLE):
            if session.id != but and _reaped(session, wait, 0.0 if leads else _MERGING):
                done.append(merge(repo, session, end=True))
            else:
                session.let_go()
    with contextlib.suppress(TROUBLE):
        _tidy(repo, here)
    here.note()
    return Swept(tuple(done), tuple(aside))


def _reaped(session: Session, wait: float, merging: float) -> bool:
    """Whether the session has ended; one that nobody works in any more is ended now.

    `merging` is how long to wait for one that has: who leads waits for none of those who follow.
    """
    if _left_behind(session):
        return True
    if session.state not in (Life.OPEN, Life.ENDED):
        return False
    from tractatus_merge.sessions import liveness  # mostly nobody else is there

    if session.state is Life.OPEN and liveness.over(session) is None:
        return False
    with session.lock(wait if session.state is Life.OPEN else merging):
        why = liveness.over(session)  # its agent may have come back until the lock was held
        if session.facts.state is Life.OPEN and why is not None:
            session.transition(Event.REAP)
            session.note("reap", now(), why=why)
        return session.facts.state is Life.ENDED  # or somebody else has merged it


def _left_behind(session: Session) -> bool:
    """A one-command session whose process died before it could merge."""
    return session.state is Life.OPEN and session.facts.command and _age(session) > 10


def _tidy(repo: Repository, here: Folders) -> None:
    """Let merged sessions keep less and less, as time goes by; in the end nothing.

    At first base and copy, and what programs may be writing into; when no prune can take what was
    published any more, what it was. The folder goes when it is old, or all take too much room.
    """
    used = 0
    for row in here.merged():
        folder, young = repo.workspace.sessions / row.folder, row.age <= PRUNED
        used += row.size or folders.size(folder)
        due = row.age > RETENTION or (used > ROOM and not young)
        if not due and (row.done or (young and row.size)):
            continue
        for session in here.opened([row]):
            with contextlib.suppress(TROUBLE):
                if due and session.untouched() and os.access(session.folder, os.W_OK | os.X_OK):
                    _remove(repo, session)
                elif not due and (session.let_go() if young else session.shrink()):
                    here.now(row._replace(done=not young, size=folders.size(folder)))


def _remove(repo: Repository, session: Session) -> None:
    from shutil import rmtree

    from tractatus_merge.sessions import live_metrics  # once in a session's life

    live_metrics.keep(repo.workspace.state, session)
    rmtree(session.folder, ignore_errors=True)


def _age(session: Session) -> float:
    """Seconds since the session's facts changed; none where its folder has just gone."""
    try:
        return time.time() - (session.folder / "session.json").stat().st_mtime
    except OSError:
        return 0.0
