"""The sessions side by side, as data: for the verb `sessions` and for the page."""

from __future__ import annotations

from typing import Any

from tractatus_merge import publishing
from tractatus_merge.errors import DocumentError
from tractatus_merge.repository import Repository
from tractatus_merge.session import Session


def session_row(repo: Repository, session: Session) -> dict[str, Any]:
    """One session: whose it is, how far it is behind, what it has not published; a `problem`."""
    facts = session.facts
    row = {
        "session": session.id,
        "tag": session.tag,
        "agent": facts.get("agent", ""),
        "author": facts.get("author", ""),
        "state": session.state.value,
        "started": facts.get("started"),
        "worktree": facts.get("worktree"),
        "behind": repo.behind(session.base_version),
    }
    try:
        incoming = publishing.changes(repo, session)
        return {**row, "added": len(incoming.added()), "edited": len(incoming.edited())}
    except DocumentError as error:
        return {**row, "added": 0, "edited": 0, "problem": error.sentence}
