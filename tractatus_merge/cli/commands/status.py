"""The verb that says where a session stands: status."""

from __future__ import annotations

from typing import Any

import click

from tractatus_merge.cli.common import catch_up, look, meant_session, verb, view_lines
from tractatus_merge.cli.terminal.arguments import json_option, session_option
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.cli.terminal.short_lines import pressure_lines, versions
from tractatus_merge.core.model.state import CONFLICTS, State
from tractatus_merge.git.sync import last_seen
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions.folder import Session


@click.command()
@session_option
@json_option
@verb
def status(repo: Repository, *, name: str | None, as_json: bool) -> None:
    """Show this session: its changes, how far it is behind, what waits."""
    look(repo)
    catch_up(repo)
    head = repo.head()
    conflicts = head.names(CONFLICTS)
    session = meant_session(repo, name, optional=True)
    data, lines = _of_none(repo, head) if session is None else _of(repo, session, head)
    data["conflicts"] = conflicts
    lines += _around(repo, data)
    emit(lines, data, as_json=as_json)


def _of_none(repo: Repository, head: State) -> tuple[dict[str, Any], list[str]]:
    """Where nobody's session is meant."""
    live = [other.id for other in session_lookup.open_sessions(repo)]
    data: dict[str, Any] = {"session": None, "head": head.version, "sessions": live}
    lines = [f"on {repo.workspace.line} at {str(head.version)[:12]}, no session of this worktree"]
    lines += [f"  open: {', '.join(live)}"] if live else []
    return data, lines


def _of(repo: Repository, session: Session, head: State) -> tuple[dict[str, Any], list[str]]:
    """Where a session stands."""
    # only a session has something to publish, and numbers
    from tractatus_merge.core.plans.outcome import merge_outcome
    from tractatus_merge.sessions import live_metrics, publish

    incoming = publish.changes(repo, session)
    behind = repo.behind(session.base_version)
    outcome = merge_outcome(incoming, is_retired, {})
    retired, edited = list(outcome.retired), list(outcome.edited)
    data = {
        "session": session.id,
        "tag": session.tag,
        "state": session.state.value,
        "added": incoming.added(),
        "edited": edited,
        "retired": retired,
        "absent": incoming.absent(),
        "header": outcome.header,
        "behind": behind,
        "copy": str(session.copy_path),
        "head": head.version,
        **(numbers := live_metrics.as_json(session)),
    }
    lines = [f"session {session.id} ({session.tag}), {session.state.value}"]
    for word, names in (("added", incoming.added()), ("edited", edited), ("retired", retired)):
        lines += [f"  {word:8} {', '.join(names)}"] if names else []
    lines += ["  header   changed"] if data["header"] else []
    for gone in incoming.absent():
        lines.append(f"  {gone} is absent from the copy: it stays (retire is the way)")
    lines.append(f"  {versions(behind)} behind the head" if behind else "  up to date")
    lines += [f"  {line}" for line in pressure_lines(numbers)]
    return data, lines


def _around(repo: Repository, data: dict[str, Any]) -> list[str]:
    """What waits beside the session: the view, conflicts, what the remote lacks."""
    data["unshared"], distance = _distance(repo)
    lines = [f"  {line}" for line in view_lines(repo)]
    if data["conflicts"]:
        count = len(data["conflicts"])
        what = f"{count} conflict{'s' * (count > 1)} open in the history"
        lines.append(f"  {what}: tractatus-merge conflicts")
    return lines + distance


def _distance(repo: Repository) -> tuple[int | None, list[str]]:
    """How many versions the remote lacks, and what is said of that; None without a remote."""
    found = last_seen.distance(repo)
    if found is None:
        return None, []
    lines = []
    if found.ahead:
        lines.append(f"  {versions(found.ahead)} not shared with {found.remote}")
    if found.behind:
        lines.append(f"  {versions(found.behind)} of {found.remote} not taken in")
    return found.ahead, [f"{line}: tractatus-merge sync" for line in lines]
