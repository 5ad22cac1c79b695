"""What only a history kept in git can do asks here for git: one refusal, with a reason."""

from __future__ import annotations

from tractatus_merge.errors import RequestError
from tractatus_merge.git.checkout import GitCheckout
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.git.store import GitStore
from tractatus_merge.git.worktrees import checked_out, told_of
from tractatus_merge.repository.line import Repository


def store_of(repo: Repository) -> GitStore:
    """The store, which must be git's; RequestError if the history is kept elsewhere."""
    if not isinstance(repo.store, GitStore):
        why = "this history is not kept in git, and only git can do that."
        raise RequestError(why, hint="tractatus-merge status")
    return repo.store


def git_of(repo: Repository) -> Plumbing:
    """The git of the work tree; RequestError where it is a folder without git."""
    if not isinstance(repo.checkout, GitCheckout):
        why = f"{repo.workspace.top} is not in a git repository, and only git can do that."
        raise RequestError(why, hint="git init   (makes it one)")
    return repo.checkout.git


def overtaken(repo: Repository) -> list[str]:
    """Where the branch that was moved here is checked out: its index is old. What to type."""
    store = repo.store
    if not isinstance(store, GitStore) or not store.moved:
        return []
    told = ((top, *told_of(store.branch, top)) for top in checked_out(store.git, store.branch))
    return [f"{top}: {what}\n  {fix}" for top, what, fix in told]
