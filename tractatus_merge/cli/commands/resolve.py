"""The verb by which a person decides: settle a conflict, or revoke an answer."""

from __future__ import annotations

from shlex import quote
from typing import Any, NamedTuple

import click

from tractatus_merge.cli.common import look, verb, write_view
from tractatus_merge.cli.terminal.arguments import (
    dry_run_option,
    json_option,
    json_value,
    offers,
    pair,
    why_option,
)
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, GRAVITY, MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.plans.revoke import revocable
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.paths import shown
from tractatus_merge.errors import RequestError
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.answer import Settled, chosen, refuse_agents
from tractatus_merge.review.answer import resolve as settle
from tractatus_merge.review.answer import revoke as take_back
from tractatus_merge.review.lookup import find_conflict, weighty
from tractatus_merge.review.render import spelled

WHERE = "severity, kind, instruction, field, session"


@click.command()
@click.argument("conflict", metavar="[CONFLICT]", required=False, shell_complete=offers("conflict"))
@click.option("--take", metavar="base|both|retire|SIDE|SESSION", help="Which value stands.")
@click.option("--value", metavar="JSON", help="Another value: JSON, @FILE, or - for stdin.")
@click.option(
    "--all", "everything", is_flag=True, help="All open conflicts, or those that --where names."
)
@click.option("--where", "conditions", multiple=True, metavar="K=V", help=f"With --all: {WHERE}.")
@click.option(
    "--revoke",
    metavar="ANSWER",
    shell_complete=offers("answer"),
    help="Open again what an answer settled.",
)
@click.option("--seen", metavar="TERMS", help="Refuse if the sides are not those any more.")
@why_option
@dry_run_option
@json_option
@verb
def resolve(repo: Repository, **options: Any) -> None:
    """Settle a conflict, or many at once; or revoke an answer. Only a person does.

    At a terminal, `review` shows what there is to choose from.
    """
    asked = _Asked(**options)
    asked.must_make_sense()
    refuse_agents(repo, "resolve", asked.line)
    look(repo)
    if asked.revoke is not None:
        _revoke(repo, asked.revoke, asked)
        return
    _tell(repo, _settle(repo, asked), asked)


class _Asked(NamedTuple):
    """The options of `resolve`: one conflict, all that fit, or an answer to revoke."""

    conflict: str | None
    take: str | None
    value: str | None
    everything: bool
    conditions: tuple[str, ...]
    revoke: str | None
    seen: str | None
    why: str
    dry_run: bool
    as_json: bool

    def must_make_sense(self) -> None:
        """UsageError or RequestError for options that do not go together."""
        if [bool(self.conflict), self.everything, bool(self.revoke)].count(True) != 1:
            raise click.UsageError("say which: CONFLICT, --all or --revoke ID")
        if self.revoke is None and (self.take is None) == (self.value is None):
            hint = f"tractatus-merge review {self.conflict or ''}".rstrip()
            raise RequestError("say either --take or --value.", hint=hint)
        if self.conditions and not self.everything:
            raise click.UsageError("--where belongs to --all")

    @property
    def line(self) -> str:
        """The line to give to a person."""
        if self.revoke:
            return f"tractatus-merge resolve --revoke {self.revoke}"
        conditions = (f"--where {quote(one)}" for one in self.conditions)
        which = self.conflict or " ".join(("--all", *conditions))
        answer = f"--take {quote(self.take)}" if self.take is not None else "--value '...'"
        return f"tractatus-merge resolve {which} {answer}"


def _settle(repo: Repository, asked: _Asked) -> list[Settled]:
    """Settle what is meant; all are looked at before the first is settled."""
    head, conditions = repo.head(), _checked(asked.conditions)
    found = (
        [find_conflict(head, asked.conflict)]
        if asked.conflict
        else sorted((c for c in open_conflicts(head) if _is_wanted(c, conditions)), key=weighty)
    )
    value = MISSING if asked.value is None else json_value(asked.value)
    if asked.take is not None:
        for one in found:
            chosen(one, asked.take)
    return [
        settle(
            repo,
            one,
            take=asked.take or "value",
            value=value,
            why=asked.why,
            seen=asked.seen,
            dry_run=asked.dry_run,
        )
        for one in found
    ]


