"""The sessions side by side, and their numbers, as data: for the verbs and for the page."""

from __future__ import annotations

from typing import Any

from tractatus_merge import lifesigns, measuring, publishing
from tractatus_merge.core.lifecycle import Life
from tractatus_merge.errors import DocumentError
from tractatus_merge.repository import Repository
from tractatus_merge.session import Session


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
        "stale": lifesigns.is_stale(session) if session.state is Life.OPEN else False,
        **measuring.as_json(session),
    }
    try:
        incoming = publishing.changes(repo, session)
        return {**row, "added": len(incoming.added()), "edited": len(incoming.edited())}
    except DocumentError as error:
        return {**row, "added": 0, "edited": 0, "problem": error.sentence}
