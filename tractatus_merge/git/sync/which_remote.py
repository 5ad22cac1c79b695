"""Which remote is meant, by what the clone's configuration says. No network is used here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tractatus_merge.errors import RequestError
from tractatus_merge.git.plumbing import Plumbing


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
