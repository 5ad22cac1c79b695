"""How full a session's context is, from the end of its transcript.

The format is Claude Code's own and changes: what is not known is passed over, and nothing here
fails. Only the last 4 MiB are looked at, from behind: 64 KiB mostly do. Standard library only.

Context is what the last reply of the main chain was made from: `input_tokens`,
`cache_read_input_tokens` and `cache_creation_input_tokens` of one message. Its records repeat these
under one `message.id`, so one record is enough and nothing is summed. Source: Claude Code's
documentation of the status line.
"""

from __future__ import annotations

import os

from tractatus_merge.system import jsonl, plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_PARTS = (64 * 1024, 512 * 1024, 4 * 1024 * 1024)
_FULL = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_SKIPPED = b'"isSidechain":true'


class Reading:
    """What the end of a transcript says: `tokens` (None: not known), `model`."""

    __slots__ = ("model", "tokens")

    def __init__(self, tokens: int | None, model: str = "") -> None:
        self.tokens = tokens
        self.model = model


def context_of(path: str) -> Reading | None:
    """The context at the end of a transcript; None where nothing there speaks of it."""
    try:
        descriptor = plain_file.opened(path)
    except (OSError, ValueError):
        return None
    try:
        size = os.fstat(descriptor).st_size
        for part in _PARTS:
            start = max(0, size - part)
            reading = _reading(os.pread(descriptor, part, start), whole=start == 0)
            if reading is not None or start == 0:
                return reading
        return None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _reading(data: bytes, *, whole: bool) -> Reading | None:
    """What the newest record that speaks of the context says."""
    for line in _backwards(data, whole=whole):
        if b'"compact_boundary"' in line:
            record = jsonl.parse(line)
            if record is not None and record.get("subtype") == "compact_boundary":
                return Reading(_after(record))
        elif b'"usage"' in line and _SKIPPED not in line:
            found = _usage(jsonl.parse(line))
            if found is not None:
                return found
    return None


def _backwards(data: bytes, *, whole: bool) -> Iterator[bytes]:
    """The lines from the last to the first; one whose beginning is not there is left out."""
    end = len(data)
    while end > 0:
        start = data.rfind(b"\n", 0, end)
        if start < 0 and not whole:
            return
        yield data[start + 1 : end]
        end = start


def _usage(record: dict[str, Any] | None) -> Reading | None:
    if record is None or record.get("type") != "assistant" or record.get("isSidechain"):
        return None
    message = record.get("message")
    if record.get("isApiErrorMessage") or not isinstance(message, dict):
        return None
    usage, model = message.get("usage"), message.get("model")
    if model == "<synthetic>" or not isinstance(usage, dict):
        return None
    counts = [usage.get(name) or 0 for name in _FULL]
    if not any(name in usage for name in _FULL) or not all(type(n) is int for n in counts):
        return None
    return Reading(sum(counts), model if isinstance(model, str) else "")


def _after(record: dict[str, Any]) -> int | None:
    facts = record.get("compactMetadata")
    tokens = facts.get("postTokens") if isinstance(facts, dict) else None
    return tokens if type(tokens) is int else None
