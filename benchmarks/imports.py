"""What a verb loads, and what that costs: modules of ours, all modules, milliseconds.

    .venv/bin/python -m benchmarks.imports [--rounds N] [--modules VERB]

Each verb runs as its users run it, in an environment with what the program needs and no more
(`plain`), in a history in git with 20 instructions. A round takes fresh
processes:

- ours, all: the modules that are loaded when the verb is done: of this package, and of all.
- ours ms: what loading ours took by themselves (`-X importtime`: without what they load in turn).
- imports ms: what all imports together took.
- cpu ms: user and system time of the whole command and of its children, without `-X importtime`.
- floor: the same of an interpreter that does nothing but import click.

Each number is the least of all rounds: what else runs on the machine only ever adds. Byte code is
kept, as where the program is installed. `--modules` lists what a verb loads, the dearest first,
instead. `tests/test_loaded.py` holds what must not be loaded.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.end import environment
from benchmarks.plain import interpreter, program

PACKAGE = "tractatus_merge"
VERBS = ("status", "list", "start", "add", "log", "conflicts", "end")
INSTRUCTIONS = 20


class Loaded(NamedTuple):
    """The microseconds that each module took by itself, by name."""

    own: dict[str, int]

    def ours(self) -> dict[str, int]:
        """Of this package."""
        return {name: spent for name, spent in self.own.items() if name.startswith(PACKAGE)}


def run(*words: str, flags: tuple[str, ...] = ()) -> str:
    """Run Python with these words; what it wrote to its standard error."""
    command = [interpreter(), *flags, *words]
    done = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    return done.stderr


def ours(repo: Path, *words: str, flags: tuple[str, ...] = ()) -> str:
    """Run a verb in the repository."""
    return run(program(), "-C", str(repo), *words, flags=flags)


def made(folder: Path) -> Path:
    """A repository with a history."""
    repo = folder / "repo"
    subprocess.run(["git", "init", "--quiet", repo], check=True, env=environment())
    ours(repo, "init")
    ours(repo, "start", "--id", "seed")
    for number in range(INSTRUCTIONS):
        ours(repo, "add", f"Rule {number} holds in all of it", "--session", "seed")
    ours(repo, "end", "--session", "seed")
    return repo


def arguments(verb: str, session: str) -> list[str]:
    """The words of a verb, for a session of this round."""
    return {
        "start": ["start", "--id", session],
        "add": ["add", f"What {session} learned", "--session", session],
        "end": ["end", "--session", session],
    }.get(verb, [verb])


def loaded(told: str) -> Loaded:
    """What `-X importtime` told."""
    found = {}
    for line in told.splitlines():
        head, *columns = line.split("|")
        if head.startswith("import time:") and len(columns) == 2 and "[us]" not in head:
            found[columns[1].strip()] = int(head.removeprefix("import time:"))
    return Loaded(found)


def rounds(repo: Path, verbs: tuple[str, ...], count: int) -> Iterator[tuple[str, Loaded, float]]:
    """What each verb loaded, and the seconds of CPU that it took, round by round."""
    for number in range(count):
        for verb in verbs:
            told = ours(repo, *arguments(verb, f"a{number}"), flags=("-X", "importtime"))
            before = cpu()
            ours(repo, *arguments(verb, f"b{number}"))
            yield verb, loaded(told), cpu() - before


def cpu() -> float:
    """The seconds of CPU that our children took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def floor(count: int) -> float:
    """The seconds of CPU of an interpreter that imports click."""
    least = float("inf")
    for _ in range(count):
        before = cpu()
        run("-c", "import click")
        least = min(least, cpu() - before)
    return least


def least(all_: list[Loaded]) -> Loaded:
    """The least that each module took in all rounds."""
    return Loaded(
        {
            name: min(one.own.get(name, spent) for one in all_)
            for name, spent in all_[-1].own.items()
        }
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--modules", metavar="VERB")
    options = parser.parse_args()
    found: dict[str, list[Loaded]] = {}
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        repo = made(Path(folder))
        for verb, one, spent in rounds(repo, VERBS, options.rounds):
            found.setdefault(verb, []).append(one)
            times[verb] = min(spent, times.get(verb, spent))
    if options.modules:
        named = least(found[options.modules]).own
        for name in sorted(named, key=lambda name: -named[name]):
            print(f"{named[name] / 1000:8.2f}  {name}")
        return
    print(f"{'verb':10} {'ours':>6} {'all':>6} {'ours ms':>9} {'imports ms':>11} {'cpu ms':>8}")
    for verb, several in found.items():
        every = least(several)
        mine = every.ours()
        ms = (sum(mine.values()) / 1000, sum(every.own.values()) / 1000, times[verb] * 1000)
        print(f"{verb:10} {len(mine):6} {len(every.own):6} {ms[0]:9.0f} {ms[1]:11.0f} {ms[2]:8.0f}")
    print(f"{'floor':10} {'':6} {'':6} {'':9} {'':11} {floor(options.rounds) * 1000:8.0f}")


if __name__ == "__main__":
    main()