def _checked(conditions: tuple[str, ...]) -> list[tuple[str, str]]:
    """The conditions as pairs; UsageError for what no conflict can have."""
    known = {"severity": GRAVITY[1:], "kind": (FIELD, EDIT_RETIRE, MEANING)}
    pairs = list(map(pair, conditions))
    for key, value in pairs:
        if key not in WHERE.split(", "):
            raise click.UsageError(f"--where knows {WHERE}, and not '{key}'")
        if key in known and value not in known[key]:
            raise click.UsageError(
                f"--where {key} is one of {', '.join(known[key])}: not '{value}'"
            )
    return pairs


def _is_wanted(conflict: Conflict, conditions: list[tuple[str, str]]) -> bool:
    """Whether a conflict is what all conditions name."""
    said = {
        "severity": {conflict.severity},
        "kind": {conflict.kind},
        "instruction": {conflict.instruction or "header"},
        "field": {shown(conflict.path)},
        "session": {w.session for side in conflict.all_sides for w in side.writers},
    }
    return all(value in said[key] for key, value in conditions)


def _tell(repo: Repository, done: list[Settled], asked: _Asked) -> None:
    head = done[-1].head if done else repo.head()
    if done and not asked.dry_run:
        write_view(repo, str(repo.workspace.top), head)
    word = "would settle" if asked.dry_run else "settled"
    lines = []
    for settled in done:
        found = settled.conflict
        place = f"{found.instruction or 'header'} {'.'.join(found.path)}"
        stands = f"{place} is {spelled(settled.value)}"
        if found.kind == MEANING:
            stands = _stands(found, settled.value, both=asked.take == "both")
        elif asked.take == "retire":
            stands = f"{found.instruction} is retired"
        lines += [f"{word} {found.id}: {stands}"]
        lines += [f"  added    {name}" for name in settled.added]
    left = len(head.names("conflicts")) - (len(done) if asked.dry_run else 0)
    lines += [] if done else ["no open conflict fits"]
    lines.append(f"  {left} conflict{'s' * (left != 1)} left")
    rows = [
        {
            "conflict": settled.conflict.id,
            "instruction": settled.conflict.instruction,
            "value": None if settled.value is MISSING else settled.value,
            "head": settled.head.version,
            "added": list(settled.added),
        }
        for settled in done
    ]
    data = {"settled": rows, "left": left} if asked.everything else rows[0]
    emit(lines, data, as_json=asked.as_json)


def _revoke(repo: Repository, name: str, asked: _Asked) -> None:
    """Open again what an answer settled."""
    if asked.dry_run:
        stands = revocable(repo.head(), name)
        place = f"{stands['instruction'] or 'header'} {stands['field']}"
        data = {"resolution": stands["id"], "dry_run": True}
        emit([f"would revoke {stands['id']}: {place}"], data, as_json=asked.as_json)
        return
    revoked = take_back(repo, name, why=asked.why)
    write_view(repo, str(repo.workspace.top), revoked.head)
    told, again = revoked.resolution, revoked.conflict.id
    lines = [
        f"revoked {told['id']}: {told['instruction'] or 'header'} {told['field']} is open again",
        f"tractatus-merge review {again}",
    ]
    data = {"resolution": told["id"], "conflict": again, "head": revoked.head.version}
    emit(lines, data, as_json=asked.as_json)


def _stands(conflict: Conflict, value: Json, *, both: bool) -> str:
    """What became of two instructions that contradict each other."""
    names = [side.value["instruction"] for side in conflict.all_sides]
    if both:
        return f"{' and '.join(names)} both stand"
    chosen_one = value["instruction"]
    gone = next(name for name in names if name != chosen_one)
    return f"{chosen_one} stands, {gone} is retired"
