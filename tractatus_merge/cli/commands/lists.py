"""The verbs that look at what stands: list, conflicts. What came of it is told in `log`."""

from __future__ import annotations

import shutil

import click

from tractatus_merge.cli.common import catch_up, look, named_session, verb
from tractatus_merge.cli.terminal.arguments import json_option, session_option
from tractatus_merge.cli.terminal.outcomes import answered_line, instruction_line
from tractatus_merge.cli.terminal.output import emit, fitted
from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import later_conflicts, open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import markdown, render
from tractatus_merge.review.lookup import weighty

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="For people, as data, or as a comment on a pull request.",
)


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


@click.command()
@click.option("--settled", is_flag=True, help="What persons answered, newest first.")
@format_option
@json_option
@verb
def conflicts(repo: Repository, *, settled: bool, form: str, as_json: bool) -> None:
    """Show every open conflict, so that a person can decide from it alone."""
    look(repo)
    catch_up(repo)
    head = repo.head()
    as_json = as_json or form == "json"
    if settled:
        told = active_resolutions(resolutions(head))
        lines = [f"{one['published'][:16]}  {answered_line(one)}" for one in told]
        emit(lines or ["nothing was settled"], {"resolutions": told}, as_json=as_json)
        return
    found = sorted(open_conflicts(head), key=weighty)
    others = later_conflicts(head)
    newer = [newer_for(head, other) for other in others]
    if form == "markdown" and not as_json:
        emit([markdown.waiting(found, [error.sentence for error in newer])])
        return
    lines = []
    for conflict in found:
        lines += [*render.told(conflict, head.content(conflict.instruction or "")), ""]
    for error in newer:
        lines += [error.sentence, f"  {error.hint}", ""]
    data = {"conflicts": [*(conflict.to_json() for conflict in found), *others]}
    emit(lines[:-1] or ["no open conflicts"], data, as_json=as_json)
