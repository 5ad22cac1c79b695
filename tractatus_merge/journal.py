"""A session's journal: append-only events, one line of JSON each; nothing is read to be written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tractatus_merge import files
from tractatus_merge.core.incoming import Said


def note(path: Path, event: str, at: str, **fields: Any) -> None:
    """Add one event."""
    line = json.dumps({"event": event, "at": at, **fields})
    files.append(path, line.encode())


def events(path: Path) -> Iterator[dict[str, Any]]:
    """The events, oldest first; a torn last line is passed over."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:  # cut off by a crash: the edit itself is in the copy
            continue
        if isinstance(event, dict):
            yield event


def said(found: Iterable[dict[str, Any]]) -> dict[tuple[str, tuple[str, ...]], Said]:
    """When and why each place was written; the last word counts."""
    words = {}
    for event in found:
        if event.get("event") == "edit":
            for path in event.get("paths", []):
                word = Said(event.get("at", ""), event.get("why", ""), event.get("author", ""))
                words[event.get("instruction", ""), tuple(path)] = word
    return words
