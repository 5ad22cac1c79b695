"""Perform a person's answer to a conflict, as a session of its own; agents are refused."""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, MEANING, Conflict
from tractatus_merge.core.model.resolutions import possible_answers
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.person_decision import Answer, Revocation
from tractatus_merge.core.plans.revoke import revocable
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.errors import (
    AgentRefused,
    RequestError,
    StaleAnswer,
)
from tractatus_merge.instructions.schema import CHOICES, faults
from tractatus_merge.repository.line import Repository
from tractatus_merge.review.lookup import find_conflict
from tractatus_merge.sessions import lookup, replay
from tractatus_merge.sessions import one_command as session_command
from tractatus_merge.sessions.start import new_id
from tractatus_merge.system.clock import now
from tractatus_merge.value import Value


class Settled(Value):
    """What became of a conflict: the value that stands, and the head that says so."""

    conflict: Conflict
    value: Json
    head: State
    added: tuple[str, ...] = ()


class Revoked(Value):
    """A resolution that stands no more, the conflict that is open again, and the head."""

    resolution: Mapping[str, Json]
    conflict: Conflict
    head: State


def chosen(conflict: Conflict, take: str) -> Json:
    """The value that `--take` names: `base`, a side's number, or the session that wrote a side."""
    if conflict.kind == MEANING and take in ("base", "value"):
        raise RequestError(
            f"{conflict.id} is about two instructions: both stand, or one of them.",
            hint=f"tractatus-merge resolve {conflict.id} --take both",
        )
    if take == "base" and conflict.force.base is not MISSING:
        return conflict.force.base
    if take in ("both", "retire") and take in possible_answers(conflict):
        return conflict.force.value
    sides = conflict.all_sides
    if take.isdigit() and 1 <= int(take) <= len(sides):
        return sides[int(take) - 1].value
    wrote = [
        side
        for side in sides
        if any(
            writer.session == take or (writer.session.startswith(take) and len(take) >= 4)
            for writer in side.writers
        )
    ]
    if len(wrote) == 1:
        return wrote[0].value
    if wrote:
        raise RequestError(
            f"'{take}' had a part in {len(wrote)} sides of {conflict.id}: say which by its number.",
            hint=f"tractatus-merge show {conflict.id}",
        )
    known = ", ".join(possible_answers(conflict))
    raise RequestError(
        f"'{take}' is no answer to {conflict.id}: {known}, a session.",
        hint=f"tractatus-merge show {conflict.id}",
    )


def _in_force(conflict: Conflict, value: Json) -> str:
    """The side that says whether the instruction is in force: true keeps it, false retires it."""
    for number, side in enumerate(conflict.all_sides, 1):
        if isinstance(value, bool) and value == (side.value is not False):
            return str(number)
    raise RequestError(
        f"{conflict.id} asks whether {conflict.instruction} is in force: true or false.",
        hint=f"tractatus-merge review {conflict.id}",
    )


def refuse_agents(repo: Repository, verb: str, line: str) -> None:
    """Raise AgentRefused in an agent's environment, unless the settings allow it."""
    if repo.agent and not repo.workspace.agents_may_resolve:
        raise AgentRefused(verb, line)


def resolve(
    repo: Repository,
    conflict: Conflict,
    *,
    take: str = "value",
    value: Json = MISSING,
    why: str = "",
    seen: str | None = None,
    dry_run: bool = False,
) -> Settled:
    """Settle a conflict as it was read; StaleAnswer if its terms have changed since.

    `seen` are the terms a person had before them, where they were read earlier than `conflict`.
    """
    if seen is not None and seen != conflict.terms:
        raise StaleAnswer(conflict.id)
    if take == "value" and conflict.kind == EDIT_RETIRE:
        take = _in_force(conflict, value)
    if take != "value" or conflict.kind != FIELD:
        value = chosen(conflict, take)
    name, head = new_id(), repo.head()
    answer = Answer(
        conflict=conflict.id,
        terms=conflict.terms,
        value=None if value is MISSING else value,
        session=name,
        tag=lookup.free_tag(repo, name, head),
        author=repo.author,
        at=now(),
        take=take,
        why=why,
        gone=value is MISSING,
        both=take == "both",
        by=_by(repo),
    )
    plan = replay.planned(repo, answer)(head)
    _must_say_something(conflict, head, plan.state, typed=take == "value")
    if not dry_run:
        plan, head = session_command.publish_request(repo, answer, agent=answer.by)
    return Settled(conflict, value, head, plan.outcome.added)


def _must_say_something(conflict: Conflict, before: State, after: State, *, typed: bool) -> None:
    """RequestError for an answer that makes an instruction what readers do not understand.

    A word that the framework lacks is refused where it is `typed`: a history may have its own.
    """
    name = conflict.instruction
    if name is None:
        return
    old, new = (
        faults(record.content) if (record := state.record(name)) else {}
        for state in (before, after)
    )
    found = [
        why for key, why in new.items() if old.get(key) != why and (typed or key not in CHOICES)
    ]
    if found:
        raise RequestError(
            f"{name} would be no instruction after this answer: {min(found)}.",
            hint=f"tractatus-merge show {conflict.id}",
        )


def revoke(repo: Repository, name: str, *, why: str = "") -> Revoked:
    """Open again what a person's answer settled: by the answer's id, or the conflict's."""
    session = new_id()
    head = repo.head()
    told = revocable(head, name)
    revocation = Revocation(
        resolution=told["id"],
        session=session,
        tag=lookup.free_tag(repo, session, head),
        author=repo.author,
        at=now(),
        why=why,
        by=_by(repo),
    )
    plan, head = session_command.publish_request(repo, revocation, agent=revocation.by)
    return Revoked(told, find_conflict(head, plan.outcome.conflicts[0]), head)


def _by(repo: Repository) -> str:
    """Whose word it is: an agent's only where the settings allow that, and then it says so."""
    return "agent" if repo.agent else "person"
