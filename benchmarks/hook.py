"""What an agent waits for: one event of the hook, one status line, against a bare interpreter.

    .venv/bin/python benchmarks/hook.py [--rounds N] [--events N] [--store URL]

The program is installed into a virtual environment of its own, not editable, as `pip install` does
it; the floor is `python -c pass` of that environment's interpreter, given the same bytes on stdin.

- tool: PostToolUse of a session whose transcript is 4 MB long.
- prompt: UserPromptSubmit, where nobody has published anything since.
- statusline: the same numbers as the last time, and nothing to look up.
- installed: the tool event by the line that `install` writes into a person's settings: a shell asks
  first whether the repository is ours. foreign: the same line in a repository that is not.
- rate: 8 sessions fire so many PostToolUse events each, at once; the floor is fired the same way.

With `--store sqlite:` or `file:` the history is kept there, and the folders have no git.

Each is the median of the rounds' ratios; the runs of a round follow each other.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AIMS = {"tool": 1.5, "prompt": 2.0, "statusline": 2.0, "installed": 1.5, "foreign": 1.2}
RATE = 0.6
SESSIONS = 8


def environment() -> dict[str, str]:
    """Nothing of this shell's that slows an interpreter or names a session."""
    names = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
    return {name: os.environ[name] for name in names if name in os.environ} | pip


def installed(folder: Path) -> Path:
    """The folder of programs of an environment with the program in it."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    bins = folder / "venv/bin"
    words = [
        bins / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        f"{ROOT}[sql]",
    ]
    subprocess.run(words, check=True, env=environment())
    return bins


def scene(folder: Path, bins: Path, store: str) -> Path:
    """A folder with a history, 8 sessions and their transcripts."""
    repo, program = folder / "repo", bins / "tractatus-merge"
    for place in (repo, folder / "foreign"):
        place.mkdir()
        if store.startswith("git:"):
            subprocess.run(["git", "init", "-q", place], check=True)
    if store.startswith("git:"):
        for key, value in (("user.name", "Jo"), ("user.email", "jo@example.org")):
            subprocess.run(["git", "-C", repo, "config", key, value], check=True)
    else:
        words = [program, "-C", repo, "init", "--store", store]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment())
    subprocess.run(
        [program, "-C", repo, "install"],
        check=True, stdout=subprocess.DEVNULL, env=environment() | {"HOME": str(folder)},
    )  # fmt: skip
    usage = {"input_tokens": 3, "cache_read_input_tokens": 30_000, "output_tokens": 9}
    said = {"role": "assistant", "model": "claude-opus-4-6", "usage": usage}
    record = {"type": "assistant", "isSidechain": False}
    lines = [{**record, "message": {**said, "id": f"m{n}", "text": "x" * 900}} for n in range(4000)]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    for number in range(SESSIONS):
        (folder / f"{number}.jsonl").write_text(text)
        fire(event(folder, number, "SessionStart", source="startup"), program, "hook")
        fire(event(folder, number, "UserPromptSubmit", prompt="x"), program, "hook")
    return repo


def event(folder: Path, number: int, name: str, **fields: Any) -> bytes:
    """An event as Claude Code says it."""
    said = {"session_id": f"s{number}", "cwd": str(folder / "repo"), "hook_event_name": name}
    path = str(folder / f"{number}.jsonl")
    tool = {"tool_name": "Bash", "tool_input": {"command": "x" * 200}, "tool_response": "y" * 3000}
    return json.dumps({**said, "transcript_path": path, **tool, **fields}).encode()


def status(folder: Path) -> bytes:
    """What Claude Code says to a status line."""
    usage = {"input_tokens": 3, "cache_read_input_tokens": 30_000, "output_tokens": 9}
    window = {"context_window_size": 200_000, "current_usage": usage}
    return json.dumps(
        {"session_id": "s1", "cwd": str(folder / "repo"), "context_window": window}
    ).encode()


def fire(said: bytes, *words: str | Path, folder: Path | None = None) -> float:
    """The seconds of one run."""
    began = time.perf_counter()
    subprocess.run(
        words, input=said, stdout=subprocess.DEVNULL, check=True, env=environment(), cwd=folder
    )
    return time.perf_counter() - began


def line(folder: Path) -> str:
    """What `install` had an agent run for each tool."""
    found = json.loads((folder / ".claude/settings.json").read_text())
    return str(found["hooks"]["PostToolUse"][0]["hooks"][0]["command"])


def salvo(folder: Path, count: int, *words: str | Path) -> float:
    """Events a second, of 8 sessions at once."""
    said = [event(folder, number, "PostToolUse") for number in range(SESSIONS)]

    def shoot(number: int) -> None:
        for _ in range(count):
            fire(said[number], *words)

    threads = [threading.Thread(target=shoot, args=(number,)) for number in range(SESSIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return SESSIONS * count / (time.perf_counter() - began)


def main(words: list[str]) -> None:
    """Install, set the scene, measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--events", type=int, default=250)
    parser.add_argument("--store", default="git:tractatus/history")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bins = installed(folder)
        repo = scene(folder, bins, options.store)
        program, python = bins / "tractatus-merge", bins / "python"
        tool, prompt = (event(folder, 0, name) for name in ("PostToolUse", "UserPromptSubmit"))
        shell, foreign = ("sh", "-c", line(folder)), folder / "foreign"
        said: dict[str, tuple[bytes, Path, tuple[str | Path, ...]]] = {
            "tool": (tool, repo, (program, "hook")),
            "prompt": (prompt, repo, (program, "hook")),
            "statusline": (status(folder), repo, (program, "statusline")),
            "installed": (tool, repo, shell),
            "foreign": (tool, foreign, shell),
        }
        for text, where, run in said.values():
            fire(text, *run, folder=where)
        time.sleep(2)  # what the status line has looked up is there
        rounds: dict[str, list[float]] = {what: [] for what in said}
        for _ in range(options.rounds):
            for what, (text, where, run) in said.items():
                floor = fire(text, python, "-c", "pass", folder=where)
                rounds[what].append(fire(text, *run, folder=where) / floor)
        for what, ratios in rounds.items():
            ratio = statistics.median(ratios)
            print(f"{what:10} {ratio:.2f} x python -c pass (at most {AIMS[what]})")
        count = lines(repo)
        floor = salvo(folder, options.events, python, "-c", "pass")
        rate = salvo(folder, options.events, program, "hook")
        assert lines(repo) - count == SESSIONS * options.events, "an event is lost"
        print(f"rate       {rate / floor:.2f} of python -c pass (at least {RATE}), none lost")


def lines(repo: Path) -> int:
    """The whole events in all journals."""
    paths = repo.glob(".*/**/sessions/*/journal.jsonl")
    return sum(1 for path in paths for line in path.read_text().splitlines() if json.loads(line))


if __name__ == "__main__":
    main(sys.argv[1:])
