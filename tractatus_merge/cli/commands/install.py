"""The verbs that put gate, drivers and agents' hooks into a clone, and take them out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from tractatus_merge.agents.catalogue import (
    AGENTS,
    SCOPES,
    Agent,
    agent_of,
    executable,
    hooks,
    status_line,
)
from tractatus_merge.agents.installer import MARK, AgentInstaller, Planned
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.core.values import json_text
from tractatus_merge.errors import RequestError
from tractatus_merge.factory import find_workspace, initialise, open_repository
from tractatus_merge.git.checkout import GitCheckout
from tractatus_merge.git.install.hook_texts import Program
from tractatus_merge.git.install.installer import Installed, Installer
from tractatus_merge.system.ledger import Change


@click.command()
@click.option("--commit-trailer", "trailer", is_flag=True,
              help="Also note the instructions' version in every commit.")  # fmt: skip
@click.option("--sync", "share", is_flag=True,
              help="Also sync when code is pushed, and when it was merged.")  # fmt: skip
@click.option("--agent", "names", multiple=True, metavar="NAME", default=("claude",),
              show_default=True, help=f"Whose sessions: {', '.join(AGENTS)}; or none.")  # fmt: skip
@click.option("--scope", type=click.Choice(SCOPES), default=SCOPES[0], show_default=True,
              help="Whose settings: yours, each worktree's, the repository's.")  # fmt: skip
@click.option("--print", "printed", is_flag=True, help="Print the agents' settings; write nothing.")
@dry_run_option
@json_option
@click.pass_obj
def install(
    folder: str | None,
    *,
    trailer: bool,
    share: bool,
    names: tuple[str, ...],
    scope: str,
    printed: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put hooks into an agent's settings, so that its sessions run themselves; and the git gate.

    The gate goes into this clone's hooks; merge driver, mergetool and textconv into its settings.
    What is there stays: a hook of yours runs on, a hook manager gets lines for you to add. The
    driver is tried in a throwaway merge. `uninstall` gives every byte back.
    """
    agents = [agent_of(name) for name in names if name != "none"]
    if printed:
        emit([json_text.dump(_fragment(agent, scope)) for agent in agents])
        return
    installer, settings = _installers(folder)
    if (trailer or share) and settings.workspace.url:
        why = "--sync and --commit-trailer are for a history that is kept in git."
        raise RequestError(why, hint="tractatus-merge install   (without them)")
    told = settings.plan(agents, scope)  # what is to be refused is refused before anything changes
    begun = [] if dry_run or not agents else _begin(folder)
    done = Installed("none", notes=["no gate and no merge driver: this folder is not in git"])
    if installer is not None:
        carry = installer.plan if dry_run else installer.install
        done = carry(trailer=trailer, sync=share)
    told = told if dry_run else settings.install(agents, scope)
    data = {
        "hooks": done.way,
        "files": [str(change.path) for change in (*done.changes, *told.changes)],
        "config": sorted(done.config),
        "lines": done.lines,
        "agents": [agent.name for agent in agents],
        "notes": [*told.left, *done.notes, *told.notes],
        "dry_run": dry_run,
    }
    titles = [agent.title for agent in agents]
    within = "this clone and all its worktrees" if installer else "this folder and all below it"
    lines = [*begun, *_agent_lines(told, titles, within, dry_run=dry_run)]
    lines += _told(done, dry_run=dry_run)
    if dry_run:
        lines += _texts([*told.changes, *done.changes], done)
    emit([*lines, "undo: tractatus-merge uninstall"], data, as_json=as_json)


