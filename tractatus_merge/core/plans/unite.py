"""Plan the union of two heads of one line that diverged in two clones.

No session is merged here and nothing ticks: what both heads say is put together, record by record.
Without a remote the result is one function of the two heads, whichever is asked first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import Conflict, Side, Writer
from tractatus_merge.core.model.open_conflicts import is_known, next_conflict_id
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    HEADER,
    INSTRUCTIONS,
    LAYOUT,
    RESOLUTIONS,
    SESSIONS,
    Entry,
    Key,
    State,
)
from tractatus_merge.core.model.version_vector import Order, VersionVector
from tractatus_merge.core.plans import unite_contradictions
from tractatus_merge.core.plans.collisions import collisions, with_renames
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.outcome import Plan, newly_open, union_outcome
from tractatus_merge.core.plans.restated import as_it_stands
from tractatus_merge.core.plans.unite_head import Head, common_vector, shared_tags, united_summary
from tractatus_merge.core.plans.unite_place import Precedence, is_exchange, with_in_force
from tractatus_merge.core.plans.unite_record import Joined, Version, join
from tractatus_merge.core.plans.unite_unknown import carried
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, digest, same
from tractatus_merge.core.values.places import put
from tractatus_merge.value import replace


def plan_unite(
    base: State | None, ours: State, theirs: State, kind: DocumentType, *, remote: bool
) -> Plan:
    """What our head becomes when another head of the line is united with it.

    `base` is their newest common version: where there are several, those united; where there is
    none, what the two roots have in common (`common_root`), else None. `remote`: theirs is a
    remote's head, whose values in force stay. The plan's state derives from ours; its entry says
    nothing of who asked or when, so that all who unite two heads alike make one version; it is None
    only where theirs is an ancestor.
    """
    if theirs.version is not None and theirs.version in (ours.version, base and base.version):
        return Plan(ours, None)
    heads = (theirs, ours) if remote else _by_age(ours, theirs)
    renames = collisions(base, *heads)
    was = with_renames(base, renames) if base else None
    found = _Uniting(
        was, (with_renames(heads[0], renames), with_renames(heads[1], renames)), kind, remote=remote
    )
    united = found.united()
    keys = {key: united.get(key) for key in (*united, *ours)}
    changed = {key: text for key, text in keys.items() if text != ours.get(*key)}
    state = ours.with_(changed)
    outcome = union_outcome(ours, state, kind.retired, {r.old: r.new for r in renames})
    parents = [head.version for head in _by_age(ours, theirs) if head.version]
    contested = (set(newly_open(head, state)) for head in heads)
    entry = Entry(
        message=f"Unite {' and '.join(version[:12] for version in parents)}",
        time=max(ours.time, theirs.time),
        conflicts=tuple(sorted(set.intersection(*contested))),
        parents=tuple(parents),
        changes=tuple(changed),
    )
    return Plan(state, entry, outcome)


def _by_age(one: State, other: State) -> tuple[State, State]:
    """Two heads in an order that does not depend on which is asked first."""

    def age(state: State) -> tuple[str, str]:
        return state.time, state.version or ""

    if age(one) == age(other):
        texts = [digest([[*key, s.get(key[0], key[1])] for key in sorted(s)]) for s in (one, other)]
        return (one, other) if texts[0] <= texts[1] else (other, one)
    return (one, other) if age(one) < age(other) else (other, one)


class _Uniting:
    """One union in the making; lives for one call of `plan_unite`."""

    def __init__(
        self, was: State | None, heads: tuple[State, State], kind: DocumentType, *, remote: bool
    ) -> None:
        self.kind, self.remote = kind, remote
        self.was = Head.of(was or State())
        self.heads = Head.of(heads[0]), Head.of(heads[1])
        self.clashing = shared_tags(*heads)
        self.items: dict[Key, str] = {}
        self.conflicts: list[Conflict] = []
        self.who = Precedence(remote, self._rank)
        self._tags: dict[tuple[str, str], str] = {}

    def united(self) -> Mapping[Key, str]:
        """Every text of the result."""
        first, second = heads = self.heads[0].state, self.heads[1].state
        opposed = list(self._kept())
        for name in sorted({*first.names(INSTRUCTIONS), *second.names(INSTRUCTIONS)}):
            self._record(name)
        self._layout()
        self._header()
        for pair in opposed:
            self.items.update(unite_contradictions.reopen(pair, heads, self.items))
        if opposed:
            stands = State(self.items)
            self.conflicts = [
                as_it_stands(one, stands) if one.instruction else one for one in self.conflicts
            ]
        united = unite_contradictions.open_in_united(
            self.was.state, heads, State(self.items), self.kind, opposed
        )
        self.items = {key: text for key, text in self.items.items() if key[0] != CONFLICTS}
        self.items.update(united)
        settled = State(self.items)
        for conflict in self.conflicts:
            named = next_conflict_id(settled, conflict.instruction, conflict.path)
            text = json_text.dump(replace(conflict, id=named).to_json())
            self.items[CONFLICTS, named] = text
        return {**self.items, **carried(self.was.state, heads)}

    def _kept(self) -> Iterator[tuple[str, str]]:
        """Unite summaries and resolutions; the pairs of answers that differ come back."""
        first, second = (head.state for head in self.heads)
        for collection in (SESSIONS, RESOLUTIONS):
            for name in sorted({*first.names(collection), *second.names(collection)}):
                was = self.was.state.get(collection, name)
                one, other = first.get(collection, name), second.get(collection, name)
                if not all(is_known((collection, name), text) for text in (one, other) if text):
                    continue  # carried
                if None in (one, other) and was is not None:
                    continue  # an answer to a contradiction, which one head has revoked
                one, other = one or other or "", other or one or ""
                both = (
                    united_summary
                    if collection == SESSIONS
                    else partial(unite_contradictions.common_answer, was)
                )
                text = one if one == other else both(one, other)
                if text is None:
                    yield one, other
                else:
                    self.items[collection, name] = text

    def _unchanged(self, collection: str, name: str, instruction: str | None) -> Head | None:
        """The head whose record is taken whole: the other has the same, or left it unchanged."""
        first, second = self.heads
        told = [h.says(collection, name, instruction) for h in (first, second, self.was)]
        if told[1][0] is None or told[0] == told[1] or told[1] == told[2]:
            return first
        return second if told[0][0] is None or told[0] == told[2] else None

    def _record(self, name: str) -> None:
        """Unite one instruction: by who changed it, by the vectors, else by the rules."""
        was = self.was.state.record(name)
        one, other = (head.state.record(name) for head in self.heads)
        whole = self._unchanged(INSTRUCTIONS, name, name) or self._newer(name, was, one, other)
        if whole is not None:
            there = one if whole is self.heads[0] else other
            assert there is not None
            found = Joined(there.content, whole.conflicts(name))
            vector = there.vector
        else:
            assert one is not None and other is not None
            there, vector = one, one.vector.join(other.vector)
            since = was.vector if was else common_vector(one.vector, other.vector, self.clashing)
            known = Version(was.content, self.was.conflicts(name)) if was else None
            sides = self._versions(
                name, (one.content, other.content), (one.vector, other.vector), since
            )
            found = join(self.kind.policy, name, known, sides, self.who)
        found = self._remote_stands(name, found)
        self.conflicts += found.conflicts
        if whole is not None and found.value is there.content:
            text = there.text
        else:
            stamped = there.published(found.value, vector)
            text = (stamped if vector.counts else there.edited(found.value)).text
        self.items[INSTRUCTIONS, name] = text

    def _newer(
        self, name: str, was: Record | None, one: Record | None, other: Record | None
    ) -> Head | None:
        """The head whose record has seen all of the other's publications.

        Without a known base the empty vector says nothing: the files adopted may have differed. Nor
        does the vector where the older head has withdrawn a side, for which no record is published,
        nor where two sessions published under one tag.
        """
        assert one is not None and other is not None
        twice = self.clashing & one.vector.counts.keys() & other.vector.counts.keys()
        if twice or (was is None and not (one.vector.counts and other.vector.counts)):
            return None
        order = one.vector.order(other.vector)
        places = {Order.BEFORE: (1, 0), Order.AFTER: (0, 1)}.get(order)
        if places is None:
            return None
        newer, older = (self.heads[place] for place in places)
        waited, there, here = (head.waiting(name) for head in (self.was, older, newer))
        return None if (waited - there) & here else newer

    def _versions(
        self,
        name: str | None,
        values: tuple[Json, Json],
        vectors: tuple[VersionVector, VersionVector],
        since: VersionVector,
    ) -> tuple[Version, Version]:
        """Both heads' versions of a record, with what only one of them knows."""
        first, second = self.heads

        def version(head: Head, other: Head, place: int) -> Version:
            def blame(path: Path, value: Json) -> tuple[Writer, ...]:
                return summaries.blame(head.state, name, vectors[place], path, value, since=since)

            answers = head.answers(other, name)
            return Version(values[place], head.conflicts(name), answers, blame)

        return version(first, second, 0), version(second, first, 1)

    def _remote_stands(self, name: str | None, found: Joined) -> Joined:
        """A remote's value in force stands also where only the roles of the sides differ.

        Not where our clone has an answer that the remote does not know, nor where it stood already
        before the heads parted: another remote has exchanged the roles since.
        """
        value, conflicts = found.value, []
        if not (self.remote and found.conflicts):
            return found
        answered = self.heads[1].answers(self.heads[0], name)
        before = {c.path: c.force.value for c in self.was.conflicts(name)}
        there, here = ({c.path: c for c in head.conflicts(name)} for head in self.heads)
        for conflict in found.conflicts:
            twin, was = there.get(conflict.path), before.get(conflict.path, MISSING)
            if twin is not None and same(twin.force.value, was):
                twin = here.get(conflict.path)
            if twin is not None and conflict.path not in answered and is_exchange(conflict, twin):
                conflict = with_in_force(conflict, twin.force.value)  # noqa: PLW2901
                value = put(value, conflict.path, conflict.force.value)
            conflicts.append(conflict)
        return Joined(value, tuple(conflicts))

    def _header(self) -> None:
        """Unite the document's header, then count its counters again."""
        texts = [h.state.get(DOCUMENT, HEADER) for h in (*self.heads, self.was)]
        if texts[0] is None and texts[1] is None:
            return
        whole = self._unchanged(DOCUMENT, HEADER, None)
        head = whole or self.heads[0]
        text = head.state.get(DOCUMENT, HEADER) or ""
        found = Joined(self.kind.header(text), head.conflicts(None))
        if whole is None:
            one, other = (self.kind.header(item or "{}") for item in texts[:2])
            vectors = self.heads[0].header_vector(), self.heads[1].header_vector()
            since = self.was.header_vector() if texts[2] else common_vector(*vectors)
            known = self._header_base(texts[2], (one, other), vectors)
            sides = self._versions(None, (one, other), vectors, since)
            found = join(self.kind.header_policy, None, known, sides, self.who)
        found = self._remote_stands(None, found)
        self.conflicts += found.conflicts
        after = State(self.items)
        value = self.kind.finish(found.value, head.state.contents, after.contents, "")
        same_words = same(value, self.kind.header(text))
        self.items[DOCUMENT, HEADER] = text if same_words else self.kind.with_header(text, value)

    def _header_base(
        self, was: str | None, values: tuple[Json, Json], vectors: tuple[VersionVector, ...]
    ) -> Version | None:
        """What both headers were made from: the base's; without one, the older of the two."""
        if was is not None:
            return Version(self.kind.header(was), self.was.conflicts(None))
        if not all(vector.counts for vector in vectors):
            return None
        order = vectors[0].order(vectors[1])
        if order not in (Order.BEFORE, Order.AFTER):
            return None
        older = 0 if order is Order.BEFORE else 1
        return Version(values[older], self.heads[older].conflicts(None))

    def _layout(self) -> None:
        """The layout as adopted: a remote's; else the one that adopted more, then the smaller."""
        whole = self._unchanged(DOCUMENT, LAYOUT, "") or (self.heads[0] if self.remote else None)
        texts = [head.state.get(DOCUMENT, LAYOUT) for head in self.heads]
        text = whole.state.get(DOCUMENT, LAYOUT) if whole else None
        if text is None:
            found = [item for item in texts if item]
            text = min(found, key=lambda t: (-len(json_text.parse(t)["order"]), t), default=None)
        if text is not None:
            self.items[DOCUMENT, LAYOUT] = text

    def _rank(self, side: Side) -> tuple[str, ...]:
        """The earlier published before the later, then the smaller tag."""
        if not self._tags:
            for head in self.heads:
                for tag in head.state.names(SESSIONS):
                    summary = summaries.summary(head.state, tag) or {}
                    for item in summary["publications"]:
                        self._tags[summary["session"], item["published"]] = tag
        wrote = [(w.published, self._tags.get((w.session, w.published), "")) for w in side.writers]
        return (*min(wrote, default=("", "")), canonical(side.value))
