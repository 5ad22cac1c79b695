"""Read the conflicts and resolutions of a state. Nothing is changed here."""

from __future__ import annotations

from functools import lru_cache

from tractatus_merge.core.model import resolutions as resolution_records
from tractatus_merge.core.model.conflict import Conflict, conflict_id
from tractatus_merge.core.model.resolutions import Closing
from tractatus_merge.core.model.state import CONFLICTS, RESOLUTIONS, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, Path, digest


def open_conflicts(state: State) -> list[Conflict]:
    """All open conflicts of a state."""
    texts = (state.get(CONFLICTS, name) for name in state.names(CONFLICTS))
    return [_conflict(text) for text in texts if text]


def open_conflict(state: State, name: str) -> Conflict | None:
    """The open conflict of that id, or None."""
    text = state.get(CONFLICTS, name)
    return _conflict(text) if text else None


@lru_cache(maxsize=1 << 12)
def _conflict(text: str) -> Conflict:
    """Read a stored conflict; cached, as most are the same in the next state."""
    return Conflict.from_json(json_text.parse(text))


def closings(state: State, instruction: str | None) -> tuple[Closing, ...]:
    """What people settled on one instruction so far."""
    prefix = resolution_prefix(instruction)
    names = (name for name in state.names(RESOLUTIONS) if name.startswith(prefix))
    texts = (state.get(RESOLUTIONS, name) for name in names)
    return tuple(resolution_records.closings(json_text.parse(text) for text in texts if text))


def next_conflict_id(state: State, instruction: str | None, path: Path) -> str:
    """The id of the next conflict at a place, after all that people settled there."""
    settled = [closing.id for closing in closings(state, instruction) if closing.path == path]
    return conflict_id(instruction, path, settled)


def resolution_prefix(instruction: str | None) -> str:
    """The prefix of the ids of an instruction's resolutions: finding them reads no others."""
    return f"r{digest([instruction], 8)}-"


def resolutions(state: State) -> list[dict[str, Json]]:
    """Every resolution and revocation of a state."""
    texts = (state.get(RESOLUTIONS, name) for name in state.names(RESOLUTIONS))
    return [json_text.parse(text) for text in texts if text]
