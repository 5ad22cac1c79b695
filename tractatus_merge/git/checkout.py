"""A git worktree as a Checkout: what git knows of the view. It only looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tractatus_merge.git.plumbing import Places, Plumbing
from tractatus_merge.git.worktrees import worktrees
from tractatus_merge.repository.checkout import Tracking
from tractatus_merge.system import plain_file

_BUSY = (
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "rebase-merge",
    "rebase-apply",
    "index.lock",
)
_TRACKING = ("ls-files", "--stage", "--")
_MOST_COMMITS = 200
"""So many commits are given to git as words at the most."""


class GitCheckout:
    """One worktree of a git repository. See `checkout.Checkout` for the contract."""

    def __init__(self, git: Plumbing) -> None:
        self.git = git

    @property
    def places(self) -> Places:
        """Where the repository's parts are."""
        return self.git.places

    @property
    def linked(self) -> bool:
        """See Checkout."""
        return self.places.linked

    @property
    def top(self) -> Path:
        """See Checkout."""
        return self.places.top or self.places.git_dir

    def worktrees(self) -> list[GitCheckout]:
        """See Checkout."""
        return [GitCheckout(Plumbing(places)) for places in worktrees(self.git)]

    def branch(self) -> str:
        """See Checkout: the branch or commit, as git keeps it in HEAD."""
        return plain_file.read_text(self.places.git_dir / "HEAD").strip()

    def busy(self) -> str | None:
        """See Checkout: the file in the git directory that says so."""
        return next((name for name in _BUSY if (self.places.git_dir / name).exists()), None)

    def expect_tracking(self, path: Path) -> None:
        """See Checkout."""
        self.git.expect_in_worktree(*_TRACKING, str(path))

    def tracking(self, path: Path) -> Tracking:
        """See Checkout."""
        out = self.git.in_worktree(*_TRACKING, str(path)).out
        stages = {int(line.split(b"\t")[0].split()[2]) for line in out.split(b"\n") if line}
        return Tracking(bool(stages), bool(stages - {0}))

    def ignored(self, path: Path) -> bool:
        """See Checkout."""
        return self.git.in_worktree("check-ignore", "-q", "--", str(path)).status == 0

    def committed(self, path: Path) -> tuple[bytes | None, str]:
        """See Checkout."""
        name = self._name(path)
        found = self.git.in_worktree("cat-file", "blob", f"HEAD:{name}")
        if found.status != 0:
            return None, ""
        who = self.git.in_worktree("log", "-1", "--format=%an <%ae>", "HEAD", "--", name)
        return found.out, who.out.decode("utf-8", "replace").strip()

    def path_history(self, path: Path) -> list[tuple[str, bytes]]:
        """See Checkout."""
        name = self._name(path)
        words = ("--format=%H", "--all", "--full-history", "--", name)
        commits = self.git.in_worktree("log", *words).out.decode().split()
        found = ((commit, self.git.read(f"{commit}:{name}")) for commit in commits)
        return [(commit, item.content) for commit, item in found if item is not None]

    def reachable(self, commits: Iterable[str], path: Path) -> set[str]:
        """See Checkout."""
        some = list(commits)[:_MOST_COMMITS]
        if not some:
            return set()
        words = ("rev-list", "--full-history", *some, "--", self._name(path))
        return set(self.git.in_worktree(*words).out.decode().split())

    def user(self, environment: Mapping[str, str]) -> tuple[str, str]:
        """See Checkout: as git would write it into a commit."""
        out = self.git.run("config", "--get-regexp", r"^user\.(name|email)$").out
        lines = out.decode("utf-8", "replace").splitlines()
        known = dict(line.split(" ", 1) for line in lines if " " in line)
        name = environment.get("GIT_AUTHOR_NAME") or known.get("user.name", "")
        return name, environment.get("GIT_AUTHOR_EMAIL") or known.get("user.email", "")

    def pager(self) -> str | None:
        """See Checkout: GIT_PAGER, core.pager, PAGER, git's own, in this order."""
        found = self.git.run("var", "GIT_PAGER")
        return found.out.decode("utf-8", "surrogateescape").strip() if found.status == 0 else None

    def close(self) -> None:
        """See Checkout."""
        self.git.close()

    def _name(self, path: Path) -> str:
        top = self.places.top
        return path.relative_to(top).as_posix() if top else path.name
