"""The verbs that say who decided what: log and blame. Coloured on a terminal, and paged."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import click

from tractatus_merge.cli.common import catch_up, look, verb
from tractatus_merge.cli.terminal import log_lines, moments
from tractatus_merge.cli.terminal.arguments import json_option, offers
from tractatus_merge.cli.terminal.colour import Line, wide
from tractatus_merge.cli.terminal.graph import NOTHING, Drawn, Graph
from tractatus_merge.cli.terminal.output import emit, fitted
from tractatus_merge.cli.terminal.pager import emit_paged
from tractatus_merge.core.model.conflict import Writer
from tractatus_merge.core.model.state import INSTRUCTIONS, Entry
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import UnknownInstruction
from tractatus_merge.log import blame as log_blame
from tractatus_merge.log.decisions import (
    adopted_at,
    answer_of,
    decision,
    touches,
    writer_names,
)
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import render
from tractatus_merge.review.lookup import instruction_of

utc_option = click.option("--utc", is_flag=True, help="Times in UTC, not in this machine's zone.")


class _Wanted(NamedTuple):
    """Which versions are asked for."""

    instructions: tuple[str, ...]
    session: str
    author: str
    since: str
    until: str

    def has(self, entry: Entry) -> bool:
        """Whether a version is one of them."""
        return (
            touches(entry, self.instructions)
            and (entry.session.startswith(self.session) or entry.tag.startswith(self.session))
            and self.author in entry.author.lower()
            and (not self.since or entry.time >= self.since)
            and (not self.until or entry.time <= self.until)
        )


class _Found(NamedTuple):
    """A version of the log, the time of the one after it, and how it is drawn."""

    entry: Entry
    next_time: str
    drawn: Drawn


@click.command()
@click.argument("instructions", nargs=-1, metavar="[ID]...", shell_complete=offers("instruction"))
@click.option("--id", "ids", multiple=True, metavar="ID", help="As ID by itself.")
@click.option(
    "--session",
    "name",
    default="",
    metavar="SESSION",
    shell_complete=offers("session"),
    help="Only what it published.",
)
@click.option("--author", default="", metavar="NAME", help="Only who is called so, in part.")
@click.option("--since", default="", metavar="TIME", help="Only what is not older than this.")
@click.option("--until", default="", metavar="TIME", help="Only what is not newer than this.")
@click.option("-n", "count", type=click.IntRange(1), default=None, help="So many at most.")
@click.option("-p", "--patch", "whole", is_flag=True, help="Tell every place, and whole texts.")
@click.option("--graph", "graphic", is_flag=True, help="Draw which was made from which.")
@utc_option
@json_option
@verb
def log(
    repo: Repository, *, instructions: tuple[str, ...], ids: tuple[str, ...], name: str,
    author: str, since: str, until: str, count: int | None, whole: bool, graphic: bool,
    utc: bool, as_json: bool,
) -> None:  # fmt: skip
    """Show who decided what, when and why, newest first; about instructions where ids are given.

    TIME is a date (2026-11-28), a date and a time of day, yesterday, or '2 days ago'.
    """
    look(repo)
    wanted = _Wanted(
        (*instructions, *ids),
        name,
        author.lower(),
        moments.typed_time(since, "--since") if since else "",
        moments.typed_time(until, "--until") if until else "",
    )
    found = itertools.islice(_found(repo, wanted, graphic=graphic), count)
    first = next(found, None)
    if first is None and wanted[1:] == ("", "", "", "") and wanted.instructions:
        raise UnknownInstruction(wanted.instructions[0])
    versions = itertools.chain([first] if first else [], found)
    adopted = adopted_at(repo)
    if as_json:
        rows = [_row(repo, one.entry, adopted, whole=whole) for one in versions]
        emit((), {"entries": rows}, as_json=True)
        return
    lines = _lines(repo, versions, adopted, whole=whole, utc=utc)
    emit_paged(repo, lines if first else ["no such version"])


def _found(repo: Repository, wanted: _Wanted, *, graphic: bool) -> Iterator[_Found]:
    """The versions that are asked for, newest first."""
    graph = Graph() if graphic else None
    only = wanted.instructions if len(wanted.instructions) == 1 and not graphic else ()
    next_time = ""
    for entry in repo.store.log(INSTRUCTIONS if only else None, *only):
        if wanted.has(entry):
            yield _Found(entry, next_time, graph.drawn(entry) if graph else NOTHING)
        elif graph:
            graph.pass_over(entry)
        next_time = entry.time


def _lines(
    repo: Repository, found: Iterator[_Found], adopted: str | None, *, whole: bool, utc: bool
) -> Iterator[Line]:
    """Versions as decisions, with their graph on the left."""
    columns = max(60, shutil.get_terminal_size((100, 24)).columns)
    for entry, next_time, drawn in found:
        yield from ([("", row)] for row in drawn.above)
        when = log_lines.when(entry, utc=utc, adopted=adopted, next_time=next_time)
        yield [("", drawn.first), *log_lines.heading(entry, when)]
        beside = itertools.chain([drawn.second], itertools.repeat(drawn.rest))
        room = columns - wide(drawn.rest)
        for line in log_lines.lines(decision(repo, entry), room, whole=whole):
            yield [("", next(beside)), *line]


def _row(repo: Repository, entry: Entry, adopted: str | None, *, whole: bool) -> dict[str, Json]:
    """A version as data; with its places where the whole is asked for."""
    told = log_lines.entry_json(entry, adopted)
    if whole:
        told["steps"] = list(map(render.step_json, decision(repo, entry).steps))
    return told


@click.command()
@click.argument("instruction", metavar="ID", shell_complete=offers("instruction"))
@utc_option
@json_option
@verb
def blame(repo: Repository, *, instruction: str, utc: bool, as_json: bool) -> None:
    """Show who wrote each field of an instruction, when and why, and what settled it.

    Of the history as it stands. A field that no session wrote is as it was adopted. ID may be that
    of a conflict, or of an answer, old ones too: it leads to its instruction.
    """
    look(repo)
    catch_up(repo)
    head = repo.head()
    instruction = instruction_of(head, instruction)
    found = log_blame.blame(head, instruction)
    data = {"instruction": instruction, "fields": [field.to_json() for field in found]}
    record = head.record(instruction)
    names = writer_names(head, record.vector) if record else {}
    width = max(60, shutil.get_terminal_size((100, 24)).columns)
    lines: list[str | Line] = [[("id", instruction)]]
    for field in found:
        lines += _blamed(field, width)
        lines += [_by(writer, names, utc=utc) for writer in field.writers]
        if field.resolution:
            told = answer_of(head, field.resolution)
            who = str(told["author"]).partition(" <")[0]
            when = moments.told(str(told["published"]), utc=utc)
            start = [("faint", "      settled by "), ("", f"{who}, {when}, in ")]
            lines.append([*start, ("id", field.resolution)])
        if field.conflict:
            lines.append([("faint", "      others wait in conflict "), ("id", field.conflict)])
    emit_paged(repo, lines, data, as_json=as_json)


def _blamed(field: log_blame.Blamed, width: int) -> Iterator[Line]:
    """A field on one line."""
    start = f"  {shown(field.path)}"
    end = "" if field.writers else "  (as it was adopted)"
    value = fitted(render.spelled(field.value), max(20, width - wide(start + end) - 2))
    yield [("strong", start), ("", f": {value}"), ("faint", end)]


def _by(writer: Writer, names: Mapping[str, str], *, utc: bool) -> Line:
    """Who wrote it: a person, in which session if it was one, when and why."""
    who = writer.author.partition(" <")[0]
    name = names.get(writer.session, f"session {writer.session}")
    reason = " ".join(writer.why.split())
    why = f'  why: "{reason}"' if reason else "  (no reason given)"
    told = ", ".join(part for part in (who, name, moments.told(writer.at, utc=utc)) if part)
    return [("faint", "      by "), ("", f"{told}{why}")]
