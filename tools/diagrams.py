"""The drawings of the explanation, as SVG: boxes at places of a grid, and arrows between them.

They follow the reader's light or dark scheme, and load nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

WIDE, HIGH, CELL, ROW = 190, 46, 300, 85
STYLE = """<style>
text { font: 14px sans-serif; fill: #1f2328; text-anchor: middle }
.note, .word { font-size: 12px; fill: #59636e } .word { text-anchor: start }
rect { fill: #f6f8fa; stroke: #59636e } .shared rect { fill: #dafbe1; stroke: #1a7f37 }
.waits rect { fill: #fff8c5; stroke: #9a6700 } path { stroke: #59636e; fill: none }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note, .word { fill: #9198a1 }
rect { fill: #161b22; stroke: #9198a1 } .shared rect { fill: #12261e; stroke: #3fb950 }
.waits rect { fill: #272115; stroke: #d29922 } path { stroke: #9198a1 } }
</style>
<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M1 1L7 4L1 7"/></marker></defs>"""


class Box(NamedTuple):
    """What stands in a cell: a name, a line below it, and what kind of thing it is."""

    x: float
    y: float
    name: str
    note: str = ""
    kind: str = ""


class Arrow(NamedTuple):
    """From one box to another, by their names, with a word."""

    start: str
    end: str
    word: str = ""


class Drawing(NamedTuple):
    """What is drawn, and what it says to who does not see it."""

    says: str
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


THREE_COPIES = Drawing(
    "Three values of a merge: the base, ours and theirs become the new head",
    [
        Box(0, 1, "base", "the history at start"),
        Box(1, 0, "ours: the head", "what others published", "shared"),
        Box(1, 2, "theirs: the copy", "what the session wrote"),
        Box(2, 1, "new head", "one merge commit", "shared"),
        Box(2, 2, "conflict", "what no rule settles", "waits"),
    ],
    [
        Arrow("base", "ours: the head"),
        Arrow("base", "theirs: the copy", "start"),
        Arrow("ours: the head", "new head"),
        Arrow("theirs: the copy", "new head", "end"),
        Arrow("theirs: the copy", "conflict"),
    ],
)
TWO_CLONES = Drawing(
    "Two clones and the remote: each syncs, and both come to one history",
    [
        Box(0, 0, "clone A", "its sessions, its head"),
        Box(2, 0, "clone B", "its sessions, its head"),
        Box(1, 1, "remote", "tractatus/history", "shared"),
    ],
    [Arrow("clone A", "remote", "sync"), Arrow("clone B", "remote", "sync")],
)
CONFLICT = Drawing(
    "A conflict before and after an answer: side 1 is in force, side 2 waits, then the answer stands",
    [
        Box(0, 1, "port: 5433", "the base"),
        Box(1, 0, "port: 5434", "published first: in force", "shared"),
        Box(1, 2, "port: 5435", "came second: waits", "waits"),
        Box(2, 1, "port: 5435 ", "a person chose side 2", "shared"),
    ],
    [
        Arrow("port: 5433", "port: 5434", "fix-auth"),
        Arrow("port: 5433", "port: 5435", "api-docs"),
        Arrow("port: 5434", "port: 5435 "),
        Arrow("port: 5435", "port: 5435 ", "resolve"),
    ],
)
DRAWINGS = {"three-copies": THREE_COPIES, "two-clones": TWO_CLONES, "conflict": CONFLICT}


def pages() -> dict[Path, str]:
    """Each drawing, by its place below the root."""
    folder = Path("docs/pictures")
    return {folder / f"{name}.svg": svg(drawing) for name, drawing in DRAWINGS.items()}


def svg(drawing: Drawing) -> str:
    """A drawing as a file of its own."""
    wide = int(max(box.x for box in drawing.boxes) * CELL + WIDE + 20)
    high = int(max(box.y for box in drawing.boxes) * ROW + HIGH + 40)
    places = {box.name: (10 + box.x * CELL, 10 + box.y * ROW) for box in drawing.boxes}
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
            f'role="img"><title>{escape(drawing.says)}</title>'
        ),
        STYLE,
    ]
    for arrow in drawing.arrows:
        lines += _arrow(places[arrow.start], places[arrow.end], arrow.word)
    for box in drawing.boxes:
        x, y = places[box.name]
        lines += [
            f'<g class="{box.kind}"><rect x="{x:g}" y="{y:g}" width="{WIDE}" height="{HIGH}" rx="6"/>',
            f'<text x="{x + WIDE / 2:g}" y="{y + 20:g}">{escape(box.name.strip())}</text>',
            f'<text class="note" x="{x + WIDE / 2:g}" y="{y + 38:g}">{escape(box.note)}</text></g>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def _arrow(start: tuple[float, float], end: tuple[float, float], word: str) -> list[str]:
    """From the side of one box to the side of the other that faces it."""
    right = end[0] >= start[0]
    x1, x2 = (start[0] + WIDE, end[0]) if right else (start[0], end[0] + WIDE)
    y1, y2 = start[1] + HIGH / 2, end[1] + HIGH / 2
    middle = (x1 + x2) / 2
    lines = [
        f'<path d="M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}" marker-end="url(#end)"/>'
    ]
    if word:
        falls = (
            y2 > y1
        ) == right  # seen from left to right: the word stands where the curve is not
        y = (y1 + y2) / 2 + (-4 if falls else 14)
        lines.append(f'<text class="word" x="{middle + 14:g}" y="{y:g}">{escape(word)}</text>')
    return lines
