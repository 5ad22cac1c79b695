"""What `export` and `import` do with `--rules`: the framework's collection `governanceRules`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tractatus_merge.cli.common import closing, look, meant_session, write_view
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.core.model.record import Record
from tractatus_merge.errors import NotInCopy, RequestError
from tractatus_merge.factory import open_repository
from tractatus_merge.instructions import governance_rules
from tractatus_merge.instructions.governance_rules import Content
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.outcomes import merged_json, merged_lines
from tractatus_merge.sessions import edit as session_edit
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.one_command import one_command
from tractatus_merge.sessions.publish import Merged
from tractatus_merge.system import files, plain_file

Changes = Callable[[Mapping[str, Record]], Mapping[str, Content]]


def export_rules(repo: Repository, path: Path, *, dry_run: bool, as_json: bool) -> None:
    """Write the instructions of the head as rules, and say which of them the framework refuses."""
    look(repo)
    records = repo.document(repo.head()).records
    untaken = governance_rules.untaken(records)
    if not dry_run:
        files.replace(path, governance_rules.write(records))
    if untaken:
        more = f", and {len(untaken) - _SHOWN} more" if len(untaken) > _SHOWN else ""
        talk(f"note: the framework's model saves no such rule: {'; '.join(untaken[:_SHOWN])}{more}")
    many = f"{len(records)} instruction{'s' * (len(records) != 1)}"
    word = "would write" if dry_run else "wrote"
    data = {"file": str(path), "rules": len(records), "untaken": untaken, "dry_run": dry_run}
    emit([f"{word} {many} to {path}"], data, as_json=as_json)


_SHOWN = 5


def import_rules(folder: Path, file: str, *, dry_run: bool, as_json: bool) -> None:
    """Take over what the rules of a file say otherwise: into the session at work, or at once."""
    try:
        text = plain_file.read_given(folder / file).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise RequestError(f"{file} cannot be read: {error}", hint=f"ls -l {file}") from None

    def changes(records: Mapping[str, Record]) -> dict[str, Content]:
        return governance_rules.changes(text, file, records)

    repo = open_repository(folder)
    with closing(repo):
        repo.must_be_writable()
        look(repo)
        session = meant_session(repo, None, one_command=True, writes=True)
        records = (session.copy()[1] if session else repo.document(repo.head())).records
        planned = changes(records)
        if session:
            _must_be_in(session, planned, repo)
        added = [name for name in planned if name not in records]
        edited = [name for name in planned if name in records]
        merged = None
        if planned and not dry_run:
            merged = _published(repo, session, changes, f"imported from {Path(file).name}")
        if merged is not None:
            emit(merged_lines(merged), merged_json(merged), as_json=as_json)
        else:
            words = ("would add", "would edit") if dry_run else ("added", "edited")
            where = f" in session {session.id}" if session else ""
            pairs = zip(words, (added, edited), strict=True)
            lines = [f"{word} {', '.join(names)}{where}" for word, names in pairs if names]
            data = {"added": added, "edited": edited, "dry_run": dry_run}
            emit(lines or ["nothing to import"], data, as_json=as_json)
    if merged is not None and merged.outcome.conflicts:
        raise SystemExit(1)


def _must_be_in(session: Session, names: Iterable[str], repo: Repository) -> None:
    """NotInCopy for a rule whose instruction was published after the session's copy was made."""
    records, head = session.copy()[1].records, repo.head()
    for name in names:
        if name not in records and head.record(name) is not None:
            raise NotInCopy(name, session.id)


def _published(
    repo: Repository, session: Session | None, changes: Changes, why: str
) -> Merged | None:
    """Write into the session's copy; without one into the history at once, and what came of it."""
    if session is not None:
        session_edit.bring(repo, session, changes, why)
        return None
    _, merged = one_command(repo, lambda one: session_edit.bring(repo, one, changes, why))
    write_view(repo, str(repo.workspace.top), merged.head)
    return merged
