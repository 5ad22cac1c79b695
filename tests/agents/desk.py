"""A person's machine: a home of its own, the real agents, and the model that they ask.

`make agents` installs the clients, in the versions of `clients/package.json`. Nothing of this
process's environment reaches them but what is named here, and whatever was started ends with the
desk: each process is known by its HOME, also one that has left its group, such as Codex's daemon.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.agents.model_api import Model, Step
from tests.conftest import ROOT
from tests.terminal import Terminal
from tractatus_merge.git import discovery

CLIENTS = ROOT / ".venv/agents/node_modules"
PACKAGES = {
    "claude": "@anthropic-ai/claude-code",
    "codex": "@openai/codex",
    "gemini": "@google/gemini-cli",
}
NAMES = {"claude": "claude-code", "codex": "codex", "gemini": "gemini-cli"}
"""What each is called in the log."""
KEY = "dummy-not-a-key"
PRINT: dict[str, list[str]] = {
    "claude": ["--dangerously-skip-permissions", "--print"],
    "codex": ["exec", "--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust", "--json"],
    "gemini": ["--approval-mode=yolo", "--prompt"],
}  # fmt: skip
"""The words before a prompt that is answered without a screen."""
LIMIT = 90.0
"""Seconds that a client has for a task."""


@functools.cache
def missing() -> str:
    """What is not installed as clients/package.json has it; nothing where all is."""
    wanted = json.loads(Path(__file__).with_name("clients").joinpath("package.json").read_bytes())
    for name in PACKAGES.values():
        try:
            found = json.loads((CLIENTS / name / "package.json").read_bytes())["version"]
        except FileNotFoundError:
            found = "none"
        if found != wanted["dependencies"][name]:
            return f"{name} {wanted['dependencies'][name]} is not here ({found}): make agents"
    return ""


class Ran(NamedTuple):
    """What a program did."""

    code: int
    out: str
    err: str


class Desk:
    """The machine, for the length of a `with`."""

    def __init__(self, home: Path, model: Model) -> None:
        self.home, self.model = home, model
        (home / "tmp").mkdir(parents=True)
        self._open = contextlib.ExitStack()
        here = [str(Path(sys.executable).parent), str(CLIENTS / ".bin"), "/usr/bin", "/bin"]
        self.environment = {
            "PATH": os.pathsep.join(here),
            "HOME": str(home),
            "SHELL": "/bin/bash",
            "TMPDIR": str(home / "tmp"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": model.address,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_TELEMETRY": "1",
            "IS_SANDBOX": "1",  # else Claude Code asks root for permissions that nobody can give
            "MCP_CONNECTION_NONBLOCKING": "0",  # the first turn waits for the servers
            "MCP_CONNECT_TIMEOUT_MS": "60000",
            "OPENAI_API_KEY": KEY,
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": model.address,
            "GEMINI_TELEMETRY_ENABLED": "false",
        }
        # A login shell, which Codex's tool is, sets PATH anew.
        (home / ".profile").write_text(f"PATH='{self.environment['PATH']}'\n", "utf-8")
        self._settle_in()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._open.close()

    def kill(self) -> None:
        """Kill -9 all that is at work."""
        while found := self.processes():
            for pid in found:
                with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _settle_in(self) -> None:
        """The answers to what each client asks a new user."""
        (self.home / ".codex").mkdir()
        (self.home / ".codex/config.toml").write_text(
            f"""model = "gpt-5.1-codex"
model_provider = "played"
check_for_update_on_startup = false

