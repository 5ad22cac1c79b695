"""Rows without a key of their own, each given a name: by what it says and where it stands.

Three versions of a list are looked at together, so that a row has one name in all of them. What all
three have in the same bytes is never parsed.
"""

from __future__ import annotations

from collections import Counter

from tractatus_merge.anyfile.rows import NAMELESS, Rows
from tractatus_merge.core.rules.elements import known_by_id
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, canonical
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.core.values.places import other_id
from tractatus_merge.value import Value, replace


class ThreeRows(Value):
    """The three versions of a list, cut into rows.

    `torn`: the names of rows without a key of their own that the sides changed against each other.
    """

    base: Rows
    ours: Rows
    theirs: Rows
    torn: frozenset[str] = frozenset()

    @property
    def sides(self) -> tuple[Rows, Rows, Rows]:
        """The three of them."""
        return self.base, self.ours, self.theirs


def named(base: Rows, ours: Rows, theirs: Rows, key: str) -> ThreeRows | None:
    """The rows with a name each; None where a side has a key twice that the base has not."""
    sides = (base, ours, theirs)
    if (_doubled(ours) | _doubled(theirs)) - _doubled(base):
        return None
    counts = [Counter(side.texts) for side in sides]

    def said(version: int, place: int) -> str:
        text = sides[version].texts[place]
        if counts[0][text] == counts[1][text] == counts[2][text]:
            return text.decode()
        value = _value(text)
        return text.decode() if value is MISSING else canonical(value)

    def also(version: int, place: int) -> str | None:
        return other_id(_value(sides[version].texts[place]), key)

    ids = [[None if name == NAMELESS else name for name in side.names] for side in sides]
    found = known_by_id(ids, said, also)
    return ThreeRows(
        replace(base, names=found.base),
        replace(ours, names=found.ours),
        replace(theirs, names=found.theirs),
        found.torn,
    )


def is_mostly_named(side: Rows) -> bool:
    """Whether at least half of the rows have a key."""
    return 2 * side.names.count(NAMELESS) <= len(side.names)


def _value(text: bytes) -> Json:
    """What a row says; MISSING if it is no JSON: who reads it to merge it says what is wrong."""
    try:
        return json_text.parse(text.decode())
    except JsonError:
        return MISSING


def _doubled(side: Rows) -> set[str]:
    return {name for name, count in Counter(side.names).items() if count > 1} - {NAMELESS}
