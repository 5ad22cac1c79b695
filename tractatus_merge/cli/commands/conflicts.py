"""The verb that shows what waits for a person: conflicts. What came of it is told in `log`."""

from __future__ import annotations

import click

from tractatus_merge.cli.common import catch_up, look, verb
from tractatus_merge.cli.terminal.arguments import format_option, json_option
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import later_conflicts, open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.log.decisions import names_in
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import markdown, render
from tractatus_merge.review.lookup import weighty
from tractatus_merge.review.outcomes import answered_line


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
        its, names = head.content(conflict.instruction or ""), names_in(head, conflict)
        lines += [*render.told(conflict, its, names), ""]
    for error in newer:
        lines += [error.sentence, f"  {error.hint}", ""]
    data = {"conflicts": [*(conflict.to_json() for conflict in found), *others]}
    emit(lines[:-1] or ["no open conflicts"], data, as_json=as_json)
