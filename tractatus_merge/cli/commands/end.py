"""The verb that ends a session and merges it."""

from __future__ import annotations

import click

from tractatus_merge.cli.commands.sync import remote_of, shared_with, synced_json, synced_lines
from tractatus_merge.cli.common import (
    look,
    meant_session,
    verb,
    write_view,
)
from tractatus_merge.cli.terminal.arguments import (
    dry_run_option,
    json_option,
    session_option,
)
from tractatus_merge.cli.terminal.outcomes import merged_json, merged_lines
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.errors import TractatusError
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import publish


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
    remote = remote_of(repo, None) if share else None
    look(repo, finish=not dry_run)
    session = meant_session(repo, name)
    assert session is not None
    merged = publish.merge(repo, session, end=True, dry_run=dry_run)
    if not dry_run:
        write_view(repo, session.facts.worktree, merged.head)
    lines, data, contested = merged_lines(merged), merged_json(merged), merged.outcome.conflicts
    if remote is not None and not dry_run:
        try:
            done = shared_with(repo, remote)
        except TractatusError:
            emit(lines, data, as_json=as_json)  # the session is merged all the same
            publish.told(merged)
            raise
        lines, data["sync"] = [*lines, *synced_lines(done)], synced_json(done)
        contested = (*contested, *done.outcome.conflicts)
    elif remote is not None:
        lines = [*lines, f"would then sync with {remote.name}: tractatus-merge sync --dry-run"]
    emit(lines, data, as_json=as_json)
    if not dry_run:
        publish.told(merged)
    if contested:
        raise SystemExit(1)
