"""Opens and makes histories: the one place that knows which stores there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tractatus_merge.core.model.state import ROOT_TIME, Entry, State, Version
from tractatus_merge.errors import DocumentError, NotARepository, RequestError, TractatusError
from tractatus_merge.git import discovery
from tractatus_merge.git.access import git_of
from tractatus_merge.git.checkout import GitCheckout
from tractatus_merge.git.plumbing import Places, Plumbing, discover
from tractatus_merge.git.store import GitStore
from tractatus_merge.instructions import conversion, history_file
from tractatus_merge.repository.checkout import Checkout, PlainCheckout
from tractatus_merge.repository.line import NOBODY, Repository
from tractatus_merge.repository.lock import Flock, Lock, NoLock
from tractatus_merge.repository.settings import SETTINGS, VIEW, settings
from tractatus_merge.repository.workspace import Workspace, nearest_claude
from tractatus_merge.stores.address import must_have_no_secret
from tractatus_merge.stores.base import Store
from tractatus_merge.system import clock, plain_file
from tractatus_merge.value import Value, replace


class _Kind(Value):
    """A kind of store that is not git's: how it is opened, and where, if its URL does not say.

    That place is the folder `.claude/history`, or in it; a server's URL says it always.
    """

    opened: Callable[[str, Path], Store]
    place: str


def _file(place: str, folder: Path) -> Store:
    from tractatus_merge.stores.file import FileStore  # a store is loaded when it is opened

    return FileStore(folder / Path(place).expanduser())


def _sqlite(place: str, folder: Path) -> Store:
    from tractatus_merge.stores.sql import opening

    return opening.open_store(f"{_SQLITE}:{Path(place).expanduser()}", folder)


def _postgresql(place: str, folder: Path) -> Store:
    from tractatus_merge.stores.sql import opening

    return opening.open_store(f"{_POSTGRESQL}:{place}", folder)


def _mongodb(place: str, _: Path) -> Store:
    from tractatus_merge.stores.mongodb import opening

    return opening.open_store(f"{_MONGODB}:{place}")


_SQLITE, _POSTGRESQL, _MONGODB = "sqlite", "postgresql", "mongodb"
"""The schemes of stores that are loaded when they are opened."""


_KINDS = {
    "file": _Kind(_file, ".claude/history"),
    _SQLITE: _Kind(_sqlite, ".claude/history/history.db"),
    _POSTGRESQL: _Kind(_postgresql, "//HOST/DATABASE"),
    _MONGODB: _Kind(_mongodb, "//HOST/DATABASE"),
}
"""By the scheme of the URL; a path in it begins at the folder that holds `.claude`.

`git.discovery` finds the same state and head for hooks, without opening anything."""
_REDIS = "redis"


def _redis_lock(workspace: Workspace) -> Lock:
    from tractatus_merge.repository.redis_lock import RedisLock  # loaded when it is named

    return RedisLock(workspace.lock, _shared_name(workspace), Flock(workspace.queue))


_LOCKS: dict[str, Callable[[Workspace], Lock]] = {
    "flock": lambda workspace: Flock(workspace.queue),
    "none": lambda _: NoLock(),
    _REDIS: _redis_lock,
}
"""The locks in front of the loop, by the scheme of `[store] lock`. None is needed to be right."""
_OWN = ("tractatus", "sessions")
"""The folders that such a history has in `.claude` beside its store: this machine's alone."""
_JOINTS = str.maketrans(dict.fromkeys("._/-", "0"))
_USAGE = (
    "tractatus-merge init --store git:BRANCH   (without git: file:, sqlite:, postgresql:, mongodb:)"
)


def open_repository(folder: Path, environment: Mapping[str, str] | None = None) -> Repository:
    """Open the history of the repository a folder is in (it need not be initialised yet)."""
    environment = dict(os.environ if environment is None else environment)
    place = _named_place(folder)
    if place is not None:
        workspace, checkout = _outside_git(place)
        return _opened(workspace, _other_store(workspace), checkout, environment)
    workspace, git = find(folder)
    return _opened(workspace, _store(git, workspace.branch), GitCheckout(git), environment)


