"""How full a context is, by records as Claude Code, Codex and Gemini CLI wrote them."""

from __future__ import annotations

import json

import pytest

from tractatus_merge.metrics.transcripts import context_of, shown

CODEX = {
    "total_token_usage": {"input_tokens": 70_000, "cached_input_tokens": 35_000},
    "last_token_usage": {
        "input_tokens": 40_000,
        "cached_input_tokens": 20_000,
        "output_tokens": 20,
        "total_tokens": 40_020,
    },
    "model_context_window": 258_400,
}


def claude(tokens, **fields):
    """A reply of Claude Code's."""
    usage = {"input_tokens": 10 if tokens else 0, "cache_read_input_tokens": max(tokens - 10, 0)}
    message = {"id": "msg_1", "model": "claude-opus-4-8", "usage": usage}
    return {"isSidechain": False, "type": "assistant", "message": message, **fields}


def codex(info):
    """What Codex writes after a reply."""
    payload = {"type": "token_count", "info": info, "rate_limits": {"plan_type": None}}
    return {"timestamp": "2026-11-29T07:17:41.655Z", "type": "event_msg", "payload": payload}


def gemini(tokens):
    """A reply of Gemini CLI's."""
    counts = {"input": tokens, "output": 20, "cached": 15_000, "total": 50_020}
    return {"id": "4d", "type": "gemini", "tokens": counts, "model": "gemini-3.8-flash"}


def read(tmp_path, *records):
    """What the end of a transcript says: tokens, model, window."""
    path = tmp_path / "t.jsonl"
    lines = (json.dumps(record, separators=(",", ":")) + "\n" for record in records)
    path.write_text("".join(lines), "utf-8")
    found = context_of(str(path))
    return found and (found.tokens, found.model, found.window)


BOUNDARY = {"type": "system", "subtype": "compact_boundary"}
EMPTY = {**CODEX, "last_token_usage": {"input_tokens": 0, "total_tokens": 9_000}}


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([claude(340_000)], (340_000, "claude-opus-4-8", 0)),
        ([claude(9), claude(340_000), claude(7, isSidechain=True)], (340_000, "claude-opus-4-8", 0)),
        ([claude(180_000), claude(0)], (None, "claude-opus-4-8", 0)),
        ([claude(180_000), BOUNDARY], (None, "", 0)),
        ([claude(180_000), {**BOUNDARY, "compactMetadata": {"postTokens": 9}}], (9, "", 0)),
        ([claude(180_000), {**BOUNDARY, "compactMetadata": {"postTokens": 0}}], (None, "", 0)),
        ([codex(CODEX)], (40_000, "", 258_400)),
        ([codex(CODEX), codex(None)], (40_000, "", 258_400)),
        ([codex(CODEX), codex(EMPTY)], (None, "", 258_400)),
        ([codex(CODEX), {"type": "compacted", "payload": {"message": "m"}}], (None, "", 0)),
        ([codex({**CODEX, "model_context_window": None})], (40_000, "", 0)),
        ([gemini(50_000), {"$set": {"lastUpdated": "x"}}], (50_000, "gemini-3.8-flash", 0)),
        ([gemini(50_000), gemini(0)], (None, "gemini-3.8-flash", 0)),
        ([{"type": "user", "content": '"token_count" "gemini" "usage"'}], None),
        ([codex({"last_token_usage": {"input_tokens": "7"}}), gemini("7")], None),
    ],
    ids=range(15),
)  # fmt: skip
def test_the_newest_record_that_speaks_of_the_context(tmp_path, records, found):
    """Its tokens count, cached ones included; none, and what a compaction left, are not known."""
    assert read(tmp_path, *records) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("5 9\n", (5, 9)), ("0 9\n", (None, 9)), ("5\n", None), ("a b\n", None), (None, None)],
)
def test_what_the_status_line_said(tmp_path, text, found):
    """Zero tokens are not known; what is no two numbers is nothing."""
    if text is not None:
        (tmp_path / "window").write_text(text, "ascii")
    told = shown(str(tmp_path))
    assert (told and (told.tokens, told.window)) == found
