"""The program of `git mergetool`: what the merge driver left, settled a field at a time."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click

from tractatus_merge.cli.commands.merge_driver import merged_files
from tractatus_merge.cli.terminal.colour import Line, Piece, marked, printable
from tractatus_merge.cli.terminal.output import fitted, in_colour, put, talk
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.rules.base import Contest
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import RequestError
from tractatus_merge.factory import open_repository
from tractatus_merge.instructions import history_file
from tractatus_merge.repository.settings import VIEW
from tractatus_merge.review import render
from tractatus_merge.review.answer import refuse_agents
from tractatus_merge.review.file_answers import Answers, answered_file, answered_history
from tractatus_merge.system import files, plain_file

_HELP = """\
  1  the local value stands (what the file has now)
  2  the remote value stands
  b  what both were made from stands again
  e  write another value in your editor: a text as it is, everything else as JSON
  q  quit; the file stays as it is
"""
_SHORT = "1 local, 2 remote, b base, e edit, q quit, ? help: "
_WIDE = 50
"""Letters that stand on each side of a run of words that did not change."""


@click.command(hidden=True)
@click.argument("base", type=click.Path())
@click.argument("local", type=click.Path())
@click.argument("remote", type=click.Path())
@click.argument("merged", type=click.Path())
@click.pass_obj
def mergetool(folder: str | None, *, base: str, local: str, remote: str, merged: str) -> None:
    """Ask a person about each contested field of a stopped merge, then write MERGED whole.

    Git calls it: `git mergetool --tool=tractatus`. Exits with 0 (written) or 1 (nothing was).
    """
    here = Path(folder or ".")
    target = here / merged
    line = f"git mergetool --tool=tractatus -- {shlex.quote(merged)}".replace("\n", "\\n")
    repo = open_repository(target.absolute().parent)
    try:
        refuse_agents(repo, "mergetool", line)
    finally:
        repo.close()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        why = f"what waits in {merged} is asked at a terminal, and this is none."
        raise RequestError(why, hint=f"in a terminal: {line}")
    texts = [_read(here / base), *(plain_file.read(here / file) for file in (local, remote))]
    found = merged_files(target, texts, name=merged)
    for old, new in found.renamed.items():
        _say([[("", f"both sides have a new {old}; one of them is {new} now")]])
    records = history_file.read(found.data, merged).records if target.name == VIEW else {}
    answers: dict[tuple[str, ...], Json] = {}
    for number, contest in enumerate(found.contests, 1):
        _say(_told(contest, f"{merged}: {number} of {len(found.contests)}", records))
        answers[contest.path] = _asked(contest)
    files.replace(target.resolve(), _answered(found.data, answers, target, texts))
    count = len(found.contests)
    told = f"{count} conflict{'s' * (count != 1)} settled" if count else "clean"
    _say([[("", f"{merged}: {told}")]])


def _say(lines: Iterable[str | Line]) -> None:
    put(printable(lines, colour=in_colour()), colour=in_colour())


def _read(base: Path) -> bytes:
    """The base; nothing where both sides added the file."""
    return plain_file.read(base) if base.exists() else b""


def _answered(data: bytes, answers: Answers, target: Path, texts: list[bytes]) -> bytes:
    if not answers:
        return data
    if target.name == VIEW:
        return answered_history(data, answers, str(target))
    from tractatus_merge.cli.commands.merge_file import form_of, table_of  # rarely needed, 50 ms

    form = form_of(target, texts)
    return answered_file(data, answers, table_of(target), form, str(target))


def _told(contest: Contest, title: str, records: Mapping[str, Record]) -> Iterator[str | Line]:
    """A contest as it is asked: the place, the base, both sides by what they changed."""
    yield ""
    yield [("faint", title)]
    record = records.get(contest.path[0]) if contest.path else None
    if record is None:
        yield [("", "  field    "), ("strong", shown(contest.path) or "(the whole file)")]
    else:
        place = ("   field ", shown(contest.path[1:]))
        yield [
            ("", "  instruction "),
            ("id", contest.path[0]),
            ("", place[0]),
            ("strong", place[1]),
        ]
        words = record.content.get("text", record.content.get("title"))
        if isinstance(words, str) and contest.path[1:] not in (("text",), ("title",)):
            yield [("", f"  it says  {words}")]
    merge = contest.merge
    width = 3 * shutil.get_terminal_size((100, 24)).columns
    yield [("", f"  base     {fitted(render.spelled(merge.base), width)}")]
    yield [("", "  local    "), *_change(merge.base, merge.ours)]
    yield [("", "  remote   "), *_change(merge.base, merge.theirs)]


def _change(before: Json, after: Json) -> list[Piece]:
    """A side: of two texts what changed, word by word; else the value."""
    if not isinstance(before, str) or not isinstance(after, str):
        return [("new", render.spelled(after))]
    runs = render.pieces(before, after)
    return marked((kind, _near(text) if kind == "same" else text) for kind, text in runs)


def _near(text: str) -> str:
    """The two ends of a long run."""
    return text if len(text) <= 3 * _WIDE else f"{text[:_WIDE]} … {text[-_WIDE:]}"


def _asked(contest: Contest) -> Json:
    """The person's answer; leaves with exit 1 where the person quits."""
    merge = contest.merge
    ways: dict[str, tuple[str, Callable[[], Json]]] = {
        "1": ("local", lambda: merge.ours),
        "2": ("remote", lambda: merge.theirs),
        "b": ("base", lambda: merge.base),
        "e": ("edit", lambda: _edited(contest)),
    }
    while True:
        click.echo(_SHORT, nl=False)
        try:
            key = click.getchar()
        except EOFError:
            key = "q"
        if key in ("q", "\x1b"):
            click.echo("quit: nothing was written")
            raise SystemExit(1)
        word, answer = ways.get(key, ("", None))
        click.echo(word)
        if answer is None:
            click.echo(_HELP, nl=False)
            continue
        try:
            return answer()
        except (click.ClickException, JsonError) as error:
            why = error.why if isinstance(error, JsonError) else error.format_message()
            talk(f"not taken: {why}")


def _edited(contest: Contest) -> Json:
    """What the person writes in the editor; ClickException or JsonError where it is no value."""
    merge = contest.merge
    there = [value for value in (merge.ours, merge.theirs) if value is not MISSING]
    is_text = all(isinstance(value, str) for value in there)
    shown_ = there[0] if is_text else json_text.dump(there[0])
    text = click.edit(shown_, extension=".txt" if is_text else ".json")
    if text is None:
        raise click.ClickException("the editor saved nothing")
    if not is_text:
        return json_text.parse(text)
    return text if shown_.endswith("\n") else text.removesuffix("\n")
