"""Whether the agents' settings let sessions run themselves."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tractatus_merge.agents import settings
from tractatus_merge.agents.catalogue import AGENTS, SCOPES, Agent
from tractatus_merge.doctor.diagnosis import CheckContext, Finding
from tractatus_merge.errors import DocumentError
from tractatus_merge.system.ledger import read

BARE = "/usr/local/bin:/usr/bin:/bin"
"""The PATH that a program gets which was started from a desktop, not from a shell."""
_EXEC = re.compile(r"exec (?P<words>.+) (?:hook|statusline)(?: --agent \S+)?\s*$")
_ADVICE = "tractatus-merge install"


def hooks(context: CheckContext) -> Iterator[Finding]:
    """Each agent's settings; that an agent has none of ours is no fault."""
    attended = []
    for agent in AGENTS.values():
        for scope, path in _scopes(context, agent):
            try:
                found = settings.parsed(read(path), str(path))
            except DocumentError as error:
                yield Finding("settings", str(path), error.why, f"mend {path} by hand")
                continue
            entries = settings.entries(found)
            if found.get("disableAllHooks") is True:
                fix = f"take disableAllHooks out of {path}"
                yield Finding(
                    "disabled", str(path), "hooks are switched off", fix, note=not entries
                )
            if entries:
                attended.append(path)
                yield from _entries(context, agent, scope, path, entries)
    if not attended:
        what = "no agent's sessions run themselves here"
        yield Finding("hooks", "agents' settings", what, _ADVICE, note=True)
    if len(attended) > 1:
        names = " and ".join(map(str, attended))
        what = "an agent that reads both counts each event twice"
        yield Finding("twice", names, what, "tractatus-merge uninstall, then install", note=True)


def _scopes(context: CheckContext, agent: Agent) -> Iterator[tuple[str, Path]]:
    """The settings files of an agent, each once."""
    found: dict[Path, str] = {}
    for scope in SCOPES:
        found.setdefault(context.settings.path(agent, scope), scope)
    for path, scope in found.items():
        yield scope, path


def _entries(
    context: CheckContext,
    agent: Agent,
    scope: str,
    path: Path,
    entries: Mapping[str, list[dict[str, Any]]],
) -> Iterator[Finding]:
    words = f"{_ADVICE} --agent {agent.name} --scope {scope}"
    again = partial(context.settings.install, [agent], scope)
    missing = [event for event in agent.events if event not in entries]
    if missing:
        what = f"{agent.title} does not tell us of {', '.join(missing)}"
        yield Finding("events", str(path), what, words, mend=again)
    for event, handlers in entries.items():
        wanted = agent.events.get(event, 0)
        limits = [settings.seconds(handler, agent) for handler in handlers]
        if any(limit is None or limit < wanted or limit > wanted * 100 for limit in limits):
            unit = "milliseconds" if agent.per_second == 1000 else "seconds"
            what = f"{event} should have {wanted * agent.per_second} {unit}, and has not"
            yield Finding("timeout", str(path), what, words, mend=again)
    lines = {str(handler.get("command")) for some in entries.values() for handler in some}
    for line in lines:
        yield from _program(context, line, path, words, again)


def _program(
    context: CheckContext, line: str, path: Path, fix: str, again: Callable[[], object]
) -> Iterator[Finding]:
    """Whether the program that a hook names runs in a bare environment."""
    found = _EXEC.search(line)
    words = shlex.split(found["words"]) if found else []
    bare = {"PATH": BARE, "HOME": context.environment.get("HOME", "/")}
    try:
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" --version', "sh", *words],
            env=bare, capture_output=True, check=False, timeout=30, cwd="/",
        )  # fmt: skip
        runs = bool(words) and done.returncode == 0 and b"tractatus-merge" in done.stdout
    except (OSError, subprocess.SubprocessError):
        runs = False
    if not runs:
        name = words[0] if words else line
        what = f"{name} does not run with PATH={BARE}: hooks do nothing where an agent has no more"
        yield Finding("program", str(path), what, fix, mend=again)
