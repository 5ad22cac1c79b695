"""Plan the merge of a session into the head. The repository commits the plan.

The same inputs give the same plan: time, ids and tags come in as arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tractatus_merge.core.model import ids, summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.findings import Finding
from tractatus_merge.core.model.open_conflicts import closings, open_conflicts
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
from tractatus_merge.core.plans.merge_record import Contested, MergedRecord, merge_record
from tractatus_merge.core.plans.open_contradictions import contradictions_changed
from tractatus_merge.core.plans.outcome import Outcome, Plan, later, merge_outcome, message
from tractatus_merge.core.plans.renames import with_current_ids
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.places import get, leaves

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
        self.open: dict[str | None, list[Conflict]] = {}
        for conflict in open_conflicts(head):
            if conflict.kind == MEANING:
                continue  # it is about two records, and no merge of one of them settles it
            self.open.setdefault(conflict.instruction, []).append(conflict)
        self.changed: dict[Key, str | None] = {}
        self.own: dict[Key, str | None] = {}
        self.touched: list[str] = []
        self.answered: list[str] = []
        self.edits: list[dict[str, Json]] = []
        self.renames = {**gone, **self._collisions()}

    def _collisions(self) -> dict[str, str]:
        """New ids for the session's records whose id another record has taken meanwhile."""
        renames: dict[str, str] = {}
        taken = {*self.incoming.copy, *self.head.names(INSTRUCTIONS)}
        for name in self.incoming.added():
            there = self.head.record(name)
            if there and not same(there.content, self.incoming.copy[name].content):
                renames[name] = ids.tagged_id(name, self.incoming.tag, taken)
                taken.add(renames[name])
        return renames

    def record(self, name: str) -> None:
        """Merge one record that the session added or edited."""
        theirs, base = self.incoming.copy[name], self.incoming.base.get(name)
        content = ids.renamed_where_written(
            theirs.content, base.content if base else None, self.renames
        )
        known = base.vector if base else VersionVector()
        vector = known.tick(self.incoming.tag, self.count, creates=base is None)
        written = self.incoming.edits(name)
        wrote = [(path, self.incoming.writer(name, path)) for path, _ in written]
        name = self.renames.get(name, name)
        if base is None:
            content["id"] = name
        for path, writer in wrote:
            self.edits.append(summaries.edit(name, path, get(content, path), writer))
        self.own[INSTRUCTIONS, name] = theirs.published(content, vector).text
        head = self.head.record(name)
        if head is None:
            self.changed[INSTRUCTIONS, name] = self.own[INSTRUCTIONS, name]
            return
        vector = head.vector.join(vector)
        if base is not None:
            merge = Merge(base.content, head.content, content)
            content = self._merged(self.kind.policy, name, merge, (known, head.vector)).value
        self.changed[INSTRUCTIONS, name] = head.published(content, vector).text

    def header(self, text: str) -> None:
        """Merge the header of the document, then update what is derived from the records."""
        incoming, ours = self.incoming, self.kind.header(text)
        value: Json = ours
        if not same(incoming.base_header, incoming.copy_header):
            merge = Merge(incoming.base_header, ours, incoming.copy_header)
            everyone = VersionVector(dict.fromkeys(self.head.names(SESSIONS), 1))
            vectors = (VersionVector(), everyone)
            value = self._merged(self.kind.header_policy, None, merge, vectors).value
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
    ) -> MergedRecord:
        """Merge one value; `vectors` are the base's and the head's: between them, ours was made."""
        since, vector = vectors
        about = Contested(
            name,
            tuple(self.open.get(name, ())),
            closings(self.head, name),
            self.incoming.seen(name or ""),
        )
        merged = merge_record(
            policy,
            merge,
            about,
            writer=lambda path: self.incoming.writer(name or "", path, self.now),
            blame=lambda path, value: summaries.blame(
                self.head, name, vector, path, value, since=since
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
        )
        note = publications.with_publication(self.head, self.incoming, publication)
        self.changed[SESSIONS, self.incoming.tag] = note

    def meaning(self, names: Iterable[str]) -> list[Finding]:
        """Open and close conflicts for what contradicts across records; the notes come back."""
        brought = {self.renames.get(name, name): name for name in names}
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
    conflicts = tuple(dict.fromkeys(merging.touched))
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
