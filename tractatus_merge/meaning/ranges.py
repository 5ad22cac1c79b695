"""Ranges and limits, and when two exclude each other: `>=20.9`, `18+`, `^1.2`, "up to 10".

What is not understood excludes nothing. A bare number beside a range is all that begins so: 24 is
from 24.0 to before 25.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.value import Value

if TYPE_CHECKING:
    from decimal import Decimal

_NUMBER = r"v?\d{1,9}(?:\.\d{1,9}){0,5}"
_UNIT = r"(?: ?(?:%|[a-z]{1,12}\b(?<!\bor)(?<!\band)(?<!\bto)))?"
_BEFORE = {
    ">=": r"at least|minimum(?: of)?|min\.?|no (?:less|fewer|older|lower|earlier) than|from|since",
    "<=": r"at most|up to|maximum(?: of)?|max\.?|no (?:more|newer|later|higher|longer) than|until",
    ">": r"(?:more|greater|newer|later|higher|longer) than|over|above",
    "<": r"(?:less|fewer|older|earlier|lower|shorter) than|under|below|before",
}
_AFTER = {
    ">=": r"\+|(?:or|and) (?:newer|later|above|higher|more|greater|up|over|longer)|min(?:imum)?",
    "<=": r"(?:or|and) (?:less|fewer|lower|older|below|under|earlier|shorter)|max(?:imum)?",
}
_SPOKEN = [(rf"(?<!\w)(?:{said}):? ?(?={_NUMBER})", sign) for sign, said in _BEFORE.items()]
_TRAILING = [(rf"({_NUMBER}{_UNIT}) ?(?:{said})(?!\w)", sign) for sign, said in _AFTER.items()]
_BETWEEN = (
    rf"^(?:between |>=)?({_NUMBER}) ?(?:-|\u2013|\.\.\.?|\bto\b|\band\b) ?({_NUMBER}{_UNIT})$"
)
_SIGNED = rf"(>=|<=|==|~=|~>|!=|[<>=^~]) ?(?={_NUMBER})"
_WILD = r"(\d)((?:\.[x*])+)(?!\w)"
_TERM = rf"(>=|<=|==|~=|~>|!=|[<>=^~])?v?({_NUMBER[2:]})((?:\.[x*])*)({_UNIT})(?:,? |,|$)"
_ANY = ("*", "any", "any version")

_Parts = tuple[int, ...]


class _Bound(Value):
    """An end of a range: as the parts of a version, and as a decimal with its side of it."""

    parts: _Parts
    decimal: tuple[Decimal, int]

    def is_before(self, low: _Bound, *, measured: bool) -> bool:
        """Whether a range that ends here ends before one that begins at `low`.

        0.9 is more than 0.85, but version 3.9 is before 3.11: a share or a measure must be before
        as a decimal, too.
        """
        size = max(len(self.parts), len(low.parts))
        one, other = (bound.parts + (0,) * (size - len(bound.parts)) for bound in (self, low))
        if one > other:
            return False
        return not (measured or 0 in (one[0], other[0])) or self.decimal < low.decimal


class _Range(Value):
    """What lies between two bounds; None: without an end."""

    low: _Bound | None = None
    high: _Bound | None = None
    units: frozenset[str] = frozenset()

    def __and__(self, other: _Range) -> _Range:
        lows = [low for low in (self.low, other.low) if low is not None]
        highs = [high for high in (self.high, other.high) if high is not None]
        units = self.units | other.units
        low = max(lows, key=lambda bound: bound.parts, default=None)
        return _Range(low, min(highs, key=lambda bound: bound.parts, default=None), units)

    def excludes(self, other: _Range) -> bool:
        units = self.units | other.units
        if len(units) > 1:
            return False
        return any(
            high is not None and low is not None and high.is_before(low, measured=bool(units))
            for high, low in ((self.high, other.low), (other.high, self.low))
        )


def is_range(value: Json) -> bool:
    """Whether a value gives limits, and not one value."""
    if not isinstance(value, str):
        return False
    text = _normal(value)
    signed = bool(re.search(_SIGNED, text) or re.search(_WILD, text))
    return signed or text in _ANY or len(_read(value)) > 1


def exclude(ours: Json, theirs: Json) -> bool:
    """Whether no number is in both, as far as the two are understood."""
    one, other = (_read(value) for value in (ours, theirs))
    return bool(one and other) and all(a.excludes(b) for a in one for b in other)


def _normal(value: str) -> str:
    """A text with signs for its words: "at least 3" is `>=3`."""
    text = " ".join(value.lower().replace("\u2265", ">=").replace("\u2264", "<=").split())
    for said, sign in _SPOKEN:
        text = re.sub(said, sign, text)
    for said, sign in _TRAILING:
        text = re.sub(said, rf"{sign}\1", text)
    text = re.sub(_BETWEEN, r">=\1 <=\2", text)
    return re.sub(_SIGNED, r"\1", text.replace("=>", ">=").replace("=<", "<="))


def _read(value: Json) -> list[_Range]:
    """The ranges of which a value allows any; none where it is not understood."""
    if isinstance(value, (bool, list, dict)):
        return []
    text = _normal(value if isinstance(value, str) else json_text.dump(value))
    found = []
    for part in re.split(r" ?\|\| ?| or ", text):
        place, allowed = 0, _Range()
        while place < len(part):
            term = re.compile(_TERM).match(part, place)
            if term is None:
                return []
            allowed, place = allowed & _term(*term.groups("")), term.end()
        found.append(allowed)
    return found


def _term(sign: str, number: str, wild: str, unit: str) -> _Range:
    from decimal import Decimal  # few texts name a range

    parts = tuple(map(int, number.split(".")))
    value = Decimal(".".join(number.split(".")[:2]))
    after = (*parts[:-1], parts[-1] + 1)
    units = frozenset({unit.strip()} - {""})
    low, below = _Bound(parts, (value, 1)), _Bound(parts, (value, 0))
    last = _Bound(after, (value + (1 if wild else 0), 2))
    if sign == "!=":
        return _Range()
    if sign in (">=", ">"):
        return _Range(low, None, units)
    if sign in ("<=", "<"):
        return _Range(None, last if sign == "<=" or wild else below, units)
    if sign in ("^", "~", "~=", "~>"):
        major = parts[0] + 1
        return _Range(low, _Bound((major,), (Decimal(major), 0)), units)
    return _Range(low, last, units)
