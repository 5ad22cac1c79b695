"""The verbs that set up: init and demo."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tractatus_merge.cli.common import closing, take_in
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS
from tractatus_merge.errors import TractatusError
from tractatus_merge.factory import adoptable, choose, choose_lock, initialise, open_repository
from tractatus_merge.git.access import is_in_git
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.settings import DEFAULT_BRANCH, DEFAULT_LOCK, SETTINGS
from tractatus_merge.view.file import View

lock_option = click.option(
    "--lock",
    metavar="LOCK",
    help="For what writers line up: flock, none, or redis://HOST[:PORT][/DB]; all are right.",
)

_NEXT = "next: tractatus-merge install   (agents run themselves), or: tractatus-merge start"


@click.command()
@click.option(
    "--store",
    metavar="URL",
    help="Where the history is kept: git:BRANCH; else file:, sqlite:, postgresql: or mongodb:.",
)
@lock_option
@dry_run_option
@json_option
@click.pass_obj
def init(
    folder: str | None, *, store: str | None, lock: str | None, dry_run: bool, as_json: bool
) -> None:
    """Take an existing history in and make the head. No file is rewritten."""
    repo, new = chosen(Path(folder or "."), store, lock)
    with closing(repo):
        if new and not dry_run:
            remember(repo)
        _init(repo, dry_run=dry_run, as_json=as_json)


def _init(repo: Repository, *, dry_run: bool, as_json: bool) -> None:
    line = repo.workspace.line
    view = View(repo)
    data = view.data()
    if dry_run:
        remote = adoptable(repo)
        count = len(history_file.read(data, str(view.path)).records) if data is not None else 0
        lines = [f"would take in {count} instruction{'s' * (count != 1)}"]
        lines += [f"would adopt {line} from {remote[0]}"] if remote else []
        emit(lines[-1:], {"instructions": count, "dry_run": True}, as_json=as_json)
        return
    head, done = initialise(repo)
    take_in(repo)
    head = repo.head()
    count = len(head.names(INSTRUCTIONS))
    many = f"{count} instruction{'s' * (count != 1)}"
    told = {
        "created": f"took in {many}; {line} begins at {str(head.version)[:12]}",
        "adopted": f"adopted {line} from the remote: {many}",
        "there": f"{line} is there already: {many}",
    }
    lines = [told[done], *advice(view, exists=data is not None)]
    waiting = len(head.names(CONFLICTS))
    if waiting:
        lines.append(f"{waiting} in conflict: tractatus-merge review")
    if data is not None and View(repo).is_behind(head):
        lines.append("the file has not yet what the others have: tractatus-merge view --write")
    result = {
        "store": repo.workspace.store,
        "head": head.version,
        "instructions": count,
    }
    emit(lines, result, as_json=as_json)


def chosen(place: Path, store: str | None, lock: str | None) -> tuple[Repository, bool]:
    """The repository with the store and the lock that were asked for; whether to remember them."""
    repo, new = (open_repository(place), False) if store is None else choose(place, store)
    if lock is not None:
        try:
            new = choose_lock(repo, lock) or new
        except TractatusError:
            repo.close()
            raise
    return repo, new


def remember(repo: Repository) -> None:
    """Write where the history is kept: in git, where every clone reads it."""
    workspace = repo.workspace
    path = workspace.claude / SETTINGS
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"url": workspace.url} if workspace.url else {"branch": workspace.branch}
    said = {key: value for key, value in said.items() if value != DEFAULT_BRANCH}
    said |= {"lock": workspace.lock} if workspace.lock != DEFAULT_LOCK else {}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in said.items()]
    path.write_text("".join(["[store]\n", *lines]), encoding="utf-8")
    every = "worktree" if workspace.url else "clone"
    why = f": commit it, so that every {every} follows this line" if is_in_git(repo) else ""
    talk(f"wrote {path}{why}")


def advice(view: View, *, exists: bool) -> list[str]:
    """How the view is kept: the recommended way first."""
    if view.checkout.tracking(view.path).tracked:
        name = view.repo.workspace.view_name
        return [
            "the view is tracked by git, as the framework has it. Recommended: stop tracking it,",
            "so that pull requests never conflict over it:",
            f"  git rm --cached {name} && echo /{name} >> .gitignore",
            _NEXT,
        ]
    if not exists:
        return ["there is no history file yet: tractatus-merge view --write makes one"]
    if not is_in_git(view.repo):
        kept = f"{view.path.name} is a view of the history now"
    elif view.checkout.ignored(view.path):
        kept = "git ignores the file: good, it is a view of the history now"
    else:
        kept = f"tell git to ignore {view.path.name}: it is a view of the history now"
    return [
        kept,
        _NEXT,
    ]


@click.command()
@click.option("--keep", is_flag=True, help="Keep the throw-away repository and say where it is.")
def demo(*, keep: bool) -> None:
    """Play two sessions at once: as the framework writes today, then with this tool."""
    from tractatus_merge.cli.commands.demo import play

    play(keep=keep)
