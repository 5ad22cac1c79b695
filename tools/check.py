"""Run targets of the Makefile one after the other, all of them, and say on one screen what failed.

python tools/check.py TARGET...    exit 1 where one failed

What each prints is shown while it runs. The last lines name the targets that failed, each with
the lines of its output that tell why. `make TARGET` runs one alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence

SCREEN = 24
"""Lines of output that are shown once more, of all targets together."""
TELLING = re.compile(r"(FAILED|ERROR) |.*: error: |.* is stale: ")
"""Lines of pytest, mypy and tools/docs.py that name one fault each."""
MAKES = re.compile(r"make(\[\d+\])?: ")
"""What make itself says, at whatever depth it was called."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(target: str) -> tuple[bool, list[str]]:
    """Run a target and show what it prints; whether all is well, and its lines."""
    words = ("make", "--no-print-directory", target, "ARGS=")
    lines = []
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(COLOUR.sub("", line).rstrip())
    return process.returncode == 0, [line for line in lines if line and not MAKES.match(line)]


def why(lines: Sequence[str], room: int) -> list[str]:
    """The lines that tell what failed: those that name a fault, else the last ones."""
    telling = [line for line in lines if TELLING.match(line)]
    if len(telling) > room:
        return [*telling[: room - 1], f"... and {len(telling) - room + 1} more"]
    return telling or list(lines[-room:])


def main(targets: Sequence[str]) -> int:
    """Run them all; the exit code."""
    failed: dict[str, list[str]] = {}
    told = []
    for target in targets:
        print(f"\n==> make {target}", flush=True)
        began = time.monotonic()
        fine, lines = run(target)
        told.append(f"{'ok' if fine else 'FAILED':8}{target:12}{time.monotonic() - began:6.0f} s")
        if not fine:
            failed[target] = lines
    print("\n".join(["", *told]))
    for target, lines in failed.items():
        print(f"\nmake {target}")
        print("\n".join(f"  {line}" for line in why(lines, max(3, SCREEN // len(failed)))))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
