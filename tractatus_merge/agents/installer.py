"""Put our entries into agents' settings and take them out again, every byte given back.

A person's settings are read in every repository: there the hooks run where a mark beside the
history says that this was asked for. One worktree's settings are written in every worktree that
there is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tractatus_merge.agents import plugins, settings
from tractatus_merge.agents.catalogue import (
    AGENTS,
    SCOPES,
    Agent,
    executable,
    hooks,
    settings_path,
    status_line,
)
from tractatus_merge.agents.guard import INSTALLED
from tractatus_merge.errors import StoreError
from tractatus_merge.repository.checkout import Checkout
from tractatus_merge.repository.workspace import Workspace
from tractatus_merge.system import files, plain_file
from tractatus_merge.system.ledger import Change, Ledger, read

SETTINGS, MARK = "settings", "mark"
"""The kinds of the files that are changed."""
CLONES = "clones"
"""In the ledger of a person: whose marks may ask for what is there."""


@dataclass
class Planned:
    """What is (or would be) written, why some is not, and what a person should know."""

    changes: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class AgentInstaller:
    """The settings of agents that concern one repository."""

    workspace: Workspace
    checkout: Checkout
    environment: Mapping[str, str]

    @property
    def mark(self) -> Path:
        """The file that lets the hooks in a person's settings run here: the agents' names."""
        return self.workspace.state.parent / INSTALLED

    def path(self, agent: Agent, scope: str, top: Path | None = None) -> Path:
        """An agent's settings file of a scope, for a worktree (this one), links followed."""
        return settings_path(
            agent, scope, top or self.workspace.top, self.environment
        ).resolve()  # fmt: skip

    def read_in(self, agent: Agent, top: Path) -> dict[Path, str]:
        """The settings that an agent reads in a worktree, the nearest first, with their scopes."""
        scopes = [scope for scope in ("local", "project", "user") if scope in agent.files]
        found: dict[Path, str] = {}
        for scope in scopes:
            found.setdefault(self.path(agent, scope, top), scope)
        return found

    def plugin(self, agent: Agent, top: Path) -> plugins.Enabled | None:
        """Our plugin, where the agent has it switched on in a worktree."""
        if not agent.plugins:
            return None
        return plugins.enabled([*plugins.MANAGED, *self.read_in(agent, top)])

    def chosen(self, agent: Agent) -> str | None:
        """The scope that was installed here, as the ledger has it; None if none was."""
        if agent.name in _names(self.mark):
            return "user"
        noted = self._ledger().paths()
        scopes = (scope for scope in SCOPES if scope in agent.files and scope != "user")
        return next(
            (one for one in scopes if any(_is_of(agent, one, path) for path in noted)), None
        )

    def is_noted(self, path: Path) -> bool:
        """Whether `install` wrote this file."""
        return path in self._ledger().paths() + self._ledger("user").paths()

    def plan(self, agents: Sequence[Agent], scope: str) -> Planned:
        """What `install` would write; DocumentError for settings that are none."""
        done = Planned()
        asked = set(_names(self.mark))
        for agent in agents:
            settings_path(agent, scope, self.workspace.top, self.environment)  # which it must have
            plugin = self.plugin(agent, self.workspace.top)
            if plugin is not None:
                why = f"the plugin {plugin.name} has our hooks (switched on in {plugin.path})"
                done.left.append(f"nothing for {agent.title}: {why}; each event would count twice")
                continue
            trees = self.checkout.worktrees() if scope == "local" else [self.checkout]
            planned = [self._plan(done, agent, scope, tree) for tree in trees]
            if any(planned):
                asked = asked | {agent.name} if scope == "user" else asked - {agent.name}
            done.notes += [agent.note] if agent.note else []
        self._plan_mark(done, asked)
        return done

    def install(self, agents: Sequence[Agent], scope: str) -> Planned:
        """Write it, and note how to take it back; what one worktree's settings had is moved."""
        self.plan(agents, scope)  # what is to be refused is refused before anything changes
        moved = [note for agent in agents for note in self._move(agent, scope)]
        done = self.plan(agents, scope)
        done.notes += moved
        try:
            self._make(done, scope)
        except OSError as error:
            name, other = error.filename or self.path(agents[0], scope), "local|project"
            raise StoreError(
                f"the agents' settings were not written: {error.strerror}: {name}.",
                hint=f"a person types: tractatus-merge install   (or --scope {other})",
            ) from None
        done.notes += self._release()
        return done

    def uninstall(self) -> list[str]:
        """Take out what was written for this repository, and for this person; what is to tell."""
        ledger = self._ledger()
        told = [] if ledger.is_empty else ledger.undo(_STRIPS)
        told += [note for agent in AGENTS.values() for note in self._take_copies(agent)]
        return told + self._release()

    def paths(self) -> list[Path]:
        """The files that `uninstall` would give back."""
        asked = self._asked({self.mark})
        free = [path for path in self._ledger("user").paths() if path not in asked]
        ours = [path for path in self._ledger().paths() if path != self.mark]
        return [*dict.fromkeys([*ours, *free])]

    def _ledger(self, scope: str = "local") -> Ledger:
        """The notes on files of the repository, or of the person."""
        if scope != "user":
            return Ledger.of(self.workspace.state / "agents.json")
        home = Path(self.environment.get("HOME") or "~").expanduser()
        state = self.environment.get("XDG_STATE_HOME") or str(home / ".local/state")
        return Ledger.of(Path(state) / "tractatus-merge/agents.json")

    def _make(self, done: Planned, scope: str) -> None:
        """Write what was planned, each into the ledger of whose it is."""
        mine = [change for change in done.changes if scope == "user" and change.kind == SETTINGS]
        if scope == "user":
            ledger, here = self._ledger("user"), str(self.workspace.state.parent)
            ledger.notes[CLONES] = sorted({*ledger.notes.get(CLONES, ()), here})
            ledger.make(mine)
        ours = [change for change in done.changes if change not in mine]
        if ours:
            self._ledger().make(ours)

    def _plan(self, done: Planned, agent: Agent, scope: str, tree: Checkout) -> bool:
        """One settings file; whether it is one to have our hooks."""
        path = self.path(agent, scope, tree.top)
        if scope == "local" and tree.tracking(path).tracked:
            why = f"nothing into {path}: git tracks it, and what stands there is everybody's"
            again = f"tractatus-merge install --agent {agent.name} --scope user|project"
            done.left.append(f"{why}\n  {again}   (or: git rm --cached -- {path})")
            return False
        other = self._other(agent, path, tree.top)
        if other is not None:
            why = f"{other} has our hooks already, and each event would count twice"
            done.left.append(f"nothing into {path}: {why}")
            return False
        before, program = read(path), executable(scope)
        line = status_line(program, scope) if self._wants_status_line(agent, tree.top) else None
        after = settings.with_ours(before, str(path), hooks(agent, program, scope), line)
        if after != before:
            done.changes.append(Change(path, SETTINGS, before, after))
        done.notes += self._notes(program, path, scope, tree)
        return True

    def _plan_mark(self, done: Planned, names: Collection[str]) -> None:
        before = read(self.mark)
        after = "".join(f"{name}\n" for name in sorted(names)).encode()
        if after != (before or b""):
            done.changes.append(Change(self.mark, MARK, before, after))

    def _move(self, agent: Agent, scope: str) -> list[str]:
        """Take out what one worktree's settings have, where another scope is wanted."""
        if scope == "local" or "local" not in agent.files:
            return []
        ledger = self._ledger()
        gone = [path for path in ledger.paths() if _is_of(agent, "local", path)]
        told = ledger.undo(_STRIPS, lambda path: path not in gone) if gone else []
        return told + self._take_copies(agent)

    def _take_copies(self, agent: Agent) -> list[str]:
        """Take our hooks out of worktrees into which an agent copied them; what was done."""
        told = []
        for tree in self.checkout.worktrees() if "local" in agent.files else ():
            path = self.path(agent, "local", tree.top)
            data = read(path)
            left = None if data is None else settings.without_ours(data, str(path))
            if left is None or left == data or tree.tracking(path).tracked:
                continue
            if left.strip():
                files.replace(path, left)
            else:
                path.unlink()
            told.append(f"took our hooks out of {path}")
        return told

    def _release(self) -> list[str]:
        """Give back those of a person's settings that no repository asks for; what is to tell."""
        ledger = self._ledger("user")
        asked = self._asked(())
        if ledger.is_empty or (asked and asked.issuperset(ledger.paths())):
            return []
        return ledger.undo(_STRIPS, asked.__contains__)

    def _asked(self, without: Collection[Path]) -> set[Path]:
        """Those of a person's settings that the marks of repositories (but those) ask for."""
        clones = self._ledger("user").notes.get(CLONES, ())
        marks = {Path(clone) / INSTALLED for clone in clones}.difference(without)
        names = {name for mark in marks for name in _names(mark)}
        return {self.path(AGENTS[name], "user") for name in names & AGENTS.keys()}

    def _other(self, agent: Agent, path: Path, top: Path) -> Path | None:
        """Other settings that stay when this file is written, and have our hooks."""
        for other, scope in self.read_in(agent, top).items():
            found = settings.parsed(read(other), str(other))
            stays = scope == "project" or (scope == "user" and not settings.is_guarded(found))
            if other != path and stays and settings.entries(found):
                return other
        return None

    def _wants_status_line(self, agent: Agent, top: Path) -> bool:
        """Whether no scope has a status line: ours must not take another's place."""
        if not agent.status_line:
            return False
        found = (settings.parsed(read(path), str(path)) for path in self.read_in(agent, top))
        return not any(settings.has_foreign_status_line(one) for one in found)

    def _notes(self, program: str, path: Path, scope: str, tree: Checkout) -> list[str]:
        notes = []
        if scope == "project":
            notes.append(f"commit {path}: without the program it does nothing on others' machines")
        elif tree.top in Path(program).absolute().parents:
            notes.append(
                f"{program} lies inside the work tree, where agents may change it:"
                " install it outside (pipx), then install again"
            )
        if scope == "local" and not tree.ignored(path):
            notes.append(f"{path} is this machine's own: keep it out of git (.git/info/exclude)")
        if settings.parsed(read(path), str(path)).get("disableAllHooks") is True:
            notes.append(f"{path} has disableAllHooks: no hook runs")
        return notes


_STRIPS = {SETTINGS: settings.without_ours, MARK: lambda _: b""}


def _names(mark: Path) -> list[str]:
    """The agents that a mark names."""
    try:
        return plain_file.read_text(mark).split()
    except (OSError, UnicodeDecodeError):
        return []  # no mark: nobody asked


def _is_of(agent: Agent, scope: str, path: Path) -> bool:
    """Whether a path is the agent's settings file of a scope, in whatever worktree."""
    return str(path).endswith(f"/{agent.files[scope]}")
