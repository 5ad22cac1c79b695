"""Which model a client was started with: its event, its arguments, its environment, its settings.

Asked once a session, for the `[1m]` that a transcript's name of the model leaves out. The order is
Claude Code's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tractatus_merge.system import jsonl

_SETTINGS = ("settings.local.json", "settings.json")


def asked(
    said: Mapping[str, Any], words: Sequence[str], environment: Mapping[str, str], top: Path
) -> str:
    """The model as the client was asked for it; nothing where nobody named one.

    Args:
        said: the event that began the session.
        words: the command line of the client.
        environment: the client's, as its hook has it.
        top: the work tree of the session.
    """
    home = environment.get("CLAUDE_CONFIG_DIR") or f"{environment.get('HOME', '~')}/.claude"
    files = [*(top / ".claude" / name for name in _SETTINGS), Path(home) / "settings.json"]
    found = [said.get("model"), _option(words), environment.get("ANTHROPIC_MODEL")]
    found += [jsonl.load(path).get("model") for path in files]
    return next((name for name in found if isinstance(name, str) and name), "")


def _option(words: Sequence[str]) -> str:
    """What `--model` says."""
    for place, word in enumerate(words):
        if word.startswith("--model="):
            return word.partition("=")[2]
        if word == "--model" and place + 1 < len(words):
            return words[place + 1]
    return ""
