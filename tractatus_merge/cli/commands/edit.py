"""The verbs that write into a session: add, edit, retire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tractatus_merge.cli.common import (
    look,
    meant_session,
    verb,
    write_view,
)
from tractatus_merge.cli.terminal.arguments import (
    dry_run_option,
    json_option,
    json_or_text,
    offers,
    pair,
    session_option,
    typed_path,
    why_option,
)
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.core.values.equality import Json, Path
from tractatus_merge.errors import RequestError
from tractatus_merge.instructions import rounded_numbers
from tractatus_merge.instructions.vocabulary import new_record
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.outcomes import merged_json, merged_lines
from tractatus_merge.sessions import edit as session_edit
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import overlaps
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.sessions.unpublished import drafts_of_others, heard
from tractatus_merge.system.clock import now

if TYPE_CHECKING:
    from tractatus_merge.sessions.publish import Merged


@click.command()
@click.argument("text")
@click.option(
    "--id",
    "own_id",
    metavar="ID",
    help="Your own id; else the next number and the session's tag.",
)
@click.option(
    "--set", "sets", multiple=True, metavar="K=V", help="A field; V is JSON where it parses."
)
@click.option("--param", "params", multiple=True, metavar="K=V", help="A parameter; V is a text.")
@why_option
@session_option
@dry_run_option
@json_option
@verb
def add(
    repo: Repository, *, text: str, own_id: str | None,
    sets: tuple[str, ...], params: tuple[str, ...],
    why: str, name: str | None, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Add an instruction to the session's copy (a person without one: to the history at once)."""
    look(repo)
    if not text.strip():
        raise RequestError("an instruction has to say something.", hint="tractatus-merge add TEXT")
    session = _written_session(repo, name)
    document = session.copy()[1] if session else repo.document(repo.head())
    own = session.id if session else ""
    content = new_record(document.layout.form, text, now=now(), session=own, why=why)
    for path, value in _changes(sets, params):
        content = _deep(content, path, value)
    if own_id:
        content["id"] = own_id
    new, _ = session_edit.planned_add(document, session.tag if session else "...", content)
    if dry_run:
        emit([f"would add {new}"], {"id": new, "dry_run": True}, as_json=as_json)
        return
    _write(
        repo,
        session,
        lambda s: session_edit.add(repo, s, content, why),
        as_json=as_json,
        word="added",
    )


def _deep(content: dict[str, Json], path: Path, value: Json) -> dict[str, Json]:
    if len(path) == 1:
        return {**content, path[0]: value}
    inner = content.get(path[0])
    return {**content, path[0]: _deep(inner if isinstance(inner, dict) else {}, path[1:], value)}


def _changes(sets: tuple[str, ...], params: tuple[str, ...]) -> list[tuple[Path, Json]]:
    pairs = [(typed_path(key), json_or_text(value)) for key, value in map(pair, sets)]
    return pairs + [(("parameters", key), value) for key, value in map(pair, params)]


