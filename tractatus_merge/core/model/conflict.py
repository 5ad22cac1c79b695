"""Conflicts as data: writers, sides, the contested place. How they change is in `in_force`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, digest
from tractatus_merge.core.values.paths import shown
from tractatus_merge.value import Value, replace

FIELD = "field"
EDIT_RETIRE = "edit/retire"
MEANING = "meaning"
KINDS = (FIELD, EDIT_RETIRE, MEANING)
"""Those that this program settles; others are a later one's, and of any shape."""

GRAVITY = ("NOTE", "MINOR", "WARNING", "CRITICAL")
"""How grave a finding or a conflict is, the least first."""


class Writer(Value):
    """Who wrote a side's value: in which session, when, why, and when it was published.

    `more`, here and below, is a JSON object of what only later programs know of it; or nothing. It
    does not count where writers are compared.
    """

    at: str
    session: str
    author: str = ""
    why: str = ""
    published: str = ""
    more: str = ""

    @property
    def _said(self) -> tuple[str, ...]:
        return self.at, self.session, self.author, self.why, self.published

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Writer) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    def __lt__(self, other: Writer) -> bool:
        return self._said < other._said

    def to_json(self) -> dict[str, Json]:
        """The writer as a conflict keeps it."""
        known = {"session": self.session, "author": self.author, "at": self.at, "why": self.why}
        return {**known, "published": self.published, **_told(self.more)}


class Side(Value):
    """One answer to a contested place: the value, what it was made from, everyone who wrote it."""

    base: Json
    value: Json
    writers: tuple[Writer, ...] = ()
    proposal: bool = False
    more: str = ""

    @property
    def key(self) -> str:
        """A text that two sides share if they have the same base and value."""
        return canonical([_term(self.base), _term(self.value)])

    def joined(self, writers: Iterable[Writer]) -> Side:
        """The same side with more writers; each session counts once for each time it wrote."""
        found: dict[Writer, Writer] = {}
        for writer in (*self.writers, *writers):
            found[writer] = max(found.get(writer, writer), writer, key=lambda one: one.more)
        return replace(self, writers=tuple(sorted(found.values())))


class Conflict(Value):
    """A contested place. `force` is the side in force, `sides` are those that wait."""

    id: str
    kind: str
    instruction: str | None
    path: Path
    severity: str
    force: Side
    sides: tuple[Side, ...]
    more: str = ""

    @property
    def all_sides(self) -> tuple[Side, ...]:
        """The side in force first, then those that wait, in the order a person counts them."""
        return (self.force, *self.sides)

    @property
    def terms(self) -> str:
        """A digest of what a person sees when settling: an answer to other terms is stale."""
        waiting = sorted(side.key for side in self.sides)
        return digest([_term(self.force.value), waiting])

    def to_json(self) -> dict[str, Json]:
        """The conflict as every `--json` shows it, and as it is stored."""
        return {
            "id": self.id,
            "kind": self.kind,
            "severity": self.severity,
            "terms": self.terms,
            "instruction": self.instruction,
            "field": shown(self.path),
            "path": list(self.path),
            **_present("base", self.force.base),
            "sides": [
                _side(side, in_force=number == 0) for number, side in enumerate(self.all_sides)
            ],
            **_told(self.more),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> Conflict:
        """Read what `to_json` wrote."""
        force, *sides = (
            Side(
                side.get("base", MISSING),
                side.get("value", MISSING),
                tuple(map(_writer, side["writers"])),
                side.get("proposal", False),
                _more(side, _OF_SIDES),
            )
            for side in value["sides"]
        )
        path = tuple(value["path"])
        about = (value["instruction"], path, value["severity"])
        more = _more(value, OF_CONFLICTS)
        return cls(value["id"], value["kind"], *about, force, tuple(sides), more)


OF_CONFLICTS = ["id", "kind", "severity", "terms", "instruction", "field", "path", "base", "sides"]
_OF_SIDES = ["value", "base", "in_force", "proposal", "writers"]
_OF_WRITERS = ["at", "session", "author", "why", "published"]
"""The keys that this program knows of each."""


def _more(value: Mapping[str, Json], known: Sequence[str]) -> str:
    found = {key: item for key, item in value.items() if key not in known}
    return json_text.dump(found) if found else ""


def _told(more: str) -> dict[str, Json]:
    return dict(json_text.parse(more)) if more else {}


def gravity(severity: str) -> int:
    """How grave a severity is; one that this version does not know is the least."""
    return GRAVITY.index(severity) if severity in GRAVITY else 0


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
            more = max(twin.more, side.more)
            found[key] = replace(twin.joined(side.writers), proposal=both, more=more)
    order = sorted(found, key=lambda key: (found[key].writers[:1], key))
    return tuple(found[key] for key in order)


def _term(value: Json) -> Json:
    return [] if value is MISSING else [value]


def _writer(value: Mapping[str, Json]) -> Writer:
    said = {key: value.get(key, "") for key in _OF_WRITERS}
    return Writer(**said, more=_more(value, _OF_WRITERS))


def _side(side: Side, *, in_force: bool) -> dict[str, Json]:
    return {
        **_present("value", side.value),
        **_present("base", side.base),
        "in_force": in_force,
        **({"proposal": True} if side.proposal else {}),
        "writers": [writer.to_json() for writer in side.writers],
        **_told(side.more),
    }


def _present(key: str, value: Json) -> dict[str, Json]:
    return {} if value is MISSING else {key: value}
