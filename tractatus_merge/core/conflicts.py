"""Conflicts as values: n sides, their algebra, their JSON. Never an exception, never a marker.

A contested place has a value in force and a set of waiting sides `(base -> value)`. A change
`(x -> y)` from a copy in which the place was not contested: where x is in force, y takes its place;
where x is a side's value, that side moves to y; else it is a further side. A side that equals the
value in force vanishes; one made from the value in force takes its place; with no side left the
conflict is closed. A change from a copy in which the conflict was already open is a proposal: a
further side that moves and closes nothing. Conflicts of whole records (`edit/retire`) are plain sets
of sides and are closed by a person only. After the algebra of jj's `Merge`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tractatus_merge.core.paths import shown as shown
from tractatus_merge.core.values import MISSING, Json, Path, canonical, digest, get, put, same

FIELD = "field"
EDIT_RETIRE = "edit/retire"


@dataclass(frozen=True, slots=True, order=True)
class Writer:
    """Who wrote a side's value: in which session, when, why, and when it was published."""

    at: str
    session: str
    author: str = ""
    why: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One answer to a contested place: the value, what it was made from, everyone who wrote it."""

    base: Json
    value: Json
    writers: tuple[Writer, ...] = ()
    proposal: bool = False

    def joined(self, writers: Iterable[Writer]) -> Side:
        """The same side with more writers; each session counts once for each time it wrote."""
        return replace(self, writers=tuple(sorted({*self.writers, *writers})))


@dataclass(frozen=True, slots=True)
class Conflict:
    """A contested place. `force` is the side in force, `sides` are those that wait."""

    id: str
    kind: str
    instruction: str | None
    path: Path
    severity: str
    force: Side
    sides: tuple[Side, ...]

    @property
    def all_sides(self) -> tuple[Side, ...]:
        """The side in force first, then those that wait, in the order a person counts them."""
        return (self.force, *self.sides)

    @property
    def terms(self) -> str:
        """A digest of exactly what a person sees when settling: changed terms need a new look."""
        waiting = sorted(canonical([_term(side.base), _term(side.value)]) for side in self.sides)
        return digest([_term(self.force.value), waiting])


def conflict_id(instruction: str | None, path: Path, closings: Iterable[str]) -> str:
    """The id of the one conflict that can be open at a place: the same in every clone."""
    return "c" + digest([instruction, list(path), sorted(closings)], 8)


def changed(
    conflict: Conflict, before: Json, after: Json, writer: Writer, *, seen: bool
) -> Conflict:
    """The conflict after a session's change; with no side left it is closed (`is_closed`).

    `seen`: the conflict was already open in the copy the change was made in.
    """
    force, sides = conflict.force, list(conflict.sides)
    if conflict.kind != FIELD:
        return stood_for(conflict, after, writer)
    made = Side(before, after, (writer,), proposal=seen)
    twin = next((side for side in sides if same(side.value, before)), None)
    if not seen and same(before, force.value):
        force = Side(force.base, after, (writer,))
    elif not seen and twin is not None:
        sides[sides.index(twin)] = replace(made, base=twin.base)
    else:
        sides.append(made)
    return simplified(replace(conflict, force=force, sides=tuple(sides)))


def stood_for(conflict: Conflict, value: Json, writer: Writer) -> Conflict:
    """A conflict of a whole record with one more session standing for a value."""
    if same(value, conflict.force.value):
        return replace(conflict, force=conflict.force.joined([writer]))
    side = Side(conflict.force.base, value, (writer,))
    return replace(conflict, sides=united([*conflict.sides, side]))


def simplified(conflict: Conflict) -> Conflict:
    """Apply the algebra's cancellations until none is left (places only, not whole records)."""
    if conflict.kind != FIELD:
        return conflict
    force, sides = conflict.force, list(united(conflict.sides))
    while True:
        heir = next((s for s in sides if not s.proposal and same(s.base, force.value)), None)
        equal = [side for side in sides if same(side.value, force.value)]
        if equal:
            force = force.joined(writer for side in equal for writer in side.writers)
            sides = [side for side in sides if side not in equal]
        elif heir is not None:
            force = Side(force.base, heir.value, heir.writers)
            sides.remove(heir)
        else:
            return replace(conflict, force=force, sides=tuple(sides))


def is_closed(conflict: Conflict) -> bool:
    """Whether nothing waits any more."""
    return not conflict.sides


def united(sides: Iterable[Side]) -> tuple[Side, ...]:
    """The set of sides: the same base and value once, with everyone who wrote it; ordered."""
    found: dict[str, Side] = {}
    for side in sides:
        key = canonical([_term(side.base), _term(side.value)])
        twin = found.get(key)
        if twin is not None:
            side = replace(twin.joined(side.writers), proposal=twin.proposal and side.proposal)
        found[key] = side
    order = sorted(found, key=lambda key: (found[key].writers[:1], key))
    return tuple(found[key] for key in order)


def lifted(conflict: Conflict, path: Path, parent: Json) -> Conflict:
    """The conflict told at a place above its own, whose value in force is `parent`."""
    rest = conflict.path[len(path) :]

    def above(side: Side) -> Side:
        return replace(side, base=put(parent, rest, side.base), value=put(parent, rest, side.value))

    return replace(
        conflict, path=path, force=above(conflict.force), sides=tuple(map(above, conflict.sides))
    )


def absorbed(conflict: Conflict, below: Iterable[Conflict]) -> Conflict:
    """A conflict with the waiting sides of those below it, told at its own place."""
    parent = conflict.force.value
    sides = list(conflict.sides)
    for child in below:
        rest = child.path[len(conflict.path) :]
        if isinstance(get(parent, rest[:-1]), (dict, list)):
            sides.extend(lifted(child, conflict.path, parent).sides)
    return simplified(replace(conflict, sides=tuple(sides)))


def to_json(conflict: Conflict) -> dict[str, Json]:
    """The conflict as every `--json` shows it, and as it is stored."""
    return {
        "id": conflict.id,
        "kind": conflict.kind,
        "severity": conflict.severity,
        "instruction": conflict.instruction,
        "field": shown(conflict.path),
        "path": list(conflict.path),
        **_present("base", conflict.force.base),
        "sides": [_side(side, number == 0) for number, side in enumerate(conflict.all_sides)],
    }


def from_json(value: dict[str, Json]) -> Conflict:
    """Read what `to_json` wrote."""
    sides = [
        Side(
            side.get("base", MISSING),
            side.get("value", MISSING),
            tuple(Writer(**writer) for writer in side["writers"]),
            side.get("proposal", False),
        )
        for side in value["sides"]
    ]
    path = tuple(value["path"])
    return Conflict(
        value["id"], value["kind"], value["instruction"], path, value["severity"],
        sides[0], tuple(sides[1:]),
    )  # fmt: skip


def _side(side: Side, in_force: bool) -> dict[str, Json]:
    writers = [
        {
            "session": w.session,
            "author": w.author,
            "at": w.at,
            "why": w.why,
            "published": w.published,
        }
        for w in side.writers
    ]
    return {
        **_present("value", side.value),
        **_present("base", side.base),
        "in_force": in_force,
        **({"proposal": True} if side.proposal else {}),
        "writers": writers,
    }


def _present(key: str, value: Json) -> dict[str, Json]:
    return {} if value is MISSING else {key: value}


def _term(value: Json) -> Json:
    return [] if value is MISSING else [value]
