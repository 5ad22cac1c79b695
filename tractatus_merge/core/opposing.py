"""Two answers to one contradiction, given in two heads: where they differ, it is open again.

The answer to a contradiction is kept under the id of the contradiction, so both have one id. What
either retired is in force again until a person decides anew, as for any two answers that differ.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core import conflicts as algebra
from tractatus_merge.core import jsontext
from tractatus_merge.core.precedents import as_seen
from tractatus_merge.core.record import Record
from tractatus_merge.core.state import CONFLICTS, INSTRUCTIONS, Key


def agreed(was: str | None, one: str, other: str) -> str | None:
    """The answer that stands of two under one id: the newer, or either; None where they differ."""
    if was in (one, other):
        return other if was == one else one
    told = [jsontext.parse(text) for text in (one, other)]
    return None if told[0].get("take") != told[1].get("take") else min(one, other)


def reopened(one: str, other: str, items: Mapping[Key, str]) -> dict[Key, str]:
    """The contradiction of two answers that differ, open; and in force what they retired."""
    told = [jsontext.parse(text) for text in sorted((one, other))]
    seen = as_seen(told[0])
    found = {(CONFLICTS, seen.id): jsontext.dump(algebra.to_json(seen))}
    for name in {name for item in told for name in item.get("retired", ())}:
        record = Record(items[INSTRUCTIONS, name])
        content = {**record.content, "active": True}
        found[INSTRUCTIONS, name] = record.published(content, record.vector).text
    return found
