"""How full a session's context is, from the end of its transcript, or as the status line said.

The formats are the clients' own and change: what is not known is passed over, and nothing here
fails. Only the last 4 MiB are looked at, from behind: 64 KiB mostly do. Standard library only.

Context is what the last reply of the main chain was made from. Nothing is summed:

- Claude Code: `input_tokens`, `cache_read_input_tokens` and `cache_creation_input_tokens` of one
  message. Its records repeat these under one `message.id`. Source: its page on the status line.
- Codex: `last_token_usage.input_tokens` of a `token_count`, cached ones included, and its
  `model_context_window`.
- Gemini CLI: `tokens.input` of a record of the type `gemini`, and its `model`.

No reply was made from nothing: 0 tokens is what a client says that does not know, as after it has
folded the context, and what is older then is true no more.
"""

from __future__ import annotations

import os

from tractatus_merge.system import jsonl, plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeGuard

_PARTS = (64 * 1024, 512 * 1024, 4 * 1024 * 1024)
_FULL = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_SKIPPED = b'"isSidechain":true'
WINDOW = "window"
"""The file of a session's folder in which the status line keeps what it said last."""


class Reading:
    """How full a context is: `tokens` (None: not known), `model` and `window` where it is said."""

    __slots__ = ("model", "tokens", "window")

    def __init__(self, tokens: int | None, model: str = "", window: int = 0) -> None:
        self.tokens = tokens or None
        self.model = model
        self.window = window


def shown(folder: str) -> Reading | None:
    """What the status line said last of the session in a folder; None where it said nothing."""
    try:
        tokens, window = plain_file.read(f"{folder}/{WINDOW}").split()[:2]
        return Reading(int(tokens), window=int(window))
    except (OSError, ValueError):
        return None


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
        for mark, read in _RECORDS:
            if mark in line and _SKIPPED not in line:
                found = read(jsonl.parse(line) or {})
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


def _usage(record: dict[str, Any]) -> Reading | None:
    """A reply in Claude Code's transcript."""
    if record.get("type") != "assistant" or record.get("isSidechain"):
        return None
    message = record.get("message")
    if record.get("isApiErrorMessage") or not isinstance(message, dict):
        return None
    usage, model = message.get("usage"), message.get("model")
    if model == "<synthetic>" or not isinstance(usage, dict):
        return None
    counts = [usage.get(name) or 0 for name in _FULL]
    if not any(name in usage for name in _FULL) or not all(map(_is_count, counts)):
        return None
    return Reading(sum(counts), _text(model))


def _boundary(record: dict[str, Any]) -> Reading | None:
    """Where Claude Code folded the context."""
    if record.get("subtype") != "compact_boundary":
        return None
    tokens = _part(record, "compactMetadata").get("postTokens")
    return Reading(tokens if _is_count(tokens) else None)


def _token_count(record: dict[str, Any]) -> Reading | None:
    """The count after a reply in Codex's transcript."""
    payload = _part(record, "payload")
    info = _part(payload, "info")
    tokens = _part(info, "last_token_usage").get("input_tokens")
    if payload.get("type") != "token_count" or not _is_count(tokens):
        return None
    window = info.get("model_context_window")
    return Reading(tokens, window=window if _is_count(window) else 0)


def _compacted(record: dict[str, Any]) -> Reading | None:
    """Where Codex folded the context."""
    return Reading(None) if record.get("type") == "compacted" else None


def _gemini(record: dict[str, Any]) -> Reading | None:
    """A reply in Gemini's chat file."""
    tokens = _part(record, "tokens").get("input")
    if record.get("type") != "gemini" or not _is_count(tokens):
        return None
    return Reading(tokens, _text(record.get("model")))


_RECORDS = (
    (b'"usage"', _usage),
    (b'"compact_boundary"', _boundary),
    (b'"token_count"', _token_count),
    (b'"compacted"', _compacted),
    (b'"gemini"', _gemini),
)
"""What stands in a line that may speak of the context, and who reads it."""


def _part(record: dict[str, Any], name: str) -> dict[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
