"""Slots: small numbers that live sessions hold, no two the same one, for ports and databases.

The registry is one file under a kernel lock. A slot is held as long as its session is open, or the
process that took it lives; who asks next takes back the others. A registry that cannot be read is
made anew from who asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tractatus_merge import files, processes
from tractatus_merge.core.lifecycle import Life
from tractatus_merge.errors import ContentionError
from tractatus_merge.repository import Repository
from tractatus_merge.roster import all_sessions

REGISTRY = "slots.json"
_WAIT = 10.0

Holder = dict[str, Any]
"""Who holds a slot: `{"session": id}` or `{"process": facts}`."""


def take(repo: Repository, holder: Holder) -> int:
    """The slot of a holder, the smallest free one if it has none; ContentionError if all wait."""
    path = repo.workspace.state / REGISTRY
    with files.locked(path.with_suffix(".lock"), _WAIT) as got:
        if not got:
            raise ContentionError("the slots' registry stays locked.", hint="try again")
        held = _held(repo, path)
        for slot, other in held.items():
            if other == holder:
                return slot
        slot = next(number for number in range(len(held) + 1) if number not in held)
        held[slot] = holder
        rows = {str(number): held[number] for number in sorted(held)}
        files.replace(path, json.dumps(rows, indent=1).encode())
        return slot


def held(repo: Repository) -> dict[int, Holder]:
    """The slots that are held now."""
    return _held(repo, repo.workspace.state / REGISTRY)


def _held(repo: Repository, path: Path) -> dict[int, Holder]:
    try:
        rows = json.loads(path.read_bytes())
    except (OSError, ValueError):
        rows = {}
    known = all_sessions(repo.workspace.sessions)
    live = {session.id for session in known if session.state is Life.OPEN}
    rows = rows if isinstance(rows, dict) else {}
    return {int(slot): who for slot, who in rows.items() if slot.isdecimal() and _holds(who, live)}


def _holds(holder: Any, live: set[str]) -> bool:
    if not isinstance(holder, Mapping):
        return False
    facts = holder.get("process")
    if isinstance(facts, dict):
        return processes.is_alive(facts) is not False
    return holder.get("session") in live
