"""The verbs that look: list, show, diff, log, conflicts."""

from __future__ import annotations

import itertools
import shutil

import click

from tractatus_merge import markdown, review
from tractatus_merge.cli.arguments import json_option, session_option
from tractatus_merge.cli.common import catch_up, look, named_session, the_session, verb
from tractatus_merge.cli.output import emit, fitted
from tractatus_merge.cli.telling import answered_line, instruction_line
from tractatus_merge.comparing import compared
from tractatus_merge.core import conflicts as algebra
from tractatus_merge.core import jsontext
from tractatus_merge.core.conflicts import shown
from tractatus_merge.core.plan import open_conflicts
from tractatus_merge.core.precedents import standing
from tractatus_merge.core.record import Record
from tractatus_merge.core.revoking import resolutions
from tractatus_merge.core.state import INSTRUCTIONS, Entry, State
from tractatus_merge.core.values import MISSING, Json, leaves
from tractatus_merge.documents.instructions import is_retired
from tractatus_merge.errors import UnknownConflict, UnknownInstruction
from tractatus_merge.repository import Repository
from tractatus_merge.settling import find_conflict, find_resolution, weighty
from tractatus_merge.stories import find_version, story

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="For people, as data, or as a comment on a pull request.",
)


def _content(state: State, name: str | None) -> Json:
    text = state.get(INSTRUCTIONS, name) if name else None
    return Record(text).content if text else {}


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
        told = standing(resolutions(head))
        lines = [f"{one['published'][:16]}  {answered_line(one)}" for one in told]
        emit(lines or ["nothing was settled"], {"resolutions": told}, as_json=as_json)
        return
    found = sorted(open_conflicts(head), key=weighty)
    if form == "markdown" and not as_json:
        emit([markdown.waiting(found)])
        return
    lines = []
    for conflict in found:
        lines += [*review.told(conflict, _content(head, conflict.instruction)), ""]
    data = {"conflicts": [algebra.to_json(conflict) for conflict in found]}
    emit(lines[:-1] or ["no open conflicts"], data, as_json=as_json)


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
    new = session.renames.get(what, what) if session else what
    text = head.get(INSTRUCTIONS, new) if records is None else None
    record = records.get(new) if records is not None else Record(text) if text else None
    if record is not None:
        open_here = [c for c in open_conflicts(head) if c.instruction == new]
        lines = [record.text]
        for conflict in open_here:
            lines += ["", *review.told(conflict, record.content)]
        emit(lines, record.value, as_json=as_json)
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
        emit([jsontext.dump(settled)], settled, as_json=as_json)
        return
    lines = review.told(conflict, _content(head, conflict.instruction))
    emit(lines, algebra.to_json(conflict), as_json=as_json)


def _show_version(repo: Repository, entry: Entry, *, as_json: bool) -> None:
    """How a version came to what it is, and how to undo it, whole or in part."""
    steps = story(repo, entry)
    data = {**entry_json(entry), "steps": list(map(review.step_json, steps))}
    lines = [
        f"version {entry.version[:12]}  {review.moment(entry.time)}  {entry.author}",
        f"  {entry.message}",
        *review.told_steps(steps),
        *(f"  conflict {name}" for name in entry.conflicts),
    ]
    if entry.parents:
        lines.append(f"undo it: tractatus-merge undo {entry.version[:12]} [ID [FIELD]]")
    emit(lines, data, as_json=as_json)


def entry_json(entry: Entry) -> dict[str, Json]:
    """A version as the log tells it."""
    return {
        "version": entry.version,
        "parents": list(entry.parents),
        "session": entry.session or None,
        "agent": entry.agent or None,
        "author": entry.author,
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
    if one is None:
        session = the_session(repo, name)
        before = dict(session.base().records)
        after = dict(session.copy()[1].records)
    else:
        before, after = map(dict, compared(repo, one, other))
    if form == "markdown" and not as_json:
        version = repo.store.head()
        emit([markdown.report(repo.store.load(version) if version else None, before, after)])
        return
    changes = [
        {"instruction": key, "field": shown(path), **_sides(old, new)}
        for key in dict.fromkeys((*before, *after))
        if key in after
        for path, old, new in leaves(
            before[key].content if key in before else {}, after[key].content
        )
        if key in before or path in {("text",), ("title",)}
    ]
    lines = []
    for key, group in itertools.groupby(changes, key=lambda change: change["instruction"]):
        lines.append(f"{key}{'' if key in before else '  (new)'}")
        for change in group:
            told = review.differences(change.get("before", MISSING), change.get("after", MISSING))
            lines += [f"  {change['field']}: {line}" for line in told]
    emit(lines or ["no difference"], {"changes": changes}, as_json=as_json or form == "json")


def _sides(old: Json, new: Json) -> dict[str, Json]:
    found = {"before": old, "after": new}
    return {key: value for key, value in found.items() if value is not MISSING}


@click.command()
@click.argument("instruction", required=False, metavar="[ID]")
@click.option("-n", "count", type=click.IntRange(1), default=None, help="So many entries at most.")
@json_option
@verb
def log(repo: Repository, *, instruction: str | None, count: int | None, as_json: bool) -> None:
    """Show what was published, newest first; of one instruction where its id is given."""
    look(repo)
    collection = INSTRUCTIONS if instruction else None
    entries = list(itertools.islice(repo.store.log(collection, instruction), count))
    if instruction and not entries:
        raise UnknownInstruction(instruction)
    rows = list(map(entry_json, entries))
    lines = [
        f"{entry.version[:12]}  {review.moment(entry.time)}  {entry.author}  {entry.message}"
        for entry in entries
    ]
    emit(lines, {"entries": rows}, as_json=as_json)
