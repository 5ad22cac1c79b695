"""The verb that lists the instructions in force: list."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import click

from tractatus_merge.cli.common import catch_up, look, named_session, verb
from tractatus_merge.cli.terminal import moments
from tractatus_merge.cli.terminal.arguments import json_option, session_option
from tractatus_merge.cli.terminal.output import emit, fitted, talk
from tractatus_merge.cli.terminal.short_lines import instruction_line
from tractatus_merge.core.model.record import Record
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.repository.line import Repository

_LONGEST = 30
"""Columns for ids: a longer one moves its own line only."""


@click.command("list")
@session_option
@click.option("--at", metavar="WHEN", help="As it was: in a version, a commit of the code, a time.")
@click.option("--all", "everything", is_flag=True, help="All instructions, retired ones too.")
@json_option
@verb
def list_(
    repo: Repository, *, name: str | None, at: str | None, everything: bool, as_json: bool
) -> None:
    """List the instructions in force, from the head or from a session's copy."""
    look(repo)
    catch_up(repo)
    contents = [record.value for record in _records(repo, name, at).values()]
    found = [item for item in contents if everything or not is_retired(item)]
    width = max(shutil.get_terminal_size((100, 24)).columns, 60)
    names = min(_LONGEST, max((len(item["id"]) for item in found), default=0))
    lines = [fitted(instruction_line(item, names), width) for item in found]
    emit(lines or ["no instructions"], {"instructions": found}, as_json=as_json)


def _records(repo: Repository, name: str | None, at: str | None) -> Mapping[str, Record]:
    """The records of a session's copy, of the head, or as they were."""
    if at is not None:
        if name:
            raise click.UsageError("'--at' is of the history: a session's copy is as it is now.")
        from tractatus_merge.git.in_force import in_force  # only who asks for the past

        found = in_force(repo, at, moments.typed(at))
        talk(f"as of {found.how}")
        return found.records
    session = named_session(repo, name)
    return session.copy()[1].records if session else repo.document(repo.head()).records
