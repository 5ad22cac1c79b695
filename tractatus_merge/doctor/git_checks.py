"""Whether git runs the gate in every worktree, and who else moves the history's branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tractatus_merge.doctor.diagnosis import CheckContext, Finding
from tractatus_merge.git import configured_hooks, effective_hooks
from tractatus_merge.git.access import git_of, is_in_git, is_kept_in_git, store_of
from tractatus_merge.git.configured_hooks import GATE
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
    configured = installer.ledger.notes.get("config", {}).get(f"hook.{GATE}.event", ())
    for folder, git in installer.folders().items():
        top = git.places.top or repo.workspace.top
        missing = effective_hooks.without_gate(git, folder, top)
        if missing and {*missing} <= {*configured}:
            yield _unread(installer, git, top, missing)
        elif missing and (not installer.ledger.is_empty or _has_lines(top)):
            yield _ungated(installer, folder, git, missing)


def _unread(installer: Installer, git: Plumbing, top: Path, missing: list[str]) -> Finding:
    """That git does not run the gate that `install` put into its configuration, and why."""
    name = f"hook.{GATE}"
    broken = configured_hooks.complaint(git, missing[0])
    mend: Callable[[], object] | None = installer.again
    if not configured_hooks.are_read(git):
        why = f"{configured_hooks.version(git)} reads no hooks from git's settings, where {name} is"
        fix = "tractatus-merge doctor --fix"
    elif git.in_worktree("config", "--get", f"{name}.command").status != 0:
        why, fix = f"{name} is gone from git's settings", _INSTALL
    elif broken:
        why, mend = f"git runs no hook here ({broken})", None
        fix = r"git config --show-origin --get-regexp '^hook\.'"
    else:
        why, mend = f"{name} is switched off in git's settings", None
        fix = r"git config --show-origin --get-regexp '^hook\..*\.(enabled|event)$'"
    return Finding("gate", str(top), f"{why}: {_unjudged(missing)}", fix, mend=mend)


def _unjudged(missing: list[str]) -> str:
    return f"no {'commit' if GATED[0] in missing else 'merge'} is judged"


def _ungated(installer: Installer, folder: Path, git: Plumbing, missing: list[str]) -> Finding:
    """That git runs hooks without the gate; mended in this clone's own hooks."""
    top = git.places.top or installer.workspace.top
    what = f"git takes the hooks of {top} from there, and {' and '.join(missing)} "
    what += f"{'does' if len(missing) == 1 else 'do'} not run the gate: {_unjudged(missing)}"
    manager = effective_hooks.in_use(top)
    refusal = "" if configured_hooks.are_read(git) else installer.refusal(folder, git)
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
