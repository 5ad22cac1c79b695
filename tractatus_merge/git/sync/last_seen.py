"""What each remote had when it was looked at, or synced with, last. No network is used here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tractatus_merge.core.model.state import Version
from tractatus_merge.errors import RequestError
from tractatus_merge.git import graph
from tractatus_merge.git.access import git_of, is_kept_in_git
from tractatus_merge.git.sync.which_remote import chosen, settings
from tractatus_merge.repository.line import Repository
from tractatus_merge.system import files, jsonl
from tractatus_merge.value import Value

if TYPE_CHECKING:
    from tractatus_merge.git.plumbing import Plumbing

SHARED = "shared.json"


class Distance(Value):
    """How many versions this clone is ahead of a remote, as it was looked at last, and behind."""

    remote: str
    ahead: int
    behind: int


def distance(repo: Repository) -> Distance | None:
    """How far we are from the remote that is meant; nothing is fetched.

    None where there is no remote, or more than one could be meant.
    """
    if not is_kept_in_git(repo):
        return None
    git, branch, ours = git_of(repo), repo.workspace.branch, repo.store.head()
    try:
        name = chosen(settings(git, branch), None)
    except RequestError:
        return None
    if name is None or ours is None:
        return None
    known = _known(git, name, branch)
    if known == ours:
        return Distance(name, 0, 0)
    behind = len(graph.versions(git, known, ours)) if known else 0
    return Distance(name, len(graph.versions(git, ours, known)), behind)


def is_known(repo: Repository, remote: str) -> bool:
    """Whether a remote is the usual one, or had the history already: else nobody means it to."""
    git, branch = git_of(repo), repo.workspace.branch
    found = settings(git, branch)
    if remote not in found.urls:
        return False
    if remote in shared(repo) or _known(git, remote, branch) is not None:
        return True
    try:
        return remote == chosen(found, None)
    except RequestError:
        return False


def _known(git: Plumbing, remote: str, branch: str) -> Version | None:
    """What a remote's branch was when it was looked at last."""
    from tractatus_merge.git.sync.remote import Remote  # most clones that look share nothing

    return Remote(git, remote, branch).known()


def shared(repo: Repository) -> dict[str, Version]:
    """What each remote's branch was when a sync with it last succeeded."""
    rows = jsonl.load(repo.workspace.state / SHARED).get(repo.workspace.branch)
    return {k: v for k, v in rows.items() if isinstance(v, str)} if isinstance(rows, dict) else {}


def lost(repo: Repository, remote: str, theirs: Version | None) -> str | None:
    """What a remote has lost since it was synced with last: its branch, or versions of it."""
    before = shared(repo).get(remote)
    if before is None:
        return None
    if theirs is None:
        return f"{remote} has no branch {repo.workspace.branch} any more"
    if graph.is_ancestor(git_of(repo), before, theirs):
        return None
    return f"{remote} went back from {before[:12]} to {theirs[:12]}, or was rewritten"


def remember(repo: Repository, remote: str, version: Version | None) -> None:
    """Note what both have now; doctor and the next sync look for it."""
    if version is None or shared(repo).get(remote) == version:
        return
    path = repo.workspace.state / SHARED
    rows = {**jsonl.load(path), repo.workspace.branch: {**shared(repo), remote: version}}
    files.replace(path, json.dumps(rows, indent=1).encode())
