"""What became of a conflict: an id that somebody wrote down leads to where its question is now.

A conflict gets another id when its answer is revoked, when its instruction is renamed, and when two
clones meet that answered at its place. Nothing is stored for this: the answers say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict, conflict_id
from tractatus_merge.core.model.open_conflicts import (
    closings,
    open_conflict,
    open_conflicts,
    resolutions,
)
from tractatus_merge.core.model.resolutions import REVOKES, ResolutionRecord, active_resolutions
from tractatus_merge.core.model.state import State

_FEW = 8
"""So many answers at one place are tried in every combination; of more, in the order given."""


def current_conflict(state: State, name: str) -> Conflict | None:
    """The open conflict that a conflict of that id became; None if there is none, or its answer."""
    told = resolutions(state)
    ids = _later_ids(told, name)
    for one in sorted(ids):
        found = open_conflict(state, one)
        if found is not None:
            return found
    if any(item["conflict"] in ids for item in active_resolutions(told)):
        return None
    return next((one for one in open_conflicts(state) if _was_called(state, one, name)), None)


def current_answer(state: State, name: str) -> ResolutionRecord | None:
    """The answer that stands to a conflict of that id, or to what that became; else None."""
    told = resolutions(state)
    ids = _later_ids(told, name)
    return next((item for item in active_resolutions(told) if item["conflict"] in ids), None)


def _later_ids(told: Iterable[ResolutionRecord], name: str) -> set[str]:
    """The ids that a conflict had from that one on, each after the answer to the one before."""
    known = {item["id"]: item for item in told}
    ids, more = {name}, True
    while more:
        more = False
        for item in known.values():
            answer = known.get(item.get(REVOKES, ""))
            if answer is not None and answer["conflict"] in ids and item["conflict"] not in ids:
                ids.add(item["conflict"])
                more = True
    return ids


def _was_called(state: State, conflict: Conflict, name: str) -> bool:
    """Whether a conflict at this place had that id, before renames or other answers."""
    if conflict.kind == MEANING:
        return False
    path = conflict.path
    given = [one.id for one in closings(state, conflict.instruction) if one.path == path]
    return any(
        conflict_id(instruction, path, some) == name
        for instruction in _names(state, conflict.instruction)
        for some in _some_of(given)
    )


def _some_of(answers: list[str]) -> Iterator[tuple[str, ...]]:
    if len(answers) > _FEW:
        yield from (tuple(answers[:count]) for count in range(len(answers) + 1))
        return
    for count in range(len(answers) + 1):
        yield from combinations(answers, count)


def _names(state: State, instruction: str | None) -> list[str | None]:
    """The ids that an instruction had, the newest first."""
    record = state.record(instruction) if instruction else None
    if record is None:
        return [instruction]
    given = [
        (old, new)
        for tag in sorted(record.vector.creators)
        for publication in summaries.publications(state, tag)
        for old, new in publication.renamed.items()
    ]
    names = [instruction]
    for name in names:
        names += [old for old, new in given if new == name and old not in names]
    return names
