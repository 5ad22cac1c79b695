"""A whole `audit` process over a long history, against reading its versions and doing nothing.

    .venv/bin/python benchmarks/audit.py [--rounds N] [COMMITS] [RECORDS]...

The history: COMMITS commits of one history file (3,000), a fifth of them merges of two sides that
each added or edited an instruction; the file grows to RECORDS (100 and 1,000). One merge in fifty
drops what its second side brought: the audit has to find exactly those.

- floor: `git log --full-history --format=%H:FILE -- FILE | git cat-file --batch`, its output left
  unread.
- audit: `tractatus-merge audit FILE --json`, from start to end of the process.

Each number is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.end import environment
from tests.graphs import Graph

FILE = "history.json"
SIDES = 5  # commits to a merge, the merge included
LOSSY = 50  # every so many merges lose something


def instruction(number: int, edit: int = 0) -> dict[str, Any]:
    """A record of about 500 bytes."""
    return {
        "id": f"inst_{number:04}",
        "text": f"Instruction {number}: " + "always say what is meant, and mean it. " * 8,
        "timestamp": f"2025-10-{1 + number % 28:02}T08:00:00Z",
        "quadrant": "OPERATIONAL",
        "persistence": "HIGH",
        "parameters": {"edit": str(edit)},
        "active": True,
    }


def build(folder: Path, commits: int, records: int) -> tuple[Graph, int]:
    """The repository, and how many records its merges dropped."""
    graph = Graph(folder, FILE)
    start = max(1, records - commits // SIDES)
    state = {number: instruction(number) for number in range(start)}
    main = graph.commit(written(state))
    dropped = 0
    while graph.marks < commits:
        number, turn = len(state), graph.marks // SIDES
        ours = {**state, turn % start: instruction(turn % start, turn)}
        one = graph.commit(written(ours), main, by="Al")
        one = graph.commit(written({**ours, 0: instruction(0, turn)}), one, by="Al")
        added = {number: instruction(number)} if number < records else {}
        other = graph.commit(written({**state, **added}), main, by="Bo")
        loses = bool(added) and turn % LOSSY == LOSSY - 1
        state = {**ours, 0: instruction(0, turn), **({} if loses else added)}
        dropped += loses
        main = graph.commit(written(state), one, other, by="Cy", message="merge")
        if loses:  # its number is not given again
            records += 1
            state[number] = instruction(number, turn)
            main = graph.commit(written(state), main, by="Cy")
    graph.make()
    return graph, dropped


def written(state: dict[int, dict[str, Any]]) -> bytes:
    """The file that says this."""
    return json.dumps({"version": "1", "instructions": list(state.values())}, indent=2).encode()


def floor(folder: Path) -> None:
    """Read every version."""
    words = f"git log --full-history --format=%H:{FILE} -- {FILE} | git cat-file --batch"
    subprocess.run(["sh", "-c", f"{words} > /dev/null"], cwd=folder, check=True, env=environment())


def audit(folder: Path) -> dict[str, Any]:
    """Audit every version."""
    words = [sys.executable, "-m", "tractatus_merge", "audit", FILE, "--json"]
    done = subprocess.run(words, cwd=folder, check=True, env=environment(), capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def timed(folder: Path, run: Any) -> float:
    """The seconds of one run."""
    began = time.perf_counter()
    run(folder)
    return time.perf_counter() - began


def main(words: list[str]) -> None:
    """Build, check and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("commits", type=int, nargs="?", default=3000)
    parser.add_argument("records", type=int, nargs="*", default=[100, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(words)
    for records in options.records:
        with tempfile.TemporaryDirectory() as folder:
            graph, dropped = build(Path(folder, "repo"), options.commits, records)
            found = audit(graph.folder)
            assert found["counts"]["dropped"] == dropped, (found["counts"], dropped)
            rounds = [
                (timed(graph.folder, floor), timed(graph.folder, audit))
                for _ in range(options.rounds)
            ]
        floors, audits = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(audit_ / floor_ for floor_, audit_ in rounds)
        print(
            f"{options.commits} commits, {records} records: floor {floors:.2f} s, "
            f"audit {audits:.2f} s, {ratio:.1f} times; {dropped} losses, all found"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
