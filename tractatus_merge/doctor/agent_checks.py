"""Whether the agents' settings let sessions run themselves."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tractatus_merge.agents import plugins, settings
from tractatus_merge.agents.catalogue import AGENTS, SCOPES, Agent
from tractatus_merge.doctor.diagnosis import CheckContext, Finding
from tractatus_merge.errors import DocumentError
from tractatus_merge.system.ledger import read

BARE = "/usr/local/bin:/usr/bin:/bin"
"""The PATH that a program gets which was started from a desktop, not from a shell."""
_ADVICE = "tractatus-merge install"


def hooks(context: CheckContext) -> Iterator[Finding]:
    """Each agent's settings; that an agent has none of ours is no fault."""
    attended = False
    for agent in AGENTS.values():
        seen = _Seen(context, agent)
        attended = attended or seen.attended
        for path, scope in seen.paths.items():
            yield from _file(seen, path, scope)
        yield from _absent(seen) if seen.attended else ()
        yield from _plugins(seen)
        yield from _twice(seen)
    if not attended:
        what = "no agent's sessions run themselves here"
        yield Finding("hooks", "agents' settings", what, _ADVICE, note=True)


class _Seen:
    """What one agent reads in the worktrees."""

    def __init__(self, context: CheckContext, agent: Agent) -> None:
        self.context, self.agent, self.installer = context, agent, context.settings
        self.tops = [tree.top for tree in context.repo.checkout.worktrees()]
        self.read_in = {top: self.installer.read_in(agent, top) for top in self.tops}
        self.paths = {path: scope for some in self.read_in.values() for path, scope in some.items()}
        self.found: dict[Path, dict[str, Any] | DocumentError] = {}
        for path in self.paths:
            try:
                self.found[path] = settings.parsed(read(path), str(path))
            except DocumentError as error:
                self.found[path] = error
        chosen = self.installer.chosen(agent)
        there = {scope for path, scope in self.paths.items() if self.runs(path, chosen)}
        self.wanted = chosen or next((scope for scope in SCOPES if scope in there), None)
        self.plugins = {top: self.installer.plugin(agent, top) for top in self.tops}
        self.attended = self.wanted is not None or any(self.plugins.values())

    def said(self, path: Path) -> dict[str, Any]:
        """What settings say; nothing, where they are none."""
        found = self.found[path]
        return {} if isinstance(found, DocumentError) else found

    def runs(self, path: Path, chosen: str | None) -> bool:
        """Whether settings have hooks of ours that run in this repository."""
        asked = self.paths[path] != "user" or chosen == "user"
        found = self.said(path)
        return bool(settings.entries(found)) and (asked or not settings.is_guarded(found))

    def sources(self, top: Path) -> list[str]:
        """What lets the agent's sessions in a worktree run themselves."""
        files = [str(path) for path in self.read_in[top] if self.runs(path, self.wanted)]
        plugin = self.plugins[top]
        return files + ([f"the plugin {plugin.name} ({plugin.path})"] if plugin else [])

    def again(self) -> tuple[str, Callable[[], object]]:
        """The command that writes what is wanted, and what it does."""
        scope = self.wanted or SCOPES[0]
        words = f"{_ADVICE} --agent {self.agent.name} --scope {scope}"
        return words, partial(self.installer.install, [self.agent], scope)


def _file(seen: _Seen, path: Path, scope: str) -> Iterator[Finding]:
    """One settings file."""
    found = seen.found[path]
    if isinstance(found, DocumentError):
        yield Finding("settings", str(path), found.why, f"mend {path} by hand")
        return
    if found.get("disableAllHooks") is True:
        fix, note = f"take disableAllHooks out of {path}", not seen.attended
        yield Finding("disabled", str(path), "hooks are switched off", fix, note=note)
    if not seen.runs(path, seen.wanted):
        return
    if scope == "user" and not settings.is_guarded(found):
        what = "our hooks there start Python in every repository"
        words, again = (
            f"{_ADVICE} --agent {seen.agent.name}",
            partial(seen.installer.install, [seen.agent], scope),
        )
        yield Finding("unguarded", str(path), what, words, mend=again)
    yield from _entries(seen, path, settings.entries(found))


def _absent(seen: _Seen) -> Iterator[Finding]:
    """Worktrees in which the agent's sessions run without hooks."""
    words, again = seen.again()
    without = f"{seen.agent.title}'s sessions run without hooks"
    for top in seen.tops:
        if seen.sources(top):
            continue
        if seen.wanted is None:
            name = next(plugin.name for plugin in seen.plugins.values() if plugin)
            fix = f"claude plugin install {name} --scope user"
            yield Finding("worktree", str(top), f"{without} here: no plugin", fix)
            continue
        path = seen.installer.path(seen.agent, seen.wanted, top)
        if seen.wanted == "user":
            what = f"what install wrote there is gone: {without} in all worktrees"
            yield Finding("gone", str(path), what, words, mend=again)
            return
        mine = seen.wanted == "local" or top == seen.context.repo.workspace.top
        if seen.installer.is_noted(path):
            what = f"what install wrote there is gone: {without} in {top}"
            yield Finding("gone", str(path), what, words, mend=again if mine else None)
        elif seen.wanted == "local":
            fix = f"{_ADVICE} --agent {seen.agent.name}   (for all worktrees, also new ones)"
            yield Finding("worktree", str(top), f"{without} here", fix, mend=again)
        else:
            what = f"{without} here: the branch has no {path.relative_to(top)} with them"
            fix = "git merge a branch that has it; or tractatus-merge uninstall, then install"
            yield Finding("worktree", str(top), what, fix)


def _plugins(seen: _Seen) -> Iterator[Finding]:
    """A plugin that is switched on, and is not there."""
    for plugin in {plugin for plugin in seen.plugins.values() if plugin}:
        if not plugins.is_installed(plugin.name, seen.installer.path(seen.agent, "user").parent):
            what = f"the plugin {plugin.name} is switched on, and not installed: no hook of it runs"
            fix = f"claude plugin install {plugin.name}"
            yield Finding("plugin", str(plugin.path), what, fix, note=True)


def _twice(seen: _Seen) -> Iterator[Finding]:
    """Worktrees in which two sources tell of each event; each pair once."""
    told = {
        sources[0] + sources[1]: sources
        for top in seen.tops
        if len(sources := seen.sources(top)) > 1
    }
    for sources in told.values():
        fix = "tractatus-merge uninstall, then install"
        if any(seen.plugins.values()):
            fix = (
                "tractatus-merge uninstall   (the plugin stays; the git gate: install --agent none)"
            )
        what = "an agent that reads both starts us twice for each event"
        yield Finding("twice", " and ".join(sources), what, fix, note=True)


def _entries(
    seen: _Seen, path: Path, entries: Mapping[str, list[dict[str, Any]]]
) -> Iterator[Finding]:
    agent, (words, again) = seen.agent, seen.again()
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
        yield from _program(seen.context, line, path, words, again)


def _program(
    context: CheckContext, line: str, path: Path, fix: str, again: Callable[[], object]
) -> Iterator[Finding]:
    """Whether the program that a hook names runs in a bare environment."""
    words = settings.program(line)
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
