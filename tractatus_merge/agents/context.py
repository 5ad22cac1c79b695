"""How full a session's context is at an event, and what its agent is told when that rises.

The status line's word counts, else the transcript's. Standard library only: asked on every tool
call. A level and a checkpoint are told once a fill: what a compaction empties may fill again.
"""

from __future__ import annotations

import os

from tractatus_merge.metrics import levels, transcripts, windows
from tractatus_merge.system import plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TOLD = {
    **{str(mark): mark / 100 for mark in levels.CHECKPOINTS},
    **{name: least for name, least in levels.LEVELS if name in levels.ADVICE},
}
"""What is told once a fill, and the share of the window from which on."""


class Context:
    """How full it is, of what window (0: not known), and what the journal is to keep of it."""

    __slots__ = ("fields", "tokens", "window")

    def __init__(self, tokens: int | None, window: int, fields: dict[str, Any]) -> None:
        self.tokens = tokens
        self.window = window
        self.fields = fields


def measured(folder: str, facts: dict[str, Any], transcript: str, model: str) -> Context:
    """How full the context is now; `model` as the event names it, if it does."""
    shown = transcripts.shown(folder)
    if shown is not None and shown.tokens is not None:
        return Context(shown.tokens, shown.window, {})  # the status line told the journal itself
    found = transcripts.context_of(transcript) if transcript else None
    if found is None:
        return Context(None, 0, {})
    name = found.model or model
    asked = facts.get("model")
    size = found.window or (shown.window if shown else 0)
    size = size or windows.window_of(name, asked if isinstance(asked, str) else "", os.environ)
    size = proven(folder, found.tokens or 0, size, name)
    fields: dict[str, Any] = {"tokens": found.tokens, "window": size}
    return Context(found.tokens, size, fields | ({"model": name} if name else {}))


def proven(folder: str, tokens: int, window: int, model: str) -> int:
    """The window, or the larger one that this session's tokens have proven; 0 if nobody knows."""
    path = f"{folder}/proven"
    if tokens > window > 0:
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{tokens} {model}")
        return windows.proven(tokens, window, model)
    try:
        most, _, of = plain_file.read(path).decode("utf-8", "replace").partition(" ")
        return windows.proven(int(most), window, model) if of == model else window
    except (OSError, ValueError):
        return window


def limit_of(found: Context, budget: object) -> int:
    """What the context is a share of: the configured budget, else the window."""
    return budget if isinstance(budget, int) and budget > 0 else found.window


def warning(folder: str, found: Context, limit: int) -> tuple[str, list[int]]:
    """What an agent is told of levels and checkpoints that were reached anew, and those marks."""
    if found.tokens is None or not limit:
        return "", []
    share = found.tokens / limit
    for name, least in _TOLD.items():
        if share < least / 2:
            _forget(folder, name)  # emptied without a word, as Gemini does it
    passed = levels.passed_checkpoints(found.tokens, limit)
    new = [mark for mark in passed if first(folder, f"told-{mark}")]
    level = levels.level_of(share)
    advice = levels.ADVICE.get(level, "")
    if advice and not first(folder, f"told-{level}"):
        advice = ""
    if not new and not advice:
        return "", []
    words = f"The context holds {found.tokens:,} of {limit:,} tokens ({share:.1%}, {level})."
    words += f" The {new[-1]} % checkpoint is passed." if new else ""
    return words + (f" At {level} {advice}." if advice else ""), new


def emptied(folder: str) -> None:
    """The context was folded: what is reached after that is told anew."""
    for name in _TOLD:
        _forget(folder, name)


def first(folder: str, name: str) -> bool:
    """Whether this is the first who says so in a session's folder: of many at once exactly one."""
    try:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        os.close(os.open(f"{folder}/{name}", flags, 0o666))
    except FileExistsError:
        return False
    return True


def _forget(folder: str, name: str) -> None:
    try:
        os.unlink(f"{folder}/told-{name}")
    except OSError:
        pass  # it was not told
