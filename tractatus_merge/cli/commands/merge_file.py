"""The verb for any file: three versions of a JSON or JSONL file in, one valid file out."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

from tractatus_merge.anyfile.merge import JSON, JSONL
from tractatus_merge.anyfile.merge import merge_file as merged_file
from tractatus_merge.anyfile.ready_made import READY_MADE
from tractatus_merge.anyfile.row_merge import MergedFile
from tractatus_merge.anyfile.tables import LISTS, Table
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.core.values.json_text import JsonError, parse
from tractatus_merge.errors import DocumentError, RequestError
from tractatus_merge.repository import settings
from tractatus_merge.review import contests
from tractatus_merge.system import files, plain_file


@click.command("merge-file")
@click.argument("base", metavar="BASE", type=click.Path())
@click.argument("ours", metavar="OURS", type=click.Path())
@click.argument("theirs", metavar="THEIRS", type=click.Path())
@click.option("-o", "--output", metavar="OUT", type=click.Path(), help="Write here, not to OURS.")
@click.option("-p", "--stdout", "printed", is_flag=True, help="Print the result; write no file.")
@click.option("--table", type=click.Choice(list(READY_MADE)), help="A ready-made table of rules.")
@click.option("--key", "keys", multiple=True, metavar="PATH=FIELD",
              help="The id of a list's records: 'issues[*]=number'.")  # fmt: skip
@click.option("--rule", "rules", multiple=True, metavar="PATH=NAME",
              help="How a place merges: 'issues[*].updated_at=max'.")  # fmt: skip
@click.option("--lists", type=click.Choice(LISTS), help="Lists without ids; sequence unless said.")
@click.option("--input-format", "form", type=click.Choice((JSON, JSONL)),
              help="What the three files are; else told by the name.")  # fmt: skip
@click.option("--name", metavar="FILE", type=click.Path(),
              help="The file this is, for its table of rules; else OURS.")  # fmt: skip
@dry_run_option
@json_option
@click.pass_context
def merge_file(context: click.Context, /, **options: Any) -> None:
    """Merge three versions of a JSON or JSONL file, as `git merge-file` does: into OURS.

    The result is valid JSON, with the value of OURS where both changed one place; an edit stands
    against a deletion. A BASE that is missing or empty means that both sides are new.
    """
    asked, here = _Asked(**options), Path(context.obj or ".")
    if asked.printed and (asked.output or asked.as_json):
        raise click.UsageError("-p prints the result: leave out -o and --json")
    names = (asked.base, asked.ours, asked.theirs)
    if not (asked.printed or asked.output or asked.dry_run) and plain_file.is_handed(asked.ours):
        raise click.UsageError(f"{asked.ours} cannot be written back: add -p, or -o OUT")
    base, ours, theirs = (
        _read(here / name, optional=number == 0) for number, name in enumerate(names)
    )
    named = here / (asked.name or asked.ours)
    table = table_of(named, asked.keys, asked.rules, asked.lists, asked.table)
    form = asked.form or form_of(named, [base, ours, theirs])
    try:
        merged = merged_file(base, ours, theirs, table, form, names=names)
    except DocumentError as error:
        line = " ".join(map(shlex.quote, (asked.ours, asked.base, asked.theirs)))
        hint = f"{error.hint} (line by line merges: git merge-file {line})"
        raise DocumentError(error.file, error.line, error.why, hint=hint) from None
    if asked.printed:
        sys.stdout.buffer.write(merged.data)
        sys.stdout.flush()
    elif not asked.dry_run and (asked.output or merged.data != ours):
        files.replace((here / (asked.output or asked.ours)).resolve(), merged.data)
    _tell(merged, asked)
    if merged.contests:
        raise SystemExit(1)


class _Asked(NamedTuple):
    """The arguments and options of `merge-file`."""

    base: str
    ours: str
    theirs: str
    output: str | None
    printed: bool
    table: str | None
    keys: tuple[str, ...]
    rules: tuple[str, ...]
    lists: str | None
    form: str | None
    name: str | None
    dry_run: bool
    as_json: bool


def _tell(merged: MergedFile, asked: _Asked) -> None:
    lines = contests.told_file(merged, asked.output or asked.ours)
    if asked.printed:
        for line in lines if merged.contests else ():
            talk(line)
        return
    data: dict[str, Any] = {
        "conflicts": [contests.contest_json(contest) for contest in merged.contests],
        "settled": [{"path": list(s.path), "rule": s.rule} for s in merged.settled],
    }
    emit(lines, data, as_json=asked.as_json)


def _read(path: Path, *, optional: bool) -> bytes:
    try:
        return plain_file.read_given(path)
    except FileNotFoundError:
        if not optional:
            raise RequestError(f"there is no file {path}.", hint="BASE OURS THEIRS") from None
        talk(f"note: there is no {path}: both sides are taken as new")
        return b""
    except OSError as error:
        raise DocumentError(str(path), None, f"it cannot be read: {error.strerror}") from None


def table_of(
    file: Path,
    keys: tuple[str, ...] = (),
    rules: tuple[str, ...] = (),
    lists: str | None = None,
    name: str | None = None,
) -> Table:
    """The table of that name or of the settings, with what the command line says on top."""
    found = ("--table", {"table": name}) if name else settings.rules_of(file)
    where, section = found or ("", {})
    try:
        table = Table.written(section)
    except RequestError as error:
        raise DocumentError(where, None, error.sentence, hint=error.hint) from None
    return table.with_(dict(map(_pair, keys)), dict(map(_pair, rules)), lists)


def _pair(text: str) -> tuple[str, str]:
    path, equals, name = text.rpartition("=")
    if not equals or not path or not name:
        raise RequestError(f"'{text}' should be PATH=NAME.", hint="--rule 'issues[*].labels=set'")
    return path, name


def form_of(file: Path, texts: list[bytes]) -> str:
    """JSON or JSONL: by the name, else by whether a text is many values, each on a line."""
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        return JSONL
    if file.suffix.lower() == ".json":
        return JSON
    return JSONL if any(map(_is_lines, texts)) else JSON


def _is_lines(text: bytes) -> bool:
    lines = text.removeprefix(b"\xef\xbb\xbf").strip().split(b"\n", 1)
    if len(lines) < 2:
        return False
    try:
        parse(lines[0].decode("utf-8"))
    except (JsonError, UnicodeDecodeError):  # one value on many lines, or told by who reads it
        return False
    return True
