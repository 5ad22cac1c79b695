"""`tractatus-merge statusline`: one session's pressure and what it has not merged, on one line.

What Claude Code says about the context is written down for the session first: it is the best source
there is. What needs git is looked up in a child, when the copy or the head has changed, and shown
if it is there in time: the client asks again only when something happens, so nothing old is shown.
Standard library only.
"""

from __future__ import annotations

import os

from tractatus_merge.agents import background, context, protocol
from tractatus_merge.git import discovery
from tractatus_merge.metrics import levels, transcripts, windows
from tractatus_merge.system import jsonl, plain_file
from tractatus_merge.system.clock import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COLOURS = {"ELEVATED": "33", "HIGH": "33;1", "CRITICAL": "31", "DANGEROUS": "31;1"}

_PATIENCE = 5.0
"""Seconds that the line may take where something has changed."""


def main(*, segment: bool = False) -> None:
    """Print the line for the session on stdin; nothing, and exit code 0, where there is none."""
    try:
        text = _line(jsonl.parse(protocol.read()) or {}, segment=segment)
        if text:
            os.write(1, text.encode() + b"\n")
    except BaseException as error:  # noqa: BLE001 (fails open)
        protocol.log(f"statusline: {type(error).__name__}: {error}", None)
    os._exit(0)


def _line(said: dict[str, Any], *, segment: bool) -> str:
    name, cwd, workspace = (said.get(key) for key in ("session_id", "cwd", "workspace"))
    project = workspace.get("project_dir") if isinstance(workspace, dict) else None
    if not isinstance(name, str) or not discovery.is_id(name):
        return ""
    cwd = cwd if isinstance(cwd, str) and cwd else os.getcwd()
    place = discovery.place_of(name, project if isinstance(project, str) else None, cwd)
    if place is None:
        return ""
    cwd, state = place
    folder = f"{discovery.sessions_of(state)}/{name}"
    facts = jsonl.load(f"{folder}/session.json")
    if not facts:  # the client may ask before its start hook is through, but not after a reply
        return "tractatus: this session has no copy" if _used(said) and not segment else ""
    parts = [_pressure(folder, facts, said, colour=not segment and not os.environ.get("NO_COLOR"))]
    parts.append(_standing(folder, state, facts, cwd))
    return " · ".join(part for part in parts if part)


def _pressure(folder: str, facts: dict[str, Any], said: dict[str, Any], *, colour: bool) -> str:
    """The share of the budget in the context, and its level; tokens alone where no budget is known.

    Before the first reply, and after the context was folded, nobody knows how full it is.
    """
    told = said.get("context_window")
    window = told.get("context_window_size") if isinstance(told, dict) else None
    tokens = _used(said)
    model = said.get("model")
    name = model.get("id") if isinstance(model, dict) else None
    name = name if isinstance(name, str) else ""
    if type(window) is not int or window <= 0:
        window = windows.window_of(name, "", os.environ)
    window = context.proven(folder, tokens, window, name)
    _remember(folder, tokens, window, name)
    if not tokens:
        return ""
    budget = facts.get("budget")
    budget = budget if isinstance(budget, int) and budget > 0 else window
    if not budget:
        return f"{tokens:,} tokens"
    level = levels.level_of(tokens / budget)
    text = f"{tokens / budget:.1%} {level}"
    paint = _COLOURS.get(level) if colour else None
    return f"\x1b[{paint}m{text}\x1b[0m" if paint else text


def _used(said: dict[str, Any]) -> int:
    """How many tokens the last reply was made from; 0 where that is not known."""
    told = said.get("context_window")
    usage = told.get("current_usage") if isinstance(told, dict) else None
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    counts = [usage.get(key) or 0 for key in names] if isinstance(usage, dict) else []
    return sum(counts) if all(type(count) is int and count >= 0 for count in counts) else 0


def _remember(folder: str, tokens: int, window: int, model: str) -> None:
    """Write the numbers down for the session, if they are other than the last ones."""
    path, text = f"{folder}/{transcripts.WINDOW}", f"{tokens} {window}\n"
    try:
        if plain_file.read(path) == text.encode():
            return
    except OSError:
        if not tokens:
            return  # nothing was known, and nothing is
    staged = f"{folder}/.window.{os.getpid()}"
    with open(staged, "w", encoding="ascii") as file:
        file.write(text)
    os.replace(staged, path)
    fields = {"event": "context", "at": now(), "tokens": tokens or None, "window": window}
    jsonl.append(f"{folder}/journal.jsonl", fields | ({"model": model} if model else {}))


def _standing(folder: str, state: str, facts: dict[str, Any], cwd: str) -> str:
    """What is unmerged, behind and in conflict; nothing if that takes too long to look up."""
    branch = facts.get("branch")
    head = discovery.head_in(state, branch if isinstance(branch, str) else discovery.BRANCH)
    try:
        copy = os.stat(f"{folder}/instruction-history.json")
        key = f"{copy.st_mtime_ns} {copy.st_size} {head}"
    except OSError:
        return ""
    try:
        said = plain_file.read(f"{folder}/standing").decode("utf-8", "replace")
        known, _, text = said.rstrip("\n").partition("\n")
        if head and known == key:
            return text
    except OSError:
        pass
    name = str(facts.get("id"))
    return background.ask(lambda: _look(folder, cwd, name, key), _PATIENCE, lambda _: None)


def _look(folder: str, cwd: str, name: str, key: str) -> str:
    """Look it up, and keep it for the next time."""
    from tractatus_merge.agents import hook_actions

    text = hook_actions.standing(cwd, name)
    staged = f"{folder}/.standing.{os.getpid()}"
    with open(staged, "w", encoding="utf-8") as file:
        file.write(f"{key}\n{text}\n")
    os.replace(staged, f"{folder}/standing")
    return text
