"""Plan the merge of a session into the head. The repository commits the plan.

The same inputs give the same plan: time, ids and tags come in as arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tractatus_merge.core.model import ids, summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.findings import Finding
from tractatus_merge.core.model.open_conflicts import closings, open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    HEADER,
    INSTRUCTIONS,
    SESSIONS,
    Entry,
    Key,
    State,
)
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans import publications
from tractatus_merge.core.plans.document_type import DocumentType, Policy
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.plans.merge_contradictions import merge_findings
from tractatus_merge.core.plans.open_contradictions import contradictions_changed
from tractatus_merge.core.plans.outcome import Outcome, Plan, later, merge_outcome, message
from tractatus_merge.core.plans.renames import with_current_ids
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.places import get, leaves
from tractatus_merge.value import replace

if TYPE_CHECKING:
    from tractatus_merge.core.plans.merge_record import MergedRecord

__all__ = [
    "Outcome",
    "plan_merge",
]


class _Merging:
    """One merge in the making; lives for one call of `plan_merge`."""

    def __init__(self, head: State, incoming: Incoming, kind: DocumentType, now: str) -> None:
        self.head, self.kind = head, kind
        self.incoming, gone = with_current_ids(head, incoming)
        self.now = later(now, head.time)
        published = summaries.publications(head, incoming.tag)
        self.count = 1 + max((p.count for p in published), default=0)
        self.open = _open(head)
        self.changed: dict[Key, str | None] = {}
        self.own: dict[Key, str | None] = {}
        self.touched: list[str] = []
        self.answered: list[str] = []
        self.edits: list[dict[str, Json]] = []
        self.renames = {**gone, **self._collisions()}

    def _collisions(self) -> dict[str, str]:
        """New ids for the session's records whose id another record has taken meanwhile."""
        met = [
            name
            for name in self.incoming.added()
            if (there := self.head.record(name))
            and not same(there.content, self.incoming.copy[name].content)
        ]
        renames: dict[str, str] = {}
        taken = {*self.incoming.copy, *self.head.names(INSTRUCTIONS)} if met else set()
        for name in met:
            renames[name] = ids.tagged_id(name, self.incoming.tag, taken)
            taken.add(renames[name])
        return renames

    def record(self, own: str) -> None:
        """Merge one record that the session added or edited, under the id that it knows."""
        theirs, base = self.incoming.copy[own], self.incoming.base.get(own)
        content = ids.renamed_where_written(
            theirs.content, base.content if base else None, self.renames
        )
        known = base.vector if base else VersionVector()
        vector = known.tick(self.incoming.tag, self.count, creates=base is None)
        name = self.renames.get(own, own)
        if base is None:
            content["id"] = name
        there = self._so_far(name)
        for path, _ in self.incoming.edits(own):
            writer = self.incoming.writer(own, path)
            self.edits.append(summaries.edit(name, path, get(content, path), writer))
        self._wrote(name, theirs.published(content, vector), base)
        head = there.record(name)
        if head is None:
            self.changed[INSTRUCTIONS, name] = self.own[INSTRUCTIONS, name]
            return
        vector = head.vector.join(vector)
        if base is not None:
            merge, vectors = Merge(base.content, head.content, content), (known, head.vector)
            content = self._merged(self.kind.policy, name, merge, vectors, (there, own)).value
        self.changed[INSTRUCTIONS, name] = head.published(content, vector).text

    def _wrote(self, name: str, record: Record, base: Record | None) -> None:
        """Note what the session made of a record; of one that it edited under two ids, both."""
        known = self.own.get((INSTRUCTIONS, name))
        if known and base:
            both = Merge(base.content, Record(known).content, record.content)
            record = record.published(dict(self.kind.policy.rule((), both).value), record.vector)
        self.own[INSTRUCTIONS, name] = record.text

    def _so_far(self, name: str) -> State:
        """The head; with this merge so far, where it has edited the record under another id."""
        if (INSTRUCTIONS, name) not in self.changed:
            return self.head
        self.publish()
        return self.state()

    def header(self, text: str) -> None:
        """Merge the header of the document, then update what is derived from the records."""
        incoming, ours = self.incoming, self.kind.header(text)
        value: Json = ours
        if not same(incoming.base_header, incoming.copy_header):
            merge = Merge(incoming.base_header, ours, incoming.copy_header)
            everyone = VersionVector(dict.fromkeys(self.head.names(SESSIONS), 1))
            vectors = (VersionVector(), everyone)
            known = self.head, ""
            value = self._merged(self.kind.header_policy, None, merge, vectors, known).value
        after = self.state()
        value = self.kind.finish(value, self.head.contents, after.contents, self._latest())
        for path, _, new in leaves(incoming.base_header, incoming.copy_header):
            self.edits.append(summaries.edit(None, path, new, incoming.writer("", path)))
        if not same(value, ours):
            self.changed[DOCUMENT, HEADER] = self.kind.with_header(text, value)

    def _merged(
        self,
        policy: Policy,
        name: str | None,
        merge: Merge,
        vectors: tuple[VersionVector, VersionVector],
        known: tuple[State, str],
    ) -> MergedRecord:
        """Merge one value; `vectors` are the base's and the head's: between them, ours was made.

        `known` is what it is merged into, and the id that the session knows the record by.
        """
        from tractatus_merge.core.plans import merge_record  # mostly the head has left it alone

        (since, vector), (there, own) = vectors, known
        contested = self.open if there is self.head else _open(there)
        about = merge_record.Contested(
            name,
            tuple(contested.get(name, ())),
            closings(there, name),
            self.incoming.seen(own),
        )
        merged = merge_record.merge_record(
            policy,
            merge,
            about,
            writer=lambda path: self.incoming.writer(own, path, self.now),
            blame=lambda path, value: summaries.blame(
                there, name, vector, path, value, since=since
            ),
        )
        after = {conflict.id: conflict for conflict in merged.conflicts}
        for conflict in about.conflicts:
            if conflict.id not in after:
                self.changed[CONFLICTS, conflict.id] = None
        for name_ in merged.touched:
            text = json_text.dump(after[name_].to_json())
            self.changed[CONFLICTS, name_] = text
        self.touched += merged.touched
        self.answered += merged.answered
        return merged

    def publish(self) -> None:
        """Note in the session's summary what it publishes."""
        publication = summaries.Publication(
            self.count,
            self.now,
            self.incoming.base_version,
            self.incoming.seal,
            self.renames,
            tuple(self.edits),
            self.incoming.step,
        )
        note = publications.with_publication(self.head, self.incoming, publication)
        self.changed[SESSIONS, self.incoming.tag] = note

    def meaning(self, names: Iterable[str]) -> list[Finding]:
        """Open and close conflicts for what contradicts across records; the notes come back."""
        brought = [(self.renames.get(name, name), name) for name in names]
        after = self.state()
        found, notes = merge_findings(self.head, after, self.incoming, brought, self.kind.meaning)
        for key, text in contradictions_changed(self.head, after, found, self.kind).items():
            self.changed[key] = text
            if text is not None and key not in self.head:
                self.touched.append(key[1])
        return notes

    def _latest(self) -> str:
        """When the last record was edited; the header's own date merges by its rule.

        No edit is later than its publication, whatever the clock of its session said.
        """
        edits = (edit["at"] for edit in self.edits if edit["instruction"])
        return min(max(edits, default=""), self.now)

    def state(self) -> State:
        return self.head.with_(self.changed)


