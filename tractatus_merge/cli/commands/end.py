"""The verb that ends a session and merges it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from tractatus_merge.cli import ending
from tractatus_merge.cli.common import verb
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option, session_option
from tractatus_merge.repository.line import Repository

if TYPE_CHECKING:
    from tractatus_merge.git.sync.remote import Remote


@click.command()
@session_option
@click.option("--sync", "share", is_flag=True, help="Then sync with the remote.")
@dry_run_option
@json_option
@verb
def end(repo: Repository, *, name: str | None, share: bool, dry_run: bool, as_json: bool) -> None:
    """End the session and merge it: nothing is lost, what is contested waits for a person.

    What came of an earlier end is told too, where that was killed before it could tell.
    """
    sync = _sync(repo) if share else None
    ending.end(repo, name, sync=sync, dry_run=dry_run, as_json=as_json)


def _sync(repo: Repository) -> ending.Sync:
    """A sync with the remote that the settings of git mean."""
    from tractatus_merge.cli.commands.sync import remote_of  # who shares pays for it

    remote = remote_of(repo, None)
    return ending.Sync(remote.name, functools.partial(_synced, remote))


def _synced(remote: Remote, repo: Repository) -> tuple[list[str], dict[str, Any], tuple[str, ...]]:
    from tractatus_merge.cli.commands import sync

    done = sync.shared_with(repo, remote)
    return sync.synced_lines(done), sync.synced_json(done), done.outcome.conflicts
