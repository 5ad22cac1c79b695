"""Fields that nobody meant: a key that is nearly one that the schema knows.

A key far from all of them is a field of one's own, and free. So is one that others have already.
"""

from __future__ import annotations

from collections.abc import Iterable

from tractatus_merge.core.model.record import Record
from tractatus_merge.instructions.schema import FIELDS

_SHORT, _LONG = 5, 11
"""Up to here words differ by a letter from many others; from here on two slips are none."""


def meant(key: str) -> str | None:
    """The field that a key was meant to be; None if it is one, or near none."""
    if key in FIELDS or key.removesuffix("s") in FIELDS:  # `sources` may well be one's own
        return None
    near = [field for field in FIELDS if _is_slip(_plain(key), _plain(field))]
    return min(near, key=lambda field: (_distance(key, field), field), default=None)


def misspelt(keys: Iterable[str], others: Iterable[Record]) -> dict[str, str]:
    """The keys that were meant to be another field, each with that one; none that others have."""
    found = {key: field for key in keys if (field := meant(key)) is not None}
    if found:
        used = {key for record in others for key in record.content}
        return {key: field for key, field in found.items() if key not in used}
    return found


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").replace(" ", "").lower()


def _is_slip(key: str, field: str) -> bool:
    """Whether few letters were left out, added, changed, or exchanged with their neighbour."""
    allowed = 2 if len(field) >= _LONG else 1
    if abs(len(key) - len(field)) > allowed:
        return False
    changed = len(key) == len(field) and sorted(key) != sorted(field)
    if len(field) <= _SHORT and changed:
        return False
    return _distance(key, field) <= allowed


def _distance(one: str, other: str) -> int:
    """How many letters to leave out, add, change or exchange with a neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, there in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
