"""A page of the documentation, played: its commands are typed into bash, its output is compared.

What a page may say:

- A block `console` holds commands after `$ ` (`> ` goes on with one), and under each what it prints. A
  line `...` stands for any lines that are left out.
- A block `sh` holds commands whose output is not shown.
- A command that ends with the comment `# exit 1` exits with 1; every other one with 0.
- `<!-- invisible-code: sh`, commands, `-->` is what the reader did before, or has beside.
- `<!-- skip: next "why" -->` stands before a block that cannot run here.

Each page begins in `~/bakery`, a git repository that tracks a history of three instructions, and its
commands share the folder and the variables. The clock and the ids are those of `tests/recorded`:
a page shows what really came out. Ids and times are compared by their form alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from difflib import unified_diff
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from unittest import SkipTest

from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, SkipParser

from tests.conftest import ROOT
from tests.recorded.stage import Stage

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXIT = re.compile(r"#.*\bexit (\d+)[^#]*$")
ID = re.compile(
    r"(?<![0-9a-zA-Z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[a-f]*\d)[0-9a-f]{7}|[0-9a-f]{8,64})(?![0-9a-zA-Z])"
)
TIME = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?"
    r"|[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d|\d+ \w+ ago"
)
PROGRAMS = {
    "tractatus-merge": 'exec "{python}" -m tractatus_merge "$@"',
    "git-tractatus": 'exec "{python}" -m tractatus_merge "$@"',
    "python3": 'exec "{python}" "$@"',
    "make": 'exec "{make}" --no-print-directory -n -C "{root}" "$@" >/dev/null',
}
"""What a page's commands find first on the path. `make` says whether there is such a target."""
SHELL = """exec 2>&1
. ~/.shell
set -a
{commands}
code=$?
{{ export -p | grep -vE '^declare -x (OLDPWD|PWD|SHLVL|_|FROZEN_AT|GIT_(AUTHOR|COMMITTER)_DATE)'; echo "cd '$PWD'"; }} >~/.shell
exit $code
"""


class Step(NamedTuple):
    """One command of a page, as typed, with what the page says that it prints."""

    typed: str
    shown: str

    @property
    def command(self) -> str:
        """What the shell is given."""
        first, *more = self.typed.split("\n")
        return "\n".join([first[2:], *(line[2:] for line in more)])

    @property
    def code(self) -> int:
        """The exit code that the page says."""
        said = EXIT.search(self.command)
        return int(said[1]) if said else 0


def steps(block: str) -> Iterator[Step]:
    """The commands of a block `console`."""
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE):
        if part:
            found = re.match(r"(\$ .*(?:\n> .*)*)\n?((?:.*\n?)*)\Z", part)
            assert found, f"a block `console` begins with `$ `: {part!r}"
            yield Step(found[1], found[2])


