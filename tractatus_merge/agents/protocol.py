"""What an agent says on stdin, what is said back, and the log of what went wrong.

Standard library only: it runs on every tool call.
"""

from __future__ import annotations

import os

from tractatus_merge.system import jsonl, plain_file
from tractatus_merge.system.clock import now

LIMIT = 9_500
"""Characters that are told at once; an agent cuts at 10,000."""
LOG = "hook.log"
_LOG_SIZE = 256 * 1024


def read() -> bytes:
    """All that is on stdin."""
    parts = []
    while part := os.read(0, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def tell(name: str, text: str) -> None:
    """Give the agent a text in answer to an event, as the protocol has it."""
    text = text if len(text) <= LIMIT else f"{text[: LIMIT - 40]}\n(cut: tractatus-merge list)"
    answer = {"hookSpecificOutput": {"hookEventName": name, "additionalContext": text}}
    os.write(1, jsonl.dump(answer) + b"\n")


def log(text: str, state: str | None) -> None:
    """One line in the log of the history, else of the person; never more than two such files."""
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    folders = [state] if state else []
    for folder in (*folders, f"{home}/tractatus-merge"):
        path = f"{folder}/{LOG}"
        try:
            if folder not in folders:
                os.makedirs(folder, exist_ok=True)
            if os.path.exists(path) and os.path.getsize(path) > _LOG_SIZE:
                os.replace(path, f"{path}.1")
            line = f"{now()} {ascii(text)[1:-1][:2000]}\n"
            descriptor = plain_file.open_end(path)
            try:
                os.write(descriptor, line.encode("ascii"))
            finally:
                os.close(descriptor)
            return
        except OSError:
            continue
