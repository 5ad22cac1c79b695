"""Put our entries into agents' settings and take them out again, every byte given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tractatus_merge.agents import settings
from tractatus_merge.agents.catalogue import SCOPES, Agent, executable, settings_path
from tractatus_merge.errors import RequestError
from tractatus_merge.repository.checkout import Checkout
from tractatus_merge.repository.workspace import Workspace
from tractatus_merge.system.ledger import Change, Ledger, read

SETTINGS = "settings"
"""The kind of the files that are changed."""


@dataclass
class Planned:
    """What is (or would be) written, and what a person should know."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class AgentInstaller:
    """The settings of agents that concern one repository."""

    workspace: Workspace
    checkout: Checkout
    environment: Mapping[str, str]

    @property
    def top(self) -> Path:
        """The folder whose settings agents read in every worktree: that of the main one."""
        return self.checkout.main_top

    def path(self, agent: Agent, scope: str) -> Path:
        """An agent's settings file of a scope, links followed."""
        return settings_path(agent, scope, self.top, self.environment).resolve()

    def plan(self, agents: Sequence[Agent], scope: str) -> Planned:
        """What `install` would write; DocumentError for settings that are none."""
        done = Planned()
        for agent in agents:
            path = self.path(agent, scope)
            if scope == "local" and self.checkout.tracking(path).tracked:
                raise RequestError(
                    f"git tracks {path}: what stands there is everybody's.",
                    hint=f"tractatus-merge install --agent {agent.name} --scope project|user",
                )
            other = self._other(agent, path)
            if other is not None:
                why = f"{other} has our hooks already, and each event would count twice"
                done.notes.append(f"nothing into {path}: {why}")
                continue
            before = read(path)
            program, status = executable(scope), self._wants_status_line(agent)
            after = settings.with_ours(before, str(path), agent, program, status=status)
            if after != before:
                done.changes.append(Change(path, SETTINGS, before, after))
            done.notes += self._notes(agent, program, path, scope)
        return done

    def install(self, agents: Sequence[Agent], scope: str) -> Planned:
        """Write it, and note how to take it back."""
        done = self.plan(agents, scope)
        if done.changes:
            self._ledger(scope).make(done.changes)
        return done

    def uninstall(self) -> list[str]:
        """Take out what was written for this repository, and for this person; what is to tell."""
        told = []
        for scope in SCOPES[1:]:
            ledger = self._ledger(scope)
            if not ledger.is_empty:
                told += ledger.undo({SETTINGS: settings.without_ours})
        return told

    def paths(self) -> list[Path]:
        """The files that were changed."""
        return [path for scope in SCOPES[1:] for path in self._ledger(scope).paths()]

    def _ledger(self, scope: str) -> Ledger:
        """The notes on files of the repository, or of the person."""
        if scope != "user":
            return Ledger.of(self.workspace.state / "agents.json")
        home = Path(self.environment.get("HOME") or "~").expanduser()
        state = self.environment.get("XDG_STATE_HOME") or str(home / ".local/state")
        return Ledger.of(Path(state) / "tractatus-merge/agents.json")

    def _other(self, agent: Agent, path: Path) -> Path | None:
        """Another settings file of the agent that has our hooks."""
        for other in (self.path(agent, scope) for scope in SCOPES):
            found = settings.parsed(read(other), str(other))
            if other != path and settings.entries(found):
                return other
        return None

    def _wants_status_line(self, agent: Agent) -> bool:
        """Whether no scope has a status line: ours must not take another's place."""
        if not agent.status_line:
            return False
        paths = (self.path(agent, scope) for scope in SCOPES)
        found = (settings.parsed(read(path), str(path)) for path in paths)
        return not any(settings.has_foreign_status_line(one) for one in found)

    def _notes(self, agent: Agent, program: str, path: Path, scope: str) -> list[str]:
        notes = [agent.note] if agent.note else []
        if scope == "project":
            notes.append(f"commit {path}: without the program it does nothing on others' machines")
        elif self.top in Path(program).absolute().parents:
            notes.append(
                f"{program} lies inside the work tree, where agents may change it:"
                " install it outside (pipx), then install again"
            )
        if scope == "local" and not self.checkout.ignored(path):
            notes.append(f"{path} is this machine's own: keep it out of git (.git/info/exclude)")
        if settings.parsed(read(path), str(path)).get("disableAllHooks") is True:
            notes.append(f"{path} has disableAllHooks: no hook runs")
        return notes
