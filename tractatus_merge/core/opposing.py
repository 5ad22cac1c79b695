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
from tractatus_merge.core.state import CONFLICTS, INSTRUCTIONS, Key, State


def agreed(was: str | None, one: str, other: str) -> str | None:
    """The answer that stands of two under one id: the newer, or either; None where they differ."""
    if was in (one, other):
        return other if was == one else one
    told = [jsontext.parse(text) for text in (one, other)]
    return None if told[0].get("take") != told[1].get("take") else min(one, other)


def reopened(
    answers: tuple[str, str], heads: tuple[State, State], items: Mapping[Key, str]
) -> dict[Key, str]:
    """The contradiction of two answers that differ, open; and in force what only they retired."""
    told = [jsontext.parse(text) for text in answers]
    seen = as_seen(jsontext.parse(min(answers)))
    found = {(CONFLICTS, seen.id): jsontext.dump(algebra.to_json(seen))}
    by_answer = [set(item.get("retired", ())) for item in told]
    for name in by_answer[0] | by_answer[1]:
        if all(name in gone or _stands(h, name) for gone, h in zip(by_answer, heads, strict=True)):
            record = Record(items[INSTRUCTIONS, name])
            content = {**record.content, "active": True}
            found[INSTRUCTIONS, name] = record.published(content, record.vector).text
    return found


def _stands(head: State, name: str) -> bool:
    record = head.record(name)
    return record is not None and record.content.get("active") is not False
