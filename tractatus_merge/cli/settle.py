"""The verb by which a person settles a conflict."""

from __future__ import annotations

import click

from tractatus_merge.cli.arguments import dry_run_option, json_option, json_value, why_option
from tractatus_merge.cli.common import look, verb, write_view
from tractatus_merge.cli.output import emit
from tractatus_merge.core.values import MISSING
from tractatus_merge.errors import RequestError
from tractatus_merge.repository import Repository
from tractatus_merge.review import spelled
from tractatus_merge.settling import find_conflict, refuse_agents
from tractatus_merge.settling import resolve as settle


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
