"""All figures of the documentation in one run, with their spread: `python -m benchmarks`.

    python -m benchmarks [--runs N] [--only WORD]...

Each script runs several times (3). A figure is the median of these runs, its spread the least and
the most; beside it stand the aim, whether it is met, and the command. The tables of
docs/benchmarks.md are written between their markers, and its plot. With `--only`, the scripts whose
name has that word in it run, their tables are printed, and nothing is written.

Run it on an idle machine: it takes about an hour and a half.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from benchmarks import growth, hook

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "pictures" / "real-merges.svg"
NUMBER = r"\s+([\d.]+)"
WAY = re.compile(r"^(.{32})" + r"\s+(\d+)" * 9 + "$", re.MULTILINE)
"""A line of the table of real_merges.py: a tool, and its faults by kind."""


class Figure(NamedTuple):
    """One figure: the script, what its output is searched for, what that says, and the aim."""

    script: str
    pattern: str
    says: str
    at_most: float | None = None
    at_least: float | None = None

    def met(self, value: float) -> str:
        """Whether the aim is met; nothing where there is none."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}: {'met' if value <= self.at_most else '**missed**'}"
        if self.at_least is not None:
            return (
                f"at least {self.at_least:g}: {'met' if value >= self.at_least else '**missed**'}"
            )
        return ""


FIGURES = (
    Figure(
        "end",
        rf"^alone: +end +/ bare work{NUMBER}",
        "a whole `end`, in times of the bare git plumbing that it must do",
        at_most=2.5,
    ),
    *(
        Figure(
            "end",
            rf"^alone: +{verb} +/ bare work{NUMBER}",
            f"a whole `{verb}`, in times of a program of click that does its bare work alone",
            at_most=2,
        )
        for verb in ("start", "add")
    ),
    Figure(
        "end",
        rf"^32 at once: end / bare script{NUMBER}",
        "32 `end` at once: share of the plumbing's throughput under one lock",
        at_least=1,
    ),
    Figure(
        "end",
        rf"^8 loops: +Jain's index{NUMBER}",
        "how evenly eight loops of `end` at once are served: Jain's index of their rates",
        at_least=0.9,
    ),
    *(
        Figure(
            "growth",
            rf"^{scene}(?:\s+[\d.]+){{{growth.VERBS.index(verb)}}}{NUMBER}",
            f"the CPU of `{verb}` {says}",
            at_most=aim,
        )
        for scene, says, aim in (
            ("records-10000", "at 10,000 instructions, in times of that at 100", 3),
            ("versions-5000", "after 5,000 merged versions, in times of that after 60", 1.2),
            ("folders-1000", "beside 1,000 folders of merged sessions, in times of none", 1.2),
        )
        for verb in ("start", "add", "status", "list", "end")
    ),
    Figure(
        "growth",
        rf"^versions-5000(?:\s+[\d.]+){{{growth.VERBS.index('log')}}}{NUMBER}",
        "the first page of `log` after 5,000 merged versions, in times of that after 60",
        at_most=1.5,
    ),
    Figure(
        "check",
        rf"^  100 instructions: nothing staged{NUMBER}",
        "the gate with nothing governed staged, in times of `git rev-parse HEAD`",
        at_most=3,
    ),
    Figure(
        "check",
        rf"^  100 instructions: .*\n +one staged{NUMBER}",
        "the gate with one of 100 instructions staged, in times of `python -c pass`",
        at_most=3,
    ),
    Figure(
        "check",
        rf"^ 5000 instructions: .*\n +one staged{NUMBER}",
        "the same at 5,000 instructions",
        at_most=6,
    ),
    *(
        Figure("hook", rf"^{name}{NUMBER}", f"{says}, in times of `python -c pass`", at_most=aim)
        for (name, aim), says in zip(
            hook.AIMS.items(),
            (
                "an agent's hook after a tool",
                "the hook at a prompt without news",
                "the status line",
                "the hook's line as `install` writes it",
                "the same line in a repository that is not ours",
            ),
            strict=True,
        )
    ),
    Figure(
        "merge",
        r"^aim: .*objects floor\D+10,000.*?([\d.]+)  \w+$",
        "`merge-file` at 10,000 records and more, in times of parsing three files and writing one",
        at_most=1.5,
    ),
    Figure(
        "merge",
        r"^aim: .*raw floor\D+10,000.*?([\d.]+)  \w+$",
        "`merge-file` at 10,000 records and more, in times of reading three files and writing one",
        at_most=1.5,
    ),
    Figure(
        "merge",
        r"^aim: .*nbdime \(nbdime\).*?([\d.]+)  \w+$",
        "how many times faster than nbdime at 1,000 records",
        at_least=20,
    ),
    Figure(
        "merge",
        r"^aim: .*nbdime \(keyed\).*?([\d.]+)  \w+$",
        "the same, where nbdime is given the records by id",
        at_least=20,
    ),
)
SCRIPTS = ("end", "check", "hook", "growth", "merge", "real_merges")
"""In the order of the page."""


