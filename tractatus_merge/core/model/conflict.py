"""Conflicts as data: writers, sides, the contested place. How they change is in `algebra`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, digest

FIELD = "field"
EDIT_RETIRE = "edit/retire"
MEANING = "meaning"


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

    @property
    def key(self) -> str:
        """A text that two sides share if they have the same base and value."""
        return canonical([_term(self.base), _term(self.value)])

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
        """A digest of what a person sees when settling: an answer to other terms is stale."""
        waiting = sorted(side.key for side in self.sides)
        return digest([_term(self.force.value), waiting])


def conflict_id(instruction: str | None, path: Path, closings: Iterable[str]) -> str:
    """The id of the one conflict that can be open at a place: the same in every clone."""
    return "c" + digest([instruction, list(path), sorted(closings)], 8)


def distinct(sides: Iterable[Side]) -> tuple[Side, ...]:
    """Sides without duplicates, ordered: equal base and value once, with all their writers."""
    found: dict[str, Side] = {}
    for side in sides:
        key = side.key
        twin = found.get(key)
        if twin is None:
            found[key] = side
        else:
            both = twin.proposal and side.proposal
            found[key] = replace(twin.joined(side.writers), proposal=both)
    order = sorted(found, key=lambda key: (found[key].writers[:1], key))
    return tuple(found[key] for key in order)


def _term(value: Json) -> Json:
    return [] if value is MISSING else [value]
