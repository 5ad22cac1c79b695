"""How three versions of a list of records are laid out, and so how their merge is. Pure bytes.

Each part of the layout is that of the side that changed it. What the records say is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tractatus_merge.anyfile.rows import Gaps, Rows
from tractatus_merge.core.rules.merged_text import (
    Indentation,
    changed,
    refitted,
    without_blank_lines,
)
from tractatus_merge.value import Value, replace

_UNIT = re.compile(rb"\n([ \t]+)[^ \t\r\n]")
_MARGIN = re.compile(rb"[ \t]*")

Three = tuple[Indentation, Indentation, Indentation]
FLAT: Three = (Indentation(), Indentation(), Indentation())


class RowLayout(Value):
    """The versions as they stand in the result's indentation, and how rows are indented."""

    base: Rows
    ours: Rows
    theirs: Rows
    lead: bytes
    tail: bytes
    rows: Three
    """How the rows of the versions are indented."""
    out: Indentation
    """How the rows of the result are."""

    @classmethod
    def of(cls, sides: tuple[Rows, Rows, Rows], lists: Three) -> RowLayout:
        """The layout of a merge, from that of the versions that have rows.

        `lists`: how the lines are indented on which the lists begin.
        """
        level = changed(*(old.level for old in lists)) or ""
        unit = changed(*(old.unit or None for old in lists)) or ""
        new = Indentation(level, unit)
        base, ours, theirs = (
            _moved(side, old, new) for side, old in zip(sides, lists, strict=True)
        )
        fitted = (base, ours, theirs)
        lead = changed(*(side.lead if side.texts else None for side in fitted))
        tail = changed(*(side.tail if side.texts else None for side in fitted))
        assert lead is not None
        assert tail is not None
        first, second, third = (_of_rows(side, old) for side, old in zip(sides, lists, strict=True))
        out = _of_rows(replace(ours, lead=lead), new)
        return cls(base, ours, theirs, lead, tail, (first, second, third), out)

    def body(self, names: Sequence[str], texts: Mapping[str, bytes]) -> bytes:
        """The list's bytes with these rows; a list that a side emptied, as it stands there."""
        if not names:
            emptied = (side.lead + side.tail for side in (self.ours, self.theirs) if not side.texts)
            return next(emptied, replace(self.ours, lead=self.lead, tail=self.tail).body((), {}))
        sides = (self.base, self.ours, self.theirs)
        shapes = [_shape(side.usual) if len(side.texts) > 1 else None for side in sides]
        model = self.ours
        if shapes[1] is None or (shapes[1] == shapes[0] and shapes[2] is not None):
            model = self.theirs
        model = replace(model, lead=self.lead, tail=self.tail)
        return model.body(names, texts, self._gaps(model.usual))

    def _gaps(self, usual: bytes) -> Gaps:
        """What stands between neighbours where that is not the usual: as who changed it has it.

        Of the versions whose gaps are like the usual, but for blank lines.
        """
        there = [side for side in (self.base, self.ours, self.theirs) if side.gaps]
        if all(side.is_even and side.gaps[0] == usual for side in there):
            return {}
        shape = _shape(usual)
        base, ours, theirs = (
            side.known_gaps if _shape(side.usual) == shape else {}
            for side in (self.base, self.ours, self.theirs)
        )
        found = {
            place: changed(base.get(place), ours.get(place), theirs.get(place))
            for place in {**ours, **theirs}
        }
        return {place: gap for place, gap in found.items() if gap is not None}


def _shape(gap: bytes) -> str:
    return without_blank_lines(gap.decode())


def indentation_at(data: bytes, start: int) -> Indentation:
    """How the line is indented on which something begins, and how a level is in these bytes."""
    line = data.rfind(b"\n", 0, start) + 1
    margin, unit = _MARGIN.match(data, line, start), _UNIT.search(data)
    level = margin[0].decode() if line and margin else ""
    return Indentation(level, unit[1].decode() if unit else "")


def _of_rows(side: Rows, around: Indentation) -> Indentation:
    """How the rows of a list are indented: as its line is where they begin on that."""
    margin = side.margin
    return around if margin is None else replace(around, level=margin.decode())


def _moved(side: Rows, old: Indentation, new: Indentation) -> Rows:
    """A version with what stands around its rows at another indentation."""
    if old == new:
        return side
    known: dict[bytes, bytes] = {}
    for gap in {side.lead, side.tail, *side.gaps}:
        known[gap] = refitted(gap.decode(), old, new).encode()
    gaps = [known[gap] for gap in side.gaps]
    return replace(side, lead=known[side.lead], tail=known[side.tail], gaps=gaps)