def _opened(
    workspace: Workspace, store: Store, checkout: Checkout, environment: Mapping[str, str]
) -> Repository:
    return Repository(workspace, store, checkout, environment, _lock(workspace))


def find_workspace(folder: Path) -> tuple[Workspace, Checkout]:
    """The workspace a folder is in, wherever its history is kept; as `find` where that is git."""
    place = _named_place(folder)
    if place is not None:
        return _outside_git(place)
    workspace, git = find(folder)
    return workspace, GitCheckout(git)


def _named_place(folder: Path) -> Path | None:
    """The folder whose settings, the nearest there are, name a store that is not git's."""
    for place in _up(folder):
        path = place / ".claude" / SETTINGS
        if path.exists():
            store = settings(path).get("store", {})
            if "url" in store and "branch" in store:
                why = "[store] has a url and a branch: the history is kept in one of them"
                raise DocumentError(str(path), None, why, hint="take one of the two lines out")
            if "url" in store:
                _must_have_no_secret(path, str(store["url"]))
                return place
            return None
    return None


def _must_have_no_secret(path: Path, url: str) -> None:
    try:
        must_have_no_secret(url)
    except RequestError as error:
        raise DocumentError(str(path), None, error.sentence, hint=error.hint) from None


def _up(folder: Path) -> Iterator[Path]:
    """A folder and those around it, as far as its repository goes."""
    folder = folder.resolve()
    for place in (folder, *folder.parents):
        yield place
        if (place / ".git").exists():
            return


def _outside_git(place: Path) -> tuple[Workspace, Checkout]:
    """The workspace of a history that is not kept in git, and its work tree, be it git's or not."""
    main = Path(discovery.in_main_worktree(str(place)))
    top = next((folder for folder in _up(place) if (folder / ".git").exists()), None)
    from shutil import which  # only where the history is not in git

    if top is None or which("git") is None:
        return Workspace.plain(top or place, place, main), PlainCheckout(top or place)
    places = discover(place)
    return Workspace.plain(places.top or top, place, main), GitCheckout(Plumbing(places))


def _other_store(workspace: Workspace) -> Store:
    """The store that a URL names; DocumentError where this version knows none such."""
    kind, path = _kind_of(workspace.url)
    if kind is None:
        known = " or ".join(
            f'url = "{scheme}:{kind.place * kind.place.startswith("//")}"'
            for scheme, kind in _KINDS.items()
        )
        why = f"[store] url = {workspace.url!r} is no store this version knows"
        where = str(workspace.claude / SETTINGS)
        raise DocumentError(where, None, why, hint=f'{known}   (a branch of git: branch = "NAME")')
    is_server = kind.place.startswith("//")
    return kind.opened(path if is_server else path or kind.place, workspace.state.parent.parent)


def _kind_of(url: str) -> tuple[_Kind | None, str]:
    scheme, colon, path = url.partition(":")
    return _KINDS.get(scheme) if colon else None, path


def _shared_name(workspace: Workspace) -> str:
    """What a line is called on every machine, and in every folder, that writes it."""
    kind, path = _kind_of(workspace.url)
    if kind is None:
        return str(workspace.queue)
    if kind.place.startswith("//"):
        return workspace.url
    there = workspace.state.parent.parent / Path(path or kind.place).expanduser()
    return str(there.resolve())


def _lock(workspace: Workspace) -> Lock:
    """The lock that the settings name; DocumentError where this version knows none such."""
    path = workspace.claude / SETTINGS
    kind = _lock_kind(workspace.lock)
    if kind is None:
        _must_have_no_secret(path, workspace.lock)
        why = f"[store] lock = {workspace.lock!r} is no lock this version knows"
        known = " or ".join(f'lock = "{_as_said(name)}"' for name in _LOCKS)
        raise DocumentError(str(path), None, why, hint=known)
    try:
        return kind(workspace)
    except RequestError as error:
        raise DocumentError(str(path), None, error.sentence, hint=error.hint) from None


def _lock_kind(name: str) -> Callable[[Workspace], Lock] | None:
    scheme, colon, _ = name.partition(":")
    return _LOCKS.get(scheme) if bool(colon) == (scheme == _REDIS) else None


