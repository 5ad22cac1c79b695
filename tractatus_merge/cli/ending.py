"""What `end` does: a session merged, and told. It needs no command group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tractatus_merge.cli.common import look, meant_session, performed, write_view
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.errors import TractatusError
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.outcomes import merged_json, merged_lines, printed
from tractatus_merge.sessions import leader, publish
from tractatus_merge.sessions.folder import Session
from tractatus_merge.value import Value
from tractatus_merge.view.file import expect_write


def perform(folder: str, name: str, as_json: bool) -> int:  # noqa: FBT001 (as `plain.end` has it)
    """End a session in the history of a folder; the exit code."""
    try:
        act = lambda repo: end(repo, name or None, as_json=as_json)  # noqa: E731
        performed("end", act, folder=folder, within=not folder)
    except SystemExit as exit_:
        return int(exit_.code or 0)
    return 0


class Sync(Value):
    """What is done after the merge: the remote, and the sync with it.

    That gives what it came to, in lines and as JSON, and the conflicts that it brought.
    """

    remote: str
    run: Callable[[Repository], tuple[list[str], dict[str, Any], tuple[str, ...]]]


def end(
    repo: Repository,
    name: str | None,
    *,
    sync: Sync | None = None,
    dry_run: bool = False,
    as_json: bool = False,
) -> None:
    """End the session of that name, or the one that is meant; SystemExit if a person is needed."""
    own = name or repo.environment.get("TRACTATUS_SESSION") or ""
    look(repo, finish=not dry_run, but=own)
    session = meant_session(repo, name)
    assert session is not None
    if dry_run:
        _look_ahead(repo, session, sync, as_json=as_json)
        return
    if session.facts.worktree == str(repo.workspace.top):
        expect_write(repo)
    leads = leader.leader(repo, session, printed)
    merged = publish.merge(repo, session, end=True, behind=leads.behind if leads else None)
    newest = leads.newest if leads else None
    write_view(repo, session.facts.worktree, newest or merged.head)
    lines, data, contested = merged_lines(merged), merged_json(merged), merged.outcome.conflicts
    if sync is not None:
        try:
            said, data["sync"], met = sync.run(repo)
        except TractatusError:
            emit(lines, data, as_json=as_json)  # the session is merged all the same
            publish.told(merged)
            raise
        lines, contested = [*lines, *said], (*contested, *met)
    emit(lines, data, as_json=as_json)
    publish.told(merged)
    if leads:
        leads.answer()
    if contested:
        raise SystemExit(1)


def _look_ahead(repo: Repository, session: Session, sync: Sync | None, *, as_json: bool) -> None:
    merged = publish.merge(repo, session, end=True, dry_run=True)
    lines = merged_lines(merged)
    if sync is not None:
        lines += [f"would then sync with {sync.remote}: tractatus-merge sync --dry-run"]
    emit(lines, merged_json(merged), as_json=as_json)
    if merged.outcome.conflicts:
        raise SystemExit(1)
