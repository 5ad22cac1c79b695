"""Plan the undoing of a version: a merge back, published as a person's new version.

The version's result is the base, what stood before it is theirs. So what came later stays, and what
cannot be told apart becomes a conflict as anywhere. What the version added is retired, for nothing
is deleted; a side that it brought to a conflict is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import in_force, summaries
from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.core.model.findings import resolution_name
from tractatus_merge.core.model.open_conflicts import open_conflict, open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    RESOLUTIONS,
    SESSIONS,
    Entry,
    Key,
    State,
)
from tractatus_merge.core.plans import publications
from tractatus_merge.core.plans.asked_undo import Undo
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.incoming import Incoming, Seen
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.open_contradictions import (
    contradictions_after,
    instructions_of,
    open_contradictions,
)
from tractatus_merge.core.plans.outcome import Outcome, Plan, later
from tractatus_merge.core.plans.put_back import conflicts_by_place, conflicts_put_back
from tractatus_merge.core.plans.renames import current_ids
from tractatus_merge.core.plans.undo_decision import plan_undo_decision
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.places import get, has_parent, leaves, put
from tractatus_merge.value import replace


def plan_undo(head: State, undo: Undo, by: Incoming, kind: DocumentType, now: str) -> Plan:
    """The head without what the version did; `by` says who undoes it, when, in which session.

    A step of a person (`by.step`) is entered in the log also where nothing is left to undo.
    """
    if any(done.seal == by.seal for done in summaries.publications(head, by.tag)):
        return Plan(head, None)
    plan = plan_undo_decision(head, undo, by, kind, now)
    if plan is None:
        plan = _plan_merge_back(head, undo, by, kind, now)
    elif plan.entry is not None:
        exactly = conflicts_put_back(head, undo, plan.state, by.tag, kind)
        there = plan.state.with_(exactly)
        exactly.update(_that_hold(_brought_back(head, undo, {}), there, kind))
        exactly.update(_asked_instead(head, undo, there.with_(exactly)))
        entry = replace(plan.entry, changes=tuple(dict.fromkeys((*plan.entry.changes, *exactly))))
        plan = replace(plan, state=plan.state.with_(exactly), entry=entry)
    if plan.entry is None and by.step:
        return _plan_entered(head, {}, by, plan.outcome, now)
    return replace(plan, outcome=_told_apart(head, undo, plan))


def _told_apart(head: State, undo: Undo, plan: Plan) -> Outcome:
    """The outcome, with the conflicts that are open again apart from those that are new."""
    known = conflicts_by_place(undo.before)
    again = tuple(
        conflict.id
        for place, conflict in conflicts_by_place(plan.state).items()
        if place in known and (CONFLICTS, conflict.id) not in head
    )
    new = tuple(name for name in plan.outcome.conflicts if name not in again)
    return replace(plan.outcome, conflicts=new, reopened=again)


def _plan_merge_back(head: State, undo: Undo, by: Incoming, kind: DocumentType, now: str) -> Plan:
    """What stood before the version, merged into the head; and its conflicts put back."""
    withdrawn = _withdrawn(head, undo)
    there = head.with_(withdrawn)
    base, copy = _records(there, undo)
    again = _brought_back(there, undo, copy)
    withdrawn.update(_open(again))
    there = head.with_(withdrawn)
    seen = Seen(frozenset(there.names(CONFLICTS)), frozenset(there.names(RESOLUTIONS)))
    headers = _headers(undo, kind, by.at)
    incoming = replace(
        by, base=base, copy=copy, base_header=headers[0], copy_header=headers[1],
        seen=lambda _: seen, complete=False,
    )  # fmt: skip
    plan = plan_merge(there, incoming, kind, now)
    withdrawn.update(conflicts_put_back(head, undo, plan.state, by.tag, kind))
    withdrawn.update({(CONFLICTS, one.id): None for one in again})
    withdrawn.update(_that_hold(again, plan.state.with_(withdrawn), kind))
    withdrawn = {key: text for key, text in withdrawn.items() if text != head.get(*key)}
    state = plan.state.with_(withdrawn)
    if plan.entry is None and not withdrawn:
        return plan
    known = {one.id: one for one in open_conflicts(undo.before)}
    new = (one for one in plan.outcome.conflicts if open_conflict(state, one) != known.get(one))
    outcome = replace(plan.outcome, conflicts=tuple(new))
    if plan.entry is None:
        return _plan_entered(head, withdrawn, by, outcome, now)
    changes = tuple(dict.fromkeys((*plan.entry.changes, *withdrawn)))
    entry = replace(plan.entry, changes=changes, conflicts=outcome.conflicts)
    return Plan(state, entry, outcome)


def _plan_entered(
    head: State,
    changed: Mapping[Key, str | None],
    by: Incoming,
    outcome: Outcome,
    now: str,
) -> Plan:
    """The head with these changes, as one version of who undoes."""
    time = later(now, head.time)
    done = summaries.Publication(1, time, head.version, by.seal, {}, (), by.step)
    changed = {**changed, (SESSIONS, by.tag): publications.with_publication(head, by, done)}
    entry = Entry(
        message=by.note, session=by.session, tag=by.tag, agent=by.agent, author=by.author,
        time=time, base=head.version, conflicts=outcome.conflicts, changes=tuple(changed),
    )  # fmt: skip
    return Plan(head.with_(changed), entry, outcome)


def _records(head: State, undo: Undo) -> tuple[dict[str, Record], dict[str, Record]]:
    """The records as the version left them, and as they stood before it."""
    base: dict[str, Record] = {}
    copy: dict[str, Record] = {}
    for name in undo.names():
        after = undo.after.record(name) or Record("{}")
        before, _ = undo.says(name)
        if undo.path:
            old = get(before, undo.path)
            parent = has_parent(after.content, undo.path)
            before = put(after.content, undo.path, old) if parent else after.content
        here = current_ids(head, {name: after}).get(name, name)
        if not _is_undone(head, here, after.content, before):
            base[name], copy[name] = after, after.edited(before)
    return base, copy


def _is_undone(head: State, name: str, after: Json, before: Json) -> bool:
    """Whether the head says already, at every place that was changed, what stood before."""
    here = head.content(name)
    return all(same(get(here, path), old) for path, _, old in leaves(after, before))


def _headers(undo: Undo, kind: DocumentType, at: str) -> tuple[Json, Json]:
    """The header after the version and before it; the dates of before are not restored."""
    texts = [state.get(DOCUMENT, "header") for state in (undo.after, undo.before)]
    if undo.instruction is not None or not all(texts):
        return {}, {}
    headers = (kind.header(text or "{}") for text in texts)
    after, before = (kind.finish(header, dict, dict, at) for header in headers)
    return after, before


def _withdrawn(head: State, undo: Undo) -> dict[Key, str | None]:
    """The open conflicts without the sides that the version brought."""
    before, after = conflicts_by_place(undo.before), conflicts_by_place(undo.after)
    found: dict[Key, str | None] = {}
    for place, conflict in conflicts_by_place(head).items():
        brought = after.get(place)
        if brought is None or not undo.is_about(conflict):
            continue
        known = before.get(place)
        old = known.sides if known else ()
        new = {side.key for side in brought.sides} - {side.key for side in old}
        kept = tuple(side for side in conflict.sides if side.key not in new)
        if len(kept) != len(conflict.sides):
            left = in_force.simplified(replace(conflict, sides=kept))
            text = json_text.dump(left.to_json()) if left.sides else None
            found[CONFLICTS, conflict.id] = text
    return found


def _brought_back(head: State, undo: Undo, copy: Mapping[str, Record]) -> list[Conflict]:
    """The contradictions of before that stand as the version left them: open if their words are.

    One that only the way back closed is among them.
    """
    names = {*copy, *current_ids(head, copy).values()}
    after = {conflict.id for conflict in open_contradictions(undo.after)}
    return [
        open_conflict(head, conflict.id) or conflict
        for conflict in open_contradictions(undo.before)
        if (conflict.id in after) == ((CONFLICTS, conflict.id) in head)
        and (RESOLUTIONS, resolution_name(conflict.id)) not in head
        and (undo.is_about(conflict) or not names.isdisjoint(instructions_of(conflict)))
    ]


def _asked_instead(head: State, undo: Undo, there: State) -> dict[Key, str | None]:
    """The contradictions that the decision opened in place of others: closed if those are back."""
    before, after = ({one.id for one in open_contradictions(s)} for s in (undo.before, undo.after))
    if any((CONFLICTS, name) not in there for name in before - after):
        return {}
    return {(CONFLICTS, name): None for name in after - before if (CONFLICTS, name) in head}


def _that_hold(
    conflicts: list[Conflict], there: State, kind: DocumentType
) -> dict[Key, str | None]:
    """Those of the contradictions, put back, that the instructions still say."""
    hold = {one.id for one in contradictions_after(conflicts, (), there, kind)}
    return _open([one for one in conflicts if one.id in hold])


def _open(conflicts: list[Conflict]) -> dict[Key, str | None]:
    return {(CONFLICTS, one.id): json_text.dump(one.to_json()) for one in conflicts}
