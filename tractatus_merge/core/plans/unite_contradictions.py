"""Contradictions where two heads are united: open in one, found only in both, answered in both.

The answer to a contradiction is kept under the id of the contradiction, so two heads keep theirs
under one id. Where the two differ, the contradiction is open again, and what either retired is in
force until a person decides anew.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import MEANING, Writer
from tractatus_merge.core.model.findings import (
    TWIN,
    FindContradictions,
    conflict_of,
    new_findings,
    resolution_name,
)
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import answered_conflict
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, RESOLUTIONS, Key, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same


def open_in_either(one: State, other: State, items: Container[Key]) -> dict[Key, str]:
    """The contradictions open in either of two heads, but for those that either has answered."""
    found: dict[Key, str] = {}
    for head in (one, other):
        for name in head.names(CONFLICTS):
            text = head.get(CONFLICTS, name) or ""
            answered = (RESOLUTIONS, resolution_name(name)) in items
            if not answered and json_text.parse(text)["kind"] == MEANING:
                found[CONFLICTS, name] = min(found.get((CONFLICTS, name), text), text)
    return found


def new_in_both(
    was: State, heads: tuple[State, State], after: Mapping[Key, str], find: FindContradictions
) -> dict[Key, str]:
    """The contradictions between a record that one head changed and one that the other changed.

    `after` holds the united records. What either head has open or answered is left out.
    """
    changed: list[dict[str, dict[str, Json]]] = []
    for head, other in (heads, heads[::-1]):
        names = [name for name in head.names(INSTRUCTIONS) if _brings(name, head, was, other)]
        changed.append({name: Record(after[INSTRUCTIONS, name]).content for name in names})

    def writers(name: str) -> tuple[Writer, ...]:
        return summaries.blame_record(heads[0] if name in changed[0] else heads[1], name)

    found = [item for item in new_findings(heads, find(*changed)) if item.code != TWIN]
    opened = [conflict_of(item, writers) for item in found]
    return {(CONFLICTS, one.id): json_text.dump(one.to_json()) for one in opened}


def _brings(name: str, head: State, was: State, other: State) -> bool:
    """Whether the head's record differs from both the common version's and the other head's."""
    known = [found for state in (was, other) if (found := state.record(name))]
    return not any(same(head.content(name), one.content) for one in known)


def common_answer(was: str | None, one: str, other: str) -> str | None:
    """The one answer of two heads: the newer, or either if they agree; None where they differ."""
    if was in (one, other):
        return other if was == one else one
    told = [json_text.parse(text) for text in (one, other)]
    return None if told[0].get("take") != told[1].get("take") else min(one, other)


def reopen(
    answers: tuple[str, str], heads: tuple[State, State], items: Mapping[Key, str]
) -> dict[Key, str]:
    """Open the contradiction again, and put in force what only these two answers retired."""
    told = [json_text.parse(text) for text in answers]
    seen = answered_conflict(json_text.parse(min(answers)))
    found = {(CONFLICTS, seen.id): json_text.dump(seen.to_json())}
    by_answer = [set(item.get("retired", ())) for item in told]
    for name in by_answer[0] | by_answer[1]:
        both = zip(by_answer, heads, strict=True)
        if all(name in retired or _is_in_force(head, name) for retired, head in both):
            record = Record(items[INSTRUCTIONS, name])
            content = {**record.content, "active": True}
            found[INSTRUCTIONS, name] = record.published(content, record.vector).text
    return found


def _is_in_force(head: State, name: str) -> bool:
    record = head.record(name)
    return record is not None and record.content.get("active") is not False
