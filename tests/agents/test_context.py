"""How full a context is, as the hook, the status line and `sessions` tell it: right, or absent."""

from __future__ import annotations

import json
import os
import subprocess
from functools import partial

import pytest

from tests.fakeagent import PROGRAM, Agent
from tests.tool import run, tool
from tractatus_merge.agents import models
from tractatus_merge.metrics.fold import fold as fold_in

fold = partial(fold_in, environment={})

OPUS = "claude-opus-4-6"


def reply(tokens, model):
    """A reply of any model, as Claude Code writes it."""
    usage = {"input_tokens": 3, "cache_read_input_tokens": tokens - 3}
    return {"type": "assistant", "message": {"id": "m", "model": model, "usage": usage}}


def numbers(line):
    """The only session's row."""
    return tool(line, "sessions")["sessions"][0]


def test_a_second_fill_warns_again(line, tmp_path):
    """After a compaction, and where a client empties the context unsaid: told anew, counted once."""
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    agent.says(160_000)
    assert "CRITICAL the framework" in agent.fire("PostToolUse", tool_name="t")
    assert agent.fire("PostToolUse", tool_name="t") == ""
    agent.fire("PostCompact", trigger="auto", compact_summary="...")
    agent.says(90_000)
    assert agent.fire("PostToolUse", tool_name="t").endswith("The 25 % checkpoint is passed.")
    agent.says(160_000)
    again = agent.fire("PostToolUse", tool_name="t")
    assert "The 75 % checkpoint is passed. At CRITICAL the framework" in again
    agent.says(11_000)
    assert agent.fire("PostToolUse", tool_name="t") == ""
    agent.says(160_000)
    assert agent.fire("PostToolUse", tool_name="t") == again
    marks = fold("s1", agent.journal()).checkpoints
    assert [(mark.percentage, mark.tokens) for mark in marks] == [
        (25, 160_000),
        (50, 160_000),
        (75, 160_000),
    ]


@pytest.mark.parametrize(
    ("model", "asked", "tokens", "told", "row"),
    [
        (OPUS, f"{OPUS}[1m]", 340_000, "1,000,000 tokens (34.0%", (1_000_000, 34.0, "ELEVATED")),
        (OPUS, None, 340_000, "1,000,000 tokens (34.0%", (1_000_000, 34.0, "ELEVATED")),
        (OPUS, None, 178_000, "200,000 tokens (89.0%", (200_000, 89.0, "DANGEROUS")),
        ("claude-opus-4-8", None, 178_000, None, (1_000_000, 17.8, "NORMAL")),
        ("qwen3-coder", None, 178_000, None, (None, None, None)),
    ],
)
def test_pressure_is_right_or_absent(line, tmp_path, model, asked, tokens, told, row):
    """By what is known of the window: on `sessions` as in what the agent is told.

    A window that tokens have proven larger stays so when the context was emptied.
    """
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup", **({"model": asked} if asked else {}))
    agent.record(reply(tokens, model))
    said = agent.fire("PostToolUse", tool_name="t")
    assert said.startswith(f"The context holds {tokens:,} of {told}") if told else not said
    found = numbers(line)
    assert tuple(found[name] for name in ("budget", "pressure_score", "level")) == row
    assert found["context"] == tokens
    assert ("of a window that is not known" in run(line, "sessions").out) == (row[0] is None)
    agent.fire("PostCompact", trigger="auto")
    agent.record(reply(20_000, model))
    agent.fire("PostToolUse", tool_name="t")
    assert numbers(line)["budget"] == row[0]


def test_settings_and_arguments_name_the_model(line, tmp_path):
    """`[1m]` of a print mode, which no event names: from settings, from the client's arguments."""
    top = line / ".claude"
    (top / "settings.local.json").write_text('{"model": "opus[1m]"}', "utf-8")
    assert models.asked({}, ["claude", "-p", "x"], {}, line) == "opus[1m]"
    assert models.asked({}, ["claude", "--model", "haiku"], {}, line) == "haiku"
    assert models.asked({}, ["claude", "--model=haiku"], {}, line) == "haiku"
    assert models.asked({"model": "m"}, ["claude", "--model"], {}, line) == "m"
    home = tmp_path / "config"
    home.mkdir()
    (home / "settings.json").write_text('{"model": "sonnet[1m]"}', "utf-8")
    (top / "settings.local.json").write_text('{"model": 7}', "utf-8")
    there = {"CLAUDE_CONFIG_DIR": str(home)}
    assert models.asked({}, [], there, line) == "sonnet[1m]"
    assert models.asked({}, [], there | {"ANTHROPIC_MODEL": "x"}, line) == "x"
    agent = Agent(line, "s1", tmp_path)
    (top / "settings.local.json").write_text('{"model": "opus[1m]"}', "utf-8")
    agent.fire("SessionStart", source="startup")
    agent.says(60_000)
    assert agent.fire("UserPromptSubmit", prompt="x") == ""
    assert numbers(line)["pressure_score"] == 6.0


def status(line, tokens, window, model):
    """What the status line says of so many tokens in a window."""
    usage = {"input_tokens": tokens, "cache_read_input_tokens": 0, "output_tokens": 7}
    size = {} if window is None else {"context_window_size": window}
    told = {"current_usage": usage if tokens is not None else None, **size}
    said = {"session_id": "s1", "cwd": str(line), "context_window": told, "model": {"id": model}}
    text = json.dumps(said)
    ran = subprocess.run(
        [*PROGRAM, "statusline"], input=text, text=True, capture_output=True, check=True,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    first = ran.stdout.strip().partition(" · ")[0]
    return "" if first == "merged" else first  # what waits is looked up by a child meanwhile


def test_the_status_line_shows_no_guess(line, tmp_path):
    """A window that the tokens disprove is another, or nobody's; zeros are not known."""
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    assert status(line, None, 200_000, "claude-opus-4-8") == ""
    assert status(line, 340_000, 1_000_000, "claude-opus-4-8[1m]") == "34.0% ELEVATED"
    assert status(line, 178_000, 200_000, "claude-opus-4-6") == "89.0% DANGEROUS"
    assert status(line, 340_000, 200_000, "claude-opus-4-6") == "34.0% ELEVATED"
    assert status(line, 0, 200_000, "claude-opus-4-6") == ""
    row = numbers(line)
    assert (row["context"], row["level"]) == (None, None)
    assert agent.fire("UserPromptSubmit", prompt="x") == ""
    assert status(line, 20_000, 200_000, "claude-opus-4-6") == "2.0% NORMAL"
    assert status(line, 340_000, 200_000, "qwen3-coder") == "340,000 tokens"
    assert status(line, 34_000, None, "claude-opus-4-8") == "3.4% NORMAL"
    assert numbers(line)["pressure_score"] == 3.4
