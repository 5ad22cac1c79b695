"""The verb that looks after an installation: what is wrong, what to type, and `--fix`."""

from __future__ import annotations

import os
from typing import Any

import click

from tractatus_merge.agents.installer import AgentInstaller
from tractatus_merge.cli.common import verb
from tractatus_merge.cli.terminal.arguments import json_option
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.doctor.checks import findings, mend
from tractatus_merge.doctor.diagnosis import CheckContext, Finding
from tractatus_merge.doctor.store_checks import looks
from tractatus_merge.repository.line import Repository


@click.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended without asking a person.")
@click.option("--store", is_flag=True, help="Look at the store alone, and read all of it.")
@json_option
@verb
def doctor(repo: Repository, *, fix: bool, store: bool, as_json: bool) -> None:
    """Find what keeps sessions from running themselves, with the command that mends it.

    Exit 1: something is wrong. Notes are nobody's fault, and do not count.
    """
    if fix and store:
        raise click.UsageError("--store only looks; doctor --fix mends.")
    if store:
        _look_at_store(repo, as_json=as_json)
        return
    settings = AgentInstaller(repo.workspace, repo.checkout, os.environ)
    context = CheckContext(repo, settings, os.environ)
    found = findings(context)
    mended = [one for one in found if fix and not one.note and mend(one)]
    left = [one for one in (findings(context) if mended else found) if not one.note]
    notes = [one for one in found if one.note]
    lines = [f"mended: {_told(one)}" for one in mended]
    for one in left:
        lines += [f"{one.code}: {_told(one)}", f"  {one.fix}"]
    lines += [f"note: {_told(one)}: {one.fix}" for one in notes]
    data: dict[str, Any] = {
        "ok": not left,
        "findings": [_row(one) for one in left],
        "notes": [_row(one) for one in notes],
        "mended": [_row(one) for one in mended],
    }
    emit(lines if left or lines else ["all is well"], data, as_json=as_json)
    if left:
        raise SystemExit(1)


def _look_at_store(repo: Repository, *, as_json: bool) -> None:
    """A line for each check, as soon as it is done, with the next command where one is needed."""
    done = []
    for check in looks(repo):
        done.append(check)
        said = "WRONG: " if check.wrong else "note: " if check.fix else ""
        lines = [f"{check.name}: {said}{check.what}", *[f"  {check.fix}"] * bool(check.fix)]
        if not as_json:
            emit(lines)
    wrong = any(check.wrong for check in done)
    if as_json:
        rows = [
            {"check": one.name, "ok": not one.wrong, "message": one.what, "fix": one.fix}
            for one in done
        ]
        emit([], {"ok": not wrong, "checks": rows}, as_json=True)
    if wrong:
        raise SystemExit(1)


def _told(found: Finding) -> str:
    return f"{found.where}: {found.what}"


def _row(found: Finding) -> dict[str, str]:
    return {"code": found.code, "where": found.where, "message": found.what, "fix": found.fix}
