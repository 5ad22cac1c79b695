"""Plan the undoing of a person's decision: an answer is revoked, a revoked answer given again.

None where the version is no decision; what then is undone, `undo` says.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.open_conflicts import conflict_at, open_conflict, resolutions
from tractatus_merge.core.model.resolutions import REVOKES, standing
from tractatus_merge.core.model.state import INSTRUCTIONS, RESOLUTIONS, Entry, Key, State
from tractatus_merge.core.plans.asked_undo import Undo
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.plans.person_decision import Answer, Revocation
from tractatus_merge.core.plans.resolve import Again, plan_resolve
from tractatus_merge.core.plans.revoke import plan_revoke
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.errors import UnknownResolution
from tractatus_merge.value import replace


def answer_of(undo: Undo) -> Mapping[str, Json] | None:
    """The resolution that a version made; None if it is no person's answer."""
    told = _new(undo.entry, undo.before, undo.after)
    return told if told and REVOKES not in told else None


def _revoked_by(undo: Undo) -> tuple[Mapping[str, Json], str] | None:
    """The resolution that a version revoked, and the conflict that is open again; else None."""
    told = _new(undo.entry, undo.before, undo.after)
    if told:
        was = undo.before.get(RESOLUTIONS, told[REVOKES]) if REVOKES in told else None
        return (json_text.parse(was), told["conflict"]) if was else None
    gone = _new(undo.entry, undo.after, undo.before)
    return (gone, gone["conflict"]) if gone else None


def _new(entry: Entry, before: State, after: State) -> Mapping[str, Json] | None:
    """The resolution, or the revocation, that one state has and the other lacks."""
    for kind, name in entry.changes:
        text = after.get(RESOLUTIONS, name) if kind == RESOLUTIONS else None
        if text and before.get(RESOLUTIONS, name) is None:
            return dict(json_text.parse(text))
    return None


def plan_undo_decision(
    head: State, undo: Undo, by: Incoming, kind: DocumentType, now: str
) -> Plan | None:
    """The head without the decision; with no entry where it has been overtaken."""
    told, revoked = answer_of(undo), _revoked_by(undo)
    if told is not None:
        plan = _revoke(head, told, by, kind, now)
    elif revoked is not None:
        answer = _given_again(head, undo, revoked, by)
        made = {name: undo.before.content(name) for name in revoked[0].get("added", ())}
        again = Again(revoked[0]["id"], made)
        plan = plan_resolve(head, answer, kind, now, again=again) if answer else Plan(head, None)
    else:
        return None
    if plan is None or plan.entry is None:
        return plan
    exactly = _as_before(head, undo, plan.state, by.tag)
    changes = tuple(dict.fromkeys((*plan.entry.changes, *exactly)))
    entry = replace(plan.entry, message=by.note or plan.entry.message, changes=changes)
    return replace(plan, state=plan.state.with_(exactly), entry=entry)


def _as_before(head: State, undo: Undo, there: State, tag: str) -> dict[Key, str | None]:
    """The instructions that nobody has written since, exactly as they stood before."""
    found: dict[Key, str | None] = {}
    for name in there.names(INSTRUCTIONS):
        before, record = undo.before.record(name), there.record(name)
        if before is None or record is None or same(record.content, before.content):
            continue
        if same(head.content(name), undo.after.content(name)):
            stands = record.published(before.content, record.vector.tick(tag, 1))
            found[INSTRUCTIONS, name] = stands.text
    return found


def _revoke(
    head: State, told: Mapping[str, Json], by: Incoming, kind: DocumentType, now: str
) -> Plan | None:
    """The answer revoked; None where only what it wrote can be merged back."""
    why = by.writer(told["instruction"] or "", ()).why
    stands = standing(resolutions(head), told["id"]) or told
    revocation = Revocation(**_who(by), why=why, resolution=stands["id"])
    try:
        return plan_revoke(head, revocation, kind, now, first=told)
    except UnknownResolution as error:
        return None if error.said_otherwise else Plan(head, None)


def _given_again(
    head: State,
    undo: Undo,
    revoked: tuple[Mapping[str, Json], str],
    by: Incoming,
) -> Answer | None:
    """The revoked answer, to the conflict as it was left open; None if somebody has gone on."""
    told, name = revoked
    left = open_conflict(undo.after, name)
    there = left and conflict_at(head, left.id, left.instruction, left.path)
    if left is None or there is None or there.terms != left.terms:
        return None
    return Answer(
        **_who(by), why=told["why"], conflict=there.id, terms=there.terms, take=told["take"],
        value=told.get("value"), gone="value" not in told, both=told["take"] == "both",
    )  # fmt: skip


def _who(by: Incoming) -> dict[str, str]:
    known = {"session": by.session, "tag": by.tag, "author": by.author, "at": by.at}
    return {**known, "by": by.agent or "person", **by.step}
