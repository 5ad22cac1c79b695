"""How large a context is, by the clients' own rules, and what disproves a guess."""

from __future__ import annotations

import pytest

from tractatus_merge.metrics.windows import MILLION, proven, window_of

GATEWAY = {"ANTHROPIC_BASE_URL": "https://gateway.example/v1"}
OFF = {"CLAUDE_CODE_DISABLE_1M_CONTEXT": "1"}


@pytest.mark.parametrize(
    ("model", "asked", "environment", "window"),
    [
        ("claude-opus-4-8", "", {}, MILLION),
        ("claude-opus-4-7", "", {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}, MILLION),
        ("claude-sonnet-5", "", {"ANTHROPIC_BASE_URL": "https://api.anthropic.com/v1"}, MILLION),
        ("claude-fable-5", "", {"ANTHROPIC_BASE_URL": ""}, MILLION),
        ("claude-fable-5", "", GATEWAY, 200_000),
        ("claude-opus-4-8", "", {"ANTHROPIC_BASE_URL": "http://api.anthropic.com.evil"}, 200_000),
        ("claude-opus-4-8", "", OFF, 200_000),
        ("claude-opus-4-8", "", {"CLAUDE_CODE_DISABLE_1M_CONTEXT": "0"}, MILLION),
        ("claude-opus-4-8", "claude-opus-4-8[1m]", GATEWAY, MILLION),
        ("claude-opus-4-8", "claude-opus-4-8[1m]", OFF, 200_000),
        ("claude-opus-4-6", "opus[1M]", {}, MILLION),
        ("claude-sonnet-4-6", "opus[1m]", {}, 200_000),
        ("claude-opus-4-6", "opus", {}, 200_000),
        ("claude-opus-4-6", "[1m]", {}, 200_000),
        ("claude-opus-4-6", "", {"ANTHROPIC_MODEL": "claude-opus-4-6[1m]"}, MILLION),
        ("claude-opus-4-6", "", {"ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-opus-4-6[1m]"}, MILLION),
        ("claude-opus-4-6[1m]", "", {}, MILLION),
        ("claude-haiku-4-5-20251001", "", {}, 200_000),
        ("claude-3-5-sonnet-20241022", "", {}, 200_000),
        ("us.anthropic.claude-sonnet-5", "", {"CLAUDE_CODE_USE_BEDROCK": "1"}, MILLION),
        ("us.anthropic.claude-opus-4-8-v1:0", "", {"CLAUDE_CODE_USE_BEDROCK": "1"}, 200_000),
        ("gemini-3.8-flash", "", {}, 1_048_576),
        ("qwen3-coder", "", GATEWAY, 0),
        ("qwen3-coder", "opus[1m]", GATEWAY, 0),
        ("qwen3-coder", "qwen3-coder[1m]", GATEWAY, MILLION),
        ("qwen3-coder", "", {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "262144"}, 262_144),
        ("qwen3-coder", "", {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "many"}, 0),
        ("claude-opus-4-6", "", {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "262144"}, 200_000),
        ("", "", {}, 200_000),
        ("", "opus[1m]", {}, MILLION),
    ],
)
def test_a_window_is_what_the_client_takes_it_for(model, asked, environment, window):
    """Of a model that no client knows nobody knows the window; a model without a name has ours."""
    assert window_of(model, asked, environment) == window


@pytest.mark.parametrize(
    ("tokens", "window", "model", "found"),
    [
        (200_000, 200_000, "claude-opus-4-6", 200_000),
        (200_001, 200_000, "claude-opus-4-6", MILLION),
        (MILLION + 1, MILLION, "claude-opus-4-6", 0),
        (200_001, 200_000, "", 0),
        (200_001, 200_000, "qwen3-coder", 0),
        (5, 0, "claude-opus-4-6", 0),
    ],
)
def test_tokens_prove_a_window_larger(tokens, window, model, found):
    """No guess is ever more than full: the next size that such a model has, or nobody knows."""
    assert proven(tokens, window, model) == found