[model_providers.played]
name = "played"
base_url = "{self.model.address}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
supports_websockets = false
request_max_retries = 0
stream_max_retries = 0
""",
            "utf-8",
        )
        (self.home / ".gemini").mkdir()
        settings = {
            "security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": False}},
            "privacy": {"usageStatisticsEnabled": False},
            "general": {"disableAutoUpdate": True, "disableUpdateNag": True},
        }  # fmt: skip
        (self.home / ".gemini/settings.json").write_text(json.dumps(settings), "utf-8")
        known = {"hasCompletedOnboarding": True, "customApiKeyResponses": {"approved": [KEY]}}
        known["bypassPermissionsModeAccepted"] = True
        (self.home / ".claude.json").write_text(json.dumps(known), "utf-8")

    def trust(self, *folders: Path) -> None:
        """Say in the settings of Claude Code and Codex that these folders may be worked in."""
        path = self.home / ".claude.json"
        known = json.loads(path.read_bytes())
        for folder in folders:
            known.setdefault("projects", {})[str(folder)] = {"hasTrustDialogAccepted": True}
            with (self.home / ".codex/config.toml").open("a", encoding="utf-8") as file:
                file.write(f'\n[projects."{folder}"]\ntrust_level = "trusted"\n')
        path.write_text(json.dumps(known), "utf-8")

    def start(self, folder: Path, *words: str) -> subprocess.Popen[str]:
        """A program of this machine, at work; it leads a group of processes."""
        child = subprocess.Popen(
            words, cwd=folder, env=self.environment, start_new_session=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        return self._open.enter_context(child)

    def run(self, folder: Path, *words: str) -> Ran:
        """Run a program of this machine to its end."""
        child = self.start(folder, *words)
        out, err = child.communicate(timeout=LIMIT)
        return Ran(child.returncode, out, err)

    def ask(self, client: str, folder: Path, *steps: Step | str, words: Sequence[str] = ()) -> str:
        """Have a client do a task without a screen; all that its model read meanwhile."""
        prompt = self.model.task(*steps)
        ran = self.run(folder, client, *words, *PRINT[client], prompt)
        assert ran.code == 0, f"{client} exited with {ran.code}\n{ran.out}\n{ran.err}"
        self.idle()
        return self.model.read(prompt)

    def terminal(self, folder: Path, *words: str, size: tuple[int, int] = (120, 40)) -> Terminal:
        """A program of this machine in a terminal."""
        pairs = [f"{name}={value}" for name, value in self.environment.items()]
        terminal = Terminal(folder, ["env", "-i", *pairs, *words], size)
        terminal.limit = LIMIT
        self._open.callback(terminal.close)
        return terminal

    def tool(self, folder: Path, *words: str) -> Any:
        """What `tractatus-merge WORDS --json` says to the person who sits here."""
        ran = self.run(folder, "tractatus-merge", *words, "--json")
        assert ran.code in (0, 1), f"{words}: exit {ran.code}\n{ran.out}\n{ran.err}"
        return json.loads(ran.out) if ran.out else None

    def rules(self, folder: Path) -> set[str]:
        """The texts of the instructions in force."""
        return {each["text"] for each in self.tool(folder, "list")["instructions"]}

    def sessions(self, folder: Path) -> dict[str, str]:
        """All sessions that there ever were: id to state."""
        state = str(discovery.state_of(str(folder)))
        found = Path(discovery.sessions_of(state)).glob("*/session.json")
        return {path.parent.name: json.loads(path.read_bytes())["state"] for path in found}

    def processes(self) -> set[int]:
        """All processes of this home that are at work."""
        mark = f"HOME={self.home}".encode()
        found = set()
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended meanwhile, or is another user's
                if mark in _environment(path).split(b"\0"):
                    found.add(int(path.name))
        return found

    def until(self, what: Callable[[], object]) -> None:
        """Wait until something is the case."""
        end = time.monotonic() + LIMIT
        while not what():
            assert time.monotonic() < end, f"at work still: {list(_names(self.processes()))}"
            time.sleep(0.05)

    def idle(self) -> None:
        """Wait until nothing is at work any more: hooks leave children that merge."""
        self.until(lambda: not self.processes())


def _environment(process: Path) -> bytes:
    """The environment of a process, by its folder in /proc.

    It is empty for a moment while the process turns into another program. One of the kernel, or
    that has ended, has no program: an OSError.
    """
    give_up = time.monotonic() + 1
    while not (found := (process / "environ").read_bytes()) and time.monotonic() < give_up:
        (process / "exe").readlink()
    return found


def _names(pids: set[int]) -> Iterator[str]:
    for pid in pids:
        with contextlib.suppress(OSError):
            yield f"{pid} {Path(f'/proc/{pid}/cmdline').read_bytes().replace(bytes(1), b' ')!r}"
