"""A conflict as it is put to a person: one screen, in the terminal and on the page alike.

All that a person needs to decide, and every answer there is with what it leads to. Nothing is
drawn, asked or written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, MEANING, Conflict, Side
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import (
    ResolutionRecord,
    Suggestion,
    active_resolutions,
    possible_answers,
    suggest,
)
from tractatus_merge.core.model.state import State
from tractatus_merge.core.values.equality import MISSING, Json, same
from tractatus_merge.core.values.paths import shown
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.review.lookup import find_conflict, weighty
from tractatus_merge.review.render import differences, pieces, spelled, values_of
from tractatus_merge.value import Value

_SHORT = 60
KEYS = {"base": "b", "both": "k", "retire": "r"}
"""The key of an answer that is no side; a side's is its number."""
Pieces = Sequence[tuple[str, str]]
"""Runs of text: "same", "gone" or "new", as `render.pieces` gives them."""


class Offer(Value):
    """One answer: what `resolve --take` calls it, what it means, and what stands then.

    `value` is MISSING where nothing stands there, and for "both" and "retire" what is in force.
    """

    take: str
    means: str
    value: Json


class SideView(Value):
    """One side as people read it: its number, its value on one line, what it changed, who said it.

    `changes` is a word difference from the base (texts), or a line for each place (structures).
    """

    number: int
    side: Side
    says: str
    changes: tuple[Pieces, ...]
    in_force: bool


class Question(Value):
    """A conflict, the instruction around it, its answers, and the conflicts it is related to.

    `place` names it for people; `others` are the instruction's other fields, on one line each;
    `edits` what was edited while another retired it, place by place: see `review.edited`.
    """

    conflict: Conflict
    place: str
    base: str
    side_views: tuple[SideView, ...]
    offers: tuple[Offer, ...]
    others: tuple[tuple[str, str], ...]
    suggestion: Suggestion | None
    related: tuple[str, ...]
    alike: tuple[str, ...]
    edits: tuple[tuple[str, Pieces], ...] = ()

    @property
    def words(self) -> str:
        """What the instruction says, where the question is not about that itself."""
        others = dict(self.others)
        about = self.conflict.kind == MEANING
        return "" if about else others.get("text") or others.get("title") or ""

    @property
    def is_text(self) -> bool:
        """Whether free editing is of a text; else of JSON."""
        return isinstance(self.conflict.force.value, str)

    @property
    def editable(self) -> bool:
        """Whether a person may write a value of their own."""
        return self.conflict.kind not in (MEANING, EDIT_RETIRE)


def questions(head: State) -> list[Question]:
    """Every open conflict of a head, the gravest first."""
    found = sorted(open_conflicts(head), key=weighty)
    told = active_resolutions(resolutions(head))
    return [_question(head, conflict, found, told) for conflict in found]


def question(head: State, name: str) -> Question:
    """One conflict by its id, or how it begins; UnknownConflict if there is none or more."""
    conflict = find_conflict(head, name)
    return _question(head, conflict, open_conflicts(head), active_resolutions(resolutions(head)))


def _question(
    head: State, conflict: Conflict, opened: Sequence[Conflict], told: Sequence[ResolutionRecord]
) -> Question:
    names = _about(conflict)
    return Question(
        conflict=conflict,
        place=place_of(conflict),
        base=spelled(conflict.force.base, values_of(conflict)),
        side_views=tuple(_side_views(conflict)),
        offers=tuple(Offer(take, *_offer(conflict, take)) for take in possible_answers(conflict)),
        others=tuple(_others(head, conflict)),
        suggestion=suggest(conflict, told),
        related=tuple(c.id for c in opened if c.id != conflict.id and names & _about(c)),
        alike=tuple(c.id for c in opened if c.id != conflict.id and _is_alike(c, conflict)),
    )


def _about(conflict: Conflict) -> set[str | None]:
    """The instructions that a conflict is about."""
    return {conflict.instruction, *(conflict.path[1:2] if conflict.kind == MEANING else ())}


