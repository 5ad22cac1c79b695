"""Whether both sides gave the elements of a list new ids, so that ids no longer tell them apart.

So it is with comments that two copies of a database were each given: one text, two ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tractatus_merge.core.rules.scalars import moment
from tractatus_merge.core.values.equality import Json

TEXTS = (
    "text", "body", "content", "comment", "message", "note", "title", "description", "summary",
)  # fmt: skip
"""The fields in which an element says what it has to say."""

_IDS = ("id", "uuid")

Elements = Mapping[str, Json]
"""The elements of a list by their names."""


def is_renumbered(base: Elements, ours: Elements, theirs: Elements, key: str) -> bool:
    """Whether a side has under a new id what the other has, or both took away, under another."""
    new = [
        [item for name, item in side.items() if name not in base and name not in other]
        for side, other in ((ours, theirs), (theirs, ours))
    ]
    gone = [item for name, item in base.items() if name not in ours and name not in theirs]
    ids = {key, *_IDS}
    return _meet(new[0], [*new[1], *gone], ids) or _meet(new[1], gone, ids)


def _meet(some: Iterable[Json], others: Iterable[Json], ids: set[str]) -> bool:
    """Whether an element of the first says the same as one of the second."""
    known: dict[tuple[Json, ...], list[Json]] = defaultdict(list)
    for item in others:
        known[_text(item)].append(item)
    return any(
        _is_one(item, other, ids)
        for item in some
        if any(_text(item))
        for other in known.get(_text(item), ())
    )


def _text(item: Json) -> tuple[str, ...]:
    """What an element says, by whatever field; nothing where it has no such field."""
    found = [item.get(name) for name in TEXTS] if isinstance(item, dict) else []
    return tuple(text if isinstance(text, str) else "" for text in found)


def _is_one(one: Mapping[str, Json], other: Mapping[str, Json], ids: set[str]) -> bool:
    """Whether nothing but ids and times tells two elements of one text apart."""
    return all(
        one[name] == other[name] or (moment(one[name]) and moment(other[name]))
        for name in one.keys() & other.keys() - ids
        if isinstance(one[name], str) and isinstance(other[name], str)
    )