def output(script: str) -> str:
    """What a script prints; its own errors end the run."""
    words = [sys.executable, "-m", f"benchmarks.{script}"]
    print(f"running benchmarks.{script}", file=sys.stderr, flush=True)
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"failed: {' '.join(words)}")
    return done.stdout


def row(figure: Figure, outputs: Sequence[str]) -> str:
    """A line of the table: what, the median, the spread, the aim, the command."""
    found = [re.search(figure.pattern, text, re.MULTILINE) for text in outputs]
    values = [float(one[1]) for one in found if one]
    if len(values) < len(outputs):
        sys.exit(f"benchmarks/{figure.script}.py no longer prints: {figure.pattern}")
    middle = statistics.median(values)
    spread = f"{min(values):g} to {max(values):g}"
    command = f"`python -m benchmarks.{figure.script}`"
    return f"| {figure.says} | {middle:g} | {spread} | {figure.met(middle)} | {command} |"


def table(outputs: Mapping[str, Sequence[str]]) -> str:
    """The figures of the scripts that ran."""
    rows = [row(figure, outputs[figure.script]) for figure in FIGURES if figure.script in outputs]
    head = "| what | median | spread | aim | command |\n| --- | --- | --- | --- | --- |\n"
    return head + "\n".join(rows) if rows else ""


def peers(text: str) -> list[tuple[str, int, int]]:
    """Of each tool: the merges that it stopped needlessly, and what it got wrong without a word."""
    found = []
    for line in WAY.findall(text):
        _, needless, _, missed, _, lost, wrong, twice, _ = map(int, line[1:])
        found.append((line[0].strip(), needless, missed + lost + wrong + twice))
    return found


def peers_table(text: str) -> str:
    """The same as a table, below the sentence of what was merged."""
    rows = [f"| {name} | {needless} | {silent} |" for name, needless, silent in peers(text)]
    head = "| tool | stopped needlessly | wrong without a word |\n| --- | --- | --- |\n"
    return f"{text.splitlines()[0]}.\n\n{head}" + "\n".join(rows)


def plot(tools: Sequence[tuple[str, int, int]]) -> str:
    """A bar a tool: what it got wrong without a word. As roots, for small ones to be seen."""
    most = max(1, *(silent for *_, silent in tools)) ** 0.5
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="sans-serif"',
        f'font-size="14" viewBox="0 0 760 {32 * len(tools) + 44}">',
        "<title>Real merges: what each tool got wrong without a word</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        (
            '<text x="10" y="24" font-weight="bold">wrong without a word, all merges together'
            " (bars: square roots)</text>"
        ),
    ]
    for number, (name, _, silent) in enumerate(tools):
        y, width = 40 + 32 * number, round(420 * silent**0.5 / most)
        lines += [
            f'<text x="250" y="{y + 17}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="260" y="{y}" width="{width}" height="22" fill="#4c78a8"/>',
            f'<text x="{268 + width}" y="{y + 17}">{silent}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def between(page: str, name: str, text: str) -> str:
    """A page with a text between two markers."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, _, rest = page.partition(begin)
    assert end in rest, f"docs/benchmarks.md has no {begin}"
    return f"{before}{begin}{text}\n{end}{rest.partition(end)[2]}"


def main(words: Sequence[str]) -> None:
    """Run, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", action="append", metavar="WORD")
    options = parser.parse_args(words)
    asked = [s for s in SCRIPTS if not options.only or any(word in s for word in options.only)]
    runs = {s: 1 if s == "real_merges" else options.runs for s in asked}  # it counts
    outputs = {script: [output(script) for _ in range(runs[script])] for script in asked}
    merged = outputs.pop("real_merges", [""])[0]
    figures = table(outputs)
    if options.only:
        print("\n\n".join(filter(None, (figures, merged and peers_table(merged)))))
        return
    page = between(PAGE.read_text("utf-8"), "figures", figures)
    PAGE.write_text(between(page, "peers", peers_table(merged)), "utf-8")
    PLOT.write_text(plot(peers(merged)), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {PLOT.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
