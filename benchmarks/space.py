"""What a merge adds to `.git`: as loose objects, and when git has packed them.

    .venv/bin/python -m benchmarks.space [--records 100 1000] [--sessions 20 500] [--layout 1 2]

The history has summaries of so many sessions, copies of a real one. Then ten sessions start, edit
an instruction, and end. Loose is what their merges wrote: the bytes of the objects, and their
blocks of 4 KB. Packed is what they added to the object store once git has packed it. It counts;
nothing is timed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from tractatus_merge.cli import main as tool
from tractatus_merge.core.model.state import SESSIONS, Entry
from tractatus_merge.factory import open_repository
from tractatus_merge.system import files

BLOCK = 4096
MERGES = 10


class Growth(NamedTuple):
    """Bytes a merge."""

    loose: float
    blocks: float
    packed: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--sessions", type=int, nargs="+", default=[20, 500])
    parser.add_argument("--layout", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    print("| layout | records | sessions | loose | in blocks | packed |\n" + "| --- " * 6 + "|")
    for layout in given.layout:
        for records in given.records:
            for sessions in given.sessions:
                with tempfile.TemporaryDirectory() as folder:
                    found = growth(Path(folder), records, sessions, layout)
                shown = " | ".join(f"{bytes_ / 1000:.1f} KB" for bytes_ in found)
                print(f"| {layout} | {records} | {sessions} | {shown} |", flush=True)


def growth(folder: Path, records: int, sessions: int, layout: int) -> Growth:
    """What a merge adds to a history of so many records, after so many sessions."""
    subprocess.run(["git", "init", "-q", folder], check=True)
    claude = folder / ".claude"
    claude.mkdir()
    history = {"version": "1.0", "instructions": [instruction(n) for n in range(records)]}
    (claude / "instruction-history.json").write_text(json.dumps(history, indent=2), "utf-8")
    with patch("tractatus_merge.git.store.NEWEST", layout):
        run(folder, "init")
    merge(folder, MERGES, records)
    copy_summaries(folder, sessions)
    gc(folder)
    before = sum(sizes(folder))
    for number in range(MERGES):
        merge(folder, number, records)
    loose = sizes(folder, "[0-9a-f][0-9a-f]/*")
    gc(folder)
    blocks = sum(-(-size // BLOCK) * BLOCK for size in loose)
    packed = sum(sizes(folder)) - before
    return Growth(sum(loose) / MERGES, blocks / MERGES, packed / MERGES)


def merge(folder: Path, number: int, records: int) -> None:
    """One session's life, from its start to its merge."""
    words = ("--set", f"notes=Changed by session {number}.", "--session", f"s{number}")
    run(folder, "start", "--id", f"s{number}")
    run(folder, "edit", f"inst_{number * 7 % records:04d}", *words)
    run(folder, "end", "--session", f"s{number}")


def copy_summaries(folder: Path, sessions: int) -> None:
    """Give the history more summaries like the one that it has."""
    repo = open_repository(folder)
    try:
        head = repo.head()
        (tag,) = head.names(SESSIONS)
        text = head.get(SESSIONS, tag) or ""
        tags = [files.digest(str(number).encode())[:8] for number in range(sessions)]
        changed = {(SESSIONS, one): text.replace(tag, one) for one in tags}
        entry = Entry("Copy", author="A <a@x>", time=head.time, changes=tuple(changed))
        repo.store.commit(head.version, head.with_(changed), entry)
    finally:
        repo.close()


def instruction(number: int) -> dict[str, object]:
    """A record of the usual length."""
    text = f"Rule {number}: ask before anything of the kind {number * 7919 % 1000} is changed."
    return {
        "id": f"inst_{number:04d}",
        "text": text,
        "quadrant": "OPERATIONAL",
        "persistence": "HIGH",
        "parameters": {"port": str(number * 104729 % 65536), "owner": f"team-{number % 9}"},
        "active": True,
        "notes": "",
    }


def run(folder: Path, *words: str) -> None:
    """Run a command of the program, which must succeed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = tool(["-C", str(folder), *words])
    if code:
        raise SystemExit(f"{words}: {said.getvalue()}")


def gc(folder: Path) -> None:
    """Pack what is loose, as git does by itself in time."""
    subprocess.run(["git", "-C", folder, "gc", "-q", "--prune=now"], check=True)


def sizes(folder: Path, pattern: str = "**/*") -> list[int]:
    """The sizes of files in the object store."""
    found = (folder / ".git" / "objects").glob(pattern)
    return [path.stat().st_size for path in found if path.is_file()]


if __name__ == "__main__":
    main()