def place_of(conflict: Conflict) -> str:
    """A contested place, as people read it."""
    if conflict.kind == MEANING:
        return f"{conflict.instruction} against {conflict.path[1]}, about {conflict.path[2]}"
    return f"{conflict.instruction or 'header'} {shown(conflict.path)}".rstrip()


def says_of(conflict: Conflict, side: Side) -> str:
    """What a side says, on one line."""
    if conflict.kind == MEANING:
        return f"{side.value['instruction']}: {spelled(side.value['says'])}"
    if conflict.kind == EDIT_RETIRE:
        return "retire it" if side.value is False else "keep it in force"
    return spelled(side.value, values_of(conflict))


def verdict(told: Mapping[str, Json]) -> str:
    """What an answer made of a conflict, in words."""
    take, value = told.get("take", ""), told.get("value", MISSING)
    if told["kind"] == MEANING:
        both = "no contradiction: both stand"
        return both if take == "both" else f"{value['instruction']} stands, the other is retired"
    if told["kind"] == EDIT_RETIRE:
        return "it is retired" if value is False else "it stays in force"
    if take == "retire":
        return "the instruction is retired"
    more = ", and each other side as an instruction of its own" if take == "both" else ""
    return f"'{spelled(value)}' stands{more}"


def chose(told: Mapping[str, Json]) -> str:
    """What a person chose, and over what: "LOW over VARIABLE in inst_034 persistence"."""
    sides = [side.get("value", MISSING) for side in told["sides"]]
    value = told.get("value", MISSING)
    place = f"{told['instruction'] or 'header'} {told['field']}"
    if told["kind"] != FIELD or told.get("take") in ("both", "retire"):
        return f"{place}: {verdict(told)}"
    others = [_in_short(side, sides) for side in sides if not same(side, value)]
    return f"{_in_short(value, sides)} over {' and '.join(others)} in {place}"


def _in_short(value: Json, beside: Sequence[Json]) -> str:
    text = " ".join(spelled(value, beside).split())
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def _side_views(conflict: Conflict) -> Iterator[SideView]:
    for number, side in enumerate(conflict.all_sides, 1):
        changes: tuple[Pieces, ...] = ()
        if conflict.kind not in (MEANING, EDIT_RETIRE) and side.base is not MISSING:
            if isinstance(side.base, str) and isinstance(side.value, str):
                changes = (pieces(side.base, side.value),)
            elif side.value is not MISSING:
                changes = tuple([("same", line)] for line in differences(side.base, side.value))
        yield SideView(number, side, says_of(conflict, side), changes, side is conflict.force)


def _offer(conflict: Conflict, take: str) -> tuple[str, Json]:
    """What an answer means, and the value that stands after it."""
    force = conflict.force.value
    if take == "base":
        return "neither: what stood before them", conflict.force.base
    if take == "retire":
        return "retire the instruction", force
    if take == "both":
        if conflict.kind == MEANING:
            return "no contradiction: both stand", force
        return "both: each as an instruction of its own", force
    value = conflict.all_sides[int(take) - 1].value
    if conflict.kind == MEANING:
        return f"{value['instruction']} stands, the other is retired", value
    return f"side {take}{' (in force)' if take == '1' else ''}", value


def _others(head: State, conflict: Conflict) -> Iterator[tuple[str, str]]:
    """What else the instruction says; of a contradiction, what both say."""
    if conflict.kind == MEANING:
        for side in conflict.all_sides:
            name = side.value["instruction"]
            content = head.content(name)
            yield name, spelled(content.get("text", content.get("title", "")))
        return
    for key, value in HISTORY.content(head, conflict.instruction).items():
        if key not in ("id", *conflict.path[:1]):
            yield key, spelled(value)


def _is_alike(one: Conflict, other: Conflict) -> bool:
    """Whether one answer fits both: the same field, base and values, in order."""
    if (one.kind, one.path) != (other.kind, other.path) or one.kind == MEANING:
        return False
    sides = zip(one.all_sides, other.all_sides, strict=False)
    return len(one.sides) == len(other.sides) and all(
        same(side.base, twin.base) and same(side.value, twin.value) for side, twin in sides
    )
