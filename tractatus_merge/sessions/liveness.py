"""Whether an open session's agent is still there. Looking changes nothing."""

from __future__ import annotations

import stat
import time
from pathlib import Path

from tractatus_merge.sessions.folder import COPY, Session
from tractatus_merge.sessions.journal import JOURNAL, is_ended

SILENCE = 24 * 3600
"""Seconds without a word, after which an agent that cannot be looked up is taken for gone."""
SERVED = 3600
"""The same for one that a service holds, which is told nothing when its window is closed."""


def over(session: Session) -> str | None:
    """Why nobody works in the session any more; None where somebody does, or may.

    One that a person started, and that no process stands behind, goes on until it is ended.
    """
    if is_ended(session.journal()):
        return "its agent ended it"
    process, alive = session.facts.process, None
    if process:
        from tractatus_merge.system import processes  # a session of a person has none

        alive = processes.is_alive(dict(process))
    if process and alive is False:
        return f"its process {process['pid']} is gone"
    served = bool(process and process.get("service"))
    limit, told = (SERVED, "an hour") if served else (SILENCE, "a day")
    silent = alive is None and session.facts.hooked and heartbeat(session) > limit
    return f"it was silent for {told}" if silent else None


def is_stale(session: Session) -> bool:
    """Whether the session is over, or was silent for a day, or its worktree is gone."""
    return worktree_is_gone(session) or over(session) is not None or heartbeat(session) > SILENCE


def worktree_is_gone(session: Session) -> bool:
    """Whether there is no such folder any more; one that is closed to this account is there."""
    try:
        return not stat.S_ISDIR(Path(session.facts.worktree).stat().st_mode)
    except PermissionError:
        return False
    except (OSError, ValueError):
        return True


def heartbeat(session: Session) -> float:
    """Seconds since the session's last event or edit.

    What is dated more than a day from now tells nothing: a clock was wrong.
    """
    from tractatus_merge.metrics.transcripts import WINDOW  # asked of agents' sessions

    moments, now = [0.0], time.time()
    for name in (JOURNAL, COPY, WINDOW):
        try:
            moments.append((session.folder / name).stat().st_mtime)
        except OSError:
            continue
    return now - max(moment for moment in moments if moment <= now + SILENCE)
