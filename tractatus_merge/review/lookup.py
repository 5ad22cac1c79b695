"""Find the conflict or the answer that a person names, and what was answered between two heads."""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.aliases import current_answer, current_conflict
from tractatus_merge.core.model.conflict import GRAVITY, Conflict
from tractatus_merge.core.model.open_conflicts import resolutions
from tractatus_merge.core.model.resolutions import REVOKES, active_resolutions, standing
from tractatus_merge.core.model.state import CONFLICTS, RESOLUTIONS, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import UnknownConflict


def weighty(conflict: Conflict) -> tuple[int, str]:
    """The order in which conflicts are told: the gravest first."""
    known = GRAVITY.index(conflict.severity) if conflict.severity in GRAVITY else 0
    return (-known, conflict.id)


def find_conflict(state: State, name: str) -> Conflict:
    """The open conflict of that id, or the only one whose id begins so; else UnknownConflict.

    An id that a conflict had before an answer was revoked, or a rename, leads to what it is now.
    """
    from tractatus_merge.core.plans.resolve import find_open  # not for who only counts answers
    from tractatus_merge.instructions.field_rules import HISTORY

    fitting = [known for known in state.names(CONFLICTS) if known.startswith(name)]
    if name not in fitting and len(fitting) > 1:
        raise UnknownConflict(name)
    if not fitting and (became := current_conflict(state, name)) is not None:
        return became
    return find_open(state, fitting[0] if len(fitting) == 1 else name, HISTORY)


def find_resolution(state: State, name: str) -> dict[str, Json] | None:
    """The answer of that id, or the one that stands to a conflict of that id; else None."""
    text = state.get(RESOLUTIONS, name)
    if text is not None:
        return {"id": name, **json_text.parse(text)}
    told = current_answer(state, name)
    return dict(told) if told else None


def instruction_of(state: State, name: str) -> str:
    """The instruction that a conflict or an answer of that id is about; else the name as it is."""
    if state.record(name) is not None:
        return name
    try:
        about = find_conflict(state, name).instruction
    except UnknownConflict:  # an answer of that id, or to it, says it too; a revocation names one
        told = find_resolution(state, name) or {}
        told = (find_resolution(state, told[REVOKES]) if REVOKES in told else told) or {}
        about = told.get("instruction")
    return about or name


def next_command(state: State, told: Mapping[str, Json]) -> str:
    """What a person may do about an answer: revoke it, or answer what is open again; else ""."""
    name = str(told["id"])
    stands = standing(resolutions(state), name)
    again = current_conflict(state, str(told["conflict"]))
    if again is not None:
        return f"it is open again: tractatus-merge review {again.id}"
    if stands is None or REVOKES in told:
        return ""
    return f"undo it: tractatus-merge resolve --revoke {stands['id']}"


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
