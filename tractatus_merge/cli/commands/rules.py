"""What `export` and `import` do with `--rules`: the framework's collection `governanceRules`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tractatus_merge.cli.common import closing, look, write_view
from tractatus_merge.cli.terminal.outcomes import merged_json, merged_lines
from tractatus_merge.cli.terminal.output import emit, talk
from tractatus_merge.core.model.record import Record
from tractatus_merge.errors import RequestError
from tractatus_merge.factory import open_repository
from tractatus_merge.instructions import governance_rules
from tractatus_merge.instructions.governance_rules import Content
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import edit as session_edit
from tractatus_merge.sessions.one_command import one_command
from tractatus_merge.system import files, plain_file


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
    """Publish what the rules of a file say otherwise than the head, as a session of its own."""
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
        records = repo.document(repo.head()).records
        planned = changes(records)
        added = [name for name in planned if name not in records]
        edited = [name for name in planned if name in records]
        if dry_run or not planned:
            pairs = (("add", added), ("edit", edited))
            lines = [f"would {word} {', '.join(names)}" for word, names in pairs if names]
            data = {"added": added, "edited": edited, "dry_run": dry_run}
            emit(lines or ["nothing to import"], data, as_json=as_json)
            return
        why = f"imported from {Path(file).name}"
        _, merged = one_command(repo, lambda one: session_edit.bring(repo, one, changes, why))
        write_view(repo, str(repo.workspace.top), merged.head)
        emit(merged_lines(merged), merged_json(merged), as_json=as_json)
    if merged.outcome.conflicts:
        raise SystemExit(1)
