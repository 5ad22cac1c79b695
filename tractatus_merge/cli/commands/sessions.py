"""The verbs of a session's life: start, refresh, merge, abandon, sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from tractatus_merge.cli.common import catch_up, look, the_session, verb, write_view
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option, session_option
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.cli.terminal.short_lines import pressure_lines
from tractatus_merge.instructions import rounded_numbers
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.lookup import decided
from tractatus_merge.review.outcomes import answered_line, merged_json, merged_lines
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import publish, troubles
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.overview import session_row
from tractatus_merge.sessions.unpublished import heard


@click.command()
@session_option
@dry_run_option
@json_option
@verb
def refresh(repo: Repository, *, name: str | None, dry_run: bool, as_json: bool) -> None:
    """Take what others published into the session's copy; what it has touched stays."""
    look(repo)
    session = the_session(repo, name)
    behind = repo.behind(session.base_version)
    base, told = session.base_version, []
    if behind and repo.store.has(base):
        told = decided(repo.store.load(base), repo.head(), session.id)
    renamed: Mapping[str, str] = {}
    if not dry_run:
        merged = publish.refresh(repo, session)
        session, renamed = merged.session, merged.outcome.renamed
        for line in rounded_numbers.told(session.rounded):
            talk(line)
    data: dict[str, Any] = {"session": session.id, "outcome": "clean" if behind else "nothing",
            "head": repo.head().version, "versions": behind, "added": [], "edited": [],
            "renamed": dict(renamed), "conflicts": [],
            "answered": [one["id"] for one in told]}  # fmt: skip
    word = "would take in" if dry_run else "took in"
    lines = [f"session {session.id}: {word} {behind} version{'s' * (behind != 1)}"]
    lines += [f"  renamed  {old} is {new} now" for old, new in renamed.items()]
    lines += [f"  settled  {answered_line(one)}" for one in told]
    notes = [] if dry_run or not behind else _contradicted(repo, session)
    lines += [f"  note     {note}" for note in notes]
    emit(lines, {**data, "notes": notes}, as_json=as_json)


def _contradicted(repo: Repository, session: Session) -> list[str]:
    """What the session is about to publish and what it just took in contradict each other in."""
    incoming = publish.changes(repo, session)
    base = {name: record.content for name, record in incoming.base.items()}
    names = (*incoming.added(), *incoming.edited())
    found = (heard(repo, session, (), name, base.get(name)) for name in names)
    return list(dict.fromkeys(one.sentence for some in found for one in some))


@click.command()
@session_option
@dry_run_option
@json_option
@verb
def merge(repo: Repository, *, name: str | None, dry_run: bool, as_json: bool) -> None:
    """Publish the session's changes and go on working."""
    look(repo)
    session = the_session(repo, name)
    merged = publish.merge(repo, session, dry_run=dry_run)
    if not dry_run:
        write_view(repo, session.facts.worktree, merged.head)
    emit(merged_lines(merged), merged_json(merged), as_json=as_json)
    if not dry_run:
        publish.told(merged)
    if merged.outcome.conflicts:
        raise SystemExit(1)


@click.command()
@session_option
@dry_run_option
@json_option
@verb
def abandon(repo: Repository, *, name: str | None, dry_run: bool, as_json: bool) -> None:
    """End the session without merging; its copy stays, `start --resume` brings it back."""
    session = the_session(repo, name)
    if dry_run:
        incoming = publish.changes(repo, session)
        left = [*incoming.added(), *incoming.edited()]
    else:
        left = publish.abandon(repo, session)
    data: dict[str, Any] = {"session": session.id, "outcome": "nothing",
            "head": repo.head().version,
            "left": left, "added": [], "edited": [], "renamed": {}, "conflicts": []}  # fmt: skip
    word = "would be abandoned" if dry_run else "abandoned"
    lines = [f"session {session.id} {word}"]
    lines += [f"  not published: {', '.join(left)}"] if left else []
    lines += [] if dry_run else [f"  tractatus-merge start --resume {session.id}   brings it back"]
    emit(lines, data, as_json=as_json)


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="All sessions, merged and abandoned ones too."
)
@click.option("--stale", is_flag=True, help="Only those that are over, or silent for a day.")
@json_option
@verb
def sessions(repo: Repository, *, everything: bool, stale: bool, as_json: bool) -> None:
    """Show the live sessions side by side, each with its own numbers."""
    look(repo)
    catch_up(repo)
    found = session_lookup.line_sessions(repo) if everything else session_lookup.open_sessions(repo)
    rows = [session_row(repo, session) for session in found]
    rows = [row for row in rows if row["stale"]] if stale else rows
    lines = []
    for row in rows:
        lines.append(
            f"{row['session']}  {row['state']:9} {row['agent'] or '-':12} "
            f"+{row['added']} ~{row['edited']}  {row['behind']} behind  {row['worktree']}"
        )
        lines += [f"  {line}" for line in pressure_lines(row)]
        ends = f"tractatus-merge end --session {row['session']}"
        lines += [f"  nobody seems to work in it: {ends}"] if row["stale"] else []
        lines += [f"  {row['session']}: {row['problem']}"] if "problem" in row else []
    shown = [session.folder for session in found]
    for trouble in troubles.troubles(repo, but=shown):
        talk(f"warning: {trouble.sentence}\n  {trouble.fix}")
    emit(
        lines or ["no session is stale" if stale else "no session is open"],
        {"sessions": rows},
        as_json=as_json,
    )
