"""What a step of conflict review costs with 500 conflicts open, against one: medians of 9.

A step is what happens between two keys, in a process that has started: read the head, find the
question, draw it at 80x24; and an answer with the question after it. Beside them the whole
commands `conflicts` and `python -c pass`, so that the start can be taken off.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tractatus_merge.cli.screen.deck import Deck
from tractatus_merge.cli.screen.question_lines import body, headline, keys
from tractatus_merge.cli.terminal.colour import painted
from tractatus_merge.factory import open_repository

TURNS = 9
SIZES = (1, 500)


def main() -> None:
    """Measure and print."""
    found = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            found[size] = measured(Path(folder), size)
    for name in found[SIZES[0]]:
        one, many = (found[size][name] * 1000 for size in SIZES)
        print(f"{name:22} {one:7.1f} ms with 1, {many:7.1f} ms with {SIZES[1]}: {many / one:5.2f}")


def measured(repo: Path, size: int) -> dict[str, float]:
    """The median of each step, in a repository with so many open conflicts."""
    torn(repo, size)
    there = open_repository(repo, dict(os.environ))
    try:
        deck = Deck(there, None)
        steps: dict[str, Callable[[], object]] = {
            "python -c pass": lambda: run(repo, sys.executable, "-c", "pass"),
            "conflicts": lambda: tool(repo, "conflicts", "--json"),
            "look at the next": lambda: look(deck),
            "answer, then the next": lambda: answer(deck),
            "undo, then look": lambda: (deck.undo(), look(deck)),
        }
        times: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(TURNS + 1):
            for name, step in steps.items():
                began = time.perf_counter()
                step()
                times[name].append(time.perf_counter() - began)
    finally:
        there.close()
    return {name: statistics.median(some[1:]) for name, some in times.items()}


def look(deck: Deck) -> None:
    """What is drawn between two keys."""
    asked = deck.current()
    if asked is not None:
        lines = [headline(asked, *deck.progress(), 79), *body(asked, 79, unfolded=False)]
        for line in (*lines, *keys(asked, 79)):
            painted(line, colour=True)


def answer(deck: Deck) -> None:
    """One key, and the screen after it."""
    asked = deck.current()
    assert asked is not None
    deck.answer(asked, [asked.conflict.id], "2", None, "")
    look(deck)


def torn(repo: Path, size: int) -> None:
    """Two sessions that disagree in so many instructions."""
    run(repo, "git", "init", "--quiet")
    run(repo, "git", "config", "user.name", "a")
    run(repo, "git", "config", "user.email", "a@example.org")
    (repo / ".claude").mkdir()
    records = [
        {"id": f"inst_{n:03d}", "text": f"Rule {n}: keep it so.", "active": True}
        for n in range(size)
    ]
    history = {"version": "1.0", "instructions": records}
    (repo / ".claude" / "instruction-history.json").write_text(json.dumps(history, indent=2))
    tool(repo, "init")
    copies = {
        name: Path(tool(repo, "start", "--id", name, "--json")["copy"]) for name in ("one", "two")
    }
    for name, copy in copies.items():
        copy.write_text(copy.read_text().replace("keep it so", f"keep it as {name} says"))
    for name in copies:
        tool(repo, "end", "--session", name, "--json")


def tool(repo: Path, *words: str) -> dict[str, str]:
    """Run a command of ours."""
    out = run(repo, sys.executable, "-m", "tractatus_merge", *words)
    return json.loads(out) if out.startswith(b"{") else {}


def run(repo: Path, *words: str) -> bytes:
    """Run a command."""
    return subprocess.run(words, cwd=repo, check=False, capture_output=True).stdout


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
