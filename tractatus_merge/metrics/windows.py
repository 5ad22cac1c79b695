"""How many tokens the context of a model may hold: the clients' own rules, and what disproves them.

Standard library only, and no files: the environment comes in. Sources: Claude Code 2.1.197 and
Gemini CLI 0.61.0, as their programs decide it. Codex writes the window into its own transcript.

| model | window |
| --- | --- |
| a Claude, named with `[1m]` | a million |
| Sonnet 5, Opus 4.7 and 4.8, Fable 5, Mythos, at Anthropic's own address | a million |
| Sonnet 5 at Bedrock, Vertex, Foundry | a million |
| every other Claude; each of them with `CLAUDE_CODE_DISABLE_1M_CONTEXT` | 200,000 |
| a Gemini | 1,048,576 |
| any other, in Claude Code | what `CLAUDE_CODE_MAX_CONTEXT_TOKENS` says, else nobody knows |

More tokens than a window prove that it is larger. No guess is ever more than full.
"""

from __future__ import annotations

from tractatus_merge.metrics.levels import BUDGET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MILLION = 1_000_000
_GEMINI = 1_048_576
_LONG = "[1m]"
_NATIVE = ("sonnet-5", "opus-4-7", "opus-4-8", "fable-5", "mythos-5", "mythos-preview")
_ELSEWHERE = "sonnet-5"
_HOSTS = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
_OWN = ("", "api.anthropic.com", "api.anthropic.com:443")
_NAMES = (
    "ANTHROPIC_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_FABLE_MODEL",
)
_NO = ("", "0", "false", "no", "off")


def window_of(model: str, asked: str, environment: Mapping[str, str]) -> int:
    """The context window of a model, in tokens; 0 where nobody knows it.

    `model` is its name in the transcript, which leaves `[1m]` out, `asked` the one that the client
    was started with. A model of no name has the framework's budget.
    """
    env = environment
    name = (model or asked).lower()
    if not name:
        return BUDGET
    if "claude" not in name and not _same(name, asked):
        return _GEMINI if "gemini" in name else _number(env.get("CLAUDE_CODE_MAX_CONTEXT_TOKENS"))
    if _is_set(env, "CLAUDE_CODE_DISABLE_1M_CONTEXT"):
        return BUDGET
    names = [name, *(one for one in (asked, *map(env.get, _NAMES)) if one and _same(name, one))]
    long = any(_LONG in one.lower() for one in names)
    return MILLION if long or _is_native(name, env) else BUDGET


def proven(tokens: int, window: int, model: str) -> int:
    """The window, if it can hold so many tokens; else the next that such a model has, or 0."""
    if tokens <= window:
        return window
    return MILLION if window and "claude" in model.lower() and tokens <= MILLION else 0


def _same(name: str, asked: str) -> bool:
    """Whether a client's name for a model (`opus[1m]`, `claude-opus-4-8[1m]`) means this one."""
    stem = asked.lower().partition("[")[0]
    return bool(stem) and _LONG in asked.lower() and stem in name


def _is_native(name: str, env: Mapping[str, str]) -> bool:
    if any(_is_set(env, host) for host in _HOSTS):
        return _ELSEWHERE in name
    address = env.get("ANTHROPIC_BASE_URL", "").rpartition("://")[2].partition("/")[0]
    return address.lower() in _OWN and any(word in name for word in _NATIVE)


def _is_set(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() not in _NO


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 13 else 0
