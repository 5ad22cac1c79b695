"""Plan the undoing of a version: a merge back, published as a person's new version.

The version's result is the base, what stood before it is theirs. So what came later stays, and what
cannot be told apart becomes a conflict as anywhere. What the version added is retired, for nothing
is deleted; a side that it brought to a conflict is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import in_force, summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.findings import resolution_name
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    INSTRUCTIONS,
    RESOLUTIONS,
    SESSIONS,
    Entry,
    Key,
    State,
)
from tractatus_merge.core.plans import publications
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.incoming import Incoming, Seen
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.open_contradictions import instructions_of, open_contradictions
from tractatus_merge.core.plans.outcome import Plan, later
from tractatus_merge.core.plans.renames import current_ids
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, Path, same
from tractatus_merge.core.values.places import get, has_parent, leaves, put
from tractatus_merge.value import Value, replace


class Undo(Value):
    """What a person wants undone: a version as the log tells it, or one record or place of it."""

    entry: Entry
    before: State
    after: State
    instruction: str | None = None
    path: Path = ()

    def names(self) -> list[str]:
        """The instructions that the version changed and that are meant."""
        changed = [name for kind, name in self.entry.changes if kind == INSTRUCTIONS]
        return [name for name in changed if self.instruction in (None, name)]

    def says(self, name: str) -> tuple[Json, Json]:
        """An instruction before the version (retired, where the version added it), and after."""
        after, before = self.after.content(name), self.before.record(name)
        return before.content if before else {**after, "active": False}, after

    @property
    def is_there(self) -> bool:
        """Whether the version changed what is named, or brought a side to a conflict about it."""
        if not self.path or self.instruction is None:
            return self.instruction is None or bool(self.names())
        places = [path for name in self.names() for path, _, _ in leaves(*self.says(name))]
        before = {conflict.id: conflict.to_json() for conflict in open_conflicts(self.before)}
        places += [
            conflict.path
            for conflict in open_conflicts(self.after)
            if conflict.instruction == self.instruction
            and not same(conflict.to_json(), before.get(conflict.id))
        ]
        size = len(self.path)
        return any(
            place[:size] == self.path or self.path[: len(place)] == place for place in places
        )

    @property
    def answers(self) -> bool:
        """Whether the version is a person's answer to a conflict."""
        return any(kind == RESOLUTIONS for kind, _ in self.entry.changes)


def plan_undo(head: State, undo: Undo, by: Incoming, kind: DocumentType, now: str) -> Plan:
    """The head without what the version did; `by` says who undoes it, when, in which session."""
    if any(done.seal == by.seal for done in summaries.publications(head, by.tag)):
        return Plan(head, None)
    withdrawn = _withdrawn(head, undo)
    there = head.with_(withdrawn)
    base, copy = _records(there, undo)
    withdrawn.update(_brought_back(there, undo, copy))
    there = head.with_(withdrawn)
    seen = Seen(frozenset(there.names(CONFLICTS)), frozenset(there.names(RESOLUTIONS)))
    headers = _headers(undo, kind, by.at)
    incoming = replace(
        by, base=base, copy=copy, base_header=headers[0], copy_header=headers[1],
        seen=lambda _: seen, complete=False,
    )  # fmt: skip
    plan = plan_merge(there, incoming, kind, now)
    if not withdrawn:
        return plan
    if plan.entry is not None:
        changes = (*plan.entry.changes, *withdrawn)
        return replace(plan, entry=replace(plan.entry, changes=changes))
    time = later(now, head.time)
    done = summaries.Publication(1, time, head.version, by.seal, {}, ())
    withdrawn[SESSIONS, by.tag] = publications.with_publication(head, by, done)
    entry = Entry(
        message=by.note, session=by.session, tag=by.tag, agent=by.agent, author=by.author,
        time=time, base=head.version, changes=tuple(withdrawn),
    )  # fmt: skip
    return Plan(head.with_(withdrawn), entry, plan.outcome)


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
    before = {conflict.id: conflict for conflict in open_conflicts(undo.before)}
    after = {conflict.id: conflict for conflict in open_conflicts(undo.after)}
    found: dict[Key, str | None] = {}
    for conflict in open_conflicts(head):
        brought = after.get(conflict.id)
        if brought is None or not _is_meant(undo, conflict):
            continue
        known = before.get(conflict.id)
        old = known.sides if known else ()
        new = {side.key for side in brought.sides} - {side.key for side in old}
        kept = tuple(side for side in conflict.sides if side.key not in new)
        if len(kept) != len(conflict.sides):
            left = in_force.simplified(replace(conflict, sides=kept))
            text = json_text.dump(left.to_json()) if left.sides else None
            found[CONFLICTS, conflict.id] = text
    return found


def _brought_back(head: State, undo: Undo, copy: Mapping[str, Record]) -> dict[Key, str | None]:
    """The contradictions that the version closed: open again if their words come back."""
    names = {*copy, *current_ids(head, copy).values()}
    after = {conflict.id for conflict in open_contradictions(undo.after)}
    return {
        (CONFLICTS, conflict.id): json_text.dump(conflict.to_json())
        for conflict in open_contradictions(undo.before)
        if conflict.id not in after
        and (CONFLICTS, conflict.id) not in head
        and (RESOLUTIONS, resolution_name(conflict.id)) not in head
        and not names.isdisjoint(instructions_of(conflict))
    }


def _is_meant(undo: Undo, conflict: Conflict) -> bool:
    if undo.path:
        return conflict.instruction == undo.instruction and conflict.path == undo.path
    about = (conflict.instruction, conflict.path[1] if conflict.kind == MEANING else None)
    return undo.instruction is None or undo.instruction in about
