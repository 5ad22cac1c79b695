"""The verbs that set up: init and demo."""

from __future__ import annotations

import click

from tractatus_merge.cli.common import take_in, verb
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.factory import adoptable, branch_of, initialise, on_branch
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.settings import SETTINGS
from tractatus_merge.repository.workspace import Workspace
from tractatus_merge.view.file import View


@click.command()
@click.option("--store", metavar="URL", help="Where the history is kept: git:BRANCH.")
@dry_run_option
@json_option
@verb
def init(repo: Repository, *, store: str | None, dry_run: bool, as_json: bool) -> None:
    """Take an existing history in and make the head. No file is rewritten."""
    branch = branch_of(store) if store is not None else repo.workspace.branch
    if branch != repo.workspace.branch:
        repo = on_branch(repo, branch)
        if not dry_run:
            _remember(repo.workspace)
    view = View(repo)
    data = view.data()
    if dry_run:
        remote = adoptable(repo)
        count = len(history_file.read(data, str(view.path)).records) if data is not None else 0
        lines = [f"would take in {count} instruction{'s' * (count != 1)}"]
        lines += [f"would adopt {branch} from {remote[0]}"] if remote else []
        emit(lines[-1:], {"instructions": count, "dry_run": True}, as_json=as_json)
        return
    head, done = initialise(repo)
    take_in(repo)
    head = repo.head()
    count = len(head.names(INSTRUCTIONS))
    many = f"{count} instruction{'s' * (count != 1)}"
    told = {
        "created": f"took in {many}; {branch} begins at {str(head.version)[:12]}",
        "adopted": f"adopted {branch} from the remote: {many}",
        "there": f"{branch} is there already: {many}",
    }
    lines = [told[done], *_advice(view, exists=data is not None)]
    waiting = len(open_conflicts(head))
    if waiting:
        lines.append(f"{waiting} in conflict: tractatus-merge review")
    if data is not None and View(repo).is_behind(head):
        lines.append("the file has not yet what the others have: tractatus-merge view --write")
    result = {"store": f"git:{branch}", "head": head.version, "instructions": count}
    emit(lines, result, as_json=as_json)


def _remember(workspace: Workspace) -> None:
    """Write the line's name where every clone reads it."""
    path = workspace.claude / SETTINGS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[store]\nbranch = "{workspace.branch}"\n', encoding="utf-8")
    talk(f"wrote {path}: commit it, so that every clone follows this line")


def _advice(view: View, *, exists: bool) -> list[str]:
    """How the view is kept: the recommended way first."""
    if view.checkout.tracking(view.path).tracked:
        name = view.repo.workspace.view_name
        return [
            "the view is tracked by git, as the framework has it. Recommended: stop tracking it,",
            "so that pull requests never conflict over it:",
            f"  git rm --cached {name} && echo /{name} >> .gitignore",
            "next: tractatus-merge start",
        ]
    if not exists:
        return ["there is no history file yet: tractatus-merge view --write makes one"]
    if view.checkout.ignored(view.path):
        kept = "git ignores the file: good, it is a view of the history now"
    else:
        kept = f"tell git to ignore {view.path.name}: it is a view of the history now"
    return [kept, "next: tractatus-merge start"]


@click.command()
@click.option("--keep", is_flag=True, help="Keep the throw-away repository and say where it is.")
def demo(*, keep: bool) -> None:
    """Play two sessions at once: as the framework writes today, then with this tool."""
    from tractatus_merge.cli.commands.demo import play

    play(keep=keep)
