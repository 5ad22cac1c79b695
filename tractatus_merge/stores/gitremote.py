"""A line's branch at one remote: fetched, and pushed with a lease. What git says is explained.

The only place that uses the network. Nobody is prompted unless a person is there to answer.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from tractatus_merge.core.state import Version
from tractatus_merge.errors import RemoteError, RequestError
from tractatus_merge.stores.plumbing import Plumbing, Result

_SILENT = {
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GCM_INTERACTIVE": "never",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
}
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20"
_RACES = re.compile(
    r"stale info|fetch first|non-fast-forward|failed to update ref|cannot lock ref"
    r"|incorrect old value|reference already exists"
)
"""Why a push is refused where another clone was faster."""
_LOCKED = re.compile(r"Unable to create '[^']*\.lock': File exists")
_SECRET = re.compile(r"://[^/@\s]+@")
"""Who logs in with what, in an address."""
_STALE_LOCK = 5.0
"""Seconds after which a ref's lock file belongs to nobody: git holds one for milliseconds."""
_BROKEN = re.compile(
    r"hung up unexpectedly|early EOF|unexpected disconnect|Connection (?:reset|closed)"
    r"|RPC failed|Broken pipe|the remote end hung up"
)
"""A connection that was there, and ended."""
_NO_BRANCH = re.compile(r"couldn't find remote ref|Couldn't find remote ref")
_EXPLAINED = (
    (
        re.compile(
            r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled"
            r"|Permission denied \(|Host key verification failed|invalid credentials"
        ),
        "git has no valid credentials for it here",
        "git ls-remote {remote}   (once in a terminal, where it may ask you)",
    ),
    (
        re.compile(r"error: 403|Permission to \S+ denied|not allowed to push|[Ww]rite access"),
        "you may read it, but not write to it",
        "ask for the right to push, or: tractatus-merge sync ANOTHER-REMOTE",
    ),
    (
        re.compile(
            r"Could not resolve|unable to access|Connection (?:refused|timed out)|unreachable"
            r"|Operation timed out|No route to host|unable to connect"
        ),
        "it cannot be reached",
        "tractatus-merge sync {remote}   (again, when there is a network)",
    ),
    (
        re.compile(r"does not appear to be a git repository|not found|does not exist"),
        "there is no repository at its address",
        "git remote -v",
    ),
    (
        re.compile(r"shallow update not allowed"),
        "it takes nothing from a shallow clone",
        "git fetch --unshallow {remote}",
    ),
)


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
    ) -> None:
        self._git, self.name, self.branch, self.url = git, name, branch, url
        self.tracking = f"refs/remotes/{name}/{branch}"
        self._env = {"GIT_TERMINAL_PROMPT": "1"} if prompt else _silent(ssh)

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
                "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
                "--no-recurse-submodules", "--refmap=", self.name, there,
            )  # fmt: skip
            if found.status == 0:
                return self.known()
            if _NO_BRANCH.search(found.err):
                return None
            if not _LOCKED.search(found.err) or time.monotonic() > ends:
                raise self._error(found)
            _clear(self._git.places.common_dir / f"{self.tracking}.lock")
            time.sleep(0.2)

    def push(self, version: Version, expected: Version | None) -> Pushed:
        """Make a version the branch's there, if it still is `expected`; RemoteError if refused."""
        ref = f"refs/heads/{self.branch}"
        pushed = self._run(
            "-c", "push.followTags=false", "-c", f"remote.{self.name}.mirror=false", "push",
            "--porcelain", "--no-verify", "--no-recurse-submodules",
            f"--force-with-lease={ref}:{expected or ''}", self.name, f"{version}:{ref}",
        )  # fmt: skip
        if pushed.status == 0:
            self._git.run("update-ref", self.tracking, version)
            return Pushed.DONE
        refused = list(_refusals(pushed))
        if _LOCKED.search(pushed.err) or any(_LOCKED.search(why) for why in refused):
            self._clear_stale_lock()
            return Pushed.LOCKED
        if any(_RACES.search(why) for why in refused):
            return Pushed.MOVED
        if not refused and _BROKEN.search(pushed.err) and not _explained(pushed.err):
            return Pushed.BROKEN
        raise self._error(pushed, refused)

    def _clear_stale_lock(self) -> None:
        """Take away the branch's lock file in a repository of this machine, if it is an old one.

        As in our own: who wrote it was killed before it could. The path is made from the
        configured address, never from what a remote said.
        """
        address = self._git.run("remote", "get-url", "--push", self.name).out.decode().strip()
        top = Path(address.removeprefix("file://"))
        for folder in (top, top / ".git"):
            _clear(folder / self.lock)

    def _run(self, *words: str) -> Result:
        return self._git.at_home(*words, env=self._env)

    def _error(self, result: Result, refused: list[str] | None = None) -> RemoteError:
        """What git and the remote said, in a sentence, with what to type."""
        said = _said(result.err)
        if refused:
            told = f"it refused the push ({refused[0]})"
            why = f"{told}: {said}" if said else told
            again = f"tractatus-merge sync {self.name}"
            hint = f"exempt the branch {self.branch} from that rule, then: {again}"
            return RemoteError(self.name, f"{why}.", hint=hint)
        for why, hint in _explained(result.err):
            return RemoteError(self.name, f"{why}.", hint=hint.format(remote=self.name))
        words = _SECRET.sub("://", " ".join(result.err.split()))[-300:]
        last = said or words or f"git ended with {result.status}"
        return RemoteError(self.name, f"{last}.", hint=f"git fetch {self.name}")


