"""The worktrees of a repository, as git's own files name them. No git is started but for the main.

A worktree whose folder is not there (on a disk that is away, or deleted) is left out.
"""

from __future__ import annotations

import os
from pathlib import Path

from tractatus_merge.git.plumbing import Places, Plumbing
from tractatus_merge.system import plain_file


def worktrees(git: Plumbing) -> list[Places]:
    """All of them, the main one first; a bare repository has no main one."""
    common, here = git.places.common_dir, git.places
    linked = [found for folder in sorted(common.glob("worktrees/*")) if (found := _linked(folder))]
    top = _main(git) if here.linked or here.top is None else here.top
    main = [] if top is None else [Places(common, common, top)]
    return [*main, *(Places(folder, common, top) for folder, top in linked)]


def checked_out(git: Plumbing, branch: str) -> list[Path]:
    """The tops of the worktrees in which a branch is checked out."""
    wanted = f"ref: refs/heads/{branch}"
    found = (place for place in worktrees(git) if _text(place.git_dir / "HEAD") == wanted)
    return [place.top for place in found if place.top]


def told_of(branch: str, top: Path) -> tuple[str, str]:
    """What is wrong with a worktree in which the history's branch is checked out; what to type."""
    from shlex import quote  # rarely needed

    what = f"{branch} is checked out there: a commit there takes out what was published since"
    return what, f"git -C {quote(str(top))} switch --detach"


def _main(git: Plumbing) -> Path | None:
    """The top of the main worktree; None in a bare repository."""
    if git.run("config", "--bool", "core.bare").out.strip() == b"true":
        return None
    home = git.home
    return home if os.path.lexists(home / ".git") else None


def _linked(folder: Path) -> tuple[Path, Path] | None:
    """A linked worktree's own git folder, and its top."""
    named = _text(folder / "gitdir")
    file = Path(os.path.normpath(folder / named))
    return (folder.resolve(), file.parent.resolve()) if named and file.is_file() else None


def _text(path: Path) -> str:
    try:
        return os.fsdecode(plain_file.read(path)).rstrip("\n")
    except OSError:
        return ""  # it was removed meanwhile
