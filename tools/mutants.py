"""Run the mutation tests and hold each module to its budget. What survives, tests/mutants.md says.

python tools/mutants.py                     all that is pure: half an hour
python tools/mutants.py core/model/ids.py    one module, or one folder
python tools/mutants.py --again [PART]...   only those that the last run did not kill
python tools/mutants.py --last [PART]...    the last run's table; nothing is run

Exit 1: of one module more than 5 % survive, or a mutant was not tried.
mutmut makes and runs the mutants, as [tool.mutmut] in pyproject.toml says. It changes what is in
functions; tables and regular expressions at the top of a module, and decorated functions, it leaves
alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "tractatus_merge"
MADE = ROOT / "mutants"  # mutmut's own folder
BUDGET = 0.05
"""The share of a module's mutants that may survive."""
AT_ONCE = 2
SURVIVED, NOT_RUN = (
    (0, 5, 33),
    (None, 2),
)  # pytest's exit codes and mutmut's: passed, or no test at all


class Result(NamedTuple):
    """One mutant's name at mutmut, its module, and the exit code of its tests."""

    name: str
    module: str
    code: int | None


def main() -> int:
    """Run what is asked for; the exit code."""
    parser = argparse.ArgumentParser(description="Mutation tests of what is pure.")
    parser.add_argument(
        "parts", nargs="*", help="core/model/version_vector.py, meaning, ...; without one: all"
    )
    parser.add_argument("--again", action="store_true", help="only those not killed before")
    parser.add_argument("--last", action="store_true", help="run nothing")
    asked = parser.parse_args()
    os.chdir(ROOT)  # mutmut looks for everything there
    parts = [part.removeprefix(f"{PACKAGE}/") for part in asked.parts] or [""]
    if asked.again:
        run([result.name for result in results(parts) if result.code in SURVIVED + NOT_RUN])
    elif not asked.last:
        run([f"{PACKAGE}.{part.removesuffix('.py').replace('/', '.')}*" for part in parts])
    return report(results(parts))


def run(names: list[str]) -> None:
    """Have mutmut make the mutants and try those with the names."""
    if not names:
        return
    for stale in ("mutmut-stats.json", "tests"):  # which test reaches what is found out anew
        path = MADE / stale
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    MADE.mkdir(exist_ok=True)
    log = MADE / "log"
    print(f"running; watch it with: tail -f {log.relative_to(ROOT)}", flush=True)
    words = [Path(sys.executable).with_name("mutmut"), "run", f"--max-children={AT_ONCE}", *names]
    with log.open("w") as output:
        done = subprocess.run(words, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f"{log.read_text()[-4000:]}\nmutmut ended with {done.returncode}: see {log}")


def results(parts: list[str]) -> list[Result]:
    """What mutmut knows of every mutant in the parts."""
    found = []
    for path in sorted((MADE / PACKAGE).rglob("*.meta")):
        module = path.relative_to(MADE / PACKAGE).with_suffix("").as_posix()
        if module.startswith(tuple(parts)) and (ROOT / PACKAGE / module).exists():
            codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
            found += [Result(name, module, code) for name, code in codes.items()]
    return found


def report(found: list[Result]) -> int:
    """Print the table, and the survivors of each module over the budget; the exit code."""
    tried = [result for result in found if result.code not in NOT_RUN]
    if not tried:
        sys.exit("no mutant was tried")
    print(f"{'module':36}{'mutants':>9}{'killed':>9}{'survive':>9}{'share':>9}")
    over: list[Result] = []
    for module in sorted({result.module for result in tried}):
        mutants = [result for result in tried if result.module == module]
        survivors = [result for result in mutants if result.code in SURVIVED]
        print(row(module, mutants))
        if len(survivors) > BUDGET * len(mutants):
            over += survivors
    print(row("all of these", tried))
    if over:
        print(f"\nmore than {BUDGET:.0%} of their module survive; see one: mutmut show NAME")
        print(*(result.name for result in over), sep="\n")
    untried = len(found) - len(tried)
    if untried:
        print(f"\n{untried} are new or were not tried: go on with --again")
    return int(bool(over) or untried > 0)


def row(name: str, tried: list[Result]) -> str:
    """One line of the table."""
    survivors = sum(result.code in SURVIVED for result in tried)
    numbers = f"{len(tried):9}{len(tried) - survivors:9}{survivors:9}"
    return f"{name:36}{numbers}{survivors / len(tried):9.1%}"


if __name__ == "__main__":
    sys.exit(main())
