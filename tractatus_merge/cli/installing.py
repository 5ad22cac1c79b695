"""The verbs that put gate, merge driver, mergetool and textconv into a clone, and take them out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from tractatus_merge.cli.arguments import dry_run_option, json_option
from tractatus_merge.cli.output import emit
from tractatus_merge.hooktexts import Program
from tractatus_merge.installing import Installed, Installer
from tractatus_merge.stores.plumbing import Plumbing
from tractatus_merge.workspace import find


@click.command()
@click.option("--commit-trailer", "trailer", is_flag=True,
              help="Also note the instructions' version in every commit.")  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def install(folder: str | None, *, trailer: bool, dry_run: bool, as_json: bool) -> None:
    """Put the gate into this clone's hooks; merge driver, mergetool and textconv into its settings.

    What is there stays: a hook of yours runs on, a hook manager gets lines for you to add. The
    driver is tried in a throwaway merge. `uninstall` gives every byte back.
    """
    installer = _installer(folder)
    done = installer.plan(trailer=trailer) if dry_run else installer.install(trailer=trailer)
    data = {
        "hooks": done.way,
        "files": [str(change.path) for change in done.changes],
        "config": sorted(done.config),
        "lines": done.lines,
        "notes": done.notes,
        "dry_run": dry_run,
    }
    emit(_told(done, dry_run=dry_run), data, as_json=as_json)


@click.command()
@dry_run_option
@json_option
@click.pass_obj
def uninstall(folder: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Take out what `install` wrote: hooks, attributes, settings get their bytes back.

    A file that was edited since keeps its edits, and only our part goes.
    """
    installer = _installer(folder)
    ledger = installer.ledger
    paths = list(map(str, ledger.paths()))
    told = [] if dry_run else installer.uninstall()
    lines = [f"{'would restore' if dry_run else 'restored'} {_shown(path)}" for path in paths]
    lines += ["commit .gitattributes, if git tracks it"] if ".gitattributes" in str(paths) else []
    if not paths and not told:
        lines = ["nothing is installed here"]
    emit([*lines, *told], {"files": paths, "notes": told, "dry_run": dry_run}, as_json=as_json)


def _installer(folder: str | None) -> Installer:
    workspace = find(Path(folder or "."))
    return Installer(workspace, Plumbing(workspace.places), os.environ, Program.here())


def _told(done: Installed, *, dry_run: bool) -> Iterator[str]:
    """What was done, where, and how to undo it; with `dry_run` the very texts."""
    word = "would write" if dry_run else "wrote"
    by_kind: dict[str, list[str]] = {}
    for change in done.changes:
        by_kind.setdefault(change.kind, []).append(_shown(change.path))
    if done.way == "lines":
        yield f"hooks: {done.why}: nothing of it was touched. Add these lines yourself,"
        yield from (f"    {line}" for line in done.lines)
    elif done.way == "config":
        yield f"hooks: {word} hook.tractatus into git's settings (git hook list pre-commit)"
    else:
        yield f"hooks: {word} a marked section into {', '.join(by_kind.get('hook', ()))}"
    yield f"merge driver, mergetool and textconv: {word} them into git's settings"
    if not dry_run:
        yield "  tried in a throwaway merge: it merges, and stops where a person is needed"
    for path in by_kind.get("attributes", ()):
        yield f"attributes: {word} {path}; commit it, so that all clones have it"
        yield "  each clone has its own settings: tractatus-merge install, once in each"
    yield from (f"note: {note}" for note in done.notes)
    yield from _texts(done) if dry_run else ()
    yield "undo: tractatus-merge uninstall"


def _texts(done: Installed) -> Iterable[str]:
    for change in done.changes:
        if change.kind != "config":
            yield f"--- {_shown(change.path)}"
            yield change.after.decode("utf-8", "backslashreplace").rstrip("\n")
    yield "--- git config --local"
    for key, values in done.config.items():
        yield from (f"{key} = {value}" for value in values)


def _shown(path: Any) -> str:
    """A path, from here where it is below."""
    name = os.path.relpath(path)
    return str(path) if name.startswith("..") else name