@click.command()
@click.argument("instruction", metavar="ID", shell_complete=offers("instruction"))
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="K=V",
    help="A field or path; V is JSON where it parses.",
)
@click.option("--param", "params", multiple=True, metavar="K=V", help="A parameter; V is a text.")
@why_option
@session_option
@dry_run_option
@json_option
@verb
def edit(
    repo: Repository, *, instruction: str, sets: tuple[str, ...], params: tuple[str, ...],
    why: str, name: str | None, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Change fields of an instruction in the session's copy."""
    changes = _changes(sets, params)
    if not changes:
        raise click.UsageError("nothing to change: give --set K=V or --param K=V")
    _edit(
        repo, instruction, changes=changes, why=why, name=name, dry_run=dry_run,
        as_json=as_json, word="edited",
    )  # fmt: skip


@click.command()
@click.argument("instruction", metavar="ID", shell_complete=offers("instruction"))
@why_option
@session_option
@dry_run_option
@json_option
@verb
def retire(
    repo: Repository, *, instruction: str, why: str, name: str | None, dry_run: bool, as_json: bool
) -> None:
    """Set `active: false`: the instruction stays on record and is no longer in force."""
    _edit(
        repo, instruction, changes=[(("active",), False)], why=why, name=name, dry_run=dry_run,
        as_json=as_json, word="retired",
    )  # fmt: skip


def _edit(
    repo: Repository, instruction: str, *, changes: list[tuple[Path, Json]], why: str,
    name: str | None, dry_run: bool, as_json: bool, word: str,
) -> None:  # fmt: skip
    look(repo)
    session = _written_session(repo, name)
    known, document = instruction, session.copy()[1] if session else repo.document(repo.head())
    if session:
        known = session_edit.meant(repo, session, instruction, document)
        _tell_renamed(session, instruction, known, word)
    _, changed = session_edit.planned_edit(document, known, changes)
    if dry_run:
        fields = [".".join(path) for path in changed]
        said = f"would change {', '.join(fields)} of {known}" if fields else _same(known, word)
        emit([said], {"id": known, "changed": fields, "dry_run": True}, as_json=as_json)
        return
    _write(
        repo,
        session,
        lambda s: session_edit.edit(repo, s, known, changes, why),
        as_json=as_json,
        word=word,
        was=document.records[known].content,
    )


def _written_session(repo: Repository, name: str | None) -> Session | None:
    """The session that is to be written into; None where the history is, by one command."""
    session = meant_session(repo, name, one_command=True, writes=True)
    if session is not None:
        session_edit.must_take_edits(session)
    return session


def _tell_renamed(session: Session, said: str, meant: str, word: str) -> None:
    """Say which record a command takes, where the session's own once had that id."""
    own = session.renames.get(said)
    if own == meant:
        talk(f"{said} is called {own} since this session's merge")
    elif own is not None:
        verb = "retire" if word == "retired" else "edit"
        talk(
            f"note: {said} is another session's instruction. The one that was {said} in this "
            f"session is {own} now: tractatus-merge {verb} {own}"
        )


def _write(
    repo: Repository, session: Session | None, act: Any, *, as_json: bool, word: str,
    was: dict[str, Json] | None = None,
) -> None:  # fmt: skip
    """Write into the session's copy, or as a one-command session straight into the history.

    `was` is what the instruction said before; None: it is new.
    """
    merged: Merged | None = None
    if session is not None:
        state = session.state
        result = act(session)
        if state is not Life.OPEN:
            talk(f"session {session.id} was {state.value}: it is open again")
        for line in rounded_numbers.told(session.rounded):
            talk(line)
        where = f" in session {session.id}"
    else:
        others = [other.id for other in session_lookup.open_sessions(repo)]
        if others:
            talk(f"no session is named: published at once (open: {', '.join(others)})")
        from tractatus_merge.sessions.one_command import one_command  # only without a session

        result, merged = one_command(repo, act)
        where = ""
        write_view(repo, str(repo.workspace.top), merged.head)
    new, changed = result if isinstance(result, tuple) else (result, None)
    if merged:
        new = merged.outcome.renamed.get(new, new)
    around = _around(repo, session, new, was, word=word)
    data: dict[str, Any] = {"id": new, **({} if changed is None else {"changed": changed})}
    lines = [f"{word} {new}{where}" if changed != [] else _same(new, word)]
    if around:
        data["heard"] = around
        for sentence in around:
            talk(f"note: {sentence}")
    if merged is not None:
        data.update(merged_json(merged))
        told = ("  added ", "  edited ", "  retired ")
        lines += [line for line in merged_lines(merged)[1:] if not line.startswith(told)]
    emit(lines, data, as_json=as_json)
    if merged is not None and merged.outcome.conflicts:
        raise SystemExit(1)


def _around(
    repo: Repository, session: Session | None, name: str, was: dict[str, Json] | None, *, word: str
) -> list[str]:
    """What contradicts what was just written, and who has changed the same places."""
    others, found = drafts_of_others(repo, session), list[str]()
    if word != "retired":
        found = [item.sentence for item in heard(repo, session, others, name, was)]
    there = session.copy()[1].records.get(name) if session else repo.head().record(name)
    if there is None:
        return found
    mine = (was, there.content)
    if session and was is not None:
        found += overlaps.with_history(repo, session, name, mine)
    return found + overlaps.with_others(others, {name: mine})


def _same(name: str, word: str) -> str:
    return f"{name} is retired already" if word == "retired" else f"{name} says that already"
