"""Write the recordings anew: `python -m tests.recorded --write [CHAPTER...]`; review what changed.

Without `--write` it compares, as the test does, and exits with 1 where something is other.
"""

from __future__ import annotations

import difflib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.recorded.script import CHAPTERS
from tests.recorded.stage import Stage

RECORDING = Path(__file__).with_name("recording")


def recording(chapter: Callable[[Stage], None]) -> Path:
    """The file that a chapter is recorded in."""
    return RECORDING / f"{chapter.__name__}.txt"


def played(chapter: Callable[[Stage], None], folder: Path) -> str:
    """Play a chapter in an empty folder; what there is to record."""
    stage = Stage(folder)
    chapter(stage)
    return stage.close()


def difference(chapter: Callable[[Stage], None], now: str) -> list[str]:
    """The lines in which a run is other than the recording."""
    before = recording(chapter).read_text("utf-8") if recording(chapter).exists() else ""
    if before == now:
        return []
    sides = before.split("\n"), now.split("\n")
    return list(difflib.unified_diff(*sides, recording(chapter).name, "this run", lineterm=""))


def main() -> None:
    """Compare the chapters that are named (else all) with what they do now, or write that down."""
    words = sys.argv[1:]
    write = "--write" in words
    named = [word for word in words if word != "--write"] or [one.__name__ for one in CHAPTERS]
    other = False
    for chapter in (one for one in CHAPTERS if one.__name__ in named):
        with tempfile.TemporaryDirectory(prefix="tractatus-recorded-") as folder:
            now = played(chapter, Path(folder))
        found = difference(chapter, now)
        other = other or bool(found)
        print(
            "\n".join([*found[:200], f"{chapter.__name__}: {'other' if found else 'as recorded'}"])
        )
        if write:
            recording(chapter).write_text(now, "utf-8", newline="")
    sys.exit(other and not write)


if __name__ == "__main__":
    main()
