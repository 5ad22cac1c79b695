"""Where an agent's event belongs: the repository and the session's folder, found without git.

Says the same as `git rev-parse` (a test holds them together). Standard library only.
"""

from __future__ import annotations

import os

from tractatus_merge.system import plain_file

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
