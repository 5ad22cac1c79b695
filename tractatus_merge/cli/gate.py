"""The verb that checks: so far, whether the whole history contradicts itself."""

from __future__ import annotations

import click

from tractatus_merge.cli.arguments import json_option
from tractatus_merge.cli.common import catch_up, look, verb
from tractatus_merge.cli.output import emit
from tractatus_merge.core.findings import TWIN, conflict_of, everywhere
from tractatus_merge.documents.instructions import HISTORY
from tractatus_merge.repository import Repository
from tractatus_merge.review import commands


@click.command()
@click.option("--all", "everything", is_flag=True, help="Compare each instruction with all others.")
@json_option
@verb
def check(repo: Repository, *, everything: bool, as_json: bool) -> None:
    """Say which instructions in force contradict each other, or say the same twice.

    Findings of meaning never block: the exit code is 0. What a person dismissed is not told again.
    """
    if not everything:
        raise click.UsageError("say what to check: --all, the meaning of the whole history")
    look(repo)
    catch_up(repo)
    findings = everywhere(repo.head(), HISTORY.meaning)
    rows = [
        {
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.sentence,
            "fix": commands(conflict_of(finding))[0].partition("    #")[0],
        }
        for finding in findings
    ]
    lines: list[str] = []
    for finding, row in zip(findings, rows, strict=True):
        lines.append(f"{row['severity']:8}  {row['message']}")
        known = commands(conflict_of(finding))
        lines += [f"    {line}" for line in (known[:1] if finding.code == TWIN else known)]
    lines = lines or ["no contradiction found"]
    emit(lines, {"ok": not findings, "findings": rows}, as_json=as_json)
