"""One command of a person, as a session of its own that survives a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.errors import (
    TractatusError,
)
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.facts import Request, Requested, published
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.sessions.publish import Merged, merge
from tractatus_merge.sessions.start import start


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
    from tractatus_merge.sessions import replay  # not for a write: 15 ms

    session = start(repo, request.session, agent=agent, command=True)
    with session.lock():  # whoever sweeps meanwhile leaves it to this process
        work = Requested(request.session, request)
        session.save(last=work)
        try:
            plan, head = repo.publish(replay.planned(repo, request))
        except TractatusError:
            session.save(state=Life.ABANDONED, last=None)
            raise
        if plan.entry is None:
            session.save(state=Life.ABANDONED, last=None)
        else:
            session.save(state=Life.MERGED, last=published(work, plan, head))
    return plan, head
