"""The verb that looks back: what the history of any record file lost; and brings it back."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option
from tractatus_merge.cli.terminal.audit_lines import (
    as_data,
    days_between,
    restored_data,
    restored_line,
    told,
)
from tractatus_merge.cli.terminal.output import emit, progress, talk
from tractatus_merge.core.model.record import STAMP
from tractatus_merge.errors import DocumentError, NotARepository, RequestError
from tractatus_merge.git import discovery
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit import report as audit_report
from tractatus_merge.git.audit.record_versions import parts_of
from tractatus_merge.git.audit.restore import Piece, plan, restore
from tractatus_merge.git.plumbing import Places, Plumbing, discover
from tractatus_merge.repository import settings
from tractatus_merge.system import files, plain_file
from tractatus_merge.value import replace

if TYPE_CHECKING:
    from tractatus_merge.repository.line import Repository
    from tractatus_merge.sessions.folder import Session

_NOW = 2.0


@click.command()
@click.argument("file", metavar="[FILE]", required=False, type=click.Path())
@click.option("--key", metavar="FIELD", help="The id of the file's records; 'id' unless said.")
@click.option("--since", metavar="DATE", help="Tell only of commits since then, as git log does.")
@click.option("--restore", "wanted", metavar="[ID]", multiple=True, is_flag=False, flag_value="",
              help="Write what is lost today back into FILE: all, or of that record.")  # fmt: skip
@click.option("--records", is_flag=True, help="Tell every record, not a line a commit.")
@dry_run_option
@json_option
@click.pass_context
def audit(
    context: click.Context, *, file: str | None, key: str | None, since: str | None,
    wanted: tuple[str, ...], records: bool, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Look through the history of a JSON or JSONL file for records that were lost.

    Every merge, every write from an older copy, every truncation: what it dropped, reverted,
    brought back. It needs no init and writes nothing, but with --restore. The exit code is 0,
    whatever is found.
    """
    here = Path(context.obj or ".")
    places = _places(here)
    path = _path(here, file)
    name = _name_in(places, path, file)
    key = key or _key(path)
    form = {
        ".jsonl": record_versions.JSONL,
        ".ndjson": record_versions.JSONL,
        ".json": record_versions.JSON,
    }.get(path.suffix.lower())
    git = Plumbing(places)
    try:
        start = _start(git, since)
        present = plain_file.read(path) if path.is_file() else None
        report = audit_report.audit(
            git, name, key, form, present=present, start=start, progress=progress
        )
        merged = _merged(git, name, key, form) if any(wanted) else {}
    finally:
        git.close()
    noun = "instruction" if path.name == settings.VIEW else "record"
    if wanted:
        chosen = _chosen(report, [one for one in wanted if one], name, merged)
        _restore(here, path, report, chosen, (key, form), dry_run=dry_run, as_json=as_json)
        return
    if dry_run:
        raise click.UsageError("--dry-run belongs to --restore: nothing else is written")
    days = days_between(report.commits, start, time.time())
    lines = told(report, name, days, noun, records=records)
    emit(lines, as_data(report, name, days, noun), as_json=as_json)


def _places(here: Path) -> Places:
    """The repository that a folder is in; RequestError, with what serves instead, for none."""
    if shutil.which("git") is None and discovery.common_dir(str(here)) is None:
        raise _no_commits(str(here.resolve()))  # more git would not help
    try:
        return discover(here)
    except NotARepository as error:
        raise _no_commits(error.folder) from None


def _no_commits(folder: str) -> RequestError:
    why = f"{folder} is not in a git repository, and audit looks through git's commits."
    return RequestError(why, hint="tractatus-merge log   (what was published here)")


def _path(here: Path, file: str | None) -> Path:
    """The file meant, absolute; its folder's links are followed, its own are not."""
    if file is None:
        from tractatus_merge.factory import find

        return find(here)[0].view
    path = here / file
    return path.parent.resolve() / path.name


def _name_in(places: Places, path: Path, file: str | None) -> str:
    """The file's path as git has it."""
    if places.top is None:
        return file or ""
    try:
        return path.relative_to(places.top).as_posix()
    except ValueError:
        raise RequestError(
            f"{path} is not in this repository.", hint=f"cd {path.parent}   (or: -C DIR)"
        ) from None


def _key(path: Path) -> str:
    """The id of the records, as the table of rules for the file says it."""
    table = (settings.rules_of(path) or ("", {}))[1]
    key = table.get("key", "id")
    return key if isinstance(key, str) else "id"


def _start(git: Plumbing, since: str | None) -> int | None:
    """The second that a date means, as git reads dates."""
    if since is None:
        return None
    out = git.in_worktree("rev-parse", f"--since={since}").out.decode().strip()
    seconds = int(out.removeprefix("--max-age="))
    if seconds > time.time() - _NOW:  # which is what git takes for a date that it cannot read
        raise RequestError(f"'{since}' is no date in the past.", hint="--since 90.days")
    return seconds


