"""What the gate costs a commit, as ratios of one run, turn about: medians of 15.

Nothing governed staged: the hook's own question to git against `git rev-parse HEAD` (aim: 3).
An instruction staged: `check --staged` against `python -c pass` (aim: 3 at 100 instructions, 6 at
5,000), and beside them what importing click alone costs.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TURNS = 15
PATHS = ":(top,glob)**/.claude/**"
FLOORS = {
    "rev-parse": ["git", "rev-parse", "HEAD"],
    "question": ["git", "diff", "--cached", "--quiet", "--", PATHS],
    "pass": [sys.executable, "-c", "pass"],
    "imports": [sys.executable, "-c", "import click"],
    "check": [sys.executable, "-m", "tractatus_merge", "check", "--staged"],
}


def main() -> None:
    """Measure and print."""
    for size in (100, 5_000):
        with tempfile.TemporaryDirectory() as folder:
            times = measured(Path(folder), size)
        question, check, imports = (
            times["question"] / times["rev-parse"],
            times["check"] / times["pass"],
            times["imports"] / times["pass"],
        )
        print(f"{size:5} instructions: nothing staged {question:4.2f} times git rev-parse HEAD")
        print(f"{'':20}one staged     {check:4.1f} times python -c pass")
        print(f"{'':20}import click alone     {imports:4.1f} times python -c pass")


def measured(repo: Path, size: int) -> dict[str, float]:
    """The median of each command, in a repository of that many instructions."""
    git(repo, "init", "--quiet")
    (repo / ".claude").mkdir()
    path = repo / ".claude" / "instruction-history.json"
    records = [record(number) for number in range(size)]
    path.write_text(json.dumps({"version": "1.0", "instructions": records}, indent=2))
    git(repo, "add", "--all")
    git(repo, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=x")
    subprocess.run(
        [sys.executable, "-m", "tractatus_merge", "init"], cwd=repo, check=True, capture_output=True
    )
    times: dict[str, list[float]] = {name: [] for name in FLOORS}
    for turn in range(TURNS + 1):
        for name, command in FLOORS.items():
            if name == "pass":  # the questions before met an empty index, the check meets a change
                records[0]["notes"] = f"turn {turn}"
                path.write_text(json.dumps({"version": "1.0", "instructions": records}, indent=2))
                git(repo, "add", "--all")
            times[name].append(timed(repo, command))
        git(repo, "reset", "--quiet", "--hard")
    return {name: statistics.median(some[1:]) for name, some in times.items()}


def record(number: int) -> dict[str, object]:
    """An instruction of ordinary size."""
    text = f"Rule {number}: " + "words that say what is to be done and why " * 4
    parameters = {"port": str(number), "service": "mongodb"}
    return {"id": f"inst_{number:03d}", "text": text, "parameters": parameters, "active": True}


def timed(repo: Path, command: list[str]) -> float:
    """How long a command takes that has to succeed."""
    began = time.perf_counter()
    subprocess.run(command, cwd=repo, check=True, capture_output=True)
    return time.perf_counter() - began


def git(repo: Path, *words: str) -> None:
    """Run git, as the people of this benchmark do."""
    subprocess.run(["git", "-C", repo, *words], check=True, capture_output=True)


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
