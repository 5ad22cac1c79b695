"""One head of a union: its records with their open conflicts, and the answers it has.

Also the two parts of a head that unite without a question: summaries, and what two roots share.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolution_prefix, resolutions
from tractatus_merge.core.model.resolutions import REVOKES
from tractatus_merge.core.model.state import RESOLUTIONS, SESSIONS, Key, State
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.unite_place import Answers
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, same
from tractatus_merge.value import Value


class Head(Value):
    """One head, with its open conflicts by instruction."""

    state: State
    open: Mapping[str | None, tuple[Conflict, ...]]

    @classmethod
    def of(cls, state: State) -> Head:
        """Read a state's conflicts."""
        found: dict[str | None, tuple[Conflict, ...]] = {}
        for conflict in open_conflicts(state):
            if conflict.kind == MEANING:
                continue  # about two records: united by id
            known = found.get(conflict.instruction, ())
            found[conflict.instruction] = (*known, conflict)
        return cls(state, found)

    def conflicts(self, name: str | None) -> tuple[Conflict, ...]:
        """The open conflicts of an instruction, or (None) of the header."""
        return self.open.get(name, ())

    def waiting(self, name: str | None) -> frozenset[tuple[Path, str, str]]:
        """The sides that wait in the open conflicts of an instruction: place, base and value."""
        return frozenset(
            (conflict.path, canonical(side.base), canonical(side.value))
            for conflict in self.conflicts(name)
            for side in conflict.sides
        )

    def says(self, collection: str, name: str, instruction: str | None) -> list[str | None]:
        """A record's text with all that is open on it."""
        told = sorted(canonical(c.to_json()) for c in self.conflicts(instruction))
        return [self.state.get(collection, name), *told]

    def answers(self, other: Head, instruction: str | None) -> dict[Path, Answers]:
        """What people answered on an instruction here and the other head does not know.

        What was revoked here is no answer.
        """
        found: dict[Path, Answers] = {}
        prefix = resolution_prefix(instruction)
        known = {told["id"]: told for told in resolutions(self.state, prefix)}
        revoked = {told[REVOKES] for told in known.values() if REVOKES in told}
        for name, told in known.items():
            if (RESOLUTIONS, name) in other.state or REVOKES in told or name in revoked:
                continue
            path, rank = tuple(told["path"]), (told["published"], name)
            terms = [*told["sides"], told]
            seen = {canonical(term.get("value", MISSING)) for term in terms}
            bases = {canonical(side.get("base", MISSING)) for side in told["sides"]}
            so_far = found.get(path, Answers(rank, frozenset(), frozenset()))
            found[path] = Answers(min(so_far.rank, rank), so_far.seen | seen, so_far.bases | bases)
        return found

    def header_vector(self) -> VersionVector:
        """Who has published the header how often: it carries no stamp, the summaries tell."""
        counts = {
            tag: item.count
            for tag in self.state.names(SESSIONS)
            for item in summaries.publications(self.state, tag)
            if any(edit["instruction"] is None for edit in item.edits)
        }
        return VersionVector(counts)


def common_vector(
    one: VersionVector, other: VersionVector, but: frozenset[str] = frozenset()
) -> VersionVector:
    """The publications that both know, `but` for those of some tags."""
    counts = {t: min(n, other.count(t)) for t, n in one.counts.items() if other.count(t)}
    return VersionVector({tag: count for tag, count in counts.items() if tag not in but})


def shared_tags(one: State, other: State) -> frozenset[str]:
    """The tags that two sessions share: they have different publications of one count.

    Two sessions have one tag where a clone was copied, or restored, with a session at work in it.
    """
    found = []
    for tag in set(one.names(SESSIONS)) & set(other.names(SESSIONS)):
        if one.get(SESSIONS, tag) != other.get(SESSIONS, tag):
            known = {item.count: item.seal for item in summaries.publications(one, tag)}
            there = summaries.publications(other, tag)
            if any(known.get(item.count, item.seal) != item.seal for item in there):
                found.append(tag)
    return frozenset(found)


def united_summary(one: str, other: str) -> str:
    """One summary of two for one tag, with every publication; a renamed version is the newer."""
    values = [json_text.parse(text) for text in (one, other)]
    found: dict[tuple[int, str], Json] = {}
    for item in (item for value in values for item in value["publications"]):
        key = item["count"], item["seal"]
        known = found.get(key, item)
        found[key] = min(known, item, key=lambda i: (-len(i.get("renamed", {})), canonical(i)))
    items = [found[key] for key in sorted(found)]
    for text, value in zip((one, other), values, strict=True):
        if same(value["publications"], items):
            return text
    newer = max(values, key=lambda value: (value["publications"][-1]["count"], canonical(value)))
    older = values[newer is values[0]]
    return json_text.dump({**older, **newer, "publications": items})


def common_root(one: State, other: State) -> State:
    """The base of two heads without a common version: the records that their roots share."""
    shared: dict[Key, str] = {}
    for key in one:
        text, there = one.get(key[0], key[1]), other.get(key[0], key[1])
        if (
            text
            and there
            and (text == there or same(json_text.parse(text), json_text.parse(there)))
        ):
            shared[key] = text
    return State(shared)
