"""The verbs made for reading: show, diff, log, blame. Coloured on a terminal, and paged."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Iterator

import click

from tractatus_merge.cli.common import catch_up, look, named_session, the_session, verb
from tractatus_merge.cli.terminal.arguments import format_option, json_option, session_option
from tractatus_merge.cli.terminal.colour import Line, Piece, marked, wide
from tractatus_merge.cli.terminal.output import emit, fitted
from tractatus_merge.cli.terminal.pager import emit_paged
from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import later_conflict, open_conflicts
from tractatus_merge.core.model.record import STAMP, Record
from tractatus_merge.core.model.state import INSTRUCTIONS, Entry
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import leaves
from tractatus_merge.errors import UnknownConflict, UnknownInstruction
from tractatus_merge.git.comparison import compared
from tractatus_merge.instructions.header import header_value
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.log import blame as log_blame
from tractatus_merge.log.versions import find_version, story
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import markdown, render
from tractatus_merge.review.lookup import find_conflict, find_resolution


@click.command()
@click.argument("what", metavar="ID|CONFLICT|VERSION")
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
            lines += ["", *_conflict(conflict, record.content)]
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
        emit_paged(repo, _fields(str(settled["id"]), settled), settled, as_json=as_json)
        return
    lines = _conflict(conflict, head.content(conflict.instruction or ""))
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


def _conflict(conflict: Conflict, its: Json) -> list[str | Line]:
    """A conflict as it is told, its id and severity coloured."""
    first, *rest = render.told(conflict, its)
    before, _, after = first.partition(conflict.severity)
    return [[("id", before), (conflict.severity, conflict.severity), ("", after)], *rest]


def _show_version(repo: Repository, entry: Entry, *, as_json: bool) -> None:
    """How a version came to what it is, and how to undo it, whole or in part."""
    steps = story(repo, entry)
    data = {**entry_json(entry), "steps": list(map(render.step_json, steps))}
    lines: list[str | Line] = [
        [("", "version "), *_entry(entry)],
        [("", f"  {entry.message}")],
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


def _entry(entry: Entry) -> list[Piece]:
    """A version's id, time and author."""
    return [
        ("id", entry.version[:12]),
        ("", f"  {render.moment(entry.time)}  {entry.author.removesuffix(' <>')}"),
    ]


def entry_json(entry: Entry) -> dict[str, Json]:
    """A version as the log tells it."""
    return {
        "version": entry.version,
        "parents": list(entry.parents),
        "session": entry.session or None,
        "agent": entry.agent or None,
        "author": entry.author.removesuffix(" <>"),
        "time": entry.time,
        "message": entry.message,
        "conflicts": list(entry.conflicts),
        "changes": [f"{kind}/{name}" for kind, name in entry.changes],
    }


@click.command()
@click.argument("one", required=False, metavar="[A")
@click.argument("other", required=False, metavar="[B]]")
@session_option
@format_option
@json_option
@verb
def diff(
    repo: Repository, *, one: str | None, other: str | None, name: str | None, form: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Show what the session changed; or what changed from version A to B (else to the head).

    A and B are versions of the history, or commits whose file is compared (also A..B, A...B).
    """
    if form != "markdown" or one is None:
        look(repo)
    headers: tuple[dict[str, Json], dict[str, Json]] = {}, {}
    if one is None:
        session = the_session(repo, name)
        base, copy = session.base(), session.copy()[1]
        before, after = dict(base.records), dict(copy.records)
        headers = header_value(base.header), header_value(copy.header)
    else:
        before, after = map(dict, compared(repo, one, other))
    if form == "markdown" and not as_json:
        version = repo.store.head()
        emit([markdown.report(repo.store.load(version) if version else None, before, after)])
        return
    changes: list[dict[str, Json]] = [
        {"instruction": None, "field": shown(path), **_sides(old, new)}
        for path, old, new in leaves(*headers)
    ]
    changes += [
        {"instruction": key, "field": shown(path), **_sides(old, new)}
        for key in dict.fromkeys((*before, *after))
        if key in after
        for path, old, new in leaves(
            before[key].content if key in before else {}, after[key].content
        )
        if key in before or path in {("text",), ("title",)}
    ]
    lines: list[str | Line] = []
    for key, group in itertools.groupby(changes, key=lambda change: change["instruction"]):
        is_new = key is not None and key not in before
        lines.append([("id", key or "header"), ("new", "  (new)" if is_new else "")])
        for change in group:
            sides = change.get("before", MISSING), change.get("after", MISSING)
            lines += [
                [("strong", f"  {change['field']}"), ("", ": "), *told] for told in _told(*sides)
            ]
    as_json = as_json or form == "json"
    emit_paged(repo, lines or ["no difference"], {"changes": changes}, as_json=as_json)


def _sides(old: Json, new: Json) -> dict[str, Json]:
    found = {"before": old, "after": new}
    return {key: value for key, value in found.items() if value is not MISSING}


def _told(before: Json, after: Json) -> Iterable[list[Piece]]:
    """A change as `render.differences` tells it, what is gone and what is new in their colours."""
    if isinstance(before, str) and isinstance(after, str):
        return [marked(render.pieces(before, after))]
    if not isinstance(before, (dict, list)) or not isinstance(after, (dict, list)):
        return [[("gone", render.spelled(before)), ("", " -> "), ("new", render.spelled(after))]]
    return [[("", line)] for line in render.differences(before, after)]


@click.command()
@click.argument("instruction", required=False, metavar="[ID]")
@click.option("-n", "count", type=click.IntRange(1), default=None, help="So many entries at most.")
@json_option
@verb
def log(repo: Repository, *, instruction: str | None, count: int | None, as_json: bool) -> None:
    """Show what was published, newest first; of one instruction where its id is given."""
    look(repo)
    collection = INSTRUCTIONS if instruction else None
    entries = itertools.islice(repo.store.log(collection, instruction), count)
    first = list(itertools.islice(entries, 1))
    if instruction and not first:
        raise UnknownInstruction(instruction)
    every = itertools.chain(first, entries)
    rows = list(map(entry_json, every)) if as_json else []
    lines = ([*_entry(entry), ("", f"  {entry.message}")] for entry in every)
    emit_paged(repo, lines, {"entries": rows}, as_json=as_json)


@click.command()
@click.argument("instruction", metavar="ID")
@json_option
@verb
def blame(repo: Repository, *, instruction: str, as_json: bool) -> None:
    """Show who wrote each field of an instruction, when and why, and what settled it.

    Of the history as it stands. A field that no session wrote is as it was adopted.
    """
    look(repo)
    catch_up(repo)
    found = log_blame.blame(repo.head(), instruction)
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    lines: list[str | Line] = [[("id", instruction)]]
    for field in found:
        lines += _blamed(field, width)
    data = {"instruction": instruction, "fields": [field.to_json() for field in found]}
    emit_paged(repo, lines, data, as_json=as_json)


def _blamed(field: log_blame.Blamed, width: int) -> Iterator[str | Line]:
    """A field on one line, and below it a line for each who wrote it."""
    start = f"  {shown(field.path)}"
    end = "" if field.writers else "  (as it was adopted)"
    value = fitted(render.spelled(field.value), max(20, width - wide(start + end) - 2))
    yield [("strong", start), ("", f": {value}"), ("faint", end)]
    for writer in field.writers:
        yield [("faint", "      by "), ("", render.by(writer))]
    if field.resolution:
        yield [("faint", "      settled by "), ("id", field.resolution)]
    if field.conflict:
        yield [("faint", "      others wait in conflict "), ("id", field.conflict)]
