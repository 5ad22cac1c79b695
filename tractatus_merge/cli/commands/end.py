"""The verb that ends a session and merges it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

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
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.errors import TractatusError
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.outcomes import merged_json, merged_lines, printed
from tractatus_merge.sessions import leader, publish

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
    remote = _remote(repo) if share else None
    own = name or repo.environment.get("TRACTATUS_SESSION") or ""
    look(repo, finish=not dry_run, but=own)
    session = meant_session(repo, name)
    assert session is not None
    leads = None if dry_run else leader.leader(repo, session, printed)
    behind = leads.behind if leads else None
    merged = publish.merge(repo, session, end=True, dry_run=dry_run, behind=behind)
    if not dry_run:
        newest = leads.newest if leads else merged.head
        write_view(repo, session.facts.worktree, newest or merged.head)
    lines, data, contested = merged_lines(merged), merged_json(merged), merged.outcome.conflicts
    if remote is not None and not dry_run:
        try:
            said, data["sync"], met = _synced(repo, remote)
        except TractatusError:
            emit(lines, data, as_json=as_json)  # the session is merged all the same
            publish.told(merged)
            raise
        lines, contested = [*lines, *said], (*contested, *met)
    elif remote is not None:
        lines = [*lines, f"would then sync with {remote.name}: tractatus-merge sync --dry-run"]
    emit(lines, data, as_json=as_json)
    if not dry_run:
        publish.told(merged)
    if leads:
        leads.answer()
    if contested:
        raise SystemExit(1)


def _remote(repo: Repository) -> Remote:
    from tractatus_merge.cli.commands.sync import remote_of  # who shares pays for it

    return remote_of(repo, None)


def _synced(repo: Repository, remote: Remote) -> tuple[list[str], dict[str, Any], tuple[str, ...]]:
    """What a sync came to, for people and as JSON, and the conflicts that it brought."""
    from tractatus_merge.cli.commands import sync  # who shares pays for it

    done = sync.shared_with(repo, remote)
    return sync.synced_lines(done), sync.synced_json(done), done.outcome.conflicts
