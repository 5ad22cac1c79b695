"""Contradictions where two heads meet: open in either, or said only by both together."""

from __future__ import annotations

from collections.abc import Container, Mapping

from tractatus_merge.core import conflicts as algebra
from tractatus_merge.core import jsontext, summaries
from tractatus_merge.core.conflicts import MEANING, Writer
from tractatus_merge.core.findings import TWIN, Look, conflict_of, is_known, resolution_name, told
from tractatus_merge.core.record import Record
from tractatus_merge.core.state import CONFLICTS, INSTRUCTIONS, RESOLUTIONS, Key, State
from tractatus_merge.core.values import Json, same


def open_findings(one: State, other: State, items: Container[Key]) -> dict[Key, str]:
    """The contradictions open in either of two heads, but for those that either has answered."""
    found: dict[Key, str] = {}
    for head in (one, other):
        for name in head.names(CONFLICTS):
            text = head.get(CONFLICTS, name) or ""
            answered = (RESOLUTIONS, resolution_name(name)) in items
            if not answered and jsontext.parse(text)["kind"] == MEANING:
                found[CONFLICTS, name] = min(found.get((CONFLICTS, name), text), text)
    return found


def met(
    was: State, heads: tuple[State, State], after: Mapping[Key, str], look: Look
) -> dict[Key, str]:
    """What contradicts where two heads meet: pairs of records, each changed in another head.

    `after` is what the heads become. Open or answered in either head, a finding is known.
    """
    changed: list[dict[str, dict[str, Json]]] = []
    for head, other in (heads, heads[::-1]):
        names = [name for name in head.names(INSTRUCTIONS) if _brings(name, head, was, other)]
        changed.append({name: Record(after[INSTRUCTIONS, name]).content for name in names})

    def writers(name: str) -> tuple[Writer, ...]:
        head = heads[0] if name in changed[0] else heads[1]
        return summaries.blame_record(head, name)

    found = [item for item in told(look(*changed)) if item.code != TWIN]
    new = [item for item in found if not any(is_known(head, item) for head in heads)]
    opened = [conflict_of(item, writers) for item in new]
    return {(CONFLICTS, one.id): jsontext.dump(algebra.to_json(one)) for one in opened}


def _brings(name: str, head: State, was: State, other: State) -> bool:
    """Whether the head has another record than both what was before and the other head."""
    known = [found for state in (was, other) if (found := state.record(name))]
    return not any(same(head.content(name), one.content) for one in known)
