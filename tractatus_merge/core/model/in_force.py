"""Conflicts as values: n sides, their algebra, their JSON. Never an exception, never a marker.

A contested place has a value in force and a set of waiting sides `(base -> value)`. A change
`(x -> y)` from a copy in which the place was not contested: where x is in force, y takes its place;
where x is a side's value, that side moves to y; else it is a further side. A side that equals the
value in force vanishes; one made from the value in force takes its place; with no side left the
conflict is closed. A change from a copy in which the conflict was already open is a proposal: a
further side that moves and closes nothing. Conflicts of whole records (`edit/retire`) are plain
sets of sides and are closed by a person only. After the algebra of jj's `Merge`.
"""

from __future__ import annotations

from collections.abc import Iterable

from tractatus_merge.core.model.conflict import (
    FIELD,
    Conflict,
    Side,
    Writer,
    distinct,
)
from tractatus_merge.core.values.equality import Json, Path, same
from tractatus_merge.core.values.places import get, put
from tractatus_merge.value import replace


def with_change(
    conflict: Conflict, before: Json, after: Json, writer: Writer, *, seen: bool
) -> Conflict:
    """The conflict after a session's change; with no side left it is closed (`is_closed`).

    `seen`: the conflict was already open in the copy the change was made in.
    """
    force, sides = conflict.force, list(conflict.sides)
    if conflict.kind != FIELD:
        return with_supporter(conflict, after, writer)
    made = Side(before, after, (writer,), proposal=seen)
    twin = next((side for side in sides if same(side.value, before)), None)
    if not seen and same(before, force.value):
        force = Side(force.base, after, (writer,))
    elif not seen and twin is not None:
        sides[sides.index(twin)] = replace(made, base=twin.base)
    else:
        sides.append(made)
    return simplified(replace(conflict, force=force, sides=tuple(sides)))


def with_supporter(conflict: Conflict, value: Json, writer: Writer) -> Conflict:
    """A whole-record conflict in which one more session supports a value."""
    if same(value, conflict.force.value):
        return replace(conflict, force=conflict.force.joined([writer]))
    side = Side(conflict.force.base, value, (writer,))
    return replace(conflict, sides=distinct([*conflict.sides, side]))


def with_value(
    conflict: Conflict, value: Json, writers: Iterable[Writer], *, revoked: str = ""
) -> Conflict:
    """The conflict after its place was written past it: that value is in force, the others wait.

    Also one that was made from that very value, which stands on purpose. What only the session
    `revoked` said waits no more.
    """
    force = Side(conflict.force.base, value, tuple(writers))
    waiting = []
    for side in conflict.all_sides:
        if same(side.value, value):
            force = force.joined(side.writers)
        elif {writer.session for writer in side.writers} != {revoked}:
            behind = conflict.kind == FIELD and same(side.base, value)
            waiting.append(replace(side, proposal=side.proposal or behind))
    return replace(conflict, force=force, sides=distinct(waiting))


def simplified(conflict: Conflict) -> Conflict:
    """Apply the algebra's cancellations until none is left (places only, not whole records)."""
    if conflict.kind != FIELD:
        return conflict
    force, sides = conflict.force, list(distinct(conflict.sides))
    while True:
        heir = next((s for s in sides if not s.proposal and same(s.base, force.value)), None)
        equal = [side for side in sides if same(side.value, force.value)]
        if equal:
            force = force.joined(writer for side in equal for writer in side.writers)
            sides = [side for side in sides if side not in equal]
        elif heir is not None:
            force = Side(force.base, heir.value, heir.writers, more=heir.more)
            sides.remove(heir)
        else:
            return replace(conflict, force=force, sides=tuple(sides))


def is_closed(conflict: Conflict) -> bool:
    """Whether no side is waiting."""
    return not conflict.sides


def lifted(conflict: Conflict, path: Path, parent: Json) -> Conflict:
    """The conflict restated for a place above its own, whose value in force is `parent`."""
    rest = conflict.path[len(path) :]

    def above(side: Side) -> Side:
        return replace(side, base=put(parent, rest, side.base), value=put(parent, rest, side.value))

    return replace(
        conflict, path=path, force=above(conflict.force), sides=tuple(map(above, conflict.sides))
    )


def absorbed(conflict: Conflict, below: Iterable[Conflict]) -> Conflict:
    """A conflict that takes over the waiting sides of the conflicts below it."""
    parent = conflict.force.value
    sides = list(conflict.sides)
    for child in below:
        rest = child.path[len(conflict.path) :]
        if isinstance(get(parent, rest[:-1]), (dict, list)):
            sides.extend(lifted(child, conflict.path, parent).sides)
    return simplified(replace(conflict, sides=tuple(sides)))
