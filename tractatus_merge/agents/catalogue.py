"""The agents whose sessions we attend: where their settings are, and which of their events we hear.

Sources: the hook references of Claude Code, Gemini CLI and Codex. The events' names on our side are
in `agents/hook.py`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from tractatus_merge.agents.guard import HISTORY, INSTALLED, guarded
from tractatus_merge.errors import RequestError
from tractatus_merge.value import Value

SCOPES = ("user", "local", "project")
"""Whose settings: this person's, one worktree's alone, the repository's (committed)."""
PLUGIN = "plugin"
"""What is no scope of ours: a plugin is switched on by the agent."""
_NAME = "tractatus-merge"
_GUARDS = {"user": ("-s", INSTALLED), PLUGIN: ("-d", HISTORY)}


class Agent(Value):
    """One agent. `events` have seconds; `per_second` are the units in which it counts them.

    `files` are the settings of each scope that it has, from the top of a worktree or from home;
    `home_of` is the variable that moves the latter. `tools`: events that may be matched by a tool's
    name. `plugins`: whether it reads hooks from plugins too.
    """

    name: str
    title: str
    files: Mapping[str, str]
    events: Mapping[str, int]
    tools: frozenset[str]
    home_of: str = ""
    per_second: int = 1
    labelled: bool = False
    status_line: bool = False
    plugins: bool = False
    note: str = ""


AGENTS = {
    agent.name: agent
    for agent in (
        Agent(
            "claude",
            "Claude Code",
            {
                "local": ".claude/settings.local.json",
                "project": ".claude/settings.json",
                "user": ".claude/settings.json",
            },
            {
                "SessionStart": 30,
                "UserPromptSubmit": 15,
                "PostToolUse": 10,
                "PostToolUseFailure": 10,
                "Stop": 10,
                "StopFailure": 10,
                "SubagentStart": 15,
                "SubagentStop": 10,
                "PreCompact": 10,
                "PostCompact": 10,
                "SessionEnd": 30,  # of all hooks together 1.5 s, unless a settings file says more
                "WorktreeRemove": 10,
            },
            frozenset({"PostToolUse", "PostToolUseFailure"}),
            home_of="CLAUDE_CONFIG_DIR",
            status_line=True,
            plugins=True,
        ),
        Agent(
            "gemini",
            "Gemini CLI",
            {
                "project": ".gemini/settings.json",
                "user": ".gemini/settings.json",
            },
            {
                "SessionStart": 30,
                "BeforeAgent": 15,
                "AfterTool": 10,
                "AfterAgent": 10,
                "PreCompress": 10,
                "SessionEnd": 30,
            },
            frozenset({"AfterTool"}),
            per_second=1000,
            labelled=True,
        ),
        Agent(
            "codex",
            "Codex",
            {
                "project": ".codex/hooks.json",
                "user": ".codex/hooks.json",
            },
            {
                "SessionStart": 30,
                "UserPromptSubmit": 15,
                "PostToolUse": 10,
                "Stop": 10,
                "SubagentStart": 15,
                "SubagentStop": 10,
                "PreCompact": 10,
                "PostCompact": 10,
                "SessionEnd": 3,  # it gives no hook more at the end
            },
            frozenset({"PostToolUse"}),
            home_of="CODEX_HOME",
            note="Codex runs hooks once they are trusted: /hooks in Codex shows them",
        ),
    )
}


def agent_of(name: str) -> Agent:
    """The agent of that name; RequestError if none has it."""
    try:
        return AGENTS[name]
    except KeyError:
        raise RequestError(
            f"'{name}' is no agent that is known here.", hint=f"--agent {'|'.join(AGENTS)}|none"
        ) from None


def settings_path(agent: Agent, scope: str, top: Path, environment: Mapping[str, str]) -> Path:
    """The settings file of a scope, for a worktree; RequestError where the agent has none."""
    if scope not in agent.files:
        raise RequestError(
            f"{agent.title} reads no settings of one worktree alone.",
            hint=f"tractatus-merge install --agent {agent.name} --scope user",
        )
    if scope != "user":
        return top / agent.files[scope]
    moved = environment.get(agent.home_of) if agent.home_of else None
    name = Path(agent.files[scope])
    if moved:
        return Path(moved) / name.name
    return Path(environment.get("HOME") or "~").expanduser() / name


def executable(scope: str) -> str:
    """The program as a scope's settings name it: what others read too has it by its name alone."""
    if scope in ("project", PLUGIN):
        return _NAME
    beside = Path(sys.executable).with_name(_NAME)
    found = str(beside) if beside.is_file() else shutil.which(_NAME)
    return found or _NAME


def command(program: str, verb: str, scope: str) -> str:
    """A line for `sh`: without the program nothing happens, and nothing is said.

    What is read in every repository asks first whether that is ours.
    """
    word = quote(program)
    line = f"command -v {word} >/dev/null 2>&1 || exit 0; exec {word} {verb}"
    return guarded(line, *_GUARDS[scope]) if scope in _GUARDS else line


def hooks(agent: Agent, program: str, scope: str) -> dict[str, dict[str, Any]]:
    """What each event's list is to hold: one group, with one handler."""
    found: dict[str, dict[str, Any]] = {}
    for event, seconds in agent.events.items():
        handler: dict[str, Any] = {"name": _NAME} if agent.labelled else {}
        verb = f"hook --agent {agent.name}"
        handler |= {"type": "command", "command": command(program, verb, scope)}
        handler["timeout"] = seconds * agent.per_second
        matched = {"matcher": "*"} if event in agent.tools else {}
        found[event] = {**matched, "hooks": [handler]}
    return found


def status_line(program: str, scope: str) -> dict[str, Any]:
    """The setting that shows our status line."""
    return {"type": "command", "command": command(program, "statusline", scope), "padding": 0}
