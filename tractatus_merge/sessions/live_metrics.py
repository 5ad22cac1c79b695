"""A live session's numbers: what its journal comes to, and what its transcript says right now."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from tractatus_merge.metrics import transcripts
from tractatus_merge.metrics.fold import COUNTERS, Checkpoint, Metrics, fold
from tractatus_merge.metrics.levels import ADVICE, level_of
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.system import jsonl
from tractatus_merge.value import asdict

SCORES = ("ratio", "g1", "g2")
NUMBERS = "metrics.jsonl"
"""Where, on this machine only, the numbers of sessions are kept whose folders are gone."""


def measured(session: Session) -> Metrics:
    """The numbers of a session. Nothing is written.

    The status line's word on the context is in the journal as soon as it changes; where there is
    none, an open session's transcript is asked, as far as it has come.
    """
    events = session.journal()
    path = session.facts.transcript
    shown = transcripts.shown(str(session.folder))
    if path and session.state is Life.OPEN and (shown is None or shown.tokens is None):
        reading = transcripts.context_of(str(path))
        if reading is not None:
            said = {"event": "context", "tokens": reading.tokens}
            said |= {"model": reading.model} if reading.model else {}
            events.append(said | ({"window": reading.window} if reading.window else {}))
    return fold(session.id, events, session.facts.budget, environment=os.environ)


def as_json(session: Session) -> dict[str, Any]:
    """A session's numbers as every verb tells them."""
    return told(measured(session))


def told(found: Metrics, which: str = "ratio") -> dict[str, Any]:
    """Numbers as every verb tells them; `which` of the scores is the pressure's.

    `pressure_score` is in percent with one decimal; it and `level` are null where nobody knows how
    full the context is, or how large: then `context`, or `budget`, is null.
    """
    share = found.score(which)
    level = None if share is None else level_of(share)
    return {
        "pressure_score": None if share is None else round(share * 100, 1),
        "level": level,
        "recommendation": ADVICE.get(level or ""),
        "context": found.context,
        "peak": found.peak,
        "budget": found.budget or None,
        "messages": found.messages,
        **{name: getattr(found, name) for name in COUNTERS},
        "checkpoints": [
            {"percentage": mark.percentage, "tokens": mark.tokens, "at": mark.at}
            for mark in found.checkpoints
        ],
        "seconds": found.seconds,
        "last": found.last,
    }


def keep(state: Path, session: Session) -> None:
    """Write down the numbers of a session that is about to be forgotten here."""
    found = measured(session)
    numbers = asdict(found) | {"checkpoints": [asdict(mark) for mark in found.checkpoints]}
    with contextlib.suppress(OSError):
        jsonl.append(state / NUMBERS, numbers)


def kept(state: Path) -> list[Metrics]:
    """The numbers of the sessions that were forgotten here."""
    found = {}
    for row in jsonl.events(state / NUMBERS):
        with contextlib.suppress(TypeError, KeyError):  # another version's, or no numbers
            marks = tuple(Checkpoint(**mark) for mark in row.pop("checkpoints"))
            found[row["session"]] = Metrics(**row, checkpoints=marks)
    return list(found.values())
