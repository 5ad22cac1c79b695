"""Where an agent's event belongs: the history and the session's folder, found without git.

Says the same as `git rev-parse` (a test holds them together). Standard library only.
"""

from __future__ import annotations

import os
import time

from tractatus_merge.system import plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BRANCH = "tractatus/history"
_SETTINGS = ".claude/tractatus.toml"
_PLACES = {"file": ".claude/history", "sqlite": ".claude/history/history.db"}
"""Where a history is whose URL does not say it; as the `factory` has it."""
_PATIENCE = 20
"""Seconds for which the answer of a store is good that is asked over a network."""
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_REST = _FIRST | frozenset("._-")


def is_id(name: object) -> bool:
    """Whether a text may name a session's folder: as `folder.checked_id` says."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= 100
        and name[0] in _FIRST
        and all(letter in _REST for letter in name)
    )


def common_dir(folder: str) -> str | None:
    """The git directory that all worktrees share, of the repository a folder is in; or None."""
    folder = os.path.realpath(folder)
    while True:
        git = f"{folder}/.git"
        if os.path.isdir(git):
            return _common(git)
        if os.path.isfile(git):
            told = _line(git)
            if told.startswith("gitdir: "):
                return _common(os.path.join(folder, told[8:]))
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def in_main_worktree(folder: str) -> str:
    """The same folder in the main worktree; itself where it is there, or nobody can tell."""
    top = folder = os.path.realpath(folder)
    while not os.path.exists(f"{top}/.git"):
        if top == os.path.dirname(top):
            return folder
        top = os.path.dirname(top)
    common = common_dir(top) or ""
    main = os.path.dirname(common)
    if os.path.basename(common) != ".git" or main == top:
        return folder
    return os.path.normpath(os.path.join(main, os.path.relpath(folder, top)))


def around(folder: str) -> Iterator[str]:
    """The folders above one that may have a history too, the nearest first."""
    folder = os.path.realpath(folder)
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        if os.path.exists(f"{folder}/.git") or os.path.exists(f"{folder}/{_SETTINGS}"):
            yield folder


def state_of(folder: str) -> str | None:
    """The folder that those share who work in the history of a folder; None outside of any.

    Beside a history that is not kept in git, and that the nearest settings name, it is in
    `.claude`; else in the git directory that all worktrees share.
    """
    place = os.path.realpath(folder)
    while True:
        try:
            if _names_store(_text(f"{place}/{_SETTINGS}")):
                return f"{in_main_worktree(place)}/.claude/tractatus"
            break
        except OSError:  # no settings here
            parent = os.path.dirname(place)
            if parent == place or os.path.exists(f"{place}/.git"):
                break
            place = parent
    common = common_dir(folder)
    return f"{common}/tractatus" if common else None


def git_of(folder: str) -> str | None:
    """The git directory, shared by all worktrees, in which a folder's history is; None if in none.

    That is where it would be, if there is none yet.
    """
    above = os.path.dirname(state_of(folder) or "")
    return above if os.path.basename(above) not in ("", ".claude") else None


def _names_store(text: str) -> bool:
    """Whether settings say `url` in their section `[store]`; read without a TOML parser: 4 ms."""
    section = ""
    for line in text.split("\n"):
        key = line.partition("=")[0].replace(" ", "").strip()
        if line.lstrip().startswith("["):
            section = line.partition("#")[0].strip(" []\t\r")
        elif (section, key) in (("store", "url"), ("", "store.url")):
            return True
    return False


def sessions_of(state: str) -> str:
    """The folder of the sessions that share a state."""
    above = os.path.dirname(state)
    return f"{above}/sessions" if os.path.basename(above) == ".claude" else f"{state}/sessions"


def place_of(session: str, project: str | None, cwd: str) -> tuple[str, str] | None:
    """The folder in which an agent's session works, and the state of its history.

    An agent may go into a submodule, a nested clone or another repository: where the session is
    known decides, before its project, and that before the folder it is in now. None without a
    history in any.
    """
    places: dict[str, str] = {}
    for folder in (cwd, project):  # of one repository: the worktree of where it is now
        state = state_of(folder) if folder else None
        if folder and state:
            places.setdefault(state, folder)
    nearest = list(reversed(places.items()))
    for state, folder in nearest:
        if _knows(state, session):
            return folder, state
    for folder in around(cwd):
        outer = state_of(folder)
        if outer and _knows(outer, session):
            return folder, outer
    for state, folder in nearest:
        if os.path.isdir(state) or head_of(os.path.dirname(state), BRANCH):
            return folder, state
    return None


def _knows(state: str, session: str) -> bool:
    return os.path.isdir(f"{sessions_of(state)}/{session}")


def head_in(state: str, line: str) -> str:
    """A text that changes when the newest version of a line does; nothing if only its store knows.

    It is the version's name where that can be seen without opening the store.
    """
    above = os.path.dirname(state)
    if os.path.basename(above) != ".claude":
        return head_of(above, line)
    scheme, _, path = line.partition(":")
    place = os.path.join(
        os.path.dirname(above), os.path.expanduser(path or _PLACES.get(scheme, ""))
    )
    from tractatus_merge.stores import newest  # for a history outside git

    if scheme == "sqlite":
        return newest.stamp(place)
    if scheme != "file":
        return f"asked within {_PATIENCE} seconds: {time.time() // _PATIENCE:.0f}"
    folder = f"{place}/versions"
    try:
        number = newest.number(folder)
        start = plain_file.read_start(f"{folder}/{number}", newest.HEAD_SIZE)
        return newest.name(start, number)
    except (OSError, ValueError):  # none, or damaged: whoever opens the store says so
        return ""


def head_of(common: str, branch: str) -> str:
    """The commit of a branch; nothing where it has none, or where only git can say."""
    with_git = f"{common}/refs/heads/{branch}"
    oid = _line(with_git)
    if oid or os.path.isdir(f"{common}/reftable"):
        return oid
    try:
        for line in _text(f"{common}/packed-refs").split("\n"):
            if line.endswith(f" refs/heads/{branch}"):
                return line[: line.index(" ")]
    except OSError:
        pass
    return ""


def _common(git_dir: str) -> str:
    told = _line(f"{git_dir}/commondir")
    return os.path.realpath(os.path.join(git_dir, told)) if told else os.path.realpath(git_dir)


def _line(path: str) -> str:
    try:
        return _text(path).partition("\n")[0]
    except OSError:
        return ""


def _text(path: str) -> str:
    return plain_file.read(path).decode("utf-8", "replace")
