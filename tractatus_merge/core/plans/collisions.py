"""Two heads gave one id to two records: which one is renamed, and what mentions it.

The new id, and who gets it, are functions of who created the records and when, not of which head is
asked: every clone that sees both decides alike. A head in which a record has not yet given way is
retold as if it always had had its new id; only then the heads are united.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tractatus_merge.core.model import ids, summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict, conflict_id
from tractatus_merge.core.model.open_conflicts import is_known, open_conflicts, resolution_prefix
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import REVOKES
from tractatus_merge.core.model.state import (
    CONFLICTS,
    INSTRUCTIONS,
    RESOLUTIONS,
    SESSIONS,
    Key,
    State,
)
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.open_contradictions import instructions_of
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, digest, same
from tractatus_merge.core.values.places import get, put
from tractatus_merge.value import Value, replace


class Rename(Value):
    """A record that gives way: known by its creators and its old id."""

    old: str
    new: str
    creators: frozenset[str]
    loser: VersionVector
    winner: VersionVector

    def is_of(self, tag: str, count: int) -> bool:
        """Whether a publication is one of this record, and not of the one that keeps the id."""
        return self.winner.count(tag) < count <= self.loser.count(tag)


def collisions(base: State | None, first: State, second: State) -> list[Rename]:
    """The records of two heads that cannot both keep their id.

    The one published first keeps it (an adopted one before all), then the smaller tag.
    """
    found = []
    names = set(first.names(INSTRUCTIONS)) & set(second.names(INSTRUCTIONS))
    for name in sorted(names):
        one, other = first.record(name), second.record(name)
        assert one is not None and other is not None
        if one.text == other.text or _is_one(base.record(name) if base else None, one, other):
            continue
        loser, winner, head = other, one, second
        if _created(first, name, one) > _created(second, name, other):
            loser, winner, head = one, other, first
        taken = set(head.names(INSTRUCTIONS))
        rest = second if head is first else first
        for there in rest.names(INSTRUCTIONS):
            known = rest.record(there)
            if known and not known.vector.creators & loser.vector.creators:
                taken.add(there)
        tag = _created(head, name, loser)[1]
        new = ids.tagged_id(name, tag, taken)
        found.append(Rename(name, new, loser.vector.creators, loser.vector, winner.vector))
    return found


def with_renames(state: State, renames: Iterable[Rename]) -> State:
    """The state as if the renamed records had had their new ids from the start."""
    for rename in renames:
        there = state.record(rename.old)
        if there and there.vector.creators & rename.creators:
            state = state.with_(_moved(state, rename, there))
            state = state.with_(_mentions(state, rename))
    return state


def _is_one(base: Record | None, one: Record, other: Record) -> bool:
    """Whether two records are versions of one: never two creators that differ."""
    adopted = base is not None and not base.vector.creators
    return one.is_of(other) or adopted or same(one.content, other.content)


def _created(state: State, name: str, there: Record) -> tuple[str, str]:
    """When the record was first published, and by which tag; ("", "") for an adopted one."""
    tags = there.vector.creators
    return min(
        ((summaries.first_published(state, tag, name), tag) for tag in tags), default=("", "")
    )


def _moved(state: State, rename: Rename, there: Record) -> dict[Key, str | None]:
    """The record under its new id, with its conflicts, resolutions and what was noted of it."""
    old, new = rename.old, rename.new
    content = dict(there.content, id=new)
    changed: dict[Key, str | None] = {
        (INSTRUCTIONS, old): None,
        (INSTRUCTIONS, new): there.published(content, there.vector).text,
    }
    changed.update(_conflicts_moved(state, rename))
    before, after = resolution_prefix(old), resolution_prefix(new)
    for name in state.names(RESOLUTIONS):
        text = state.get(RESOLUTIONS, name) if name.startswith(before) else None
        if text and is_known((RESOLUTIONS, name), text):
            named, told = after + name.removeprefix(before), json_text.parse(text)
            if REVOKES in told:
                about = {REVOKES: after + told[REVOKES].removeprefix(before)}
            else:
                about = {"instruction": new}
            told = {**told, "id": named, **about}
            changed[RESOLUTIONS, name] = None
            changed[RESOLUTIONS, named] = json_text.rewrite(text, told)
    for tag in rename.loser.counts:
        summary = summaries.summary(state, tag)
        if summary:
            for item in summary["publications"]:
                if rename.is_of(tag, item["count"]):
                    _note(item, rename, created=tag in rename.creators)
            changed[SESSIONS, tag] = json_text.dump(summary)
    return changed


def _conflicts_moved(state: State, rename: Rename) -> dict[Key, str | None]:
    """The conflicts of the record, under its new id."""
    changed: dict[Key, str | None] = {}
    for conflict in open_conflicts(state):
        if conflict.kind == MEANING:
            moved = _contradiction_moved(conflict, rename)
            changed[CONFLICTS, moved.id] = json_text.dump(moved.to_json())
        elif conflict.instruction == rename.old:
            named = conflict_id(rename.new, conflict.path, ())
            moved = replace(conflict, instruction=rename.new, id=named)
            changed[CONFLICTS, conflict.id] = None
            changed[CONFLICTS, named] = json_text.dump(moved.to_json())
    return changed


def _contradiction_moved(conflict: Conflict, rename: Rename) -> Conflict:
    """A contradiction with the record's new id; its own id follows where the heads unite."""
    names = [rename.new if name == rename.old else name for name in instructions_of(conflict)]
    force, side = (
        replace(side, value={**side.value, "instruction": name})
        for side, name in zip(conflict.all_sides, names, strict=True)
    )
    path = (conflict.path[0], names[1], *conflict.path[2:])
    return replace(conflict, instruction=names[0], path=path, force=force, sides=(side,))


