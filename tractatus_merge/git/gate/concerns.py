"""What of a line's state concerns a commit: conflicts that wait, and what is only said.

Other sessions' work stops nothing: a conflict does so only for a commit of the view, or of a
session that wrote one of its sides.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tractatus_merge.core.model.conflict import MEANING, Conflict, gravity
from tractatus_merge.core.model.open_conflicts import later_conflicts, open_conflicts
from tractatus_merge.core.model.state import State
from tractatus_merge.git import effective_hooks
from tractatus_merge.git.access import git_of
from tractatus_merge.git.gate.wholeness import WARNING, Fault
from tractatus_merge.git.snapshots import Snapshot
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.settings import VIEW
from tractatus_merge.sessions import liveness, whose
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.sessions.lookup import unmerged_sessions
from tractatus_merge.system import plain_file
from tractatus_merge.system.ledger import Ledger
from tractatus_merge.view.file import View


def concerns(repo: Repository, head: State | None, snapshot: Snapshot) -> Iterator[Fault]:
    """What the state of the line says about a commit; without a head, what it says of the clone."""
    if head is not None:
        yield from _waiting(repo, head, snapshot)
    yield from _behind_and_dead(repo, head, snapshot)
    yield from _driver(repo)
    yield from _hooks(repo)


def _waiting(repo: Repository, head: State, snapshot: Snapshot) -> Iterator[Fault]:
    """Open conflicts that stop this commit, and one line for all others."""
    others = []
    for conflict in open_conflicts(head):
        concerned = repo.workspace.view_name in snapshot.changed or _is_ours(repo, conflict)
        if concerned and _is_grave(repo, conflict):
            about = conflict.instruction or "the header"
            why = f"a {conflict.severity} conflict about {about} waits for a person"
            yield Fault("conflict", why, f"tractatus-merge review {conflict.id}")
        else:
            others.append(conflict)
    count = len(others) + len(later_conflicts(head))
    if count:
        why = f"{count} {'conflict is' if count == 1 else 'conflicts are'} open"
        yield Fault("conflicts", why, "tractatus-merge conflicts", severity=WARNING)


def _is_ours(repo: Repository, conflict: Conflict) -> bool:
    """Whether the session that commits wrote a side of it."""
    names = [repo.environment.get("TRACTATUS_SESSION") or whose.own_id(repo)]
    return any(w.session in names for side in conflict.all_sides for w in side.writers)


def _is_grave(repo: Repository, conflict: Conflict) -> bool:
    """Whether it is grave enough: what is found by meaning never is."""
    least = repo.workspace.block
    if least == "never" or conflict.kind == MEANING:
        return False
    return gravity(conflict.severity) >= gravity(least)


def _behind_and_dead(repo: Repository, head: State | None, snapshot: Snapshot) -> Iterator[Fault]:
    """That the view shows an older version, and which sessions nobody will end."""
    version = View(repo).notes.version
    if head and repo.workspace.view_name in snapshot.changed and version:
        behind = repo.behind(version) if version != head.version else 0
        if behind:
            why = f"{VIEW} is {behind} versions behind the history"
            yield Fault("behind", why, "tractatus-merge view --write", severity=WARNING)
    for session in unmerged_sessions(repo):
        gone = liveness.worktree_is_gone(session)
        if session.state is Life.ENDED or (session.state is Life.OPEN and gone):
            why = f"session {session.id} was never merged"
            fix = f"tractatus-merge end --session {session.id}"
            yield Fault("dead-session", why, fix, severity=WARNING)


def _driver(repo: Repository) -> Iterator[Fault]:
    top = repo.workspace.top
    try:
        attributes = plain_file.read(top / ".gitattributes")
    except OSError:
        return
    named = git_of(repo).in_worktree("config", "merge.tractatus.driver")
    if b"merge=tractatus" in attributes and named.status != 0:
        why = ".gitattributes names the merge driver, and this clone does not have it"
        yield Fault("driver", why, "tractatus-merge install", severity=WARNING)


def _hooks(repo: Repository) -> Iterator[Fault]:
    """That the gate was installed, and git takes hooks from where it is not."""
    if Ledger.of(repo.workspace.state / "install.json").is_empty:
        return
    git = git_of(repo)
    words = ("rev-parse", "--path-format=absolute", "--git-path", "hooks")
    folder = Path(os.fsdecode(git.in_worktree(*words).out.removesuffix(b"\n")))
    missing = effective_hooks.without_gate(git, folder, repo.workspace.top)
    if missing:
        why = f"the hooks that git runs here do not judge: {' and '.join(missing)} in {folder}"
        yield Fault("gate", why, "tractatus-merge doctor", severity=WARNING)