def _open(state: State) -> dict[str | None, list[Conflict]]:
    """The open conflicts by the record that they are about.

    But those about two records: no merge of one of them settles it.
    """
    found: dict[str | None, list[Conflict]] = {}
    for conflict in open_conflicts(state):
        if conflict.kind != MEANING:
            found.setdefault(conflict.instruction, []).append(conflict)
    return found


def plan_merge(head: State, incoming: Incoming, kind: DocumentType, now: str) -> Plan:
    """What the head becomes when a session's changes are merged into it."""
    again = _earlier_publication(head, incoming)
    if again is not None:
        return Plan(head, None, merge_outcome(incoming, kind.retired, again.renamed))
    merging = _Merging(head, incoming, kind, now)
    incoming = merging.incoming
    added, edited = incoming.added(), incoming.edited()
    text = head.get(DOCUMENT, HEADER)
    header_moved = not same(incoming.base_header, incoming.copy_header)
    for name in (*added, *edited):
        merging.record(name)
    if text is not None and (added or edited or header_moved):
        merging.header(text)
    notes: list[Finding] = []
    if merging.changed:
        merging.publish()
        notes = merging.meaning((*added, *edited))
    conflicts = tuple(c for c in dict.fromkeys(merging.touched) if merging.changed[CONFLICTS, c])
    outcome = merge_outcome(incoming, kind.retired, merging.renames, conflicts, tuple(notes))
    outcome = replace(outcome, answered=tuple(merging.answered))
    if not merging.changed:
        return Plan(head, None, replace(outcome, header=False))
    entry = Entry(
        message=incoming.note or message(incoming.session, outcome),
        session=incoming.session,
        tag=incoming.tag,
        agent=incoming.agent,
        author=incoming.author,
        time=merging.now,
        base=incoming.base_version,
        own=State(version=incoming.base_version, changed=merging.own),
        conflicts=outcome.conflicts,
        changes=tuple(merging.changed),
    )
    return Plan(merging.state(), entry, outcome)


def _earlier_publication(head: State, incoming: Incoming) -> summaries.Publication | None:
    """The publication that merged this very copy before: merging is idempotent."""
    for publication in summaries.publications(head, incoming.tag) if incoming.seal else ():
        if (publication.base, publication.seal) == (incoming.base_version, incoming.seal):
            return publication
    return None
