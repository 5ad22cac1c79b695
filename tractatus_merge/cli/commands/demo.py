"""The demo: two sessions at once, played with real processes in a throw-away folder.

First the way the framework writes today (read, change, write the shared file), then with this tool.
The two agents run the same small script both times; only the file they are given differs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

_AGENT = """
import json, sys
path, session, port, text = sys.argv[1:]
history = json.load(open(path))                      # T0, T1: each reads
print("read", flush=True); sys.stdin.readline()      # ... and works for a while
history["instructions"].append({"id": "inst_019", "text": text, "timestamp":
    "2025-10-09T12:00:00Z", "quadrant": "OPERATIONAL", "persistence": "HIGH",
    "session_id": session, "parameters": {}, "active": True})
history["instructions"][0]["text"] = f"MongoDB runs on port {port} for tractatus_dev database"
open(path, "w").write(json.dumps(history, indent=2, ensure_ascii=False))   # T2, T3: each writes
"""
_RULES = {
    "inst_001": "MongoDB runs on port 27017 for tractatus_dev database",
    "inst_002": "Application runs on port 9000",
    "inst_016": "Every figure in the docs names the command that printed it",
    "inst_017": "No promise in a changelog that no test holds",
    "inst_018": "A release is called stable only after a week in use",
}
_AGENTS = {
    "fix-auth": ("27018", "Never log session tokens"),
    "api-docs": ("27019", "Every endpoint has an example"),
}


def play(*, keep: bool) -> None:
    """Run the demo and print it."""
    folder = Path(tempfile.mkdtemp(prefix="tractatus-demo-"))
    try:
        _Stage(folder).run()
    finally:
        if keep:
            click.echo(f"\nthe repository is kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


class _Stage:
    """A throw-away folder with a history, in git if there is one, and the environment to act in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.in_git = folder, shutil.which("git") is not None
        self.view = folder / ".claude" / "instruction-history.json"
        hidden = ("TRACTATUS_", "CLAUDE", "CODEX", "GEMINI", "AI_AGENT", "CURSOR", "GIT_")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        self.env |= {"TRACTATUS_AUTHOR": "Jo <jo@example.org>", "NO_COLOR": "1"}

    def run(self) -> None:
        """Both acts, and the history at the end."""
        self._progress("two agents write one shared file, as today")
        if self.in_git:
            self._git("init", "--quiet", ".")
        self._write_history()
        self._agents(dict.fromkeys(_AGENTS, self.view))
        today = json.loads(self.view.read_text())
        self._write_history()
        self._progress("the same two agents, each on its own copy")
        clone = self.folder / (".git" if self.in_git else ".claude") / "tractatus" / "clone-id"
        clone.parent.mkdir()
        clone.write_text("demo")
        self._tool("init", *(() if self.in_git else ("--store", "file:")))
        started = {name: self._tool("start", "--session", name) for name in _AGENTS}
        self._agents({name: Path(found["copy"]) for name, found in started.items()})
        ended = {name: self._tool("end", "--session", name) for name in _AGENTS}
        merged = self._tool("list")
        self._progress("")
        for line in _told(today, merged, ended):
            click.echo(line)
        self._show_log()
        click.echo(f"\nnext, in your own repository ({Path(sys.argv[0]).resolve()}):")
        init = "tractatus-merge init" if self.in_git else "tractatus-merge init --store file:"
        click.echo(f"  {init}     takes your history in; no file is rewritten")
        click.echo("  tractatus-merge start    gives a session its own copy")

    def _show_log(self) -> None:
        if self.in_git:
            graph = ("log", "--graph", "--format=%h %s", "tractatus/history")
            click.echo(f"\n$ git {' '.join(graph[:2])} tractatus/history")
            click.echo(self._git(*graph), nl=False)
            return
        click.echo("\n$ tractatus-merge log")
        for entry in self._tool("log")["entries"]:
            click.echo(f"{entry['version'][:7]} {entry['message']}")

    def _write_history(self) -> None:
        records = [
            {"id": name, "text": text, "timestamp": "2025-10-06T14:00:00Z", "quadrant": "SYSTEM",
             "persistence": "HIGH", "parameters": {}, "active": True}
            for name, text in _RULES.items()
        ]  # fmt: skip
        history = {
            "version": "1.0",
            "last_updated": "2025-10-07T19:30:00Z",
            "instructions": records,
        }
        self.view.parent.mkdir(exist_ok=True)
        self.view.write_text(json.dumps(history, indent=2))

    def _agents(self, files: Mapping[str, Path]) -> None:
        """Both agents read, then both write, one after the other: T0 to T4 of the paper."""
        started = []
        for name, path in files.items():
            command = [sys.executable, "-c", _AGENT, str(path), name, *_AGENTS[name]]
            agent = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.env
            )
            assert agent.stdout
            agent.stdout.readline()
            started.append(agent)
        for agent in started:
            agent.communicate(b"\n")

    def _tool(self, *words: str) -> Any:
        command = [sys.executable, "-m", "tractatus_merge", *words, "--json"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, 1):
            raise click.ClickException(f"{' '.join(words)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def _git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def _progress(self, what: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\033[K{what}{' ...' if what else ''}", nl=not what and False, err=True)


def _told(today: Any, merged: Any, ended: Mapping[str, Any]) -> Iterator[str]:
    """What became of the four changes, both times."""
    texts = {item["text"] for item in today["instructions"]}
    now = {item["text"]: item["id"] for item in merged["instructions"]}
    conflicts = [name for outcome in ended.values() for name in outcome["conflicts"]]
    yield "two sessions at once: each adds an inst_019 and changes the port in inst_001"
    yield f"{'':34}{'today':16}with tractatus-merge"
    for name, (port, text) in _AGENTS.items():
        fate = "kept" if text in texts else "LOST, silently"
        became = now.get(text, "LOST")
        became = "kept" if became == "inst_019" else f"kept, as {became}"
        yield f"  {name}  adds inst_019{'':8}{fate:16}{became}"
        edit = f"MongoDB runs on port {port} for tractatus_dev database"
        fate = "kept" if edit in texts else "LOST, silently"
        became = "in force" if edit in now else f"waits for a person: conflict {conflicts[0]}"
        yield f"  {name}  edits inst_001{'':7}{fate:16}{became}"
