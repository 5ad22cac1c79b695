"""The verb that shows one thing: an instruction, a conflict, an answer, or a version."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tractatus_merge.cli.common import catch_up, look, named_session, verb
from tractatus_merge.cli.terminal import answer_lines, log_lines
from tractatus_merge.cli.terminal.arguments import json_option, offers, session_option
from tractatus_merge.cli.terminal.colour import Line, marked
from tractatus_merge.cli.terminal.pager import emit_paged
from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import (
    is_of_a_later_kind,
    later_conflict,
    open_conflicts,
    resolutions,
)
from tractatus_merge.core.model.record import STAMP, Record
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import Entry, State
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import UnknownConflict, UnknownInstruction
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.log import blame as log_blame
from tractatus_merge.log.decisions import adopted_at, names_in
from tractatus_merge.log.versions import find_version, story
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import render
from tractatus_merge.review.lookup import find_conflict, find_resolution, next_command


@click.command()
@click.argument("what", metavar="ID|CONFLICT|ANSWER|VERSION", shell_complete=offers("shown"))
@session_option
@json_option
@verb
def show(repo: Repository, *, what: str, name: str | None, as_json: bool) -> None:
    """Show one instruction as it stands, one conflict, or how a version came to be."""
    look(repo)
    catch_up(repo)
    head = repo.head()
    session = named_session(repo, name)
    records = session.copy()[1].records if session else None
    new = session.meant(what, records) if session and records is not None else what
    record = head.record(new) if records is None else records.get(new)
    if record is not None:
        open_here = [c for c in open_conflicts(head) if c.instruction == new]
        lines: list[str | Line] = list(_record(new, record))
        for conflict in open_here:
            lines += ["", *_conflict(head, conflict, record.content)]
        emit_paged(repo, lines, record.value, as_json=as_json)
        return
    kept = later_conflict(head, what)
    if kept is not None:
        error = newer_for(head, kept)
        lines = [*_fields(what, kept), "", error.sentence, f"  {error.hint}"]
        emit_paged(repo, lines, kept, as_json=as_json)
        return
    try:
        conflict = find_conflict(head, what)
    except UnknownConflict:
        settled = find_resolution(head, what)
        entry = find_version(repo, what) if settled is None else None
        if entry is not None:
            _show_version(repo, entry, as_json=as_json)
            return
        if settled is None:
            raise UnknownInstruction(what) from None
        if is_of_a_later_kind(settled):
            emit_paged(repo, _fields(str(settled["id"]), settled), settled, as_json=as_json)
            return
        active = {one["id"] for one in active_resolutions(resolutions(head))}
        told = [*answer_lines.lines(settled, active=settled["id"] in active)]
        told += [following] if (following := next_command(head, settled)) else []
        emit_paged(repo, told, settled, as_json=as_json)
        return
    lines = _conflict(head, conflict, head.content(conflict.instruction or ""))
    emit_paged(repo, lines, conflict.to_json(), as_json=as_json)


def _record(name: str, record: Record) -> Iterator[str | Line]:
    """An instruction: a line for each field, and its stamp."""
    yield from _fields(name, record.content, "  (retired)" if is_retired(record.content) else "")
    if STAMP in record.value:
        yield [("faint", f"  {STAMP}: {render.spelled(record.value[STAMP])}")]


def _fields(name: str, value: Json, mark: str = "") -> Iterator[str | Line]:
    """The id of anything that has one, and a line for each of its fields."""
    yield [("id", name), ("faint", mark)]
    for path, field in log_blame.leaves(value):
        yield [("strong", f"  {shown(path)}"), ("", f": {render.spelled(field)}")]


def _conflict(head: State, conflict: Conflict, its: Json) -> list[str | Line]:
    """A conflict as it is told, its id and severity coloured."""
    first, *rest = render.told(conflict, its, names_in(head, conflict))
    before, _, after = first.partition(conflict.severity)
    return [[("id", before), (conflict.severity, conflict.severity), ("", after)], *rest]


def _show_version(repo: Repository, entry: Entry, *, as_json: bool) -> None:
    """How a version came to what it is, and how to undo it, whole or in part."""
    steps, adopted = story(repo, entry), adopted_at(repo)
    when = log_lines.when(entry, utc=False, adopted=adopted)
    data = {**log_lines.entry_json(entry, adopted), "steps": list(map(render.step_json, steps))}
    lines: list[str | Line] = [
        [("", "version "), *log_lines.heading(entry, when)],
        [("", f"  {log_lines.message(entry)}")],
    ]
    for step in steps:
        where, change = render.told_steps([step])
        name = step.instruction or "header"
        place = where.strip().removeprefix(name)
        lines.append([("", "  "), ("id", name), ("", place)])
        both = isinstance(step.base, str) and isinstance(step.theirs, str)
        worded = both and step.how != "new" and " " in f"{step.base}{step.theirs}"
        lines.append([("", "    "), *(marked(render.pieces(step.base, step.theirs)) if worded
                                      else [("", change.strip())])])  # fmt: skip
    lines += [[("", "  conflict "), ("id", name)] for name in entry.conflicts]
    if entry.parents and entry.session:
        lines.append(f"undo it: tractatus-merge undo {entry.version[:12]} [ID [FIELD]]")
    emit_paged(repo, lines, data, as_json=as_json)
