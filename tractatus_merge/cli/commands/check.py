"""The verb that checks: the gate of a commit, of a landing, or the meaning of a whole history."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from tractatus_merge.cli.common import look, verb
from tractatus_merge.cli.terminal.arguments import json_option
from tractatus_merge.cli.terminal.output import annotate, emit, talk
from tractatus_merge.git.access import is_in_git
from tractatus_merge.git.gate.check import Gate, Shown
from tractatus_merge.git.gate.wholeness import ERROR, Fault, odd_records
from tractatus_merge.repository.line import Repository
from tractatus_merge.system.printable import clean, muted


@click.command()
@click.argument("names", nargs=-1, metavar="[COMMIT]")
@click.option("--staged", is_flag=True, help="Judge what the next commit would hold; FILES too.")
@click.option("--range", "span", metavar="BASE..HEAD", help="Judge what would land on BASE.")
@click.option(
    "--all", "everything", is_flag=True, help="Judge all instructions, each against all others."
)
@click.option("--sweep", is_flag=True, help="First merge the sessions that nobody ended.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="For people, as data, or as annotations of a GitHub workflow.",
)
@json_option
@verb
def check(
    repo: Repository, *, names: tuple[str, ...], staged: bool, span: str | None, everything: bool,
    sweep: bool, form: str, as_json: bool,
) -> None:  # fmt: skip
    """Refuse what is not whole: in the index, in a commit, in what would land.

    Without a word: what is staged, else the last commit; outside git, all instructions. Only
    --sweep writes: it merges sessions that nobody ended, and may stand alone.

    Exit 1: an instruction is lost or goes back, a governed file is broken, or a grave conflict
    waits. All else is said, and stops nothing; so are contradictions (--all), for they never block.

    With --staged the words are names of files, as lint-staged and pre-commit add them: these are
    judged as they stand, though nothing of them is staged. What pre-commit is told with --from-ref
    and --to-ref is judged as a range.
    """
    commit = None if staged or not names else names[0]
    chosen = [bool(commit), staged, bool(span), everything]
    if sweep:
        look(repo, finish=True)
    if sweep and not any(chosen):
        return
    if chosen.count(True) > 1 or (commit and len(names) > 1):
        raise click.UsageError("say one of: --staged, COMMIT, --range BASE..HEAD, --all")
    form = "json" if as_json else form
    if everything or not (any(chosen) or is_in_git(repo)):
        _meaning(repo, form)
        return
    gate = Gate(repo)
    if not any(chosen):
        staged = not gate.snapshots.is_head_there() or gate.snapshots.is_anything_staged()
        commit = None if staged else "HEAD"
        talk("checked: what is staged" if staged else "checked: the last commit; nothing is staged")
    if span is not None:
        base, dots, head = span.partition("..")
        if not (base and dots and head) or head.startswith("."):
            raise click.UsageError("--range is BASE..HEAD, two commits")
        faults = gate.landing(base, head)
    else:
        faults = _index(repo, gate, names) if commit is None else gate.commit(commit)
    errors = [fault for fault in faults if fault.severity == ERROR]
    _tell(errors, [fault for fault in faults if fault.severity != ERROR], form)
    if errors:
        raise SystemExit(1)


def _index(repo: Repository, gate: Gate, names: tuple[str, ...]) -> list[Fault]:
    """The index; or what pre-commit and prek were called for by hand: a range, or all files."""
    said = repo.environment
    base, head = said.get("PRE_COMMIT_FROM_REF"), said.get("PRE_COMMIT_TO_REF")
    if base and head:
        return gate.landing(base, head)
    by_hand = said.get("PRE_COMMIT") and not said.get("GIT_INDEX_FILE")
    if by_hand and not gate.snapshots.is_anything_staged():
        return gate.everything()
    here, top = Path(click.get_current_context().obj or "."), repo.workspace.top
    paths = [(here / name).parent.resolve() / Path(name).name for name in names]
    return gate.staged([path.relative_to(top).as_posix() for path in paths if top in path.parents])


def _tell(errors: list[Fault], said: list[Fault], form: str) -> None:
    if form == "json":
        rows = [_row(fault) for fault in (*errors, *said)]
        emit((), {"ok": not errors, "findings": rows}, as_json=True)
        return
    if form == "github":
        if faults := (*errors, *said):
            annotate(map(_annotation, faults))
        return
    for fault in errors:
        where = f"{fault.file}:{fault.line}: " if fault.line else ""
        talk(_flat(f"{fault.code}: {where}{fault.message}"))
        talk(_flat(f"  {fault.fix}"))
    for fault in said:
        talk(_flat(f"note: {fault.message}: {fault.fix}"))


def _flat(text: str) -> str:
    """A text on one line: an id may hold what looks like other lines."""
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _row(fault: Fault) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": fault.code,
        "severity": fault.severity,
        "message": fault.message,
        "fix": fault.fix,
    }
    places = {"file": fault.file, "line": fault.line}
    return row | {name: value for name, value in places.items() if value}


def _annotation(fault: Fault) -> str:
    """A workflow command: https://docs.github.com/actions/reference/workflow-commands."""
    places = {"file": fault.file, "line": str(fault.line or ""), "title": fault.code}
    said = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in places.items() if value)
    return f"::{fault.severity} {said}::{_escaped(f'{fault.message}: {fault.fix}')}"


def _escaped(text: str, more: str = "") -> str:
    for letter in ("%", "\r", "\n", *more):
        text = text.replace(letter, f"%{ord(letter):02X}")
    return muted(clean(text))


def _meaning(repo: Repository, form: str) -> None:
    """What is odd in an instruction, and which contradict each other or say the same twice."""
    from tractatus_merge.core.model.findings import (
        TWIN,
        all_findings,
        conflict_of,
    )  # not for the gate
    from tractatus_merge.core.plans.open_contradictions import fewest
    from tractatus_merge.instructions.field_rules import HISTORY
    from tractatus_merge.review.render import commands

    head = repo.head()
    odd = [_row(fault) for fault in odd_records(Shown(head))]
    found = all_findings(head, HISTORY.meaning)
    told = {one.id for one in fewest(conflict_of(f) for f in found if f.code != TWIN)}
    findings = [finding for finding in found if finding.code == TWIN or finding.id in told]
    fixes = [[line.split("    #")[0] for line in commands(conflict_of(f))] for f in findings]
    rows = [
        {"code": found.code, "severity": found.severity, "message": found.sentence, "fix": fix[0]}
        for found, fix in zip(findings, fixes, strict=True)
    ]
    if form == "github":
        annotate(_warnings([*odd, *rows]))
        return
    lines = [f"{row['severity'].upper():8}  {row['message']}\n    {row['fix']}" for row in odd]
    for finding, row in zip(findings, rows, strict=True):
        lines.append(f"{row['severity']:8}  {row['message']}")
        known = commands(conflict_of(finding))
        lines += [f"    {line}" for line in (known[:1] if finding.code == TWIN else known)]
    lines = lines or ["no contradiction found"]
    data = {"ok": not rows and not odd, "findings": [*odd, *rows]}
    emit(lines, data, as_json=form == "json")


def _warnings(rows: Iterable[dict[str, Any]]) -> list[str]:
    faults = (Fault(row["code"], row["message"], row["fix"], severity="warning") for row in rows)
    return list(map(_annotation, faults))
