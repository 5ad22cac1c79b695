"""An agent for tests: speaks Claude Code's documented hook protocol to the real program.

As a program it is a process of its own: `python fakeagent.py FOLDER ID DIR` starts a session, writes
an instruction into it, says "ready" and sleeps, to be killed; with `life` it lives a whole life.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tractatus_merge.git import discovery

PROGRAM = [sys.executable, "-m", "tractatus_merge"]


class Agent:
    """One session of an agent in a folder, with its own transcript."""

    def __init__(self, folder: Path, session: str, home: Path) -> None:
        self.folder, self.session = folder, session
        self.transcript = home / f"{session}.jsonl"
        self.told: list[str] = []
        agent = {"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": session}
        self.environment = {**os.environ, **agent}

    def fire(self, event: str, **fields: Any) -> str:
        """Let an event happen; the additional context that came back."""
        said = {"session_id": self.session, "cwd": str(self.folder), "hook_event_name": event}
        ran = self.hook(json.dumps({**said, "transcript_path": str(self.transcript), **fields}))
        assert (ran.returncode, ran.stderr) == (0, "")
        if not ran.stdout:
            return ""
        answer = json.loads(ran.stdout)["hookSpecificOutput"]
        assert answer["hookEventName"] == event
        assert len(answer["additionalContext"]) <= 10_000
        self.told.append(answer["additionalContext"])
        return self.told[-1]

    def hook(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run the hook on whatever text."""
        return subprocess.run(
            [*PROGRAM, "hook"], input=text, capture_output=True, text=True,
            cwd=self.folder, env=self.environment, check=False, timeout=120,
        )  # fmt: skip

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the agent's shell tool does."""
        return subprocess.run(
            [*PROGRAM, *words], capture_output=True, text=True,
            cwd=self.folder, env=self.environment, check=True, timeout=120,
        )  # fmt: skip

    def says(self, tokens: int, **fields: Any) -> None:
        """A reply in the transcript, made from so many tokens."""
        usage = {"input_tokens": 3, "cache_read_input_tokens": tokens - 3, "output_tokens": 9}
        message = {"id": f"msg_{time.time_ns()}", "model": "claude-opus-4-6", "usage": usage}
        self.record({"type": "assistant", "isSidechain": False, "message": message, **fields})

    def record(self, record: dict[str, Any]) -> None:
        """A record in the transcript, as Claude Code writes them: no spaces."""
        with self.transcript.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"sessionId": self.session, **record}, separators=(",", ":")))
            file.write("\n")

    def journal(self) -> list[dict[str, Any]]:
        """The session's events, every line of which must be whole."""
        state = discovery.state_of(str(self.folder))
        path = Path(discovery.sessions_of(str(state)), self.session, "journal.jsonl")
        text = path.read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]


def whole_life(agent: Agent) -> None:
    """Start, prompts, tools, a failure, a compaction, a resume, the end; all by the protocol."""
    agent.fire("SessionStart", source="startup", model="claude-opus-4-6")
    agent.command("add", f"An instruction of {agent.session}", "--id", f"inst_{agent.session}")
    for turn, tokens in enumerate((20_000, 60_000, 110_000)):
        agent.fire("UserPromptSubmit", prompt=f"turn {turn}")
        agent.says(tokens)
        agent.fire("PostToolUse", tool_name="Bash", tool_use_id="t", duration_ms=5)
        agent.fire("Stop", stop_hook_active=False, last_assistant_message="done")
    agent.fire("PostToolUseFailure", tool_name="Bash", error="Exit code 1", is_interrupt=False)
    agent.fire("SubagentStop", agent_id="a1", agent_type="Explore")
    agent.fire("PreCompact", trigger="auto")
    agent.record({"type": "system", "subtype": "compact_boundary", "compactMetadata": {}})
    agent.fire("PostCompact", trigger="auto", compact_summary="...")
    agent.fire("SessionStart", source="compact")
    agent.says(30_000)
    agent.fire("SessionEnd", reason="other")
    agent.fire("SessionStart", source="resume")
    agent.fire("UserPromptSubmit", prompt="again")
    agent.fire("Stop")
    agent.fire("SessionEnd", reason="prompt_input_exit")


def main() -> None:
    """Begin a session, write into it, say so, and wait to be killed; or live a whole life."""
    agent = Agent(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
    if sys.argv[4:] == ["life"]:
        whole_life(agent)
        return
    agent.fire("SessionStart", source="startup")
    agent.command("add", f"An instruction of {agent.session}", "--id", f"inst_{agent.session}")
    print("ready", flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main()
