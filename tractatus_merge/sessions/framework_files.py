"""A session's numbers in the framework's own two files, for scripts that know no other.

The session's folder has them as `state.json` and `checkpoints.json`; `export` writes one session's
to `.claude/session-state.json` and `.claude/token-checkpoints.json`. Keys that are not of the table
below stay as they are: other programs wrote them. Source: the framework's `session-init.js` and
`framework-watchdog.js`, and the simplified form of the seed paper.

| here | there |
| --- | --- |
| messages | `message_count`, `messages` |
| context | `token_estimate`, `tokens_used`; 0 where it is not known |
| pressure, level | `pressure_score`, `status`; the monitor's `last_score`, `last_level` |
| budget | `token_budget`, `budget`; the framework's own where it is not known |
| a checkpoint that fired | `completed`, `timestamp` |

`overdue` is never set, since a checkpoint fires when it is passed. When all are passed,
`next_checkpoint` is the budget, not null: the framework's scripts take null for 0, and stop work.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tractatus_merge.metrics.fold import Metrics, fold
from tractatus_merge.metrics.levels import BUDGET, CHECKPOINTS
from tractatus_merge.sessions.journal import JOURNAL
from tractatus_merge.system import files, jsonl

STATE, CHECKPOINTS_FILE = "state.json", "checkpoints.json"
CLASSIC = {STATE: "session-state.json", CHECKPOINTS_FILE: "token-checkpoints.json"}
"""What the framework calls the two files."""
_MONITOR = "ContextPressureMonitor"
_COMPONENTS = {
    "InstructionPersistenceClassifier": "last_classification",
    "CrossReferenceValidator": "last_validation",
    "BoundaryEnforcer": "last_check",
    "MetacognitiveVerifier": "last_verification",
}


def derive(folder: str, budget: Any = None) -> None:
    """Write a session's two files anew from its journal, in its own folder."""
    place = Path(folder)
    events = jsonl.events(place / JOURNAL)
    limit = budget if isinstance(budget, int) else None
    found = fold(place.name, events, limit, environment=os.environ)
    for name, old in kept(place).items():
        files.replace(place / name, rendered(name, found, old))


def kept(folder: Path, names: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """What the two files of a folder hold now; nothing where they are none.

    `names` are what they are called there; in a session's folder by their own names.
    """
    return {name: jsonl.load(folder / (names or {}).get(name, name)) for name in CLASSIC}


def rendered(name: str, found: Metrics, old: Mapping[str, Any]) -> bytes:
    """One of the two files, as the framework writes it."""
    document = _state(found, old) if name == STATE else _checkpoints(found, old)
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _state(found: Metrics, old: Mapping[str, Any]) -> dict[str, Any]:
    last = old.get("last_framework_activity")
    activity = dict(last) if isinstance(last, dict) else {}
    monitor = activity.pop(_MONITOR, None)
    never = {"message": 0, "tokens": 0, "timestamp": None}
    tokens, at = found.context or 0, found.last or None
    checked = {
        **(monitor if isinstance(monitor, dict) else {}),
        "message": found.messages,
        "tokens": tokens,
        "timestamp": at,
        "last_level": found.level or "NORMAL",
        "last_score": found.pressure_score or 0,
    }
    fresh = {name: {**never, key: None} for name, key in _COMPONENTS.items()}
    return {
        "version": "1.0.0",
        "staleness_thresholds": {"messages": 20, "tokens": 30000},
        "alerts": [],
        **old,
        "session_id": found.session,
        "started": found.started or None,
        "message_count": found.messages,
        "token_estimate": tokens,
        "last_framework_activity": {_MONITOR: checked, **fresh, **activity},
        "last_updated": at,
        "initialized": True,
        "created_at": found.started or None,
        "token_budget": found.budget or BUDGET,
        "tokens_used": tokens,
        "messages": found.messages,
        "pressure_score": found.pressure_score,
        "status": found.level,
    }


def _checkpoints(found: Metrics, old: Mapping[str, Any]) -> dict[str, Any]:
    passed = {mark.percentage: mark.at for mark in found.checkpoints}
    budget = found.budget or BUDGET
    rows = [
        {
            "percentage": mark,
            "tokens": budget * mark // 100,
            "completed": mark in passed,
            "timestamp": passed.get(mark),
        }
        for mark in CHECKPOINTS
    ]
    ahead = (row["tokens"] for row in rows if not row["completed"])
    return {
        "version": "1.0.0",
        **old,
        "session_id": found.session,
        "budget": budget,
        "checkpoints": rows,
        "next_checkpoint": next(ahead, budget),
        "overdue": False,
        "last_check": found.last or None,
    }
