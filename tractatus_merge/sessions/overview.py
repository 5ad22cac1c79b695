"""The sessions side by side, and their numbers, as data: for the verbs and for the page."""

from __future__ import annotations

from typing import Any

from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import live_metrics, liveness, publish, troubles
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Life


def session_row(repo: Repository, session: Session) -> dict[str, Any]:
    """One session: whose it is, its numbers, what it has not published; `stale`, a `problem`."""
    facts = session.facts
    row = {
        "session": session.id,
        "tag": session.tag,
        "agent": facts.agent,
        "author": facts.author,
        "state": session.state.value,
        "started": facts.started,
        "worktree": facts.worktree,
        "behind": repo.behind(session.base_version),
        "stale": liveness.is_stale(session) if session.state is Life.OPEN else False,
        **live_metrics.as_json(session),
    }
    found = troubles.trouble_of(repo, session)
    row |= {"problem": found.sentence} if found else {}
    if found is not None and found.code == troubles.COPY:
        return {**row, "added": 0, "edited": 0}
    incoming = publish.changes(repo, session)
    return {**row, "added": len(incoming.added()), "edited": len(incoming.edited())}
