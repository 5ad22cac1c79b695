"""Whole processes of a session against the bare work they must do: `start`, `add`, `end`.

Both sides do the same: `start` reads 100 instructions and makes the session's folder, `add` puts
one into the copy, `end` writes the session's own commit and the merge commit and moves the ref, all
of it durably. The floor of `end` is a shell script under `flock`, alone and 32 at once. `start` and
`add` load click: theirs is a program of click that does nothing else (`bare.py`).
How fairly they are served is told as Jain's index of the rates of eight loops that end four
sessions each, one after the other: 1 is the same rate for all, 1/8 that one loop was served alone.

The program is measured where users have it: in an environment with what it needs and no more
(`plain`).
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.plain import interpreter, program

HERE = Path(__file__).resolve().parent
STEPS = ("start", "add", "end")
AT_ONCE, ALONE = 32, 15
LOOPS, EACH = 8, 4


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        repo = Path(folder)
        names = [f"s{number:07d}" for number in range(ALONE + AT_ONCE + LOOPS * EACH)]
        half = ALONE + AT_ONCE
        prepare(repo)
        bare, ours = (lambda n: bare_command(repo, n)), (lambda n: our_step(repo, n, "end"))
        alone: dict[str, list[float]] = defaultdict(list)
        for name in names[:ALONE]:  # turn about, so that all meet the same noise
            prepared(repo, name)
            for step in STEPS:
                alone[f"bare {step}"].append(timed(bare_command(repo, name, step)))
                alone[step].append(timed(our_step(repo, name, step)))
        for name in names[ALONE:]:
            begin(repo, name)
        together = {
            name: at_once(command, names[ALONE:half])
            for name, command in (("bare", bare), ("end", ours))
        }
        loops = [names[half + first :: LOOPS] for first in range(LOOPS)]
        rates = [1 / seconds for seconds in in_loops(ours, loops)]
        floor = timed_median([interpreter(), "-c", "import click, json, dataclasses"])
    single = {name: statistics.median(times) for name, times in alone.items()}
    for step in STEPS:
        share = single[step] / single[f"bare {step}"]
        print(f"alone:      {step:5} / bare work    {share:5.2f} times its time")
    share = floor / single["bare end"]
    print(f"alone:      import click       {share:5.2f} times the bare work of end")
    share = together["bare"] / together["end"]
    print(f"{AT_ONCE} at once: end / bare script  {share:5.2f} of its throughput")
    jain = sum(rates) ** 2 / len(rates) / sum(rate**2 for rate in rates)
    print(f"{LOOPS} loops:    Jain's index         {jain:5.2f}")


def prepare(repo: Path) -> None:
    """A repository with 100 instructions, and the bare script's branch of it."""
    (repo / ".claude").mkdir()
    (repo / "bare").mkdir()
    records = [record(number) for number in range(1, 101)]
    history = {"version": "1.0", "last_updated": "2025-10-12T00:10:00Z", "instructions": records}
    (repo / ".claude/instruction-history.json").write_text(json.dumps(history, indent=2))
    git(repo, "init", "--quiet")
    run(our(repo, "init"))
    git(repo, "branch", "bare", "tractatus/history")
    blob = git(repo, "hash-object", "-w", "--stdin", stdin="{}")
    sessions = git(repo, "mktree", stdin=f"100644 blob {blob}\tnone.json\n")
    instructions = git(repo, "rev-parse", "bare:instructions")
    tree = f"040000 tree {instructions}\tinstructions\n040000 tree {sessions}\tsessions\n"
    commit = git(repo, "commit-tree", git(repo, "mktree", stdin=tree), "-m", "root")
    git(repo, "update-ref", "refs/heads/bare", commit)


def begin(repo: Path, name: str) -> None:
    """A session that has added an instruction of its own, and the bare script's files of it."""
    prepared(repo, name)
    for step in STEPS[:-1]:
        run(our_step(repo, name, step))


def prepared(repo: Path, name: str) -> None:
    """What the bare scripts of a session take in: its instruction, and what is told of it."""
    (repo / f"bare/{name}.json").write_text(json.dumps(record(999), indent=2))
    (repo / f"bare/{name}.session.json").write_text(json.dumps({"session": name}, indent=2))


def record(number: int) -> dict[str, object]:
    """An instruction of ordinary size."""
    return {
        "id": f"inst_{number:03d}",
        "text": f"Rule {number}: " + "words that say what is to be done and why " * 4,
        "timestamp": "2025-10-06T14:00:00Z",
        "quadrant": "SYSTEM",
        "persistence": "HIGH",
        "temporal_scope": "PROJECT",
        "explicitness": 0.9,
        "parameters": {"port": str(27000 + number), "service": "mongodb"},
        "active": True,
        "notes": "Infrastructure decision from project initialization",
    }


def our(repo: Path, *words: str) -> list[str]:
    """A command line of the program."""
    return [program(), "-C", str(repo), *words]


def our_step(repo: Path, name: str, step: str) -> list[str]:
    """A step of one session."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    rule = f"Keep {' '.join(digits[at : at + 6] for at in range(0, 60, 6))} in order"
    words = {"start": ["--id", name], "add": [rule, "--session", name], "end": ["--session", name]}
    return our(repo, step, *words[step])


def bare_command(repo: Path, name: str, step: str = "end") -> list[str]:
    """The floor under it."""
    if step == "end":
        return [str(HERE / "bare_end.sh"), str(repo), name]
    return [interpreter(), str(HERE / "bare.py"), step, str(repo), name]


def environment() -> dict[str, str]:
    """No agent, no settings of the person who measures; byte code kept, as where installed."""
    hidden = ("CLAUDE", "TRACTATUS_", "GIT_", "PYTHONDONTWRITE")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    who = {"NAME": "Bench", "EMAIL": "bench@example.org"}
    return kept | {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}


def run(command: list[str]) -> None:
    """Run one command that must succeed."""
    subprocess.run(command, check=True, capture_output=True, env=environment())


def timed(command: list[str]) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    run(command)
    return time.perf_counter() - begin


def timed_median(command: list[str]) -> float:
    """The median of several runs."""
    return statistics.median(timed(command) for _ in range(ALONE))


def at_once(command: Callable[[str], list[str]], names: list[str]) -> float:
    """Seconds until all have ended that were started together."""
    begin = time.perf_counter()
    started = [
        subprocess.Popen(command(name), stdout=subprocess.DEVNULL, env=environment())
        for name in names
    ]
    codes = [process.wait() for process in started]
    assert set(codes) == {0}, codes
    return time.perf_counter() - begin


def in_loops(command: Callable[[str], list[str]], loops: list[list[str]]) -> list[float]:
    """Seconds that each loop took which ends its sessions one after the other, all at once."""

    def one(names: list[str]) -> float:
        begin = time.perf_counter()
        for name in names:
            run(command(name))
        return time.perf_counter() - begin

    with ThreadPoolExecutor(len(loops)) as pool:
        return list(pool.map(one, loops))


def git(repo: Path, *words: str, stdin: str = "") -> str:
    """Run git and give back what it printed."""
    done = subprocess.run(
        ["git", *words], cwd=repo, env=environment(), input=stdin, text=True, capture_output=True,
        check=True,
    )  # fmt: skip
    return done.stdout.strip()


if __name__ == "__main__":
    main()