def _as_said(name: str) -> str:
    return f"{name}://HOST" if name == _REDIS else name


def choose_lock(repo: Repository, name: str) -> bool:
    """Let writers of a line take another lock; whether that is to be written down yet.

    Nothing is written. RequestError for what is no lock, or where settings say something else.
    """
    if name == repo.workspace.lock:
        return False
    must_have_no_secret(name)
    kind = _lock_kind(name)
    if kind is None:
        known = " or ".join(map(_as_said, _LOCKS))
        raise RequestError(
            f"'{name}' is no lock this version knows.", hint=f"tractatus-merge init --lock {known}"
        )
    workspace = replace(repo.workspace, lock=name)
    lock = kind(workspace)
    _no_settings(repo.workspace, f'lock = "{name}"')
    repo.workspace, repo.lock = workspace, lock
    return True


def choose(
    folder: Path, url: str, environment: Mapping[str, str] | None = None
) -> tuple[Repository, bool]:
    """Open the history at the store a URL names, and whether that is to be written down yet.

    Nothing is written. RequestError for what is no store, or where settings name another.
    """
    must_have_no_secret(url)
    kind, _ = _kind_of(url)
    if kind is None:
        branch = branch_of(url)
        repo = open_repository(folder, environment)
        if repo.workspace.line == branch:
            return repo, False
        try:
            return on_branch(repo, branch), True
        except TractatusError:
            repo.close()
            raise
    named = _named_place(folder)
    place = named or _unnamed_place(folder)
    workspace, checkout = _outside_git(place)
    if named is None:
        _no_settings(workspace, f'url = "{url}"')
        workspace = replace(workspace, url=url)
    elif workspace.url != url:
        _no_settings(workspace, f'url = "{url}"')
    environment = dict(os.environ if environment is None else environment)
    repo = _opened(workspace, _other_store(workspace), checkout, environment)
    return repo, named is None


def at(folder: Path, url: str, environment: Mapping[str, str] | None = None) -> Repository:
    """Open the history at the store a URL names, whatever the settings here name.

    Nothing is written. RequestError for what is no store.
    """
    must_have_no_secret(url)
    environment = dict(os.environ if environment is None else environment)
    named, checkout = find_workspace(folder)
    checkout.close()
    kind, _ = _kind_of(url)
    if kind is not None:
        workspace, checkout = _outside_git(named.claude.parent)
        workspace = replace(workspace, url=url)
        return _opened(workspace, _other_store(workspace), checkout, environment)
    branch, places = branch_of(url), discover(folder)
    git = Plumbing(places)
    if git.run("check-ref-format", "--branch", branch).status or not _may_name_branch(branch):
        raise RequestError(f"'{branch}' is no branch name.", hint=_USAGE)
    workspace = _workspace(places, places.top or named.top, named.claude)
    workspace = replace(workspace, url="", branch=branch)
    return _opened(workspace, _store(git, branch), GitCheckout(git), environment)


def _unnamed_place(folder: Path) -> Path:
    """Where a history would be that nothing names yet: at the nearest view, else at the top."""
    if not folder.is_dir():
        raise NotARepository(str(folder))
    folders = list(_up(folder))
    there = (place for place in folders if (place / ".claude" / VIEW).is_file())
    is_git = (folders[-1] / ".git").exists()
    return next(there, folders[-1] if is_git else folders[0])


def _no_settings(workspace: Workspace, line: str) -> None:
    path = workspace.claude / SETTINGS
    if path.exists():
        raise RequestError(f"{path} is there already.", hint=f"edit it: [store] {line}")


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
    if not _may_name_branch(found.branch):
        why = f"[store] branch = {found.branch!r} is no branch name"
        path = str(found.claude / SETTINGS)
        raise DocumentError(path, None, why, hint='branch = "tractatus/history"')
    return found, Plumbing(places)


def _workspace(places: Places, top: Path, claude: Path) -> Workspace:
    state, own = places.common_dir / "tractatus", places.git_dir / "tractatus"
    return Workspace.read(top, claude, state=state, sessions=state / "sessions", own=own)


def _store(git: Plumbing, branch: str) -> GitStore:
    return GitStore(git, branch, page=_page, verify=_must_be_sound, judge=_must_be_acceptable)


