"""The verb that shows the history as its file, and writes it."""

from __future__ import annotations

import sys

import click

from tractatus_merge.cli.common import look, verb
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.errors import StoreError
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.line import Repository
from tractatus_merge.system.printable import printed
from tractatus_merge.view.file import View


@click.command()
@click.option("--write", is_flag=True, help="Into the file of this worktree.")
@dry_run_option
@json_option
@verb
def view(repo: Repository, *, write: bool, dry_run: bool, as_json: bool) -> None:
    """Show the head as the history file; with --write, put it into the file."""
    look(repo)
    head = repo.head()
    if write and dry_run:
        word = "would write" if View(repo).is_behind(head) else "nothing to write into"
        emit([f"{word} {repo.workspace.view}"], {"dry_run": True}, as_json=as_json)
        return
    if write:
        refused = View(repo).write(head, asked=True)
        if refused:
            raise StoreError(
                f"the view was not written: {refused}.", hint="try again when it is done"
            )
        emit([f"wrote {repo.workspace.view}"], {"view": str(repo.workspace.view)}, as_json=as_json)
        return
    text = history_file.write(repo.document(head)).decode("utf-8")
    click.echo(printed(text) if sys.stdout.isatty() else text, nl=False)
