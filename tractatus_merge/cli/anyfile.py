"""The verb for any file: three versions of a JSON or JSONL file in, one valid file out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tractatus_merge import contests, files, settings
from tractatus_merge.cli.arguments import dry_run_option, json_option
from tractatus_merge.cli.output import emit, talk
from tractatus_merge.core.jsontext import JsonError, parse
from tractatus_merge.documents.records import JSON, JSONL
from tractatus_merge.documents.records import merge_file as merged_file
from tractatus_merge.documents.rowmerge import MergedFile
from tractatus_merge.documents.tables import LISTS, Table
from tractatus_merge.errors import DocumentError, RequestError


@click.command("merge-file")
@click.argument("base", metavar="BASE", type=click.Path())
@click.argument("ours", metavar="OURS", type=click.Path())
@click.argument("theirs", metavar="THEIRS", type=click.Path())
@click.option("-o", "--output", metavar="OUT", type=click.Path(), help="Write here, not to OURS.")
@click.option("-p", "--stdout", "printed", is_flag=True, help="Print the result; write no file.")
@click.option("--key", "keys", multiple=True, metavar="PATH=FIELD",
              help="The id of a list's records: 'issues[*]=number'.")  # fmt: skip
@click.option("--rule", "rules", multiple=True, metavar="PATH=NAME",
              help="How a place merges: 'issues[*].updated_at=max'.")  # fmt: skip
@click.option("--lists", type=click.Choice(LISTS), help="Lists without ids; sequence unless said.")
@click.option("--format", "form", type=click.Choice((JSON, JSONL)), help="Else told by the name.")
@click.option("--name", metavar="FILE", type=click.Path(),
              help="The file this is, for its table of rules; else OURS.")  # fmt: skip
@dry_run_option
@json_option
@click.pass_context
def merge_file(
    context: click.Context, *, base: str, ours: str, theirs: str, output: str | None,
    printed: bool, keys: tuple[str, ...], rules: tuple[str, ...], lists: str | None,
    form: str | None, name: str | None, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Merge three versions of a JSON or JSONL file, as `git merge-file` does: into OURS.

    The result is valid JSON, with the value of OURS where both changed one place; an edit stands
    against a deletion. A BASE that is missing or empty means that both sides are new.
    """
    if printed and (output or as_json):
        raise click.UsageError("-p prints the result: leave out -o and --json")
    here = Path(context.obj or ".")
    paths = [here / path for path in (base, ours, theirs)]
    texts = [_read(path, optional=number == 0) for number, path in enumerate(paths)]
    named = here / (name or ours)
    table = table_of(named, keys, rules, lists)
    form = form or form_of(named, texts)
    merged = merged_file(texts[0], texts[1], texts[2], table, form, names=(base, ours, theirs))
    target = (here / output if output else paths[1]).resolve()
    if printed:
        sys.stdout.buffer.write(merged.data)
        sys.stdout.flush()
    elif not dry_run and (output or merged.data != texts[1]):
        files.replace(target, merged.data)
    _tell(merged, ours if printed else output or ours, printed=printed, as_json=as_json)
    if merged.contests:
        raise SystemExit(1)


def _tell(merged: MergedFile, target: str, *, printed: bool, as_json: bool) -> None:
    lines = contests.told_file(merged, target)
    if printed:
        for line in lines if merged.contests else ():
            talk(line)
        return
    data: dict[str, Any] = {
        "conflicts": [contests.contest_json(contest) for contest in merged.contests],
        "settled": [{"path": list(s.path), "rule": s.rule} for s in merged.settled],
    }
    emit(lines, data, as_json=as_json)


def _read(path: Path, *, optional: bool) -> bytes:
    try:
        return path.read_bytes()
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
) -> Table:
    """The table of the settings for the file, with what the command line says on top."""
    found = settings.rules_of(file)
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
