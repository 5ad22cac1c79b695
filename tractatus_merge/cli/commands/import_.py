"""The verb that takes a history file in with its past: one version for each of its commits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tractatus_merge.cli.commands.init import advice, chosen, lock_option, remember
from tractatus_merge.cli.common import closing, take_in
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.output import emit, progress, talk
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.errors import RequestError
from tractatus_merge.factory import adoptable, make_room, must_be_named_here
from tractatus_merge.git.access import git_of
from tractatus_merge.git.adoption import Adopted, adopt
from tractatus_merge.git.past import PassedOver, Past
from tractatus_merge.git.plumbing import Plumbing, discover
from tractatus_merge.repository.line import Repository
from tractatus_merge.view.file import View


@click.command("import")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path())
@click.option("--store", metavar="URL", help="Where the history is kept, as `init` takes it.")
@lock_option
@click.option("--rules", metavar="RULES", help="What mongoexport wrote, into the history here.")
@dry_run_option
@json_option
@click.pass_obj
def import_(
    folder: str | None, *, file: str | None, store: str | None, lock: str | None,
    rules: str | None, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Make the head as `init` does, with one version for each commit of the history file.

    So `log`, `blame` and `undo` know from the first day what git knows. FILE is the file in git, if
    it is not the one here. Stopped half-way, it goes on where it was when it is run again.

    With `--rules`, take instead into the history that is here what the framework's collection
    `governanceRules` says otherwise. What is not in the file RULES stays.
    """
    place = Path(folder or ".")
    if rules is not None:
        from tractatus_merge.cli.commands.rules import import_rules  # only who asks for them

        if (file, store, lock) != (None, None, None):
            raise click.UsageError("--rules goes into the history here: no FILE, --store or --lock")
        import_rules(place, rules, dry_run=dry_run, as_json=as_json)
        return
    repo, new = chosen(place, store, lock)
    with closing(repo):
        git, name = _source(repo, place, file)
        try:
            past = Past(git, name)
            if dry_run:
                _dry_run(past, name, as_json=as_json)
                return
            _no_remote(repo)
            if new:
                remember(repo)
            must_be_named_here(repo.workspace)
            make_room(repo.workspace)
            done = adopt(repo, past, progress)
        finally:
            git.close()
        _tell(repo, name, done, as_json=as_json)


def _source(repo: Repository, here: Path, file: str | None) -> tuple[Plumbing, str]:
    """The repository whose commits have the file, and the file's path there."""
    if file is None:
        git = git_of(repo, "tractatus-merge init   (takes the file in as it is now)")
        return Plumbing(git.places), repo.workspace.view_name
    path = here / file
    path = path.parent.resolve() / path.name
    places = discover(next(folder for folder in path.parents if folder.is_dir()))
    if places.top is None or places.top not in path.parents:
        raise RequestError(f"{path} is in no work tree of git.", hint="git worktree add ../work")
    return Plumbing(places), path.relative_to(places.top).as_posix()


def _no_remote(repo: Repository) -> None:
    remote = adoptable(repo)
    if remote is not None:
        why = f"{remote[0]} has this history already, and nobody's is imported twice."
        raise RequestError(why, hint="tractatus-merge init   (adopts it)")


def _dry_run(past: Past, name: str, *, as_json: bool) -> None:
    count = sum(1 for _ in past.versions(progress))
    _warn(past.passed_over)
    lines = [f"would import {count} commit{'s' * (count != 1)} of {name}"]
    passed = [one._asdict() for one in past.passed_over]
    emit(lines, {"commits": count, "passed_over": passed, "dry_run": True}, as_json=as_json)


def _tell(repo: Repository, name: str, done: Adopted, *, as_json: bool) -> None:
    _warn(done.passed_over)
    take_in(repo)
    head = repo.head()
    count = len(head.names(INSTRUCTIONS))
    commits = f"{done.made} commit{'s' * (done.made != 1)} of {name}"
    if not done.made:
        lines = [f"{repo.workspace.line} has the {done.there} commits of {name} already"]
    else:
        many = f"{count} instruction{'s' * (count != 1)}"
        more = f" behind the {done.there} that were there" if done.there else ""
        lines = [f"imported {commits}{more}; {repo.workspace.line} has {many}"]
        view = View(repo)
        lines += advice(view, exists=view.data() is not None)
    result = {
        "store": repo.workspace.store,
        "head": head.version,
        "instructions": count,
        "imported": done.made,
        "there": done.there,
        "passed_over": [one._asdict() for one in done.passed_over],
    }
    emit(lines, result, as_json=as_json)


def _warn(passed_over: Sequence[PassedOver]) -> None:
    for one in passed_over:
        talk(f"passed over: commit {one.oid[:10]} ({one.subject}): {one.why}")
