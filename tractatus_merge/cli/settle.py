"""The verbs by which a person decides: settle a conflict, undo a version."""

from __future__ import annotations

import click

from tractatus_merge.cli.arguments import (
    dry_run_option,
    json_option,
    json_value,
    typed_path,
    why_option,
)
from tractatus_merge.cli.common import look, verb, write_view
from tractatus_merge.cli.output import emit
from tractatus_merge.core.conflicts import MEANING, Conflict
from tractatus_merge.core.values import MISSING
from tractatus_merge.errors import RequestError
from tractatus_merge.repository import Repository
from tractatus_merge.review import spelled
from tractatus_merge.settling import find_conflict, refuse_agents
from tractatus_merge.settling import resolve as settle
from tractatus_merge.stories import find_version, last_version
from tractatus_merge.undoing import undo as undo_version


@click.command()
@click.argument("conflict", metavar="CONFLICT")
@click.option("--take", metavar="base|both|SIDE|SESSION", help="Which value stands.")
@click.option("--value", metavar="JSON", help="Another value: JSON, @FILE, or - for stdin.")
@click.option("--seen", metavar="TERMS", help="Refuse if the sides are not those any more.")
@why_option
@dry_run_option
@json_option
@verb
def resolve(
    repo: Repository, *, conflict: str, take: str | None, value: str | None,
    seen: str | None, why: str,
    dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Settle a conflict. Only a person does: in an agent's environment it refuses."""
    if (take is None) == (value is None):
        raise RequestError("say either --take or --value.", hint=f"tractatus-merge show {conflict}")
    answer = f"--take {take}" if take is not None else "--value '...'"
    refuse_agents(repo, "resolve", f"tractatus-merge resolve {conflict} {answer}")
    look(repo)
    found = find_conflict(repo.head(), conflict)
    settled = settle(
        repo,
        found,
        take=take or "value",
        value=MISSING if value is None else json_value(value),
        why=why,
        seen=seen,
        dry_run=dry_run,
    )
    if not dry_run:
        write_view(repo, str(repo.workspace.places.top), settled.head)
    word = "would settle" if dry_run else "settled"
    place = f"{found.instruction or 'header'} {'.'.join(found.path)}"
    lines = [f"{word} {found.id}: {place} is {spelled(settled.value)}"]
    if found.kind == MEANING:
        lines = [f"{word} {found.id}: {_stands(found, take)}"]
    lines += [f"  added    {name}" for name in settled.added]
    left = len(settled.head.names("conflicts")) - (1 if dry_run else 0)
    lines.append(f"  {left} conflict{'s' * (left != 1)} left")
    data = {
        "conflict": found.id,
        "instruction": found.instruction,
        "value": None if settled.value is MISSING else settled.value,
        "head": settled.head.version,
        "added": list(settled.added),
    }
    emit(lines, data, as_json=as_json)


def _stands(conflict: Conflict, take: str | None) -> str:
    """What became of two instructions that contradict each other."""
    names = [side.value["instruction"] for side in conflict.all_sides]
    if take not in ("1", "2"):
        return f"{' and '.join(names)} both stand"
    return f"{names[int(take) - 1]} stands, {names[2 - int(take)]} is retired"


@click.command()
@click.argument("version", required=False, metavar="[VERSION")
@click.argument("instruction", required=False, metavar="[ID")
@click.argument("field", required=False, metavar="[FIELD]]]")
@click.option("--session", "name", metavar="ID", help="The session whose last version is meant.")
@why_option
@dry_run_option
@json_option
@verb
def undo(
    repo: Repository, *, version: str | None, instruction: str | None, field: str | None,
    name: str | None, why: str, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Undo a version, one instruction of it, or one field, as a new version (else your last one).

    What came later stays. What the version added is retired. Only a person does.
    """
    if version and name:
        raise click.UsageError("say either VERSION or --session")
    words = " ".join(filter(None, ("tractatus-merge undo", version, instruction, field)))
    refuse_agents(repo, "undo", words)
    look(repo)
    entry = find_version(repo, version) if version else last_version(repo, name)
    if entry is None:
        raise RequestError(f"there is no version '{version}'.", hint="tractatus-merge log")
    path = typed_path(field) if field else ()
    undone = undo_version(repo, entry, instruction=instruction, path=path, why=why, dry_run=dry_run)
    if not dry_run:
        write_view(repo, str(repo.workspace.places.top), undone.head)
    outcome = undone.outcome
    short = f"{entry.version[:12]} ({entry.message})"
    lines = [f"{'would undo' if dry_run else 'undone'} {short}" if undone.done
             else f"nothing of {short} is left to undo"]  # fmt: skip
    for word, names in (("edited", outcome.edited), ("retired", outcome.retired)):
        lines += [f"  {word:8} {', '.join(names)}"] if names else []
    lines += [f"  conflict {conflict}" for conflict in outcome.conflicts]
    data = {
        "version": entry.version,
        "head": undone.head.version,
        "edited": list(outcome.edited),
        "retired": list(outcome.retired),
        "conflicts": list(outcome.conflicts),
    }
    emit(lines, data, as_json=as_json)
    if outcome.conflicts:
        raise SystemExit(1)
