"""The verbs of a session's numbers: side by side, and in the framework's own files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tractatus_merge.cli.common import look, the_session, verb
from tractatus_merge.cli.terminal import moments
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option, session_option
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.cli.terminal.short_lines import bar
from tractatus_merge.metrics.fold import COUNTERS, Metrics, totals
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import framework_files, live_metrics
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.system import files
from tractatus_merge.value import asdict

_COLUMNS = ("pressure_score", "level", "context", "peak", "budget", "messages", *COUNTERS)


@click.command()
@session_option
@click.option("--since", metavar="TIME", help="Only sessions active since: 2h, 2026-01-31.")
@click.option("--score", type=click.Choice(live_metrics.SCORES), default="ratio",
              help="Whose pressure: the context's share, or the framework's g1 or g2.")  # fmt: skip
@click.option("--csv", "as_csv", is_flag=True, help="One line a session, for a spreadsheet.")
@json_option
@verb
def metrics(
    repo: Repository,
    *,
    name: str | None,
    since: str | None,
    score: str,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show each session's numbers, and sums of what can be summed up.

    Pressure is per session; there is no total.
    """
    look(repo)
    found = _found(repo, name)
    if since is not None:
        first = datetime.fromisoformat(moments.typed_time(since, "--since"))
        found = [one for one in found if one.last and datetime.fromisoformat(one.last) >= first]
    rows = [{"session": one.session, **live_metrics.told(one, score)} for one in found]
    sums = asdict(totals(found))
    if as_csv and not as_json:
        emit(_csv(rows))
        return
    data = {"sessions": rows, "totals": sums, "score": score}
    emit(_table(rows, sums) if rows else ["no session"], data, as_json=as_json)


@click.command()
@click.option("--rules", metavar="FILE", help="All instructions, for mongoimport, into FILE.")
@session_option
@dry_run_option
@json_option
@verb
def export(
    repo: Repository, *, rules: str | None, name: str | None, dry_run: bool, as_json: bool
) -> None:
    """Write one session's numbers for scripts that know only the framework's two files.

    These are `.claude/session-state.json` and `.claude/token-checkpoints.json`. Keys that other
    programs wrote for the same session stay. With `--rules`, write instead the instructions for the
    framework's collection `governanceRules`, one a line.
    """
    if rules is not None:
        from tractatus_merge.cli.commands.rules import export_rules  # only who asks for them

        if name is not None:
            raise click.UsageError("--rules is of the whole history: leave out --session")
        here = Path(click.get_current_context().obj or ".")
        export_rules(repo, here / rules, dry_run=dry_run, as_json=as_json)
        return
    session = the_session(repo, name)
    found, claude = live_metrics.measured(session), repo.workspace.claude
    own = framework_files.kept(session.folder)
    paths = []
    for key, old in framework_files.kept(claude, framework_files.CLASSIC).items():
        path = claude / framework_files.CLASSIC[key]
        known = old if old.get("session_id") == session.id else own[key]
        paths.append(str(path))
        if not dry_run:
            files.replace(path, framework_files.rendered(key, found, known))
    word = "would write" if dry_run else "wrote"
    data = {"session": session.id, "files": paths, "dry_run": dry_run}
    emit([f"{word} {path}" for path in paths], data, as_json=as_json)


def _found(repo: Repository, name: str | None) -> list[Metrics]:
    """The numbers of the sessions of this line; those whose folders were removed included."""
    if name is not None:
        return [live_metrics.measured(the_session(repo, name))]
    here = [live_metrics.measured(session) for session in session_lookup.line_sessions(repo)]
    known = {one.session for one in here}
    gone = [one for one in live_metrics.kept(repo.workspace.state) if one.session not in known]
    return sorted([*gone, *here], key=lambda one: (one.started, one.session))


def _table(rows: Sequence[Mapping[str, Any]], sums: Mapping[str, int]) -> Iterator[str]:
    title = f"{sums['sessions']} session{'s' * (sums['sessions'] != 1)}"
    wide = max(len(title), *(len(row["session"]) for row in rows))
    counts = ("messages", "tool_calls", "tool_errors", "compactions")
    heads = ("messages", "tools", "errors", "compacted")
    yield f"{'session':{wide}}  {'pressure':38}  {'context':>9}  " + "  ".join(heads)
    for row in rows:
        share = "" if row["pressure_score"] is None else f"{row['pressure_score']} % {row['level']}"
        context = "-" if row["context"] is None else f"{row['context']:,}"
        yield (
            f"{row['session']:{wide}}  {bar(row['pressure_score'])}  {share:16}  {context:>9}  "
            + (
                "  ".join(
                    f"{row[key]:>{len(head)}}" for key, head in zip(counts, heads, strict=True)
                )
            )
        )
    said = {**sums, "messages": sums["prompts"] + sums["replies"]}
    yield f"{title:{wide}}  {'':38}  {'':9}  " + "  ".join(
        f"{said[key]:>{len(head)}}" for key, head in zip(counts, heads, strict=True)
    )


def _csv(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["session", *_COLUMNS, "checkpoints", "seconds", "last"])
    for row in rows:
        marks = " ".join(str(mark["percentage"]) for mark in row["checkpoints"])
        plain = [row["session"], *(row[key] for key in _COLUMNS)]
        writer.writerow([*plain, marks, row["seconds"], row["last"]])
    return text.getvalue().splitlines()
