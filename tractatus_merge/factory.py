"""Opens and makes histories: the one place that knows which stores there are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tractatus_merge.core.model.state import ROOT_TIME, Entry, State, Version
from tractatus_merge.errors import DocumentError, RequestError
from tractatus_merge.git.access import git_of
from tractatus_merge.git.checkout import GitCheckout
from tractatus_merge.git.plumbing import Places, Plumbing, discover
from tractatus_merge.git.store import GitStore
from tractatus_merge.git.sync import acceptance, forge_page
from tractatus_merge.instructions import conversion, history_file
from tractatus_merge.repository.line import NOBODY, Repository
from tractatus_merge.repository.settings import SETTINGS
from tractatus_merge.repository.workspace import Workspace, nearest_claude
from tractatus_merge.system import plain_file

_BRANCH = re.compile(r"(?!.*(\.\.|//|\.lock$|/$))[A-Za-z0-9_][A-Za-z0-9._/-]*")
_USAGE = "tractatus-merge init --store git:BRANCH"


def open_repository(folder: Path, environment: Mapping[str, str] | None = None) -> Repository:
    """Open the history of the repository a folder is in (it need not be initialised yet)."""
    environment = dict(os.environ if environment is None else environment)
    workspace, git = find(folder)
    return Repository(workspace, _store(git, workspace.branch), GitCheckout(git), environment)


def find(folder: Path) -> tuple[Workspace, Plumbing]:
    """The workspace a folder is in, and its git.

    NotARepository where there is none, DocumentError for settings that are none.
    """
    places = discover(folder)
    if places.top is None:
        raise RequestError(
            f"{folder} is not in a work tree.", hint="git worktree add ../work   (then go there)"
        )
    found = _workspace(places, places.top, nearest_claude(folder.resolve(), places.top))
    if not _BRANCH.fullmatch(found.branch):
        why = f"[store] branch = {found.branch!r} is no branch name"
        path = str(found.claude / SETTINGS)
        raise DocumentError(path, None, why, hint='branch = "tractatus/history"')
    return found, Plumbing(places)


def _workspace(places: Places, top: Path, claude: Path) -> Workspace:
    state, own = places.common_dir / "tractatus", places.git_dir / "tractatus"
    return Workspace.read(top, claude, state=state, sessions=state / "sessions", own=own)


def _store(git: Plumbing, branch: str) -> GitStore:
    return GitStore(
        git,
        branch,
        page=forge_page.page,
        verify=acceptance.must_be_sound,
        judge=acceptance.must_be_acceptable,
    )


def branch_of(url: str) -> str:
    """The branch that a store's URL means; RequestError for what is no store."""
    scheme, colon, branch = url.partition(":")
    if scheme != "git" or not colon or not branch:
        raise RequestError(f"'{url}' is no store this version knows.", hint=_USAGE)
    return branch


def on_branch(repo: Repository, branch: str) -> Repository:
    """The same repository with its line on another branch, which need not be there yet.

    Nothing is written. RequestError where that is no branch name, or there are settings already;
    StoreError where the branch holds somebody's work; RemoteError where a remote's is damaged.
    """
    git = git_of(repo)
    moved = Repository(
        replace(repo.workspace, branch=branch), _store(git, branch), repo.checkout, repo.environment
    )
    adoptable(moved)
    if git.run("check-ref-format", "--branch", branch).status != 0:
        raise RequestError(f"'{branch}' is no branch name.", hint=_USAGE)
    path = repo.workspace.claude / SETTINGS
    if path.exists():
        raise RequestError(
            f"{path} is there already.", hint=f'edit it: [store] branch = "{branch}"'
        )
    return moved


def initialise(repo: Repository) -> tuple[State, str]:
    """Make the head, from a remote-tracking branch where there is one, else from the file there.

    Returns the head and what was done: `adopted`, `created` or `there`. No file is rewritten.
    DocumentError or RemoteError, with nothing changed, if the file or the remote's history cannot
    be read.
    """
    there, remote = repo.store.head() is not None, adoptable(repo)
    view, document = repo.workspace.view, history_file.EMPTY
    if not there and remote is None and view.exists():
        document = history_file.read(plain_file.read(view), str(view))
    repo.workspace.state.mkdir(parents=True, exist_ok=True)  # by which hooks know their repository
    if there:
        return repo.head(), "there"
    if remote is not None:
        assert isinstance(repo.store, GitStore)
        repo.store.adopt(remote[1])
        return repo.head(), "adopted"
    state = conversion.adopted_state(document)
    message = f"Take in the instruction history: {len(document.records)} instructions"
    entry = Entry(message, author=NOBODY, time=ROOT_TIME, root=True)
    repo.store.commit(None, state, entry)
    return repo.head(), "created"


def adoptable(repo: Repository) -> tuple[str, Version] | None:
    """The remote's branch that the head would be made from, and its version.

    None if there is none, or a head already. RemoteError if it is damaged.
    """
    store = repo.store
    if store.head() is not None or not isinstance(store, GitStore):
        return None
    for ref, version in store.remotes():
        remote = ref.removeprefix("refs/remotes/").removesuffix(f"/{store.branch}")
        hint = f"git log {ref}   (who wrote it); when it is mended: git fetch {remote}, and again"
        acceptance.must_be_sound_at(remote, store, version, None, hint)
        return ref, version
    return None
