"""Whether git runs the gate in every worktree, and who else moves the history's branch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tractatus_merge.doctor.diagnosis import CheckContext, Finding
from tractatus_merge.git import effective_hooks
from tractatus_merge.git.access import git_of, is_in_git, is_kept_in_git, store_of
from tractatus_merge.git.effective_hooks import GATED
from tractatus_merge.git.install import hook_managers
from tractatus_merge.git.install.hook_texts import PORTABLE, Program
from tractatus_merge.git.install.installer import Installer
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.git.removals import removals
from tractatus_merge.git.worktrees import checked_out, told_of

_INSTALL = "tractatus-merge install --agent none"


def gate(context: CheckContext) -> Iterator[Finding]:
    """The gate that was installed, in the folder that git takes hooks from now."""
    repo = context.repo
    if not is_in_git(repo):
        return
    installer = Installer(repo.workspace, git_of(repo), context.environment, Program.here())
    config = installer.ledger.notes.get("config", ())
    if "hook.tractatus.command" in config:
        if installer.git.run("config", "--get", "hook.tractatus.command").status != 0:
            what = "hook.tractatus is gone from git's settings: no commit is judged"
            yield Finding("gate", str(repo.workspace.top), what, _INSTALL, mend=installer.again)
        return
    for folder, git in installer.folders().items():
        top = git.places.top or repo.workspace.top
        missing = effective_hooks.without_gate(folder, top)
        if missing and (not installer.ledger.is_empty or _has_lines(top)):
            yield _ungated(installer, folder, git, missing)


def _ungated(installer: Installer, folder: Path, git: Plumbing, missing: list[str]) -> Finding:
    """That git runs hooks without the gate; mended in this clone's own hooks."""
    top = git.places.top or installer.workspace.top
    judged = "commit" if GATED[0] in missing else "merge"
    what = f"git takes the hooks of {top} from there, and {' and '.join(missing)} "
    what += f"{'does' if len(missing) == 1 else 'do'} not run the gate: no {judged} is judged"
    manager, refusal = effective_hooks.in_use(top), installer.refusal(folder, git)
    if refusal:
        fix = f"in your hooks {' and '.join(missing)}: {PORTABLE.line('check', '--staged')}"
        return Finding("gate", str(folder), f"{what} ({refusal})", fix)
    fix, lasting = "tractatus-merge doctor --fix", ""
    if manager:
        what += f" ({manager[0]} is in use)"
        lines = hook_managers.lines_for(manager[0])
        lasting = "\n  ".join(
            ["   (this clone, until they are written anew; for every clone:", *lines]
        )
        lasting += ")"
    if _has_lines(top) and manager:
        fix, lasting = hook_managers.started_by(manager[0]), ""
    mend = None if installer.ledger.is_empty else replace(installer, polite=False).again
    return Finding("gate", str(folder), what, fix + lasting, mend=mend)


def _has_lines(top: Path) -> bool:
    """Whether the team's hook manager has our lines, for whoever installs its hooks."""
    return all(effective_hooks.has_lines(top, name) for name in GATED)


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
