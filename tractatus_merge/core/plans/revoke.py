"""Plan the revocation of a person's answer: the conflict is open again.

The resolution stays, and a record that revokes it stands beside it. Where nobody has written the
place since, everything is as it was before the answer; else what stands there now is in force, and
the sides wait.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.aliases import current_answer, current_conflict
from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.findings import Finding, open_findings
from tractatus_merge.core.model.in_force import with_value
from tractatus_merge.core.model.open_conflicts import (
    next_conflict_id,
    open_conflicts,
    resolution_prefix,
    resolutions,
)
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import (
    REVOKES,
    answered_conflict,
    standing,
)
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    HEADER,
    INSTRUCTIONS,
    RESOLUTIONS,
    Key,
    State,
)
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.open_contradictions import contradictions_changed
from tractatus_merge.core.plans.outcome import Outcome, Plan, later
from tractatus_merge.core.plans.person_decision import Revocation
from tractatus_merge.core.plans.restated import restated
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path, digest, same
from tractatus_merge.core.values.places import get, has_parent, put
from tractatus_merge.errors import UnknownResolution
from tractatus_merge.value import replace

_Place = tuple[str | None, Path, Json]
"""An instruction (None: the header), a place in it, and what is written there."""


def plan_revoke(
    head: State,
    revocation: Revocation,
    kind: DocumentType,
    now: str,
    *,
    first: Mapping[str, Json] | None = None,
) -> Plan:
    """The head with the conflict open again; UnknownResolution if that is not possible now.

    `first`: the answer as it was given first, where the one that stands gives it again.
    """
    if revocation.is_in(head):
        return Plan(head, None)
    told = revocable(head, revocation.resolution)
    told = {**(first or told), "id": told["id"]}
    moment = later(now, head.time)
    changed, places = _take_back(head, told, revocation.tag, kind)
    changed.update(restated(head, changed, revocation.writer, revoked=told["session"]))
    conflict = reopened(head, answered_conflict(told), told.get("value", MISSING), kind)
    closed: list[Finding] = []
    if told["kind"] == MEANING or told.get("closed"):
        there = head.with_({**changed, (RESOLUTIONS, told["id"]): None})
        found = {finding.id: finding for finding in open_findings(there, kind.meaning)}
        if told["kind"] == MEANING:
            if conflict.id not in found:
                raise UnknownResolution(revocation.resolution, said_otherwise=True)
            conflict = replace(conflict, severity=found[conflict.id].severity)
        closed = [found[name] for name in told.get("closed", ()) if name in found]
    changed[CONFLICTS, conflict.id] = json_text.dump(conflict.to_json())
    if told["kind"] == MEANING:
        changed[RESOLUTIONS, told["id"]] = None  # its id is what the two say: it may be given again
    else:
        name = resolution_prefix(told["instruction"]) + digest([told["id"], revocation.session], 8)
        changed[RESOLUTIONS, name] = json_text.dump(
            {
                "id": name,
                REVOKES: told["id"],
                "conflict": conflict.id,
                **revocation.signature(moment),
            }
        )
    edits = [summaries.edit(*place, revocation.writer) for place in places]
    after = revocation.after(head, changed, edits, moment)
    changed.update(contradictions_changed(head, after, closed, kind))
    message = f"Revoke {told['id']}: {told['instruction'] or 'header'} {told['field']}"
    outcome = Outcome(conflicts=(conflict.id,))
    return revocation.plan(head, changed, edits, moment, message=message, outcome=outcome)


def revocable(head: State, name: str) -> dict[str, Json]:
    """The active resolution of that id, or the latest of that conflict; UnknownResolution."""
    found = standing(resolutions(head), name) or current_answer(head, name)
    if found is None:
        raise UnknownResolution(name, _open_again(head, name))
    told = dict(found)
    for conflict in open_conflicts(head):
        if (conflict.instruction, list(conflict.path)) == (told["instruction"], told["path"]):
            raise UnknownResolution(name, conflict.id)
    return told


def _open_again(head: State, name: str) -> str | None:
    """The open conflict at the place that a revoked answer settled."""
    answer = head.get(RESOLUTIONS, name)
    conflict = current_conflict(head, json_text.parse(answer)["conflict"] if answer else name)
    return conflict.id if conflict else None


def reopened(head: State, seen: Conflict, left: Json, kind: DocumentType) -> Conflict:
    """A closed conflict as it is open again: as it was, or about what was written there since.

    `left` is the value that its closing left at the place.
    """
    if seen.kind == MEANING:
        return seen
    here = get(kind.content(head, seen.instruction), seen.path)
    if not same(here, left):
        record = head.record(seen.instruction or "") or Record("{}")
        wrote = summaries.blame(head, seen.instruction, record.vector, seen.path, here)
        seen = with_value(seen, here, wrote)
    return replace(seen, id=next_conflict_id(head, seen.instruction, seen.path))


def _take_back(
    head: State, told: Mapping[str, Json], tag: str, kind: DocumentType
) -> tuple[dict[Key, str | None], list[_Place]]:
    """Undo what the answer wrote, where it is unchanged; and the places written."""
    changed: dict[Key, str | None] = {}
    seen = answered_conflict(told)
    contents: dict[str, Json] = {}
    places: list[_Place] = []
    content: Json = kind.content(head, seen.instruction)
    here = get(content, seen.path)
    stands = seen.kind != MEANING and same(here, told.get("value", MISSING))
    if stands and not same(here, seen.force.value) and has_parent(content, seen.path):
        content = put(content, seen.path, seen.force.value)
        places.append((seen.instruction, seen.path, seen.force.value))
        if seen.instruction is None:
            header = head.get(DOCUMENT, HEADER) or "{}"
            changed[DOCUMENT, HEADER] = kind.with_header(header, content)
        else:
            contents[seen.instruction] = content
    for names, active in ((told.get("added", ()), False), (told.get("retired", ()), True)):
        for name in filter(head.names(INSTRUCTIONS).__contains__, names):
            said = head.content(name)
            if (said.get("active") is not False) is not active:
                contents[name] = {**said, "active": active}
                places.append((name, ("active",), active))
    for name, content in contents.items():
        record = head.record(name) or Record("{}")
        published = record.published(content, record.vector.tick(tag, 1))
        changed[INSTRUCTIONS, name] = published.text
    return changed, places