@click.command()
@dry_run_option
@json_option
@click.pass_obj
def uninstall(folder: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Take out what `install` wrote: hooks, attributes, settings get their bytes back.

    A file that was edited since keeps its edits, and only our part goes.
    """
    installer, settings = _installers(folder)
    gate = installer.ledger.paths() if installer is not None else []
    paths = list(map(str, [*gate, *settings.paths()]))
    told = [] if dry_run or installer is None else installer.uninstall()
    told += [] if dry_run else settings.uninstall()
    lines = [f"{'would restore' if dry_run else 'restored'} {_shown(path)}" for path in paths]
    lines += ["commit .gitattributes, if git tracks it"] if ".gitattributes" in str(paths) else []
    if not paths and not told:
        lines = ["nothing is installed here"]
    emit([*lines, *told], {"files": paths, "notes": told, "dry_run": dry_run}, as_json=as_json)


def _installers(folder: str | None) -> tuple[Installer | None, AgentInstaller]:
    """What writes the gate, where the folder is in git, and what writes the agents' settings."""
    workspace, checkout = find_workspace(Path(folder or "."))
    installer = None
    if isinstance(checkout, GitCheckout):
        installer = Installer(workspace, checkout.git, os.environ, Program.here())
    return installer, AgentInstaller(workspace, checkout, os.environ)


def _begin(folder: str | None) -> list[str]:
    """Sessions need a history: take the file in where there is none."""
    repo = open_repository(Path(folder or "."))
    try:
        head, done = initialise(repo)
        words = {"created": "took the history in", "adopted": "took the history from the remote"}
        line = f"{words.get(done)}: {repo.workspace.line} begins at {str(head.version)[:12]}"
        return [line] if done in words else []
    finally:
        repo.close()


def _fragment(agent: Agent, scope: str) -> dict[str, Any]:
    """What is to stand in an agent's settings."""
    program = executable(scope)
    found: dict[str, Any] = {
        "hooks": {event: [group] for event, group in hooks(agent, program, scope).items()}
    }
    return found | ({"statusLine": status_line(program, scope)} if agent.status_line else {})


def _agent_lines(told: Planned, titles: list[str], within: str, *, dry_run: bool) -> Iterator[str]:
    word = "would write" if dry_run else "wrote"
    for change in told.changes:
        yield f"agents: {word} {_shown(change.path)}"
    if any(change.kind == MARK for change in told.changes):
        yield f"  for {within}; elsewhere the hooks end at once"
    yield from (f"agents: {why}" for why in told.left)
    if titles and not told.changes and not told.left:
        yield f"agents: {' and '.join(titles)} had our hooks already"
    if titles and not dry_run:
        yield "  sessions that begin from now on run themselves; see them: tractatus-merge sessions"
    yield from (f"note: {note}" for note in told.notes)


def _told(done: Installed, *, dry_run: bool) -> Iterator[str]:
    """What was done, where, and how to undo it."""
    if done.way == "none":
        yield from (f"note: {note}" for note in done.notes)
        return
    word = "would write" if dry_run else "wrote"
    by_kind: dict[str, list[str]] = {}
    for change in done.changes:
        by_kind.setdefault(change.kind, []).append(_shown(change.path))
    if done.way == "lines" and not done.lines:
        yield f"hooks: {done.why}"
    elif done.way == "lines":
        yield f"hooks: {done.why}: nothing of it was touched. What you add or type yourself,"
        yield from (f"    {line}" for line in done.lines)
    elif done.way == "config":
        names = ", ".join(key.removesuffix(".event") for key in done.config if ".event" in key)
        yield f"hooks: {word} {names} into git's settings (git hook list pre-commit)"
    elif by_kind.get("hook"):
        yield f"hooks: {word} a marked section into {', '.join(by_kind['hook'])}"
    else:
        yield "hooks: our marked sections were there already"
    yield f"merge driver, mergetool and textconv: {word} them into git's settings"
    if not dry_run:
        yield "  tried in a throwaway merge: it merges, and stops where a person is needed"
    for path in by_kind.get("attributes", ()):
        yield f"attributes: {word} {path}; commit it, so that all clones have it"
        yield "  each clone has its own settings: tractatus-merge install, once in each"
    yield from (f"note: {note}" for note in done.notes)


def _texts(changes: Iterable[Change], done: Installed) -> Iterator[str]:
    """The very texts."""
    for change in changes:
        if change.kind != "config":
            yield f"--- {_shown(change.path)}"
            yield change.after.decode("utf-8", "backslashreplace").rstrip("\n")
    if done.config:
        yield "--- git config --local"
    for key, values in done.config.items():
        yield from (f"{key} = {value}" for value in values)


def _shown(path: Any) -> str:
    """A path, from here where it is below."""
    name = os.path.relpath(path)
    return str(path) if name.startswith("..") else name
