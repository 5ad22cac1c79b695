"""Plan what a person's answer changes in the head. The answer names the exact terms it saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tractatus_merge.core.model import ids, summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.findings import all_findings, conflict_of, resolution_name
from tractatus_merge.core.model.needs import newer_for
from tractatus_merge.core.model.open_conflicts import (
    later_conflict,
    open_conflict,
    resolution_prefix,
)
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import AGAIN, byline
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    HEADER,
    INSTRUCTIONS,
    RESOLUTIONS,
    Key,
    State,
)
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.open_contradictions import contradictions_changed
from tractatus_merge.core.plans.outcome import Outcome, Plan, later
from tractatus_merge.core.plans.person_decision import Answer
from tractatus_merge.core.plans.restated import restated
from tractatus_merge.core.values import json_text, paths
from tractatus_merge.core.values.equality import MISSING, Json, digest, same
from tractatus_merge.core.values.places import get, put
from tractatus_merge.errors import StaleAnswer, UnknownConflict
from tractatus_merge.value import Value


class Again(Value):
    """An answer that is given again: its resolution, and what it had made, as that stood."""

    resolution: str
    made: Mapping[str, Mapping[str, Json]]


def plan_resolve(
    head: State,
    answer: Answer,
    kind: DocumentType,
    now: str,
    *,
    again: Again | None = None,
) -> Plan:
    """The head with the conflict settled; UnknownConflict or StaleAnswer if it is not as seen.

    `again`: the answer is one that was given before, and revoked.
    """
    if answer.is_in(head):
        return Plan(head, None)
    conflict = find_open(head, answer.conflict, kind)
    if conflict.terms != answer.terms:
        raise StaleAnswer(answer.conflict)
    moment = later(now, head.time)
    value = conflict.force.value if answer.both else MISSING if answer.gone else answer.value
    changed: dict[Key, str | None] = {(CONFLICTS, conflict.id): None}
    meaning = conflict.kind == MEANING
    place = _retire_others if meaning else _write_value
    changed.update(place(head, conflict, value, answer, kind))
    added = _split(head, conflict, answer, again) if answer.both and not meaning else {}
    retired = _retired(head, conflict, answer, changed)
    changed.update({(INSTRUCTIONS, name): record.text for name, record in added.items()})
    changed.update(restated(head, changed, answer.writer))
    name = resolution_prefix(conflict.instruction) + digest([conflict.id, answer.session], 8)
    name = resolution_name(conflict.id) if meaning else name
    made = {"added": list(added), "retired": retired}
    told = _resolution(name, conflict, value, answer, moment)
    told |= {AGAIN: again.resolution} if again else {}
    changed[RESOLUTIONS, name] = json_text.dump(told)
    edits = [summaries.edit(gone, ("active",), False, answer.writer) for gone in retired]  # noqa: FBT003
    if not meaning:
        edits.append(summaries.edit(conflict.instruction, conflict.path, value, answer.writer))
    edits += _edits_of_added(head, added, answer)
    if conflict.instruction is not None:
        changed.update(_counted(head, changed, answer.at, kind))
    others = contradictions_changed(head, answer.after(head, changed, edits, moment), (), kind)
    changed.update(others)
    made["closed"] = [key[1] for key in others if others[key] is None and key[1] != conflict.id]
    told |= {key: names for key, names in made.items() if names}
    changed[RESOLUTIONS, name] = json_text.dump(told)
    where = f"{conflict.instruction or 'header'} {paths.shown(conflict.path)}"
    message = f"Resolve {conflict.id}: {where} ({answer.take}{byline(answer.by)})"
    outcome = Outcome(added=tuple(added))
    return answer.plan(head, changed, edits, moment, message=message, outcome=outcome)


def _edits_of_added(
    head: State, added: Mapping[str, Record], answer: Answer
) -> Iterator[dict[str, Json]]:
    """Whole new instructions; of those that came back, that they are in force."""
    for name, record in added.items():
        path = ("active",) if (INSTRUCTIONS, name) in head else ()
        yield summaries.edit(name, path, get(record.content, path), answer.writer)


def _counted(
    head: State, changed: Mapping[Key, str | None], at: str, kind: DocumentType
) -> dict[Key, str | None]:
    """The header with what follows from the instructions, where that has changed."""
    header = head.get(DOCUMENT, HEADER)
    if header is None:
        return {}
    before, after = kind.header(header), head.with_(changed)
    new = kind.finish(before, head.contents, after.contents, at)
    return {} if same(before, new) else {(DOCUMENT, HEADER): kind.with_header(header, new)}


def _retired(
    head: State, conflict: Conflict, answer: Answer, changed: Mapping[Key, str | None]
) -> list[str]:
    """The instructions that the answer retires: those that were in force."""
    if conflict.kind == MEANING:
        names = [name for kind, name in changed if kind == INSTRUCTIONS]
    else:
        names = [conflict.instruction or ""] if answer.take == "retire" else []
    return [name for name in names if head.content(name).get("active") is not False]


def find_open(head: State, name: str, kind: DocumentType) -> Conflict:
    """The open conflict of that id, or the finding of that id; else UnknownConflict.

    NewerNeeded where this program does not know the conflict's kind.
    """
    conflict, later_kind = open_conflict(head, name), later_conflict(head, name)
    if conflict is not None:
        return conflict
    if later_kind is not None:
        raise newer_for(head, later_kind)
    for finding in all_findings(head, kind.meaning):
        if finding.id == name:
            return conflict_of(finding)
    raise UnknownConflict(name)


def _retire_others(
    head: State, conflict: Conflict, value: Json, answer: Answer, _: DocumentType
) -> dict[Key, str | None]:
    """Retire the instruction that was not chosen of two that contradict; none for `both`."""
    if answer.both:
        return {}
    names = [side.value["instruction"] for side in conflict.all_sides]
    retired: dict[Key, str | None] = {}
    for name in names:
        record = head.record(name)
        if name != value["instruction"] and record is not None:
            content = {**record.content, "active": False}
            vector = record.vector.tick(answer.tag, 1)
            retired[INSTRUCTIONS, name] = record.published(content, vector).text
    return retired


def _write_value(
    head: State, conflict: Conflict, value: Json, answer: Answer, kind: DocumentType
) -> dict[Key, str | None]:
    """The settled value at its place, in its record or in the header."""
    if conflict.instruction is None:
        text = head.get(DOCUMENT, HEADER) or "{}"
        header = put(kind.header(text), conflict.path, value)
        return {(DOCUMENT, HEADER): kind.with_header(text, header)}
    record = head.record(conflict.instruction) or Record("{}")
    content = put(record.content, conflict.path, value)
    if answer.take == "retire":
        content = {**content, "active": False}
    vector = record.vector.tick(answer.tag, 1)
    key = (INSTRUCTIONS, conflict.instruction)
    return {key: record.published(content, vector).text}


def _split(
    head: State, conflict: Conflict, answer: Answer, again: Again | None
) -> dict[str, Record]:
    """Make an instruction of each waiting side; or bring back those that the answer had made.

    An answer that is given again makes no others, whatever waits by now.
    """
    split = {}
    for name, said in again.made.items() if again else ():
        there = head.record(name)
        if there is not None:
            content = put(there.content, ("active",), get(said, ("active",)))
            split[name] = there.published(content, there.vector.tick(answer.tag, 1))
    record = head.record(conflict.instruction or "") or Record("{}")
    known = set(head.names(INSTRUCTIONS))
    for side in conflict.sides if again is None else ():
        name = ids.new_id(known, answer.tag)
        known.add(name)
        content = {**put(record.content, conflict.path, side.value), "id": name}
        vector = VersionVector().tick(answer.tag, 1, creates=True)
        split[name] = record.published(content, vector)
    return split


def _resolution(
    name: str, conflict: Conflict, value: Json, answer: Answer, moment: str
) -> dict[str, Json]:
    """Who settled what, why, when, against exactly which terms."""
    seen = conflict.to_json()
    return {
        "id": name,
        "conflict": conflict.id,
        "kind": conflict.kind,
        "severity": conflict.severity,
        "instruction": conflict.instruction,
        "field": seen["field"],
        "path": seen["path"],
        **({} if value is MISSING else {"value": value}),
        "take": answer.take,
        **answer.signature(moment),
        "terms": answer.terms,
        "sides": seen["sides"],
    }
