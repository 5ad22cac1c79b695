"""What the version control of a work tree knows of a file in it: asked before it is written.

Git's answers are in `git/checkout.py`; a folder without version control answers "nothing".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tractatus_merge.value import Value


class Tracking(Value):
    """Whether a file is tracked, and whether a merge left it in conflict."""

    tracked: bool = False
    conflicted: bool = False


class Checkout(Protocol):
    """A work tree, as its version control sees it. It only looks; paths are absolute."""

    @property
    def linked(self) -> bool:
        """Whether another worktree of the repository is the main one."""
        ...

    @property
    def top(self) -> Path:
        """The top of this worktree."""
        ...

    def worktrees(self) -> Sequence[Checkout]:
        """All worktrees of the repository that are there, this one among them."""
        ...

    def branch(self) -> str:
        """What is checked out: a text that changes when a branch is switched."""
        ...

    def busy(self) -> str | None:
        """What stands in the middle of being done (a merge, a rebase, ...); None if nothing."""
        ...

    def expect_tracking(self, path: Path) -> None:
        """Look for what `tracking` is asked soon, beside what is done meanwhile."""
        ...

    def tracking(self, path: Path) -> Tracking:
        """Whether the file is tracked, and in conflict."""
        ...

    def ignored(self, path: Path) -> bool:
        """Whether a new file at the path would be left alone."""
        ...

    def committed(self, path: Path) -> tuple[bytes | None, str]:
        """The committed bytes of a file and who committed them last; (None, "") for none."""
        ...

    def path_history(self, path: Path) -> list[tuple[str, bytes]]:
        """(commit, content) of every commit, on any branch, that changed the path; newest first."""
        ...

    def reachable(self, commits: Iterable[str], path: Path) -> set[str]:
        """Those commits and their ancestors, as far as they changed the path."""
        ...

    def user(self, environment: Mapping[str, str]) -> tuple[str, str]:
        """The name and mail address that the user gave; empty texts where none is given."""
        ...

    def pager(self) -> str | None:
        """The pager that the user chose, as a command line; None where that is not said."""
        ...

    def close(self) -> None:
        """Let go of processes. It may be called twice."""
        ...


class PlainCheckout:
    """A folder that no version control looks at."""

    linked = False

    def __init__(self, top: Path) -> None:
        self.top = top

    def worktrees(self) -> Sequence[Checkout]:
        """See Checkout."""
        return [self]

    def branch(self) -> str:
        """See Checkout."""
        return ""

    def busy(self) -> str | None:
        """See Checkout."""
        return None

    def expect_tracking(self, path: Path) -> None:
        """See Checkout."""

    def tracking(self, path: Path) -> Tracking:
        """See Checkout."""
        del path
        return Tracking()

    def ignored(self, path: Path) -> bool:
        """See Checkout: nothing would commit it."""
        del path
        return True

    def committed(self, path: Path) -> tuple[bytes | None, str]:
        """See Checkout."""
        del path
        return None, ""

    def path_history(self, path: Path) -> list[tuple[str, bytes]]:
        """See Checkout."""
        del path
        return []

    def reachable(self, commits: Iterable[str], path: Path) -> set[str]:
        """See Checkout."""
        del commits, path
        return set()

    def user(self, environment: Mapping[str, str]) -> tuple[str, str]:
        """See Checkout."""
        del environment
        return "", ""

    def pager(self) -> str | None:
        """See Checkout."""
        return None

    def close(self) -> None:
        """See Checkout: there is nothing to let go of."""
