"""Where an agent's event belongs: the repository and the session's folder, found without git.

Says the same as `git rev-parse` (a test holds them together). Standard library only.
"""

from __future__ import annotations

import os

from tractatus_merge.system import plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BRANCH = "tractatus/history"
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
    """The folders above one that are repositories too, the nearest first: those it is nested in."""
    folder = os.path.realpath(folder)
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        if os.path.exists(f"{folder}/.git"):
            yield folder


def place_of(session: str, project: str | None, cwd: str) -> tuple[str, str] | None:
    """The folder in which an agent's session works, and the git directory of its repository.

    An agent may go into a submodule, a nested clone or another repository: where the session is
    known decides, before its project, and that before the folder it is in now. None without a
    history in any.
    """
    places: dict[str, str] = {}
    for folder in (cwd, project):  # of one repository: the worktree of where it is now
        common = common_dir(folder) if folder else None
        if folder and common:
            places.setdefault(common, folder)
    nearest = list(reversed(places.items()))
    for common, folder in nearest:
        if _knows(common, session):
            return folder, common
    for folder in around(cwd):
        outer = common_dir(folder)
        if outer and _knows(outer, session):
            return folder, outer
    for common, folder in nearest:
        if os.path.isdir(f"{common}/tractatus") or head_of(common, BRANCH):
            return folder, common
    return None


def _knows(common: str, session: str) -> bool:
    return os.path.isdir(f"{common}/tractatus/sessions/{session}")


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
