"""The verb that lists the instructions in force: list."""

from __future__ import annotations

import shutil

import click

from tractatus_merge.cli.common import catch_up, look, named_session, verb
from tractatus_merge.cli.terminal.arguments import json_option, session_option
from tractatus_merge.cli.terminal.outcomes import instruction_line
from tractatus_merge.cli.terminal.output import emit, fitted
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.repository.line import Repository


@click.command("list")
@session_option
@click.option("--all", "everything", is_flag=True, help="Also what is retired.")
@json_option
@verb
def list_(repo: Repository, *, name: str | None, everything: bool, as_json: bool) -> None:
    """List the instructions in force, from the head or from a session's copy."""
    look(repo)
    catch_up(repo)
    session = named_session(repo, name)
    document = session.copy()[1] if session else repo.document(repo.head())
    contents = [record.value for record in document.records.values()]
    found = [item for item in contents if everything or not is_retired(item)]
    width = shutil.get_terminal_size((100, 24)).columns
    lines = [fitted(instruction_line(item), max(width, 60)) for item in found]
    emit(lines or ["no instructions"], {"instructions": found}, as_json=as_json)
