"""A session's journal: append-only events, one line of JSON each; nothing is read to be written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from tractatus_merge.core.plans.incoming import EditNote

JOURNAL = "journal.jsonl"


def said(found: Iterable[dict[str, Any]]) -> dict[tuple[str, tuple[str, ...]], EditNote]:
    """When and why each place was written; the last word counts."""
    words = {}
    for event in found:
        if event.get("event") == "edit":
            for path in event.get("paths", []):
                word = EditNote(event.get("at", ""), event.get("why", ""), event.get("author", ""))
                words[event.get("instruction", ""), tuple(path)] = word
    return words


def unpublished(found: Iterable[dict[str, Any]]) -> Collection[tuple[str, tuple[str, ...]]]:
    """The places that were written through the tool since the last merge."""
    events = list(found)
    merges = [number for number, event in enumerate(events) if event.get("event") == "merge"]
    return said(events[merges[-1] :] if merges else events).keys()


def is_ended(found: Iterable[dict[str, Any]]) -> bool:
    """Whether the agent's last word on the session's life is that it is over."""
    life = [event["event"] for event in found if event.get("event") in ("start", "resume", "end")]
    return life[-1:] == ["end"]
