"""A line's branch at one remote: fetched, and pushed with a lease.

The only place that uses the network. Nobody is prompted unless a person is there to answer.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path

from tractatus_merge.core.model.state import Version
from tractatus_merge.errors import RemoteError
from tractatus_merge.git.plumbing import DURABLE, Plumbing, Result, finish
from tractatus_merge.git.sync import git_errors

_SILENT = {
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "false",
    "SSH_ASKPASS_REQUIRE": "force",
    "GCM_INTERACTIVE": "never",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
}
"""ssh, whoever configured it, asks on the terminal where it is not made to ask a program."""
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20"
_NO = "TRACTATUS_NO"
"""The variable that says so to git: a setting's name may hold what a word of `-c` cannot."""
_STALE_LOCK = 5.0
"""Seconds after which a ref's lock file belongs to nobody: git holds one for milliseconds."""
_BREAKS, _UNMOVED = 4, 3
"""So often one connection after another may break, and a push lose a race that no fetch saw."""


class Pushed(Enum):
    """What became of a push."""

    DONE = "done"
    MOVED = "moved"
    LOCKED = "locked"
    BROKEN = "broken"


class Remote:
    """One remote of a clone, and the line's branch there."""

    def __init__(
        self,
        git: Plumbing,
        name: str,
        branch: str,
        *,
        url: str = "",
        prompt: bool = False,
        ssh: bool = False,
        show: Callable[[str], None] | None = None,
    ) -> None:
        """`show` gets a line on how far a transfer is, often, and an empty one at its end."""
        self._git, self.name, self.branch, self.url = git, name, branch, url
        self.tracking = f"refs/remotes/{name}/{branch}"
        self._env = {_NO: "false", **({"GIT_TERMINAL_PROMPT": "1"} if prompt else _silent(ssh))}
        self._breaks = self._unmoved = 0
        self._show, self._progress = show, "--progress" if show else "--no-progress"
        self._lost: tuple[Version | None, ...] = ()

    @property
    def lock(self) -> str:
        """The file that locks the branch in a repository."""
        return f"refs/heads/{self.branch}.lock"

    def known(self) -> Version | None:
        """What the branch was there when it was looked at last."""
        found = self._git.read(self.tracking)
        return found.oid if found else None

    def fetch(self) -> Version | None:
        """What the branch is there now, with all its objects here; None if there is none."""
        there = f"+refs/heads/{self.branch}:{self.tracking}"
        ends = time.monotonic() + _STALE_LOCK + 3
        while True:
            found = self._run(
                "fetch", "--quiet", self._progress, "--no-tags", "--no-write-fetch-head",
                "--no-auto-maintenance", "--no-recurse-submodules", "--refmap=", "--",
                self.name, there,
            )  # fmt: skip
            if found.status == 0:
                return self.known()
            if git_errors.has_no_branch(found.err):
                return None
            if self._forget_lost():
                continue
            waits = git_errors.is_locked(found.err) or git_errors.is_race(found.err)
            if not waits or time.monotonic() > ends:
                raise self._error(found)
            _clear(self._git.places.common_dir / f"{self.tracking}.lock")
            time.sleep(0.2)

    def _forget_lost(self) -> bool:
        """Take the remote-tracking branch away where what it names is not here; whether it was.

        A loss of power leaves it so after a plain `git fetch`, which is refused from then on.
        """
        named = self._git.run("rev-parse", "--verify", "--quiet", self.tracking).out
        if not named or self.known():
            return False
        return self._git.run("update-ref", "-d", self.tracking).status == 0

    def push(self, version: Version, expected: Version | None) -> Pushed:
        """Make a version the branch's there, if it still is `expected`; RemoteError if refused.

        It remembers what it said before: what goes wrong again and again in one way is refused.
        """
        ref = f"refs/heads/{self.branch}"
        self._git.sync()  # what others have is not to be lost here
        pushed = self._run(
            "-c", "push.followTags=false", f"--config-env=remote.{self.name}.mirror={_NO}", "push",
            self._progress, "--porcelain", "--no-verify", "--no-recurse-submodules",
            f"--force-with-lease={ref}:{expected or ''}", "--", self.name, f"{version}:{ref}",
        )  # fmt: skip
        if pushed.status == 0:
            self._git.run(*DURABLE, "update-ref", self.tracking, version)
            return Pushed.DONE
        refused = git_errors.refusals(pushed)
        if any(map(git_errors.is_locked, (pushed.err, *refused))):
            self._clear_stale_lock()
            return Pushed.LOCKED
        if git_errors.is_lost_race(pushed, refused):
            return self._moved(expected)
        if not refused and git_errors.is_broken(pushed.err):
            self._breaks += 1
            if self._breaks < _BREAKS:
                return Pushed.BROKEN
        raise self._error(pushed, refused)

    def _moved(self, expected: Version | None) -> Pushed:
        """A lost race. RemoteError where fetches see none, and look at another address."""
        again = (expected,) == self._lost
        self._lost, self._unmoved = (expected,), self._unmoved + 1 if again else 0
        if self._unmoved >= _UNMOVED and self._address() != self._address("--push"):
            why = "the branch moved where it pushes, and not where it fetches: these are two places"
            raise RemoteError(self.name, f"{why}.", hint="git remote -v")
        return Pushed.MOVED

    def _address(self, *words: str) -> str:
        """Where it fetches, or pushes, as git rewrites it."""
        found = self._git.run("remote", "get-url", *words, "--", self.name)
        return os.fsdecode(found.out).removesuffix("\n")

    def _clear_stale_lock(self) -> None:
        """Take away the branch's lock file in a repository of this machine, if it is an old one.

        As in our own: who wrote it was killed before it could. The path is made from the
        configured address, never from what a remote said.
        """
        there = self._git.home / self._address("--push").removeprefix("file://")
        for folder in (there, there / ".git", Path(f"{there}.git")):
            _clear(folder / self.lock)

    def _run(self, *words: str) -> Result:
        process = self._git.start_at_home(*DURABLE, *words, env=self._env)
        if self._show is None:
            return finish(process)
        from tractatus_merge.git.sync import progress  # 60 ms, for who watches

        return progress.watch(process, self._show)

    def _error(self, result: Result, refused: Sequence[str] = ()) -> RemoteError:
        why, hint = git_errors.told(result, refused, self.name, self.branch)
        return RemoteError(self.name, why, hint=hint)


def _clear(lock: Path) -> None:
    """Take a ref's lock file away, if it is an old one."""
    with contextlib.suppress(OSError):
        if time.time() - lock.stat().st_mtime > _STALE_LOCK:
            lock.unlink()


def _silent(ssh: bool) -> Mapping[str, str]:  # noqa: FBT001
    """An environment in which nothing asks; `ssh`: it is somebody's own."""
    silent = {**_SILENT, "DISPLAY": os.environ.get("DISPLAY") or "none:0"}  # for older ones
    if ssh or any(name in os.environ for name in ("GIT_SSH", "GIT_SSH_COMMAND")):
        return silent
    return {**silent, "GIT_SSH_COMMAND": _SSH}
