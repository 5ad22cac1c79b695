"""Verbs that git runs, and no person: the merge driver and the textconv. Hidden from help."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from tractatus_merge.cli.terminal.output import complain, emit, fitted, talk
from tractatus_merge.core.model.conflict import FIELD
from tractatus_merge.core.rules.base import Contest
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import DocumentError, RequestError, TractatusError
from tractatus_merge.instructions.file_merge import MergedHistory, merge_history
from tractatus_merge.repository.settings import VIEW
from tractatus_merge.system import plain_file

UNMERGEABLE = 129
"""What git takes as: this was not merged at all."""


@click.command("merge-driver", hidden=True)
@click.option("--virtual", is_flag=True, help="The result is only the base of another merge.")
@click.argument("base", type=click.Path())
@click.argument("ours", type=click.Path())
@click.argument("theirs", type=click.Path())
@click.argument("size", required=False)
@click.argument("path", required=False, type=click.Path())
@click.argument("labels", nargs=-1)
def merge_driver(
    *, virtual: bool, base: str, ours: str, theirs: str, size: str | None, path: str | None,
    labels: tuple[str, ...],
) -> None:  # fmt: skip
    """Merge for git: %O %A %B %L %P %X %S %Y; the result goes into %A.

    Exits with 0 (clean), 1 (a person is needed; the value of %A stands), 129 (not to be merged;
    %A is as it was). Three files in, one valid file out: it looks at nothing else. What cannot be
    read as what it should be is merged line by line, with markers, as git does without a driver.
    """
    name = path or ours
    try:
        texts = list(map(plain_file.read_given, (base, ours, theirs)))
        merged = merged_files(Path(name), texts, virtual=virtual)
        Path(ours).write_bytes(merged.data)
    except DocumentError as error:
        files = (ours, base, theirs)
        code = _by_lines(error, name, files, size or "7", labels, virtual=virtual)
        raise SystemExit(code) from None
    except TractatusError as error:
        complain(error)
        raise SystemExit(UNMERGEABLE) from None
    except OSError as error:
        talk(f"error: {error.strerror}: {error.filename}")
        raise SystemExit(UNMERGEABLE) from None
    if virtual:
        return
    for old, new in merged.renamed.items():
        talk(f"{name}: both sides have a new {old}; one of them is {new} now")
    for contest in merged.contests:
        talk(_told(contest, name))
    if merged.contests:
        raise SystemExit(1)


def _by_lines(
    error: DocumentError, name: str, files: tuple[str, str, str], size: str,
    labels: tuple[str, ...], *, virtual: bool,
) -> int:  # fmt: skip
    """Git's own merge of (ours, base, theirs), and why, on one line: 0 clean, 1 contested."""
    from tractatus_merge.git.line_merge import merge_lines  # rarely needed

    is_clean = merge_lines(files, size, labels, virtual=virtual)
    told = f"{error.sentence}: merged line by line, as git does without rules"
    if not is_clean:
        told += f". Settle what is contested in an editor, then: git add {_quoted(name)}"
    talk(told.replace("\n", "\\n"))
    return 0 if is_clean else 1


def merged_files(
    file: Path, texts: list[bytes], *, name: str = "", virtual: bool = False
) -> MergedHistory:
    """Three versions of a file (base, ours, theirs) merged as what it is: the history, or by table.

    `name` is what messages call it. DocumentError where a version cannot be read, RequestError
    where the rules for the file cannot.
    """
    name = name or str(file)
    base, ours, theirs = texts
    names = (f"{name} (base)", f"{name} (ours)", f"{name} (theirs)")
    if file.name == VIEW:
        return merge_history(base, ours, theirs, names=names, virtual=virtual)
    from tractatus_merge.anyfile.merge import merge_file
    from tractatus_merge.cli.commands.merge_file import form_of, table_of  # rarely needed, 50 ms

    try:
        table = table_of(file)
    except DocumentError as error:
        raise RequestError(error.sentence, hint=error.hint) from None
    merged = merge_file(base, ours, theirs, table, form_of(file, texts), names=names)
    data = base if virtual and merged.contests and base.strip() else merged.data
    return MergedHistory(data, merged.contests)


def _told(contest: Contest, name: str) -> str:
    """A contest on one line, with what to type."""
    merge = contest.merge
    where = shown(contest.path) or "the whole file"
    stands, waits = ("ours", merge.ours), ("theirs", merge.theirs)
    if merge.ours is MISSING and contest.kind == FIELD:
        stands, waits = waits, stands  # an edit stands against a deletion
    sides = f"{stands[0]} {_short(stands[1])} stands, {waits[0]} {_short(waits[1])} waits"
    file = _quoted(name)
    ways = f"Settle it: git mergetool -t tractatus -- {file}; or edit it, then: git add {file}"
    return f"{name}: conflict in {where}: {sides}. {ways}".replace("\n", "\\n")


def _quoted(name: str) -> str:
    """A file as it is typed where git was called: git names it from the top of the work tree."""
    return shlex.quote(os.path.relpath(name, os.environ.get("GIT_PREFIX") or "."))


def _short(value: Json) -> str:
    return "(not there)" if value is MISSING else fitted(json_text.dump(value, Style(None)), 60)


@click.command(hidden=True)
@click.argument("file", type=click.Path())
def textconv(*, file: str) -> None:
    """Show a JSON or JSONL file to `git diff`: a line for each record and field."""
    path = Path(file)
    data = plain_file.read_given(path)
    emit(_lines(data, path))


def _lines(data: bytes, path: Path) -> Iterator[str]:
    from tractatus_merge.anyfile.textconv import lines_of
    from tractatus_merge.cli.commands.merge_file import form_of

    try:
        yield from lines_of(data, form_of(path, [data]), str(path))
    except DocumentError as error:
        yield f"(not JSON: {error.why})"
        yield from data.decode("utf-8", "replace").splitlines()
