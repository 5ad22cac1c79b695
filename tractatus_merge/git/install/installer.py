"""Install the gate, the merge driver and the textconv into one clone, and take them out again.

What is there stays: hook managers get lines to add, hooks of others run on, with their exit code.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tractatus_merge.errors import RequestError, StoreError, TractatusError
from tractatus_merge.git import configured_hooks, effective_hooks
from tractatus_merge.git.configured_hooks import GATE
from tractatus_merge.git.effective_hooks import GATED
from tractatus_merge.git.governed_files import Governed
from tractatus_merge.git.install import (
    git_config,
    hook_managers,
    hook_texts,
    remnants,
    sync_hook_texts,
    trial,
)
from tractatus_merge.git.install.git_config import Configuration, Values
from tractatus_merge.git.install.hook_texts import ASIDE, DATED, HOOKS, PORTABLE, Program
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.git.sync.which_remote import chosen, settings
from tractatus_merge.git.worktrees import worktrees
from tractatus_merge.repository.settings import VIEW
from tractatus_merge.repository.workspace import Workspace, is_agent
from tractatus_merge.system import marked_sections, plain_file
from tractatus_merge.system.ledger import Change, Ledger, read

CACHE = "refs/notes/textconv/tractatus"
"""Where git keeps what the textconv said."""


_MEANWHILE = "until then no commit is judged; for this clone alone: tractatus-merge doctor --fix"


@dataclass
class Installed:
    """What was (or would be) done. `way`: `file`, `config`, or `lines` for a person to add."""

    way: str
    why: str = ""
    changes: list[Change] = field(default_factory=list)
    config: Values = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Installer:
    """One clone, seen from one worktree."""

    workspace: Workspace
    git: Plumbing
    environment: Mapping[str, str]
    program: Program
    config_hooks: bool = True
    """Whether a git that reads hooks from its configuration is given them there."""
    polite: bool = True
    """Whether a hook manager's folder is left to a person."""

    @property
    def ledger(self) -> Ledger:
        """What is installed."""
        return Ledger.of(self.workspace.state / "install.json")

    def plan(self, *, trailer: bool, sync: bool = False) -> Installed:
        """What `install` would write, and where; nothing is written.

        Where hooks of ours are already, there are some again, whatever manager came later.
        """
        ledger = self.ledger
        self.polite = self.polite and not (
            any(note["kind"] == "hook" for note in ledger.files())
            or any(f"hook.{name}.event" in ledger.notes.get("config", ()) for name in HOOKS)
        )
        governed = Governed.of(self.workspace, self.git)
        bodies = _bodies(self.program, governed, self.workspace.branch)
        if trailer:
            bodies |= dict.fromkeys(DATED, hook_texts.dated(self.workspace.branch))
        if sync:
            for event in sync_hook_texts.EVENTS:
                bodies[event] = bodies.get(event, "") + sync_hook_texts.synced(self.program, event)
        done = self._hooks(bodies, governed)
        done.changes += self._attributes(governed)
        done.config = {k: [v] for k, v in git_config.configuration(self.program).items()} | {
            **done.config,
            **(self._fetched(done) if sync else {}),
        }
        before = read(self._config) or b""
        after = Configuration(self.git).saying(before, done.config)
        if after != before:
            done.changes.append(Change(self._config, "config", before, after))
        return done

    def install(self, *, trailer: bool, sync: bool = False) -> Installed:
        """Write it all, and prove it by a merge; where that fails nothing is left."""
        ledger = self.ledger
        self.plan(
            trailer=trailer, sync=sync
        )  # what is to be refused is refused before anything changes
        before = self._take_out(ledger, keep=self._is_of_another_worktree)
        done = self.plan(trailer=trailer, sync=sync)
        earlier = Configuration(self.git).values(read(self._config) or b"", list(done.config))
        lines = git_config.attribute_lines(Governed.of(self.workspace, self.git).patterns)
        ledger.notes |= {"config": done.config, "earlier": earlier, "lines": lines}
        try:
            ledger.make(done.changes)
            if done.way == "config" and not self._runs(done.config):
                self.config_hooks = False
                return self.install(trailer=trailer, sync=sync)
            self._prove()
        except (TractatusError, OSError) as error:
            self.uninstall()
            raise self._refusal(error) from None
        done.notes = [*before, *done.notes]
        return done

    def uninstall(self) -> list[str]:
        """Give back every file as it was; what could not be given back so is told."""
        ledger, folders = self.ledger, self.folders()
        noted = not ledger.is_empty
        done = self._take_out(ledger) if noted else []
        if not noted:
            done += [told for folder in folders for told in remnants.out_of_hooks(folder)]
        done += [told for folder in folders for told in remnants.out_of_legacy(folder)]
        return done if noted else done + remnants.out_of_configuration(self._config, self.git)

    def again(self) -> Installed:
        """Install what the ledger has, where git looks for hooks now."""
        there = {path.name for path in self.ledger.paths()}
        keys = set(self.ledger.notes.get("config", ()))
        return self.install(
            trailer=bool(there & {*DATED}) or "hook.tractatus-trailer.event" in keys,
            sync=sync_hook_texts.SHARED in there or "hook.tractatus-sync.event" in keys,
        )

    def folders(self) -> dict[Path, Plumbing]:
        """The folders in which git looks for hooks, each with a worktree of which that is so."""
        found = {self._folder(self.git): self.git}
        for places in worktrees(self.git):
            git = Plumbing(places)
            found.setdefault(self._folder(git), git)
        return found

    @property
    def _config(self) -> Path:
        """The clone's configuration file."""
        return (self.git.places.common_dir / "config").resolve()

    def _take_out(self, ledger: Ledger, keep: Callable[[Path], bool] | None = None) -> list[str]:
        ours, earlier = ledger.notes.get("config", {}), ledger.notes.get("earlier", {})
        lines = ledger.notes.get("lines", [])
        told = ledger.undo(
            {
                "hook": marked_sections.without_ours,
                "attributes": lambda data: marked_sections.without_lines(data, lines),
                "config": lambda data: Configuration(self.git).without(data, ours, earlier),
            },
            keep,
        )
        if self.git.run("rev-parse", "-q", "--verify", CACHE).status == 0:
            self.git.run("update-ref", "-d", CACHE)
        return told

    def _is_of_another_worktree(self, path: Path) -> bool:
        """Whether a file is another worktree's, where this one has no business."""
        places = self.git.places
        tops = [places.common_dir, *(one.top for one in worktrees(self.git))]
        inside = [top for top in tops if top and top in path.parents]
        nearest = max(inside, key=lambda top: len(top.parts), default=None)
        return nearest not in (None, places.common_dir, places.top)

    def _fetched(self, done: Installed) -> Values:
        """The refspec by which `git fetch` brings the history's branch too."""
        branch = self.workspace.branch
        name = chosen(settings(self.git, branch), None)
        if name is None:
            raise RequestError("this clone has no remote.", hint="git remote add origin URL")
        if done.way == "lines":
            done.notes.append(
                f"sync: let your {sync_hook_texts.SHARED} hook run, and leave it its stdin: "
                + PORTABLE.line("sync", "--hook", "--", name)
            )
        key = f"remote.{name}.fetch"
        there = self.git.run("config", "--get-all", key).out.decode("utf-8", "replace").splitlines()
        ours = f"+refs/heads/{branch}:refs/remotes/{name}/{branch}"
        whole = f"refs/heads/*:refs/remotes/{name}/*"
        covered = ours in there or any(one.lstrip("+") == whole for one in there)
        return {} if covered else {key: [*there, ours]}

    def _hooks(self, bodies: Mapping[str, str], governed: Governed) -> Installed:
        """The most polite way that there is here."""
        top = self.workspace.top
        assert top is not None
        manager = effective_hooks.in_use(top)
        if manager and self.polite:
            return self._managed(top, *manager)
        folders = self.folders()
        gated = {
            folder: effective_hooks.gated_by_others(git, folder, git.places.top or top, HOOKS)
            for folder, git in folders.items()
        }
        if self.config_hooks and configured_hooks.are_read(self.git):
            wanted = {k: v for k, v in bodies.items() if not all(k in g for g in gated.values())}
            return Installed("config", config=_hook_configuration(wanted))
        done = Installed("file")
        for folder, git in folders.items():
            refusal = self.refusal(folder, git)
            if refusal and git is self.git:
                check = PORTABLE.line("check", "--staged")
                lines = [f"in your {' and '.join(GATED)} hooks:", check]
                return Installed("lines", refusal, lines=lines)
            if refusal:
                done.notes.append(f"the worktree {git.places.top} has no gate: {refusal}")
                continue
            for name, body in bodies.items():
                if name in gated[folder]:
                    continue
                path = effective_hooks.kept_beside(folder, name) or folder / name
                change = self._hook(path, body, governed, git, done.notes)
                if change.aside is not None or change.after != change.before:
                    done.changes.append(change)
        return done

    def _managed(self, top: Path, manager: str, file: str) -> Installed:
        """What is left for a person to do where a hook manager is in use; it may be nothing."""
        if not effective_hooks.without_gate(self.git, self._folder(self.git), top):
            return Installed("lines", f"{manager} runs the gate already ({file})")
        if all(effective_hooks.has_lines(top, name) for name in GATED):
            why = (
                f"the lines for {manager} stand in its file ({file}), and git's hooks do not run it"
            )
            return Installed("lines", why, lines=[hook_managers.started_by(manager)])
        lines = [*hook_managers.lines_for(manager), _MEANWHILE]
        return Installed("lines", f"{manager} is in use here ({file})", lines=lines)

    def _hook(
        self, path: Path, body: str, governed: Governed, git: Plumbing, notes: list[str]
    ) -> Change:
        """One hook file with our section; what is no script of sh is moved beside and run after."""
        if path.is_dir():
            raise RequestError(f"{path} is a folder.", hint=f"ls -l {path}")
        tracked = _tracked(path, git)
        if tracked or effective_hooks.is_of_a_manager(path):
            branch = self.workspace.branch
            body = _bodies(PORTABLE, governed, branch).get(path.name, body)
            why = "git tracks it" if tracked else "a hook manager's files are everybody's"
            notes.append(f"{path}: {why}: commit it, and every clone that uses it is gated")
        if not os.path.lexists(path):
            return Change(
                path, "hook", None, marked_sections.with_section(marked_sections.SHEBANG, body)
            )
        data = b"" if path.is_symlink() else plain_file.read(path)
        if not path.is_symlink() and os.access(path, os.X_OK) and marked_sections.is_shell(data):
            return Change(path, "hook", data, marked_sections.with_section(data, body))
        aside = _free(path)
        notes.append(f"{path} is no sh script that runs: kept as {aside.name}, and run after ours")
        text = marked_sections.with_section(marked_sections.SHEBANG, body) + _chained(aside)
        return Change(path, "hook", None, text, aside)

    def _attributes(self, governed: Governed) -> list[Change]:
        """The lines in the top folder's `.gitattributes`, which every clone gets with the files."""
        places = self.git.places
        path = self.workspace.top / ".gitattributes"
        if path.is_symlink():  # which git does not read
            path = places.common_dir / "info" / "attributes"
        before = read(path)
        after = marked_sections.with_lines(
            before or b"", git_config.attribute_lines(governed.patterns)
        )
        return [] if after == before else [Change(path, "attributes", before, after)]

    def _prove(self) -> None:
        """The driver merges in a throwaway repository, and the attributes name it here."""
        driver = self.git.must("config", "--get", "merge.tractatus.driver").decode().rstrip("\n")
        trial.merge(driver)
        name = str(self.workspace.view)
        found = self.git.in_worktree("check-attr", "-z", "merge", "--", name).out.split(b"\0")
        if found[2:3] != [b"tractatus"]:
            said = found[2].decode("utf-8", "replace") if len(found) > 2 else "nothing"
            raise RequestError(
                f"other attributes stand above ours for {VIEW}: merge is '{said}'.",
                hint=f"git check-attr -a {name}   (a .gitattributes further down, or info/)",
            )

    def _refusal(self, error: TractatusError | OSError) -> TractatusError:
        """The failure, with what a person has to do where an agent may not write."""
        if isinstance(error, TractatusError) and not isinstance(error, StoreError):
            return error
        why = str(error) if isinstance(error, StoreError) else f"{error.strerror}: {error.filename}"
        hint = error.hint if isinstance(error, StoreError) else "ls -ld .git .git/hooks"
        if is_agent(self.environment):
            why = f"{why.rstrip('.')}. Agents' sandboxes often may not write hooks and settings"
            hint = "give this line to a person: tractatus-merge install"
        return StoreError(f"nothing was installed: {why.rstrip('.')}.", hint=hint)

    def _runs(self, config: Values) -> bool:
        """Whether git says that it would run the gate that was written into its configuration."""
        events = config.get(f"hook.{GATE}.event", ())
        found = configured_hooks.commands(self.git, events)
        return all(GATE in names for names in found.values())

    def _folder(self, git: Plumbing) -> Path:
        """The folder of a worktree's hooks, as git finds it."""
        words = ("rev-parse", "--path-format=absolute", "--git-path", "hooks")
        found = git.in_worktree(*words)
        if found.status != 0:
            why = f"git cannot tell where its hooks are: {found.err.strip()}"
            raise StoreError(why, hint="git config --show-origin core.hooksPath")
        return Path(os.fsdecode(found.out.removesuffix(b"\n"))).resolve()

    def refusal(self, folder: Path, git: Plumbing) -> str:
        """Why this folder is not ours to write into; "" if it is."""
        if folder.exists() and not folder.is_dir():
            return f"hooks are switched off here (core.hooksPath is {folder})"
        words = ("config", "--show-scope", "--get", "core.hooksPath")
        scope = git.in_worktree(*words).out.split(b"\t")[0]
        if scope in (b"global", b"system"):
            return f"{folder} holds the hooks of other repositories too"
        return ""


