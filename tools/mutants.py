"""Run the mutation tests, print a table, and compare the mutants that live with tests/mutants.md.

python tools/mutants.py                     all of core/ and documents/: half an hour
python tools/mutants.py core/vectors.py     one module, or one folder
python tools/mutants.py --again [PART]...   only those that the last run did not kill
python tools/mutants.py --last [PART]...    the last run's table; nothing is run

Exit 1: more than 5 % live, one lives that is not on the page, the page names one that does not, or
one was not tried.
mutmut makes and runs the mutants, as [tool.mutmut] in pyproject.toml says. It changes what is in
functions; tables and regular expressions at the top of a module, and decorated functions, it leaves
alone.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.diff_apply import get_diff_for_mutant

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "tractatus_merge"
MADE = ROOT / "mutants"  # mutmut's own folder
PAGE = ROOT / "tests" / "mutants.md"
LIMIT = 0.05
AT_ONCE = 2
LIVES, NOT_RUN = (
    (0, 5, 33),
    (None, 2),
)  # pytest's exit codes and mutmut's: passed, or no test at all
ENTRY = re.compile(r"^## (\S+)\n+(.+?)\n+```diff\n(.+?)^```", re.DOTALL | re.MULTILINE)
CHANGE = re.compile(r"((?:^-.*\n)*)((?:^\+.*\n)*)", re.MULTILINE)


class Mutant(NamedTuple):
    """A function and what was changed in it: whatever else moves, this names it."""

    function: str
    was: str
    became: str

    def __str__(self) -> str:
        return f"## {self.function}\n\n(why)\n\n```diff\n- {self.was}\n+ {self.became}\n```\n"


class Result(NamedTuple):
    """One mutant's name at mutmut, its module, and the exit code of its tests."""

    name: str
    module: str
    code: int | None

    def mutant(self) -> Mutant:
        """What was changed, read from mutmut's folder."""
        diff = get_diff_for_mutant(self.name, path=Path(PACKAGE) / self.module)
        body = "".join(f"{line}\n" for line in diff.splitlines()[3:] if line[0] in "+-")
        return next(changes(function(self.name), body))


def main() -> int:
    """Run what is asked for; the exit code."""
    parser = argparse.ArgumentParser(description="Mutation tests of core/ and documents/.")
    parser.add_argument(
        "parts", nargs="*", help="core/vectors.py, documents, ...; without one: all"
    )
    parser.add_argument("--again", action="store_true", help="only those not killed before")
    parser.add_argument("--last", action="store_true", help="run nothing")
    asked = parser.parse_args()
    os.chdir(ROOT)  # mutmut looks for everything there
    parts = [part.removeprefix(f"{PACKAGE}/") for part in asked.parts] or [""]
    if asked.again:
        run([result.name for result in results(parts) if result.code in LIVES + NOT_RUN])
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
    """Print the table and what the page does not know; the exit code."""
    tried = [result for result in found if result.code not in NOT_RUN]
    if not tried:
        sys.exit("no mutant was tried")
    print(f"{'module':28}{'mutants':>9}{'killed':>9}{'lives':>9}{'share':>9}")
    modules = sorted({result.module for result in tried})
    for module in modules:
        print(row(module, [result for result in tried if result.module == module]))
    print(row("all of these", tried))
    living = {result.mutant() for result in tried if result.code in LIVES}
    known = {mutant for mutant in page() if module_of(mutant) in modules}
    for mutant in sorted(living - known):
        print(f"\nlives, and {PAGE.name} does not say why:\n{mutant}")
    untried = len(found) - len(tried)
    if untried:
        print(f"\n{untried} are new or were not tried: go on with --again")
    else:
        for mutant in sorted(known - living):
            print(f"\nis dead, or no mutant any more; delete it from {PAGE.name}:\n{mutant}")
    share = sum(result.code in LIVES for result in tried) / len(tried)
    return int(share > LIMIT or living != known or untried > 0)


def row(name: str, tried: list[Result]) -> str:
    """One line of the table."""
    living = sum(result.code in LIVES for result in tried)
    numbers = f"{len(tried):9}{len(tried) - living:9}{living:9}"
    return f"{name:28}{numbers}{living / len(tried):9.1%}"


def page() -> Iterator[Mutant]:
    """The mutants that are known to live."""
    for entry in ENTRY.finditer(PAGE.read_text("utf-8")):
        yield from changes(entry[1], entry[3])


def changes(name: str, diff: str) -> Iterator[Mutant]:
    """Each pair of lines taken out and lines put in."""
    for was, became in CHANGE.findall(diff):
        if was or became:
            yield Mutant(name, plain(was), plain(became))


def plain(lines: str) -> str:
    """Lines of a diff as one, without their signs and their indentation."""
    return " ".join(word for line in lines.splitlines() for word in line[1:].split())


def function(name: str) -> str:
    """`core.vectors.VersionVector.join` for mutmut's `core.vectors.xǁVersionVectorǁjoin`."""
    module, _, inner = name.removeprefix(f"{PACKAGE}.").partition("__mutmut_")[0].rpartition(".")
    return f"{module}.{inner.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}"


def module_of(mutant: Mutant) -> str:
    """`core/vectors.py` for `core.vectors.VersionVector.join`."""
    return "/".join(mutant.function.split(".")[:2]) + ".py"


if __name__ == "__main__":
    sys.exit(main())
