"""Whether git runs the gate in every worktree, and who else moves the history's branch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tractatus_merge.doctor.diagnosis import CheckContext, Finding
from tractatus_merge.git.access import git_of, is_in_git, is_kept_in_git, store_of
from tractatus_merge.git.install import hook_managers
from tractatus_merge.git.install.hook_texts import GATED, Program
from tractatus_merge.git.install.installer import Installer
from tractatus_merge.git.removals import removals
from tractatus_merge.git.worktrees import checked_out, told_of
from tractatus_merge.system.marked_sections import has_section

_INSTALL = "tractatus-merge install --agent none"


def gate(context: CheckContext) -> Iterator[Finding]:
    """The gate that was installed, in the folder that git takes hooks from now."""
    repo = context.repo
    if not is_in_git(repo):
        return
    installer = Installer(repo.workspace, git_of(repo), context.environment, Program.here())
    ledger = installer.ledger
    if ledger.is_empty:
        return
    if "hook.tractatus.command" in ledger.notes.get("config", ()):
        if installer.git.run("config", "--get", "hook.tractatus.command").status != 0:
            what = "hook.tractatus is gone from git's settings: no commit is judged"
            yield Finding("gate", str(repo.workspace.top), what, _INSTALL, mend=installer.again)
        return
    note = not any(noted["kind"] == "hook" for noted in ledger.files())  # it was never on
    for folder, git in installer.folders().items():
        top = git.places.top or repo.workspace.top
        manager = hook_managers.in_use(top)
        if _runs(folder) or (manager and hook_managers.has_lines(top)):
            continue
        what = f"git takes the hooks of {top} from there, and ours are not: no commit is judged"
        if manager and (manager[0] != "husky" or folder.name == "_"):
            fix = "\n  ".join(hook_managers.lines_for(manager[0]))
            what += f" ({manager[0]} is in use)"
            yield Finding("gate", str(folder), what, fix, note=note)
        else:
            mend, fix = replace(installer, polite=False).again, "tractatus-merge doctor --fix"
            yield Finding("gate", str(folder), what, fix, note=note, mend=mend)


def branch(context: CheckContext) -> Iterator[Finding]:
    """Worktrees in which the history's branch is checked out, and what was committed there."""
    if not is_kept_in_git(context.repo):
        return
    git, name = git_of(context.repo), context.repo.workspace.branch
    for top in checked_out(git, name):
        what, fix = told_of(name, top)
        yield Finding("checked-out", str(top), what, fix)
    for entry in removals(store_of(context.repo)):
        names = [name for _, name in entry.changes]
        few = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        what = f"a commit of {entry.author}, which is none of ours, took out {few}"
        fix = f"tractatus-merge undo {entry.version[:12]}   (a person; it puts them back)"
        yield Finding("removed", entry.version[:12], what, fix)


def _runs(folder: Path) -> bool:
    """Whether the gate's hooks there have our part, or keep it beside them and run it."""
    return all(_judges(folder / name) or _judges(folder / f"{name}.legacy") for name in GATED)


def _judges(path: Path) -> bool:
    data = hook_managers.plain(path)
    ours = has_section(data) or (b"tractatus-merge" in data and b"check --staged" in data)
    return ours and os.access(path, os.X_OK)
