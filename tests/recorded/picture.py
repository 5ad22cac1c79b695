"""The picture at the top of README.md: two sessions, their merges, one conflict settled by a person.

    python -m tests.recorded.picture    writes it

The commands really run, on a stage with a clock of its own, and what they print is what is shown.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from shlex import join

from rich.columns import Columns
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from tests.conftest import ROOT
from tests.recorded.stage import Stage

FILE = ROOT / "docs" / "pictures" / "two-sessions.svg"
WIDTH = 124
TITLE = "two agents at once, one repository"
STYLES = {
    r": clean": "bold green",
    r"^settled": "bold green",
    r": conflicts": "bold yellow",
    r"CRITICAL|in conflict": "bold yellow",
    r"^note:": "bold cyan",
}
FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""As rich draws it, without a font from the network."""


class Scene:
    """A stage on which somebody types, and what they see."""

    def __init__(self, stage: Stage, who: str) -> None:
        self.stage, self.who, self.lines = stage, who, list[Text]()

    def types(self, *words: str) -> None:
        """Run a command of the program as this one, and show it with what it prints."""
        env = {"TRACTATUS_SESSION": self.who} if self.who else {}
        done = self.stage(*words, env=env)
        self.lines.append(Text.assemble(("$ ", "dim"), (join(("tractatus-merge", *words)), "bold")))
        for line in (done.out + done.err).splitlines():
            told = Text(line)
            for pattern, style in STYLES.items():
                told.highlight_regex(pattern, style)
            self.lines.append(told)

    def panel(self, width: int, title: str) -> Panel:
        """What was typed and seen, in a frame."""
        return Panel(Group(*self.lines), title=title, title_align="left", width=width)


def played(folder: Path) -> list[Panel]:
    """The three panels, from a real run."""
    stage = Stage(folder)
    stage.bakery(tracked=False)
    stage("init")
    for name in ("fix-auth", "api-docs"):
        stage("start", "--id", name)
    one, other, person = Scene(stage, "fix-auth"), Scene(stage, "api-docs"), Scene(stage, "")
    text = "text=The order database is on port {}"
    one.types("edit", "inst_001", "--set", text.format(5434))
    other.types("edit", "inst_001", "--set", text.format(5435), "--why", "5434 is taken")
    one.types("add", "Never log session tokens")
    other.types("add", "Every endpoint has an example")
    one.types("end")
    other.types("end")
    conflict = stage("conflicts", "--json").json["conflicts"][0]["id"]
    person.types("resolve", conflict, "--take", "2", "--why", "checked with ops")
    person.types("list")
    person.types("log", "-n", "3")
    half = WIDTH // 2
    return [
        one.panel(half, "session fix-auth"),
        other.panel(WIDTH - half, "session api-docs"),
        person.panel(WIDTH, "a person, later"),
    ]


def drawn(folder: Path) -> str:
    """The picture as SVG."""
    one, other, person = played(folder)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor")
    one.height = other.height = max(len(console.render_lines(panel)) for panel in (one, other))
    console.print(Columns([one, other], padding=0), person, sep="")
    return console.export_svg(title=TITLE, code_format=FORMAT, unique_id="two-sessions")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        FILE.write_text(drawn(Path(place)), "utf-8")
    print(f"wrote {FILE.relative_to(ROOT)}")