def _merged(git: Plumbing, name: str, key: str, form: str | None) -> dict[str, audit_report.Found]:
    """The records of what is being merged now, which is not in HEAD's history yet."""
    path = git.places.git_dir / "MERGE_HEAD"
    found: dict[str, audit_report.Found] = {}
    for oid in plain_file.read_text(path).split() if path.exists() else ():
        with contextlib.suppress(RequestError):  # it has no such file
            there = audit_report.audit(git, name, key, form, at=oid)
            found |= {parts_of(one.loss.name)[1]: one for one in there.committed()}
    return found


def _chosen(
    report: audit_report.Report,
    ids: list[str],
    name: str,
    merged: dict[str, audit_report.Found],
) -> list[audit_report.Found]:
    """What to restore: all that is lost today, or what was lost of those asked for.

    Asked for, what was committed can come back too: the file may lack it since.
    """
    left = report.left()
    if not ids:
        return left
    lost: dict[str, list[audit_report.Found]] = {}
    for found in left:
        lost.setdefault(parts_of(found.loss.name)[1], []).append(found)
    known = merged | {parts_of(found.loss.name)[1]: found for found in report.committed()}
    there = {one: [found] for one, found in known.items()} | lost
    for one in ids:
        if one not in there:
            raise RequestError(
                f"no commit of {name} has or lost a record '{one}'.", hint="tractatus-merge audit"
            )
    return [found for one in dict.fromkeys(ids) for found in there[one]]


def _restore(
    here: Path, path: Path, report: audit_report.Report, chosen: list[audit_report.Found],
    form: tuple[str, str | None], *, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write what was lost back, into the file or, where there is a head, as any other edit."""
    try:
        data = plain_file.read(path)
    except FileNotFoundError:
        raise RequestError(f"there is no file {path}.", hint="git checkout -- FILE") from None
    version = record_versions.read(data, *form, report.shape)
    if version.fault is not None:
        raise DocumentError(
            str(path), None, version.fault, hint="mend it by hand; nothing was written"
        )
    rows = version.rows
    repo = _initialised(here, path)
    try:
        if repo is not None:
            from tractatus_merge.cli.common import look

            look(repo)
            records = repo.document(repo.head()).records
            place = parts_of(chosen[0].loss.name)[0] if chosen else ""
            rows = {f"{place}\0{n}": (r.text.encode(),) for n, r in records.items()}
        lost = [found.as_lost() for found in chosen]
        pieces = plan(lost, rows, form[0], report.shape)
        if any(not piece.there for piece in pieces) and not dry_run:
            if repo is not None:
                pieces = _publish(repo, pieces)
            else:
                made = restore(data, pieces, version.form, form[0], report.shape)
                files.replace(path.resolve(), made)
    finally:
        if repo is not None:
            repo.close()
    told = [restored_line(piece, rows, form[0], dry_run=dry_run) for piece in pieces]
    lines = [line for line, piece in zip(told, pieces, strict=True) if not piece.there]
    for line, piece in zip(told, pieces, strict=True):
        if piece.there:
            talk(line)
    result = restored_data(pieces) | ({"dry_run": True} if dry_run else {})
    emit(lines or ["nothing to restore"], result, as_json=as_json)


def _initialised(here: Path, path: Path) -> Repository | None:
    """The repository whose view the file is, if its history was taken in."""
    from tractatus_merge.factory import open_repository  # who only looks does not pay for it

    repo = open_repository(here)
    if repo.workspace.view == path and repo.store.head() is not None:
        return repo
    repo.close()
    return None


def _publish(repo: Repository, pieces: list[Piece]) -> list[Piece]:
    """Add the records as a session does; a person's without one are in the history at once.

    The pieces, with the ids that they have got.
    """
    from tractatus_merge.cli.common import meant_session, write_view
    from tractatus_merge.sessions import one_command as session_command

    session = meant_session(repo, None, one_command=True)
    made: list[Piece] = []

    def act(session_: Session) -> None:
        made.extend(p if p.there else _into_session(repo, session_, p) for p in pieces)

    if session is not None:
        act(session)
        talk(f"in session {session.id}")
        return made
    merged = session_command.one_command(repo, act)[1]
    write_view(repo, str(repo.workspace.top), merged.head, asked=True)
    return made


def _into_session(repo: Repository, session: Session, piece: Piece) -> Piece:
    from tractatus_merge.sessions import edit as session_edit

    lost, name = piece.lost, parts_of(piece.lost.name)[1]
    why = f"lost in {lost.commit[:10]}"
    if lost.fields:
        changes = [(path, value) for path, value in lost.fields if path[0] != STAMP]
        session_edit.edit(repo, session, name, changes, why)
        return piece
    content = {k: v for k, v in record_versions.value(lost.row).items() if k != STAMP}
    if piece.id != name:
        content = {k: v for k, v in content.items() if k != "id"}
    return replace(piece, id=session_edit.add(repo, session, content, why, as_it_was=True))
