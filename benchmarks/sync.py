"""What a sync costs beside the git commands that it must run, at histories of growing length.

    .venv/bin/python benchmarks/sync.py [--rounds N] [VERSIONS]...

One hub and one clone on this machine; the history has so many versions (100, 1,000, 10,000),
written by `git fast-import` in the form of the store.

- no change: `tractatus-merge sync` where both sides have the same, against a bare `git fetch`.
- one change: the same where our clone has one version more, against `git fetch && git push` of the
  same bytes. The hub is put back after each.

Each is the median of the rounds' ratios: with a hub in a folder beside, and with one that takes
DELAY seconds (0.3) to answer a connection, as a forge does over ssh or TLS.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.end import environment

BRANCH = "tractatus/history"
REF = f"refs/heads/{BRANCH}"
DELAY, AIM = 0.3, 2


def git(folder: Path, *words: str) -> str:
    """Run git; what it said."""
    done = subprocess.run(
        ["git", "-C", folder, *words], check=True, capture_output=True, text=True, env=environment()
    )
    return done.stdout.strip()


def tool(folder: Path, *words: str) -> None:
    """Run the program."""
    program = [sys.executable, "-m", "tractatus_merge", "-C", str(folder)]
    subprocess.run([*program, *words], check=True, capture_output=True, env=environment())


def build(folder: Path, versions: int) -> tuple[Path, Path]:
    """A hub and a clone with a history of so many versions."""
    hub, clone = folder / "hub.git", folder / "clone"
    subprocess.run(["git", "init", "-q", "--bare", hub], check=True)
    subprocess.run(["git", "init", "-q", clone], check=True)
    git(clone, "config", "user.name", "Jo")
    git(clone, "config", "user.email", "jo@example.org")
    git(clone, "remote", "add", "origin", str(hub))
    rows = [{"id": f"inst_{n:03}", "text": f"Rule {n}.", "active": True} for n in range(100)]
    (clone / ".claude").mkdir()
    path = clone / ".claude/instruction-history.json"
    path.write_text(json.dumps({"version": "1", "instructions": rows}, indent=2))
    tool(clone, "init")
    stream = []
    for n in range(versions):
        row = {"id": f"inst_{n % 100:03}", "text": f"Rule {n}.", "active": True}
        text = json.dumps(row, indent=2)
        place = f"instructions/inst_{n % 100:03}.json"
        message = f"Merge session s{n}: 1 edited\n\nSession: s{n}\n\n[skip ci]\n"
        stream.append(
            f"commit {REF}\ncommitter Jo <jo@example.org> {1_700_000_000 + n} +0000\n"
            f"data {len(message)}\n{message}"
            + (f"from {REF}^0\n" if n == 0 else "")
            + f"M 100644 inline {place}\ndata {len(text) + 1}\n{text}\n\n"
        )
    subprocess.run(
        ["git", "-C", clone, "fast-import", "--quiet"], input="".join(stream).encode(), check=True
    )
    tool(clone, "sync")
    return hub, clone


def timed(act: Callable[[], object]) -> float:
    """The seconds of one run."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure(folder: Path, versions: int, rounds: int) -> None:
    """Print the ratios of one length."""
    hub, clone = build(folder, versions)
    spec = f"+{REF}:refs/remotes/origin/{BRANCH}"
    before = git(hub, "rev-parse", BRANCH)
    tool(clone, "add", "One more")
    after = git(clone, "rev-parse", BRANCH)
    shutil.rmtree(clone / ".git/tractatus/sessions")  # else what is put back is merged again

    def back(to: str) -> None:
        git(clone, "update-ref", REF, to)
        git(hub, "update-ref", REF, before)
        git(clone, "update-ref", f"refs/remotes/origin/{BRANCH}", before)

    def fetch() -> None:
        git(clone, "fetch", "-q", "origin", spec)

    def push() -> None:
        fetch()
        git(clone, "push", "-q", "--no-verify", "origin", f"{after}:{REF}")

    for name, head, bare in (("no change", before, fetch), ("one change", after, push)):
        told = []
        for delay in (0.0, DELAY):
            slow(folder, clone, delay)
            ratios = []
            for _ in range(rounds):
                back(head)
                floor = timed(bare)
                back(head)
                ratios.append(timed(lambda: tool(clone, "sync")) / floor)
            told.append(statistics.median(ratios))
        assert name == "no change" or git(hub, "rev-parse", BRANCH) == after
        print(
            f"{versions:6} versions, {name:10}: {told[1]:4.2f} times git over a network"
            f" (at most {AIM}), {told[0]:5.1f} in a folder beside"
        )


def slow(folder: Path, clone: Path, delay: float) -> None:
    """Let each connection take so long to be answered."""
    for key, program in (("uploadpack", "git-upload-pack"), ("receivepack", "git-receive-pack")):
        script = folder / key
        script.write_text(f'#!/bin/sh\nsleep {delay}\nexec {program} "$1"\n')
        script.chmod(0o755)
        git(clone, "config", f"remote.origin.{key}", str(script))


def main(words: list[str]) -> None:
    """Build and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("versions", type=int, nargs="*", default=[100, 1000, 10000])
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args(words)
    for versions in options.versions:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), versions, options.rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
