"""A stand-in for the program that hooks run: it notes each start, and the gate answers as told.

The merge driver and the textconv are the real ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.tool import run
from tractatus_merge.git.install.hook_texts import Program

_TEXT = """\
import sys
with open({log!r}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "check":
    print("the gate says no" if {code} else "", file=sys.stderr)
    sys.exit({code})
from tractatus_merge.cli import main
sys.exit(main(sys.argv[1:]))
"""


class StandIn:
    """The program in a folder of its own (with a name that a shell would trip over)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "it's a $(program) 100%"
        self.folder.mkdir()
        self.script = self.folder / "program.py"
        self.log = self.folder / "log"
        self.answer(0)

    def answer(self, code: int) -> None:
        """What the gate exits with from now on."""
        self.script.write_text(_TEXT.format(log=str(self.log), code=code))

    @property
    def program(self) -> Program:
        """It, as `install` is to write it."""
        return Program((sys.executable, "-P", str(self.script)), (sys.executable, str(self.script)))

    def starts(self, verb: str = "") -> int:
        """How often it was started since this was asked last."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.write_text("")
        return sum(line.startswith(verb) for line in lines)


def installed(folder: Path, stand_in: StandIn, patch: pytest.MonkeyPatch, *words: str) -> None:
    """Install into a clone, with the stand-in as the program."""
    patch.setattr(Program, "here", classmethod(lambda _: stand_in.program))
    done = run(folder, "install", "--agent", "none", *words)
    assert done.code == 0, done.err
    stand_in.starts()