def _clear(lock: Path) -> None:
    """Take a ref's lock file away, if it is an old one."""
    with contextlib.suppress(OSError):
        if time.time() - lock.stat().st_mtime > _STALE_LOCK:
            lock.unlink()


class Settings(NamedTuple):
    """What a clone's configuration says of remotes."""

    urls: Mapping[str, str]
    own: str
    ssh: bool


def settings(git: Plumbing, branch: str) -> Settings:
    """The remotes of a clone, the one of a branch, and whether ssh is somebody's own."""
    wanted = r"^(remote\..*\.url|branch\..*\.remote|core\.sshcommand)$"
    out = git.run("config", "-z", "--get-regexp", wanted)
    urls: dict[str, str] = {}
    own, ssh = "", False
    for row in out.out.decode("utf-8", "replace").split("\0")[:-1]:
        key, _, value = row.partition("\n")
        if key.startswith("remote."):
            urls.setdefault(key.removeprefix("remote.").removesuffix(".url"), value)
        elif key == f"branch.{branch}.remote":
            own = value
        ssh = ssh or key == "core.sshcommand"
    return Settings(urls, own, ssh)


def chosen(found: Settings, name: str | None) -> str | None:
    """The remote that is meant: named, the branch's own, `origin`, or the only one; None if none.

    RequestError for one that is not there, and where several could be meant.
    """
    if name is not None:
        if name not in found.urls:
            hint = f"git remote add NAME {name}" if "/" in name else "git remote -v"
            raise RequestError(f"there is no remote '{name}'.", hint=hint)
        return name
    for likely in (found.own, "origin"):
        if likely in found.urls:
            return likely
    if len(found.urls) > 1:
        which = " | ".join(found.urls)
        raise RequestError("several remotes could be meant.", hint=f"tractatus-merge sync {which}")
    return next(iter(found.urls), None)


def _silent(ssh: bool) -> Mapping[str, str]:  # noqa: FBT001
    """An environment in which nothing asks; `ssh`: it is somebody's own."""
    if ssh or any(name in os.environ for name in ("GIT_SSH", "GIT_SSH_COMMAND")):
        return _SILENT
    return {**_SILENT, "GIT_SSH_COMMAND": _SSH}


def _refusals(pushed: Result) -> Iterator[str]:
    """The reasons in a push's report: `!<tab>FROM:TO<tab>[remote rejected] (REASON)`."""
    for line in pushed.out.decode("utf-8", "replace").splitlines():
        if line.startswith("!\t"):
            yield line.rpartition("\t")[2].partition("(")[2].rstrip(")") or line[2:]


def _said(err: str) -> str:
    """The remote's own words, on one line."""
    lines = [line[8:].strip() for line in err.splitlines() if line.startswith("remote: ")]
    words = " ".join(line for line in lines if line)
    return words if len(words) <= 400 else f"{words[:400]}..."


def _explained(err: str) -> list[tuple[str, str]]:
    return [(why, hint) for pattern, why, hint in _EXPLAINED if pattern.search(err)]
