"""Read the conflicts and resolutions of a state. Nothing is changed here."""

from __future__ import annotations

from functools import lru_cache

from tractatus_merge.core.model import resolutions as resolution_records
from tractatus_merge.core.model.conflict import KINDS, Conflict, conflict_id
from tractatus_merge.core.model.resolutions import Closing
from tractatus_merge.core.model.state import (
    COLLECTIONS,
    CONFLICTS,
    DOCUMENT,
    HEADER,
    LAYOUT,
    RESOLUTIONS,
    Key,
    State,
)
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, Path, digest


def open_conflicts(state: State) -> list[Conflict]:
    """All open conflicts of a state that this program can settle."""
    found = (open_conflict(state, name) for name in state.names(CONFLICTS))
    return [conflict for conflict in found if conflict is not None]


def open_conflict(state: State, name: str) -> Conflict | None:
    """The open conflict of that id, or None."""
    text = state.get(CONFLICTS, name)
    return _conflict(text) if text else None


def conflict_at(state: State, name: str, instruction: str | None, path: Path) -> Conflict | None:
    """The open conflict of that id, else the one that is at that place now."""
    here = (
        one for one in open_conflicts(state) if (one.instruction, one.path) == (instruction, path)
    )
    return open_conflict(state, name) or next(here, None)


@lru_cache(maxsize=1 << 12)
def _conflict(text: str) -> Conflict | None:
    """Read a stored conflict; cached, as most are the same in the next state."""
    value = json_text.parse(text)
    return None if is_of_a_later_kind(value) else Conflict.from_json(value)


def later_conflicts(state: State) -> list[dict[str, Json]]:
    """The open conflicts of kinds that only later programs know, as they are kept."""
    found = (later_conflict(state, name) for name in state.names(CONFLICTS))
    return [conflict for conflict in found if conflict is not None]


def later_conflict(state: State, name: str) -> dict[str, Json] | None:
    """The open conflict of that id, where only later programs know its kind."""
    text = state.get(CONFLICTS, name)
    if not text or _conflict(text) is not None:
        return None
    return {**json_text.parse(text), "id": name}


def is_of_a_later_kind(value: Json) -> bool:
    """Whether a conflict, or the answer to one, is of a kind that only later programs know."""
    kind = value.get("kind") if isinstance(value, dict) else None
    return isinstance(kind, str) and kind not in KINDS


def is_known(key: Key, text: str) -> bool:
    """Whether this program knows what a record is; what it does not know it keeps as it is."""
    collection, name = key
    if collection == CONFLICTS:
        return _conflict(text) is not None
    if collection == RESOLUTIONS:
        return not is_of_a_later_kind(json_text.parse(text))
    return name in (HEADER, LAYOUT) if collection == DOCUMENT else collection in COLLECTIONS


def closings(state: State, instruction: str | None) -> tuple[Closing, ...]:
    """What people settled on one instruction so far."""
    prefix = resolution_prefix(instruction)
    return tuple(resolution_records.closings(resolutions(state, prefix)))


def next_conflict_id(state: State, instruction: str | None, path: Path) -> str:
    """The id of the next conflict at a place, after all that people settled there."""
    settled = [closing.id for closing in closings(state, instruction) if closing.path == path]
    return conflict_id(instruction, path, settled)


def resolution_prefix(instruction: str | None) -> str:
    """The prefix of the ids of an instruction's resolutions: finding them reads no others."""
    return f"r{digest([instruction], 8)}-"


def resolutions(state: State, prefix: str = "") -> list[dict[str, Json]]:
    """Every resolution and revocation of a state, of conflicts of the kinds known here.

    With a prefix, those whose ids begin with it: no others are read.
    """
    names = (name for name in state.names(RESOLUTIONS) if name.startswith(prefix))
    told = (json_text.parse(text) for name in names if (text := state.get(RESOLUTIONS, name)))
    return [item for item in told if not is_of_a_later_kind(item)]
