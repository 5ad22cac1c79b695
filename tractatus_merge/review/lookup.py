"""Find the conflict or the answer that a person names, and what was answered between two heads."""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.conflict import GRAVITY, Conflict
from tractatus_merge.core.model.open_conflicts import resolutions
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import CONFLICTS, RESOLUTIONS, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import (
    UnknownConflict,
)


def weighty(conflict: Conflict) -> tuple[int, str]:
    """The order in which conflicts are told: the gravest first."""
    known = GRAVITY.index(conflict.severity) if conflict.severity in GRAVITY else 0
    return (-known, conflict.id)


def find_conflict(state: State, name: str) -> Conflict:
    """The open conflict of that id, or the only one whose id begins so; else UnknownConflict."""
    from tractatus_merge.core.plans.resolve import find_open  # not for who only counts answers
    from tractatus_merge.instructions.field_rules import HISTORY

    fitting = [known for known in state.names(CONFLICTS) if known.startswith(name)]
    if name not in fitting and len(fitting) > 1:
        raise UnknownConflict(name)
    return find_open(state, fitting[0] if len(fitting) == 1 else name, HISTORY)


def find_resolution(state: State, name: str) -> dict[str, Json] | None:
    """The answer of that id, or the last one that a conflict of that id got; else None."""
    text = state.get(RESOLUTIONS, name)
    if text is not None:
        return {"id": name, **json_text.parse(text)}
    told = active_resolutions(resolutions(state))
    return next((dict(item) for item in told if item["conflict"] == name), None)


def decided(before: State, head: State, session: str) -> list[Mapping[str, Json]]:
    """The answers given between two states to conflicts in which a session had a side."""
    return [
        told
        for told in settled_between(before, head)
        if any(w["session"] == session for side in told["sides"] for w in side["writers"])
    ]


def settled_between(before: State, head: State) -> list[Mapping[str, Json]]:
    """The answers that stand in one state and were not given in another, oldest first."""
    known = set(before.names(RESOLUTIONS))
    new = [told for told in active_resolutions(resolutions(head)) if told["id"] not in known]
    return list(reversed(new))
