"""Hooks that git reads from its configuration, from 2.54 on: `hook.NAME.command` and its events.

Git itself is asked which of them it runs: scopes, includes and switches are its business. What is
switched off is not there; to an older git none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tractatus_merge.git.plumbing import Plumbing

SINCE = (2, 54)
"""The git that reads hooks from its configuration."""
GATE = "tractatus"
"""The name of our gate there."""
_FATAL = 128


def version(git: Plumbing) -> str:
    """What git calls itself: "git version 2.54.1"."""
    return git.run("version").out.decode("utf-8", "replace").strip()


def are_read(git: Plumbing) -> bool:
    """Whether this git reads hooks from its configuration."""
    return tuple(map(int, re.findall(r"\d+", version(git))[:2])) >= SINCE


def commands(git: Plumbing, events: Iterable[str]) -> dict[str, dict[str, str]]:
    """The commands that git runs in this worktree, by event and by name."""
    listed = {event: git.in_worktree("hook", "list", event).out for event in events}
    if not any(listed.values()):
        return {event: {} for event in listed}
    words = ("config", "--null", "--get-regexp", r"^hook\..*\.command$")
    entries = _text(git.in_worktree(*words).out).split("\0")[:-1]
    named = {key[len("hook.") : -len(".command")]: command
             for key, _, command in (entry.partition("\n") for entry in entries)}  # fmt: skip
    return {
        event: {name: named[name] for name in _text(out).split("\n") if name in named}
        for event, out in listed.items()
    }


def complaint(git: Plumbing, event: str) -> str:
    """Why git cannot read the hooks of its configuration, and so refuses to act; "" if it can."""
    asked = git.in_worktree("hook", "list", event)
    return asked.err.strip().split("\n")[-1] if asked.status == _FATAL else ""


def _text(out: bytes) -> str:
    return out.decode("utf-8", "surrogateescape")
