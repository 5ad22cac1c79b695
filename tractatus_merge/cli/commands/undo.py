"""The verbs by which a person goes back and forward: undo, redo."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice

import click

from tractatus_merge.cli.common import look, verb, write_view
from tractatus_merge.cli.terminal import log_lines
from tractatus_merge.cli.terminal.arguments import (
    dry_run_option,
    json_option,
    typed_path,
    why_option,
)
from tractatus_merge.cli.terminal.colour import Line
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.cli.terminal.pager import emit_paged
from tractatus_merge.core.model.state import CONFLICTS, Entry, State
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import RequestError
from tractatus_merge.log.decisions import decision
from tractatus_merge.log.steps import Step, steps_back, steps_forward
from tractatus_merge.log.versions import find_version
from tractatus_merge.repository.line import Repository
from tractatus_merge.review import undo as steps
from tractatus_merge.review.answer import refuse_agents
from tractatus_merge.review.lookup import find_resolution
from tractatus_merge.review.undo import Undone

_LISTED = 10


@click.command()
@click.argument("version", required=False, metavar="[VERSION")
@click.argument("instruction", required=False, metavar="[ID")
@click.argument("field", required=False, metavar="[FIELD]]]")
@click.option("--session", "name", metavar="ID", help="The session whose last version is meant.")
@click.option("--list", "listing", is_flag=True, help="What the next undos and redos would be.")
@why_option
@dry_run_option
@json_option
@verb
def undo(
    repo: Repository, *, version: str | None, instruction: str | None, field: str | None,
    name: str | None, listing: bool, why: str, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Step back over your last version; each undo goes one further, and `redo` forward again.

    With VERSION, undo that one, one instruction of it, or one field. What others did since stays.
    What a version added is retired. Only a person does.
    """
    if version and name:
        raise click.UsageError("say either VERSION or --session")
    if listing:
        look(repo)
        _list(repo, name, as_json=as_json)
        return
    words = " ".join(filter(None, ("tractatus-merge undo", version, instruction, field)))
    refuse_agents(repo, "undo", words)
    look(repo)
    before = repo.head()
    if version:
        entry = _named(repo, version)
        path = typed_path(field) if field else ()
        undone = steps.undo(
            repo, entry, instruction=instruction, path=path, why=why, dry_run=dry_run
        )
    else:
        step = next(steps_back(repo, name), None)
        if step is None:
            whose = f"session {name}" if name else repo.author.removesuffix(" <>")
            sentence = f"nothing that was published by {whose} is left to undo."
            raise RequestError(sentence, hint="tractatus-merge log")
        entry = step.entry
        undone = steps.step_back(repo, step, why=why, dry_run=dry_run)
    _tell(repo, before, undone, entry, "undo", dry_run=dry_run, as_json=as_json)


@click.command()
@why_option
@dry_run_option
@json_option
@verb
def redo(repo: Repository, *, why: str, dry_run: bool, as_json: bool) -> None:
    """Step forward again over what you undid last, until you do something else.

    Only a person does. `undo --list` shows what the next ones would be.
    """
    refuse_agents(repo, "redo", "tractatus-merge redo")
    look(repo)
    before = repo.head()
    found = steps_forward(repo)
    if not found:
        sentence = "nothing that you undid last is left to redo."
        raise RequestError(sentence, hint="tractatus-merge undo --list")
    redone = steps.step_forward(repo, found[0], why=why, dry_run=dry_run)
    _tell(repo, before, redone, found[0].entry, "redo", dry_run=dry_run, as_json=as_json)


def _named(repo: Repository, version: str) -> Entry:
    entry = find_version(repo, version)
    if entry is not None:
        return entry
    told = find_resolution(repo.head(), version)
    hint = f"tractatus-merge show {version}" if told else "tractatus-merge log"
    raise RequestError(f"there is no version '{version}'.", hint=hint)


def _tell(
    repo: Repository, before: State, done: Undone, entry: Entry, word: str, *, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Say what a step did, and what waits for a person after it, or no longer."""
    if not dry_run:
        write_view(repo, str(repo.workspace.top), done.head)
    outcome, past = done.outcome, f"{word.removesuffix('o')}one"
    closed = sorted({*before.names(CONFLICTS)} - {*done.head.names(CONFLICTS)})
    short = f"{entry.version[:12]} ({log_lines.message(entry)})"
    lines = [f"{f'would {word}' if dry_run else past} {short}" if done.done
             else f"nothing of {short} is left to {word}"]  # fmt: skip
    for label, names in (("edited", outcome.edited), ("retired", outcome.retired)):
        lines += [f"  {label:8} {', '.join(names)}"] if names else []
    lines += [f"  open again {conflict}" for conflict in outcome.reopened]
    lines += [f"  conflict {conflict}" for conflict in outcome.conflicts]
    lines += [f"  closed     {conflict}: what waited in it was taken back" for conflict in closed]
    data: dict[str, Json] = {
        "version": entry.version,
        "head": done.head.version,
        "edited": list(outcome.edited),
        "retired": list(outcome.retired),
        "reopened": list(outcome.reopened),
        "conflicts": list(outcome.conflicts),
        "closed": closed,
    }
    emit(lines, data, as_json=as_json)
    if outcome.conflicts:
        raise SystemExit(1)


def _list(repo: Repository, session: str | None, *, as_json: bool) -> None:
    """What the next undos and redos would be."""
    back = list(islice(steps_back(repo, session), _LISTED))
    forward = [] if session else steps_forward(repo)[:_LISTED]
    data = {"undo": list(map(_json, back)), "redo": list(map(_json, forward))}
    told = (
        line
        for word, found in (("undo", back), ("redo", forward))
        for number, step in enumerate(found, 1)
        for line in _listed(repo, f"{word} {number:2}  ", step.entry)
    )
    emit_paged(
        repo, told if back or forward else ["nothing to undo, nothing to redo"], data,
        as_json=as_json,
    )  # fmt: skip


def _listed(repo: Repository, word: str, entry: Entry) -> Iterator[Line]:
    """A step as `log` tells the version that it is about."""
    when = log_lines.when(entry, utc=False, adopted=None)
    yield [("strong", word), *log_lines.heading(entry, when)]
    columns = max(60, shutil.get_terminal_size((100, 24)).columns)
    yield from log_lines.lines(decision(repo, entry), columns)


def _json(step: Step) -> dict[str, Json]:
    entry = step.entry
    about = {"version": entry.version, "session": entry.session, "time": entry.time}
    return {**about, "message": entry.message}
