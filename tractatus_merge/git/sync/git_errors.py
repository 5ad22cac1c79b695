"""What git said when a fetch or a push failed: which kind of failure, and in what words it is told.

Texts in, texts out; no git is run here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from tractatus_merge.git.plumbing import Result

_RACES = re.compile(
    r"is at \S+ but expected|is missing but expected|reference (?:already|does not) exists?"
    r"|unable to resolve reference|incorrect old value"
)
"""Why a ref is not moved where another process was faster."""
_LATE = re.compile(r"stale info|fetch first|non-fast-forward")
"""Why a push is refused before it is tried."""
_UNTOLD = re.compile(r"failed to update ref|cannot lock ref")
"""Why a push is refused, where the remote says the reason elsewhere, or not at all."""
_NEVER = re.compile(
    r"exists; cannot create|refname conflict|Permission denied|No space left|Read-only file system"
    r"|quota exceeded"
)
"""What no second try mends."""
_LOCKED = re.compile(r"Unable to create '[^']*\.lock': File exists")
_SECRET = re.compile(r"://[^/@\s]+@")
"""Who logs in with what, in an address."""
_BROKEN = re.compile(
    r"hung up unexpectedly|early EOF|unexpected disconnect|Connection (?:reset|closed)"
    r"|RPC failed|Broken pipe|the remote end hung up"
)
"""A connection that was there, and ended."""
_NO_BRANCH = re.compile(r"couldn't find remote ref|Couldn't find remote ref")
_IN_THE_WAY = re.compile(r"'(?:refs/heads/)?([^']*)' exists; cannot create")
_EXPLAINED = (
    (
        re.compile(
            r"'remote-[^']*' is not a git command|[Uu]nable to find remote helper"
            r"|while loading shared libraries|\(required by [^)]*\)"
        ),
        "this git has no helper that works for its kind of address",
        "git ls-remote {remote}   (says what is missing)",
    ),
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
    (
        re.compile(r"receiving end does not support"),
        "it lacks what your configuration asks of every push",
        r"git config --show-origin --get-regexp '^push\.'",
    ),
)


def is_locked(said: str) -> bool:
    """Whether another process holds the ref's lock file, or left it behind."""
    return _LOCKED.search(said) is not None


def is_race(said: str) -> bool:
    """Whether another process moved the ref at the same time."""
    return _RACES.search(said) is not None


def has_no_branch(said: str) -> bool:
    """Whether a fetch found the remote, and no such branch in it."""
    return _NO_BRANCH.search(said) is not None


def is_broken(said: str) -> bool:
    """Whether the connection ended, for no reason that is known."""
    return _BROKEN.search(said) is not None and not _explained(said)


def is_lost_race(pushed: Result, refused: Sequence[str]) -> bool:
    """Whether a push was refused because another was faster: not for what stays as it is."""
    if any(_RACES.search(why) or _LATE.search(why) for why in refused):
        return True
    lasting = any(map(_NEVER.search, (_words(pushed.err), *refused)))
    return not lasting and any(map(_UNTOLD.search, refused))


def refusals(pushed: Result) -> list[str]:
    """The reasons in a push's report: `!<tab>FROM:TO<tab>[remote rejected] (REASON)`."""
    rows = pushed.out.decode("utf-8", "replace").splitlines()
    return [
        row.rpartition("\t")[2].partition("(")[2].rstrip(")") or row[2:]
        for row in rows
        if row.startswith("!\t")
    ]


def told(result: Result, refused: Sequence[str], remote: str, branch: str) -> tuple[str, str]:
    """What git and the remote said, in a sentence, and what to type."""
    name = f"-- {shlex.quote(remote)}" if remote.startswith("-") else shlex.quote(remote)
    said = _said(result.err)
    other = next(filter(None, map(_IN_THE_WAY.search, (result.err, *refused))), None)
    if other and other[1].startswith("refs/"):
        why = f"the branch '{branch}' has no place beside {other[1]}, of a branch it had before"
        return f"{why}.", f"git remote prune {name}"
    if other:
        why = f"it has a branch '{other[1]}', beside which there can be no '{branch}'"
        return f"{why}.", 'rename that one there, or in tractatus.toml: [store] branch = "ANOTHER"'
    if refused:
        why = f"it refused the push ({refused[0]})"
        hint = f"exempt the branch {branch} from that rule, then: tractatus-merge sync {name}"
        return f"{why}: {said}." if said else f"{why}.", hint
    for why, hint in _explained(result.err):
        return f"{why}.", hint.format(remote=name)
    words = _SECRET.sub("://", " ".join(result.err.split()))[-300:]
    why = (said or words or f"git ended with {result.status}").rstrip(".")
    return f"{why}.", f"git fetch {name}"


def _said(err: str) -> str:
    """The remote's own words, as far as one reads them."""
    words = _words(err)
    return words if len(words) <= 400 else f"{words[:400]}..."


def _words(err: str) -> str:
    """The remote's own words, on one line."""
    lines = [line[8:].strip() for line in err.splitlines() if line.startswith("remote: ")]
    return " ".join(line for line in lines if line)


def _explained(err: str) -> list[tuple[str, str]]:
    return [(why, hint) for pattern, why, hint in _EXPLAINED if pattern.search(err)]
