"""What an `end` costs on each store: alone, and with 8 and 32 processes that end at once.

    .venv/bin/python -m benchmarks.stores [--rounds N] [--sizes N...] [--store N=URL]
        [--service NAME...] [--page PAGE]

Every process is a whole `tractatus-merge end` of a session of its own, which added one instruction
to a history of 100 or 5,000. Measured is how long it takes until all have ended, and in the same
round for every store, so that all meet the same noise. What stands in the table is the median of
the rounds' ratios to `git:`; for `git:` itself, to `python -c pass`, and how many times as long so
many ends take as one. A process that exits with 75 is started again, within the time.

Beside the stores stands what sessions do without one: each reads the shared file, adds its
instruction and writes the file back (`python -c`, 50 ms of work between). Then what is counted: the
instructions that are not there when all have ended. It must be none on every store.

With `--service postgresql mongodb` a server of each is started on the same disk, and has its
column (`tests/services.py`). Under the table stand bars: how long the most ends at once took.

With --page the figures are written into a page, between its two marks.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from benchmarks.end import environment, record
from tests import services
from tests.stores.kinds import with_database, with_line
from tractatus_merge.cli import main as program

STORES = {
    "`git:`": "git:tractatus/history",
    "`file:`": "file:",
    "`file:` without a lock": "file: --lock none",
    "`sqlite:`": "sqlite:",
}
"""What `init --store` is told, by the names in the table; the others are compared with the first.

`{name}` in a URL is a name that no other line has, for stores on a server
(`--store 'PostgreSQL=postgresql://localhost/{name}'`)."""
PLAIN = "no store"
SIZES, AT_ONCE = (100, 5000), (1, 8, 32)
BUSY = 75
WIDTH = 40
"""Of the longest bar."""
VIEW = ".claude/instruction-history.json"
BEGIN, END = "<!-- figures of benchmarks/stores.py -->", "<!-- end of the figures -->"
WRITE_BACK = """
import json, sys, time
path, text = sys.argv[1:]
with open(path) as file: document = json.load(file)
time.sleep(0.05)
document["instructions"].append({"id": text, "text": text})
with open(path, "w") as file: json.dump(document, file, indent=2)
"""


class Cell(NamedTuple):
    """So many processes, one size: the seconds until all had ended, and what is lost."""

    seconds: float
    lost: int


class Scene:
    """One line in a store, its sessions numbered through."""

    def __init__(self, folder: Path, store: str, size: int) -> None:
        self.folder, self.store, self.size = folder, store, size
        self.ended: list[str] = []
        (folder / ".claude").mkdir(parents=True)
        records = [record(number) for number in range(1, size + 1)]
        history = {"version": "1.0", "instructions": records}
        (folder / VIEW).write_text(json.dumps(history, indent=2), "utf-8")
        subprocess.run(["git", "init", "-q", folder], check=True)
        if store != PLAIN:
            words = store.format(name=folder.name.replace("-", "_")).split()
            tool(folder, "init", "--store", *words)

    def round(self, processes: int) -> Cell:
        """Let so many sessions end at once."""
        names = [f"s{len(self.ended) + number:05d}" for number in range(processes)]
        self.ended += names
        if self.store != PLAIN:
            for name in names:
                tool(self.folder, "start", "--id", name)
                tool(self.folder, "add", f"Rule of {name}", "--session", name)
        began = time.perf_counter()
        self._end(names)
        seconds = time.perf_counter() - began
        return Cell(seconds, self._lost(names))

    def _end(self, names: Sequence[str]) -> None:
        waiting = list(names)
        while waiting:
            started = {name: subprocess.Popen(self._command(name), env=environment(),
                                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                       for name in waiting}  # fmt: skip
            codes = {name: process.wait() for name, process in started.items()}
            assert self.store == PLAIN or set(codes.values()) <= {0, BUSY}, codes
            waiting = [name for name, code in codes.items() if code == BUSY]

    def _command(self, name: str) -> list[str]:
        if self.store == PLAIN:
            return [sys.executable, "-c", WRITE_BACK, str(self.folder / VIEW), f"Rule of {name}"]
        words = ["-m", "tractatus_merge", "-C", str(self.folder), "end", "--session", name]
        return [sys.executable, *words]

    def _lost(self, names: Sequence[str]) -> int:
        if self.store == PLAIN:
            with contextlib.suppress(ValueError):  # torn: nothing of it can be read
                document = json.loads((self.folder / VIEW).read_text("utf-8"))
                return len({f"Rule of {n}" for n in names} - texts(document["instructions"]))
            return len(names)
        listed = json.loads(tool(self.folder, "list", "--all", "--json"))["instructions"]
        return len({f"Rule of {name}" for name in names} - texts(listed))


def texts(records: Sequence[Mapping[str, object]]) -> set[object]:
    """What the instructions say."""
    return {record.get("text") for record in records}


def tool(folder: Path, *words: str) -> str:
    """Run a command in this process, which is quicker than one of its own; what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        patch.dict("os.environ", environment(), clear=True),
    ):  # fmt: skip
        code = program(["-C", str(folder), *words])
    assert code == 0, (words, code, err.getvalue())
    return out.getvalue()