def alike(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed: `...` may be any lines, ids and times any others."""
    lines = [re.escape(line) for line in _plain(shown).splitlines(keepends=True)]
    wanted = "".join("(?:.*\n)*" if line == re.escape("...\n") else line for line in lines)
    return re.fullmatch(wanted, _plain(printed)) is not None


def _plain(text: str) -> str:
    return TIME.sub("TIME", ID.sub("ID", text))


class Player:
    """A page at work: `failures` is what is other than it says, `text` how it ought to be."""

    def __init__(self, page: Path, folder: Path, text: str | None = None) -> None:
        self.page = page
        self.failures: list[str] = []
        self.skipped: list[str] = []
        self.commands = 0
        self._stage = Stage(folder)
        self._stage.bakery("bakery")
        (self._stage.folder / ".shell").write_text("cd ~/bakery\n")
        self._put_programs()
        parsers = (CodeBlockParser("console", self._console), CodeBlockParser("sh", self._sh))
        self._document = Document(page.read_text("utf-8") if text is None else text, str(page))
        for region in chain.from_iterable(
            read(self._document) for read in (*parsers, SkipParser())
        ):
            self._document.add(region)
        self._edits: list[tuple[int, int, str]] = []

    def play(self) -> None:
        """Run all blocks, in the order of the page."""
        for example in self._document.examples():
            try:
                example.evaluate()
            except SkipTest as why:
                self.skipped.append(f"{self.page.name}:{example.line}: {why}")

    @property
    def text(self) -> str:
        """The page with what was printed now, where that is other than what it shows."""
        text = self._document.text
        for start, end, block in reversed(self._edits):
            text = text[:start] + block + text[end:]
        return text

    def _console(self, example: Example) -> None:
        block, changed = "", False
        for step in steps(example.parsed):
            code, printed = self._run(step.command)
            same = alike(step.shown, printed)
            changed |= not same
            block += f"{step.typed}\n{step.shown if same else printed}"
            self._judge(example, step, code, "" if same else printed)
            if not same:
                lines = (step.shown.splitlines(), printed.splitlines())
                diff = "\n".join(unified_diff(*lines, "the page", "this run", lineterm=""))
                self.failures.append(f"{self._place(example)}: {step.typed}\n{diff}")
        if changed:
            start = example.region.start + example.parsed.offset
            self._edits.append((start, start + len(example.parsed), block))

    def _sh(self, example: Example) -> None:
        for typed in commands(example.parsed):
            step = Step("$ " + typed, "")
            code, printed = self._run(typed)
            self._judge(example, step, code, printed)

    def _judge(self, example: Example, step: Step, code: int, printed: str) -> None:
        if code != step.code:
            said = f"exits with {code}, the page says {step.code}"
            self.failures.append(f"{self._place(example)}: {step.typed}\n{said}\n{printed}")

    def _run(self, command: str) -> tuple[int, str]:
        self.commands += 1
        self._stage.minute += 1
        self._name_clones()
        first = (str(self._stage.folder / "bin"), *self._stage.programs)
        path = os.pathsep.join((*first, os.environ["PATH"]))
        env = {
            "PATH": path,
            "HOME": str(self._stage.folder),
            "GIT_CONFIG_GLOBAL": str(self._stage.folder / "home/.gitconfig"),
        }
        script = SHELL.format(commands=command)
        done = self._stage.quietly("bash", "-c", script, env=env)
        return done.code, self._clean(done.out)

    def _clean(self, text: str) -> str:
        """What a reader would see: his own folder, and each line ended."""
        text = text.replace(str(self._stage.folder), "~")
        text = text.replace(sys.executable, "python3").replace(str(ROOT), "~/tractatus-merge")
        return text if text.endswith("\n") or not text else text + "\n"

    def _name_clones(self) -> None:
        for git in self._stage.folder.glob("*/.git"):
            if git.is_dir() and not (git / "tractatus/clone-id").exists():
                (git / "tractatus").mkdir(exist_ok=True)
                (git / "tractatus/clone-id").write_text(f"{git.parent.name.encode().hex():0<32}")

    def _put_programs(self) -> None:
        folder = self._stage.folder / "bin"
        folder.mkdir()
        make = shutil.which("make")
        for name, line in PROGRAMS.items():
            script = f"#!/bin/sh\n{line.format(python=sys.executable, root=ROOT, make=make)}\n"
            (folder / name).write_text(script)
            (folder / name).chmod(0o755)

    def _place(self, example: Example) -> str:
        return f"{self.page.relative_to(ROOT)}:{example.line}"


def commands(block: str) -> Iterator[str]:
    """The commands of a block `sh`: a line each, unless bash would wait for more."""
    command = ""
    for line in block.splitlines():
        if not command and (not line.strip() or line.lstrip().startswith("#")):
            continue
        command += line + "\n"
        if _whole(command):
            yield command.removesuffix("\n")
            command = ""
    if command:
        yield command


def _whole(command: str) -> bool:
    """Whether bash would run it, and not wait for another line."""
    done = subprocess.run(
        ["bash", "-n"], input=command, text=True, capture_output=True, check=False
    )
    return (
        done.returncode == 0 and "here-document" not in done.stderr and not command.endswith("\\\n")
    )
