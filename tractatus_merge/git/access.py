"""What only a history kept in git can do asks here for git: one refusal, with a reason."""

from __future__ import annotations

from tractatus_merge.errors import RequestError
from tractatus_merge.git.checkout import GitCheckout
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.git.store import GitStore
from tractatus_merge.git.worktrees import checked_out, told_of
from tractatus_merge.repository.line import Repository


def is_in_git(repo: Repository) -> bool:
    """Whether the work tree is one of git's, wherever the history is kept."""
    return isinstance(repo.checkout, GitCheckout)


def is_kept_in_git(repo: Repository) -> bool:
    """Whether the history is a branch."""
    return isinstance(repo.store, GitStore)


def store_of(repo: Repository, instead: str = "tractatus-merge status") -> GitStore:
    """The store, which must be git's; RequestError if not, with what serves `instead`."""
    if not isinstance(repo.store, GitStore):
        why = f"this history is kept in {repo.workspace.line}, and only one in git can do that."
        raise RequestError(why, hint=instead)
    return repo.store


def git_of(repo: Repository, instead: str = "git init   (makes it one)") -> Plumbing:
    """The git of the work tree; RequestError where there is none, with what serves `instead`."""
    if not isinstance(repo.checkout, GitCheckout):
        why = f"{repo.workspace.top} is not in a git repository, and only git can do that."
        raise RequestError(why, hint=instead)
    return repo.checkout.git


def overtaken(repo: Repository) -> list[str]:
    """Where the branch that was moved here is checked out: its index is old. What to type."""
    store = repo.store
    if not isinstance(store, GitStore) or not store.moved:
        return []
    told = ((top, *told_of(store.branch, top)) for top in checked_out(store.git, store.branch))
    return [f"{top}: {what}\n  {fix}" for top, what, fix in told]