def _note(item: dict[str, Json], rename: Rename, *, created: bool) -> None:
    """Rewrite one publication of a summary to the new id."""
    if created:
        item["renamed"] = {**item.get("renamed", {}), rename.old: rename.new}
    for edit in item["edits"]:
        if edit["instruction"] == rename.old:
            edit["instruction"] = rename.new


def _mentions(state: State, rename: Rename) -> dict[Key, str | None]:
    """Rewrite mentions of the old id where the value is still what the creator's session wrote."""
    changed: dict[Key, str | None] = {}
    contested = {(c.instruction, c.path): c for c in open_conflicts(state)}
    for tag, edit, summary in _edits(state, rename):
        name, path = edit["instruction"], tuple(edit["path"])
        text = changed.get((INSTRUCTIONS, name)) or state.get(INSTRUCTIONS, name or "")
        there = Record(text) if text else None
        if there is None:
            continue
        value = get(there.content, path)
        told = ids.renamed(value, {rename.old: rename.new})
        is_itself = name == rename.new and not path
        wrote = {**value, "id": rename.old} if is_itself else value
        if digest(wrote) != edit["value"] or same(wrote, told):
            continue
        edit["value"] = digest(told)
        content = put(there.content, path, told)
        changed[INSTRUCTIONS, name] = there.published(content, there.vector).text
        changed[SESSIONS, tag] = json_text.dump(summary)
        conflict = contested.get((name, path))
        if conflict is not None:
            changed[CONFLICTS, conflict.id] = json_text.dump(_with_value(conflict, told).to_json())
    return changed


def _edits(state: State, rename: Rename) -> Iterator[tuple[str, dict[str, Json], dict[str, Json]]]:
    """What the creators' sessions wrote, with the summaries that say so."""
    for tag in sorted(rename.creators):
        summary = summaries.summary(state, tag)
        for item in summary["publications"] if summary else ():
            for edit in item["edits"]:
                yield tag, edit, summary or {}


def _with_value(conflict: Conflict, value: Json) -> Conflict:
    return replace(conflict, force=replace(conflict.force, value=value))