def _page(state: State) -> str:
    from tractatus_merge.git.sync import forge_page  # who writes pays for it

    return forge_page.page(state)


def _must_be_sound(store: GitStore, version: Version, known: Version | None) -> None:
    from tractatus_merge.git.sync import acceptance  # for what comes from elsewhere

    acceptance.must_be_sound(store, version, known)


def _must_be_acceptable(state: State) -> None:
    from tractatus_merge.git.sync import acceptance  # who writes pays for it

    acceptance.must_be_acceptable(state)


def _may_name_branch(name: str) -> bool:
    """Whether a name is one of a branch, of letters that are safe in a file's name as well."""
    plain = name.isascii() and name.translate(_JOINTS).isalnum() and name[0] not in "./-"
    return plain and not (".." in name or "//" in name or name.endswith((".lock", "/")))


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
    workspace = replace(repo.workspace, branch=branch)
    moved = _opened(workspace, _store(git, branch), repo.checkout, repo.environment)
    adoptable(moved)
    if git.run("check-ref-format", "--branch", branch).status != 0:
        raise RequestError(f"'{branch}' is no branch name.", hint=_USAGE)
    _no_settings(repo.workspace, f'branch = "{branch}"')
    return moved


def initialise(repo: Repository) -> tuple[State, str]:
    """Make the head, from a remote-tracking branch where there is one, else from the file there.

    Returns the head and what was done: `adopted`, `created` or `there`. No file is rewritten.
    DocumentError or RemoteError, with nothing changed, if the file or the remote's history cannot
    be read; RequestError where the main worktree says that it is kept elsewhere.
    """
    there, remote = repo.store.head() is not None, adoptable(repo)
    if not there:
        must_be_named_here(repo.workspace)
    view, document = repo.workspace.view, history_file.EMPTY
    if not there and remote is None and view.exists():
        document = history_file.read(plain_file.read(view), str(view))
    make_room(repo.workspace)
    if there:
        return repo.head(), "there"
    if remote is not None:
        assert isinstance(repo.store, GitStore)
        repo.store.adopt(remote[1])
        return repo.head(), "adopted"
    state = conversion.adopted_state(document)
    message = f"Take in the instruction history: {len(document.records)} instructions"
    entry = Entry(message, author=NOBODY, time=ROOT_TIME, root=True)
    if repo.store.commit(None, state, entry):
        repo.workspace.adopted.write_text(f"{clock.now()}\n", "ascii")
    return repo.head(), "created"


def must_be_named_here(workspace: Workspace) -> None:
    """RequestError in a linked worktree that lacks the main one's word of where the history is.

    Its settings are not committed yet, or not merged here: a second history would begin.
    """
    here = workspace.claude / SETTINGS
    main = Path(discovery.in_main_worktree(str(workspace.claude))) / SETTINGS
    if workspace.url or main == here or here.exists() or not settings(main).get("store"):
        return
    from shlex import quote

    raise RequestError(
        f"{main} says where the history is kept, and this worktree has no such file: commit it.",
        hint=f"mkdir -p {quote(str(here.parent))} && cp {quote(str(main))} {quote(str(here))}",
    )


def make_room(workspace: Workspace) -> None:
    """Make the folders of a line that is about to begin."""
    workspace.state.mkdir(parents=True, exist_ok=True)  # by which hooks know their repository
    if workspace.url:
        _keep_out_of_git(workspace)


def _keep_out_of_git(workspace: Workspace) -> None:
    """Let git, if the folder is or becomes one of its, ignore what only this machine uses.

    A history that lies in `.claude` is of this kind: two branches that each have a version 7
    cannot be merged as files.
    """
    shared = workspace.state.parent
    names = _OWN if _kind_of(workspace.url)[1] else (*_OWN, "history")
    for folder in (shared / name for name in names):
        folder.mkdir(parents=True, exist_ok=True)
        ignored = folder / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", "ascii")


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
        from tractatus_merge.git.sync import acceptance  # for what comes from elsewhere

        acceptance.must_be_sound_at(remote, store, version, None, hint)
        return ref, version
    return None
