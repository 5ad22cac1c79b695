"""Contradictions where two heads are united: open in one, found only in both, answered in both.

The answer to a contradiction is kept under the id of the contradiction, so two heads keep theirs
under one id. Where the two differ, the contradiction is open again, and what either retired is in
force until a person decides anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tractatus_merge.core.model.conflict import Conflict
from tractatus_merge.core.model.findings import TWIN, Finding, all_findings, resolution_name
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import answered_conflict
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, RESOLUTIONS, Key, State
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.merge_contradictions import Change, brought_about
from tractatus_merge.core.plans.open_contradictions import contradictions_after, open_contradictions
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.places import get, has_parent, leaves, put


def open_in_united(
    was: State,
    heads: tuple[State, State],
    after: State,
    kind: DocumentType,
    opposed: Iterable[tuple[str, str]] = (),
) -> dict[Key, str]:
    """The contradictions open in what two heads become.

    Those open in either that nobody has answered, and those between an instruction that one head
    changed and one that the other changed. `after` has the united instructions, summaries, answers
    and contradictions that are open again; `opposed` are the answers to these that differed: what
    they closed besides is open again, too.
    """
    found: dict[str, Conflict] = {}
    for head in (*heads, after):
        for conflict in open_contradictions(head):
            known = found.get(conflict.id, conflict)
            found[conflict.id] = min(known, conflict, key=lambda one: json_text.dump(one.to_json()))
    opened = [
        conflict
        for name, conflict in found.items()
        if (RESOLUTIONS, resolution_name(name)) not in after
    ]
    new = [item for item in _new_in_both(was, heads, after, kind) if item.code != TWIN]
    closed = {name for pair in opposed for text in pair for name in _closed_by(text)}
    if closed:
        new += [item for item in all_findings(after, kind.meaning) if item.id in closed]
    conflicts = contradictions_after(opened, new, after, kind)
    return {(CONFLICTS, one.id): json_text.dump(one.to_json()) for one in conflicts}


def _closed_by(answer: str) -> list[str]:
    """The contradictions besides its own that an answer closed."""
    return list(json_text.parse(answer).get("closed", ()))


def _new_in_both(
    was: State, heads: tuple[State, State], after: State, kind: DocumentType
) -> list[Finding]:
    """The contradictions that follow from a change of each head."""
    without: list[dict[str, dict[str, Json] | None]] = []
    for head, other in (heads, heads[::-1]):
        brought = (name for name in head.names(INSTRUCTIONS) if _brings(name, head, was, other))
        without.append({name: _without(name, (was, head, other), after) for name in brought})
    return brought_about((without[0], without[1]), after, heads, kind.meaning)


def _without(name: str, states: tuple[State, State, State], after: State) -> dict[str, Json] | None:
    """The united instruction without what the head alone changed in it."""
    was, head, other = states
    said, there = head.content(name), other.content(name)
    known = was.record(name) or other.record(name)
    base = known.content if known else None
    for path, old, new in leaves(base, said) if base is not None else ():
        if same(new, get(there, path)) and has_parent(said, path):
            said = put(said, path, old)  # both heads have it: neither brings it
    return Change(base, said, there).taken_from(after.content(name))


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
        record = Record(items[INSTRUCTIONS, name])
        if record.content.get("active") is False and all(
            name in retired or _is_in_force(head, name) for retired, head in both
        ):
            content = {**record.content, "active": True}
            found[INSTRUCTIONS, name] = record.published(content, record.vector).text
    return found


def _is_in_force(head: State, name: str) -> bool:
    record = head.record(name)
    return record is not None and record.content.get("active") is not False