def _tracked(path: Path, git: Plumbing) -> bool:
    if git.places.top is None or git.places.top not in path.parents:
        return False
    return git.in_worktree("ls-files", "--error-unmatch", "--", str(path)).status == 0


def _bodies(program: Program, governed: Governed, branch: str) -> dict[str, str]:
    """The hooks that judge: before a commit or a merge, and after what no hook could stop.

    After a commit new conflicts are told too.
    """
    told = {name: hook_texts.told(program, governed.pathspecs, name) for name in hook_texts.TOLD}
    told["post-commit"] += hook_texts.awaited(branch)
    return {**dict.fromkeys(GATED, hook_texts.gate(program, governed.pathspecs)), **told}


def _hook_configuration(bodies: Mapping[str, str]) -> Values:
    """Hooks in git's configuration, one for each text."""
    found: dict[str, list[str]] = {}
    for name, events in HOOKS.items():
        there = [event for event in events if event in bodies]
        if there:
            found[f"hook.{name}.command"] = [hook_texts.inline(bodies[there[0]])]
            found[f"hook.{name}.event"] = there
    return found


def _chained(aside: Path) -> bytes:
    text = f"# the hook that stood here before:\n{hook_texts.chained(aside.name)}"
    return text.encode("utf-8", "surrogateescape")


def _free(path: Path) -> Path:
    """A name beside a hook that nothing has."""
    aside, number = path.with_name(path.name + ASIDE), 1
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.name}{ASIDE}-{number}")
    return aside
