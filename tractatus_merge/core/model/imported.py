"""Commits of a history file that were imported: in summaries they stand where sessions do."""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.state import SESSIONS, State
from tractatus_merge.core.values.equality import Json

TAG = "git-"
"""How the tags of their summaries begin; no stamp of a record names one."""
COMMIT = "commit"
"""The key of an edit that names its commit, where another one brought it: a merge."""


def tags(state: State) -> list[str]:
    """The tags of the summaries that tell of commits, oldest first.

    Where there is one, instructions may have been taken out: nobody else does that.
    """
    return sorted(name for kind, name in state if kind == SESSIONS and name.startswith(TAG))


def session(oid: str) -> str:
    """What a commit is called where else a session is named."""
    return f"commit-{oid[:12]}"


def session_of(tag: str, edit: Mapping[str, Json], seal: str) -> str:
    """What the commit that wrote a place is called; nothing for a session's edit."""
    return session(edit.get(COMMIT, seal)) if tag.startswith(TAG) else ""
