"""Earlier answers: resolutions as the merge reads them, and the answers that they suggest.

A resolution is never changed. One that was revoked stands beside the record that revokes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tractatus_merge.core.model.conflict import (
    EDIT_RETIRE,
    FIELD,
    MEANING,
    OF_CONFLICTS,
    Conflict,
)
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, same
from tractatus_merge.value import Value

REVOKES = "revokes"
AGAIN = "again"
"""The key by which an answer names the revoked one that it gives again."""
ResolutionRecord = Mapping[str, Json]
"""A resolution, or a revocation, as it is kept."""


class Suggestion(Value):
    """An answer that a person may give (`take`, as `resolve` takes it), and the reason for it."""

    take: str
    reason: str


def byline(by: str) -> str:
    """The suffix that marks an answer which no person gave."""
    return "" if by == "person" else f", by: {by}"


def closings(told: Iterable[ResolutionRecord]) -> list[Closing]:
    """The resolutions among the records; a revoked one answers no late side."""
    known = list(told)
    revoked = {item[REVOKES] for item in known if REVOKES in item}
    return [
        Closing(
            item["id"],
            tuple(item["path"]),
            item["kind"],
            item.get("value", MISSING),
            () if item["id"] in revoked or item["kind"] != FIELD else _sides(item),
        )
        for item in known
        if REVOKES not in item
    ]


def _sides(told: ResolutionRecord) -> tuple[tuple[Json, Json], ...]:
    sides = told["sides"]
    return tuple((side.get("base", MISSING), side.get("value", MISSING)) for side in sides)


def active_resolutions(told: Iterable[ResolutionRecord]) -> list[ResolutionRecord]:
    """The resolutions that nobody revoked, newest first."""
    known = list(told)
    revoked = {item[REVOKES] for item in known if REVOKES in item}
    found = [item for item in known if REVOKES not in item and item["id"] not in revoked]
    return sorted(found, key=lambda item: (item["published"], item["id"]), reverse=True)


def standing(told: Iterable[ResolutionRecord], name: str) -> ResolutionRecord | None:
    """The answer of that id, or the one that gives it again; None where neither stands."""
    known = list(told)
    names, found = {name}, active_resolutions(known)
    for item in sorted(known, key=lambda item: item["published"]):
        if item.get(AGAIN) in names:
            names.add(item["id"])
    return next((item for item in found if item["id"] in names), None)


def suggest(conflict: Conflict, told: Sequence[ResolutionRecord]) -> Suggestion | None:
    """The answer that the same question got before, here or elsewhere; else the fullest text.

    `told` as `active_resolutions` gives it. None where nothing speaks for an answer. The same
    question: between the same values from the same base; and here a late side to what was asked.
    What stood before is no answer to a late side: that one left it on purpose.
    """
    if conflict.kind != FIELD:
        return None
    here = [item for item in told if _is_at(item, conflict)][:1]
    elsewhere = [item for item in told if not _is_at(item, conflict)]
    for item in (*here, *elsewhere):
        take = _take(conflict, item.get("value", MISSING))
        late = item in here and take != "base" and _is_late(item, conflict)
        if take is not None and (late or _is_alike(item, conflict)):
            place = f"the same choice at {item['instruction'] or 'header'} {item['field']}"
            about = "this place" if item in here else place
            why = f': "{item["why"]}"' if item["why"] else ""
            author = item["author"].removesuffix(" <>")
            author += byline(item.get("by", "person"))
            return Suggestion(take, f"{author} settled {about} so on {item['published'][:10]}{why}")
    return _by_words(conflict)


def _is_at(item: ResolutionRecord, conflict: Conflict) -> bool:
    return (item["instruction"], tuple(item["path"])) == (conflict.instruction, conflict.path)


def _is_late(item: ResolutionRecord, conflict: Conflict) -> bool:
    """Whether all sides of the conflict began with something that the person chose from."""
    seen = {_named(value) for side in _sides(item) for value in side}
    return item["kind"] == conflict.kind and seen >= {
        _named(side.base) for side in conflict.all_sides
    }


def _is_alike(item: ResolutionRecord, conflict: Conflict) -> bool:
    """Whether it chose between the same changes in a field of the same name."""
    if tuple(item["path"]) != conflict.path or item["kind"] != conflict.kind:
        return False
    changes = {(_named(side.base), _named(side.value)) for side in conflict.all_sides}
    return changes == {(_named(base), _named(value)) for base, value in _sides(item)}


def _named(value: Json) -> str:
    return canonical([] if value is MISSING else [value])


def _take(conflict: Conflict, value: Json) -> str | None:
    """The name that `resolve --take` has for a value: a side's number or base; else None."""
    for number, side in enumerate(conflict.all_sides, 1):
        if same(side.value, value):
            return str(number)
    return "base" if same(conflict.force.base, value) else None


def _by_words(conflict: Conflict) -> Suggestion | None:
    """A text that says all that the others say, and more."""
    values = [side.value for side in conflict.all_sides]
    if not all(isinstance(value, str) for value in values):
        return None
    for number, value in enumerate(values, 1):
        if all(other.strip() in value for other in values) and len(set(values)) > 1:
            return Suggestion(str(number), f"side {number} says all that the others say, and more")
    return None


def answered_conflict(told: Mapping[str, Json]) -> Conflict:
    """The conflict that a resolution answered, as the person saw it."""
    seen = {key: told[key] for key in OF_CONFLICTS if key in told}
    return Conflict.from_json({"severity": "WARNING", **seen, "id": told["conflict"]})


def possible_answers(conflict: Conflict) -> list[str]:
    """The answers that `resolve --take` has for a conflict, in the order in which to offer them."""
    sides = [str(number) for number in range(1, len(conflict.all_sides) + 1)]
    if conflict.kind == MEANING:
        return [*sides, "both"]
    if conflict.kind == EDIT_RETIRE:
        return sides
    there = conflict.force.base is not MISSING
    taken = any(same(side.value, conflict.force.base) for side in conflict.all_sides)
    base = ["base"] if there and not taken else []
    if conflict.instruction is None:
        return [*sides, *base]
    retire = [] if conflict.path == ("active",) else ["retire"]
    return [*sides, *base, "both", *retire]


class Closing(Value):
    """A resolution as the merge needs it: its id, where it settled, what kind of conflict.

    `answered` are the (base, value) of the sides it chose from, `value` is what it said; none
    where it was revoked.
    """

    id: str
    path: Path
    kind: str = FIELD
    value: Json = MISSING
    answered: tuple[tuple[Json, Json], ...] = ()

    def answers(self, merge: Merge) -> bool:
        """Whether a late change is a side that the person saw, and the answer still stands."""
        sides = ((base, value) for base, value in self.answered if same(base, merge.base))
        return same(self.value, merge.ours) and any(same(value, merge.theirs) for _, value in sides)
