"""A session's journal: append-only events, one line of JSON each; nothing is read to be written."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tractatus_merge.core.plans.incoming import EditNote

JOURNAL = "journal.jsonl"


def said(
    found: Iterable[dict[str, Any]], otherwise: str
) -> dict[tuple[str, tuple[str, ...]], EditNote]:
    """When (else `otherwise`) and why each place was written; the last word counts.

    What a script wrote of another kind than the program does is made a text, or is passed over:
    these words are published.
    """
    from tractatus_merge.core.plans.incoming import EditNote  # who publishes has it

    words = {}
    for event in found:
        name = event.get("instruction")
        if event.get("event") != "edit" or not isinstance(name, str):
            continue
        at = _text(event.get("at"))
        note = EditNote(
            at if is_moment(at) else otherwise, _text(event.get("why")), _text(event.get("author"))
        )
        words.update({(name, path): note for path in _paths(event) if path is not None})
    return words


def is_odd(event: dict[str, Any]) -> bool:
    """Whether a line says nothing that this program understands, or only a part."""
    kind = event.get("event")
    if kind != "edit":
        return not isinstance(kind, str)
    paths = _paths(event)
    return not isinstance(event.get("instruction"), str) or not paths or None in paths


def _paths(event: dict[str, Any]) -> list[tuple[str, ...] | None]:
    """The places that an edit names; None for what is none."""
    paths = event.get("paths")
    return [
        tuple(path) if isinstance(path, list) and all(isinstance(k, str) for k in path) else None
        for path in (paths if isinstance(paths, list) else ())
    ]


def _text(value: Any) -> str:
    """A text as it is, a number or a flag as JSON writes it, nothing for anything else."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (bool, int, float)) else ""


def is_moment(text: str) -> bool:
    """Whether a text is a time as the program writes it."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def unpublished(found: Iterable[dict[str, Any]]) -> Collection[tuple[str, tuple[str, ...]]]:
    """The places that were written through the tool since the last merge."""
    events = list(found)
    merges = [number for number, event in enumerate(events) if event.get("event") == "merge"]
    return said(events[merges[-1] :] if merges else events, "").keys()


def is_ended(found: Iterable[dict[str, Any]]) -> bool:
    """Whether the agent's last word on the session's life is that it is over."""
    life = [event["event"] for event in found if event.get("event") in ("start", "resume", "end")]
    return life[-1:] == ["end"]