Figures = dict[tuple[int, int], dict[str, list[Cell]]]
"""By size and number of processes, then by store: a cell for each round."""


def measured(
    folder: Path, stores: Mapping[str, str], sizes: Sequence[int], at_once: Sequence[int],
    rounds: int,
) -> tuple[Figures, list[float]]:  # fmt: skip
    """Every store, one after the other in each round; and how long `python -c pass` took."""
    figures: Figures = {}
    floor: list[float] = []
    for size in sizes:
        scenes = {
            name: Scene(folder / f"line-{size}-{number}", url, size)
            for number, (name, url) in enumerate({**stores, PLAIN: PLAIN}.items())
        }
        for _ in range(rounds):
            for processes in at_once:
                began = time.perf_counter()
                subprocess.run([sys.executable, "-c", "pass"], check=True, env=environment())
                floor.append(time.perf_counter() - began)
                cells = figures.setdefault((size, processes), {})
                for name, scene in scenes.items():
                    cells.setdefault(name, []).append(scene.round(processes))
    return figures, floor


def table(figures: Figures, floor: Sequence[float]) -> list[str]:
    """The figures as a table in Markdown."""
    base, *names = (name for name in next(iter(figures.values())) if name != PLAIN)
    head = ["instructions", "ends at once", f"{base} / `python -c pass`", f"{base} / one end"]
    head += [f"{name} / {base}" for name in names]
    head += ["lost, all stores", "lost in a file alone"]
    rows = [head, ["--:"] * len(head)]
    first = min(processes for _, processes in figures)
    for (size, processes), cells in figures.items():
        own = [cell.seconds for cell in cells[base]]
        alone = statistics.median(cell.seconds for cell in figures[size, first][base])
        row = [f"{size:,}", str(processes)]
        row += [f"{statistics.median(own) / statistics.median(floor):.0f}"]
        row += [f"{statistics.median(own) / alone:.1f}"]
        for name in names:
            pairs = zip(cells[name], cells[base], strict=True)
            row.append(f"{statistics.median(o.seconds / g.seconds for o, g in pairs):.2f}")
        lost = sum(cell.lost for name in (base, *names) for cell in cells[name])
        plain = statistics.median(cell.lost for cell in cells[PLAIN])
        rows.append([*row, str(lost), f"{plain:.0f} of {processes}"])
    return ["| " + " | ".join(row) + " |" for row in rows]


def bars(figures: Figures) -> list[str]:
    """The time of each store at the most ends at once, as bars: latency alone is in the table."""
    base = next(iter(next(iter(figures.values()))))
    most = max(processes for _, processes in figures)
    lines = []
    for (size, processes), cells in figures.items():
        if processes != most:
            continue
        if lines:
            lines.append("")
        lines.append(f"{size:,} instructions, {most} ends at once: time until all have ended")
        stores = {name: cells[name] for name in cells if name != PLAIN}
        ratios = {
            name: statistics.median(
                one.seconds / own.seconds for one, own in zip(found, cells[base], strict=True)
            )
            for name, found in stores.items()
        }
        for name, ratio in ratios.items():
            length = max(1, round(WIDTH * ratio / max(ratios.values())))
            lines.append(f"{name.replace('`', ''):22} {'█' * length} {ratio:.2f}")
    return ["```text", *lines, "```"]


def served(stack: contextlib.ExitStack, names: Sequence[str]) -> dict[str, str]:
    """Servers that run until the stack is left: the URL of each store, by its name in the table."""
    named = {"postgresql": with_line, "mongodb": with_database}
    return {
        f"`{name}:`": named[name](
            stack.enter_context(services.running(name, services.DISK)).url, "{name}"
        )
        for name in names
    }


def write(page: Path, lines: Sequence[str]) -> None:
    """Put the figures between a page's marks."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    assert found, f"{page} has no marks for the figures"
    text = "\n".join(lines)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def main() -> None:
    """Measure, print, and write the page where one is named."""
    options = argparse.ArgumentParser(description="What an end costs on each store.")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options.add_argument("--store", action="append", default=[], metavar="NAME=URL")
    options.add_argument(
        "--service", nargs="+", default=[], choices=["postgresql", "mongodb"],
        help="Start a server, and measure its store too.",
    )  # fmt: skip
    options.add_argument("--page", type=Path)
    options.add_argument("--note", default="", help="What is to be said of the machine.")
    chosen = options.parse_args()
    more = dict(pair.split("=", 1) for pair in chosen.store)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        more |= served(stack, chosen.service)
        found = measured(Path(folder), STORES | more, chosen.sizes, AT_ONCE, chosen.rounds)
    lines = [*table(*found), "", *bars(found[0])]
    print("\n".join(lines))
    if chosen.page:
        note = f"Medians of {chosen.rounds} rounds. {chosen.note}".strip()
        write(chosen.page, [*lines, "", note])


if __name__ == "__main__":
    main()
