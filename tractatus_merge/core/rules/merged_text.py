"""The text of a merged value: every part as the side wrote it that changed it. No value is decided.

A part whose bytes one side alone changed is that side's, be it the value, its spelling or its
layout; indentation is that of the place where it comes to stand. What both sides changed is looked
at item by item; where the same bytes were changed twice, ours stand.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from tractatus_merge.core.rules.orders import ordered
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, canonical, same
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.core.values.places import GUESSED, element_id
from tractatus_merge.value import Value

_LINE = re.compile(r"\n([ \t]*)(?=[^ \t\r\n]|\Z)")
_UNIT = re.compile(r"\n([ \t]+)[^ \t\r\n]")
_BLANK_LINE = re.compile(r"\n[ \t\r]*(?=\n)")
_MARGIN = re.compile(r"[ \t]*")
_BREAK = re.compile(r"(,?)[ \t\r]*\n[ \t\r\n]*")


class Indentation(Value):
    """How lines begin: at the first of a value, and with each level inside it ("": unknown)."""

    level: str = ""
    unit: str = ""


_PLAIN = Indentation("", "\t")
Part = TypeVar("Part")
Gap = TypeVar("Gap", str, bytes)


def unit_of(text: str) -> str:
    """The indentation of the first line that has one; "" where no line has."""
    found = _UNIT.search(text)
    return found[1] if found else ""


def refitted(text: str, old: Indentation, new: Indentation) -> str:
    """A value's text moved from one indentation to another (a JSON string never spans lines)."""
    if old == new or "\n" not in text:
        return text
    units = bool(old.unit and new.unit and old.unit != new.unit)

    def line(found: re.Match[str]) -> str:
        if not found[1].startswith(old.level):
            return found[0]
        inner = found[1][len(old.level) :]
        depth, odd = divmod(len(inner), len(old.unit)) if units else (0, 0)
        if units and not odd and inner == depth * old.unit:
            inner = depth * new.unit
        return f"\n{new.level}{inner}"

    return _LINE.sub(line, text)


class Written:
    """A value where it stands in a text: what it says and how it is written."""

    def __init__(self, text: str, start: int, end: int, first: Indentation) -> None:
        self.text, self.start, self.end, self._first = text, start, end, first

    @classmethod
    def whole(cls, text: str, first: Indentation) -> Written:
        """The value of a whole text, whose first line is indented like this."""
        start = json_text.skip(text, 0)
        _, end = json_text.value_at(text, start)
        return cls(text, start, end, first)

    def inside(self, start: int, end: int) -> Written:
        """A value inside this one."""
        return Written(self.text, start, end, self._first)

    @cached_property
    def source(self) -> str:
        """The bytes."""
        return self.text[self.start : self.end]

    @cached_property
    def value(self) -> Json:
        """What they say."""
        return json_text.value_at(self.text, self.start)[0]

    @cached_property
    def indentation(self) -> Indentation:
        """The indentation of the line on which the value begins."""
        line = self.text.rfind("\n", 0, self.start) + 1
        found = _MARGIN.match(self.text, line, self.start)
        level = found[0] if line and found else self._first.level
        return Indentation(level, self._first.unit)

    @cached_property
    def plain(self) -> str:
        """The bytes at no indentation: what two versions of a value are compared by."""
        return refitted(self.source, self.indentation, _PLAIN)

    def at(self, new: Indentation) -> str:
        """The bytes at an indentation."""
        return refitted(self.source, self.indentation, new)


class _Versions(Value):
    """A value in the three versions; None: it is not there."""

    base: Written | None
    ours: Written | None
    theirs: Written | None


def merged_document(value: Json, base: str, ours: str, theirs: str) -> str:
    """The text of a whole document that says the value; "" is no version, and no value."""
    if value is MISSING:
        return ""
    units = [unit_of(text) or None for text in (base, ours, theirs)]
    first, second, third = (Indentation("", unit or "") for unit in units)
    out = Indentation("", changed(*units) or "")
    return merged_text(value, (base, ours, theirs), (first, second, third), out)


def merged_text(
    value: Json,
    texts: tuple[str, str, str],
    indentations: tuple[Indentation, Indentation, Indentation],
    out: Indentation,
) -> str:
    """The text that says the value, out of the bytes of the three versions; "" is no version.

    `indentations`: those of the versions; `out`: that of the result.
    """
    found = [
        Written.whole(text, first) if text.strip() else None
        for text, first in zip(texts, indentations, strict=True)
    ]
    body = _merged(value, _Versions(*found), out)
    folded = [side is not None and "\n" not in side.source for side in found]
    if found[0] is not None and not folded[0] and True in folded:
        body = _on_one_line(body)
    leads = [side and side.text[: side.start] for side in found]
    tails = [side and side.text[side.end :] for side in found]
    return f"{changed(*leads)}{body}{changed(*tails)}"


def changed(base: Part | None, ours: Part | None, theirs: Part | None) -> Part | None:
    """Of three versions of a part the one that was changed, ours if both were; None: not there."""
    if ours is None or (ours == base and theirs is not None):
        return base if theirs is None else theirs
    return ours


def usual(gaps: Sequence[Gap]) -> Gap:
    """What stands between most items; of two the first."""
    return max(dict.fromkeys(gaps), key=gaps.count)


def without_blank_lines(gap: str) -> str:
    """What stands between two items, without the blank lines in it."""
    return _BLANK_LINE.sub("", gap)


def _on_one_line(text: str) -> str:
    gap = ", " if ", " in text or ": " in text else ","
    return _BREAK.sub(lambda found: gap if found[1] else "", text)


def _merged(value: Json, versions: _Versions, out: Indentation) -> str:
    base, ours, theirs = versions.base, versions.ours, versions.theirs
    saying = [side for side in (ours, theirs) if side is not None and same(value, side.value)]
    whole = _whole(versions, saying)
    if whole is not None:
        return whole.at(out)
    if isinstance(value, (dict, list)) and value:
        alike = [side if _is_like(value, side) else None for side in (base, ours, theirs)]
        if alike[1] or alike[2]:
            return _Items(value, *map(_Container.of, alike)).text(out)
    if saying:
        return saying[0].at(out)
    if base is not None and same(value, base.value):
        return base.at(out)
    return json_text.dump(value, Style(out.unit or None), out.level)


def _whole(versions: _Versions, saying: Sequence[Written]) -> Written | None:
    """The version of which nothing need be changed; None where items must be looked at."""
    base, ours, theirs = versions.base, versions.ours, versions.theirs
    if not saying:
        return None
    for side, other in ((ours, theirs), (theirs, ours)):
        if side not in saying or side is None:
            continue
        if other is None or other.plain in (side.plain, base.plain if base else None):
            return side
    return None


def _is_like(value: Json, side: Written | None) -> bool:
    """Whether a version has items of the same kind."""
    return side is not None and type(side.value) is type(value) and bool(side.value)


class _Container:
    """An object's or array's text cut into items and what stands between them."""

    def __init__(self, written: Written) -> None:
        self.written = written
        text, start = written.text, written.start
        if isinstance(written.value, dict):
            found = json_text.members(text, start)
            self.names: list[str] = [member.key for member in found]
            self.spans = [(member.start, member.end) for member in found]
            self.heads = [text[member.start : member.value] for member in found]
        else:
            self.names = []
            self.spans = json_text.elements(text, start)
            self.heads = [""] * len(self.spans)
        self.lead = self._plain(start, self.spans[0][0])
        self.tail = self._plain(self.spans[-1][1], written.end)
        pairs = zip(self.spans, self.spans[1:], strict=False)
        self.gaps = [self._plain(before[1], after[0]) for before, after in pairs]

    @classmethod
    def of(cls, written: Written | None) -> _Container | None:
        return None if written is None else cls(written)

    def _plain(self, start: int, end: int) -> str:
        return refitted(self.written.text[start:end], self.written.indentation, _PLAIN)

    def item(self, place: int) -> Written:
        """The value of an item."""
        start, end = self.spans[place]
        return self.written.inside(start + len(self.heads[place]), end)

    def is_laid_out_as(self, other: _Container) -> bool:
        """Whether what stands around the items is the same, but for blank lines between them."""
        gaps = [{*map(without_blank_lines, side.gaps)} for side in (self, other)]
        ends = (self.lead, self.tail) == (other.lead, other.tail)
        return ends and (gaps[0] == gaps[1] or not all(gaps))


class _Items:
    """The items of a merged object or array, and which items of the versions they are."""

    def __init__(
        self, value: Json, base: _Container | None, ours: _Container | None,
        theirs: _Container | None,
    ) -> None:  # fmt: skip
        self.sides = (base, ours, theirs)
        if isinstance(value, dict):
            sides = [side.names if side else [] for side in self.sides]
            names = ordered(*sides, standing=value.keys())
            known = {*names}
            self.names = [*names, *(key for key in value if key not in known)]
            self.values = [value[name] for name in self.names]
            indexes = [{name: place for place, name in enumerate(side)} for side in sides]
            self.places = [[index.get(name) for name in self.names] for index in indexes]
        else:
            self.names, self.values = [], value
            self.places = [_twins(value, side.written.value if side else []) for side in self.sides]
        self.gaps = [side.gaps if side else () for side in self.sides]
        self.model, self.other = self._models()
        self.usual = self._usual()
        self.fitting = [side for side in range(3) if self._is_fitting(side)]

    def text(self, out: Indentation) -> str:
        """The whole text: the layout of the side that changed it, the items each as written."""
        layout = self.sides[self.model]
        assert layout is not None
        parts = [refitted(layout.lead, _PLAIN, out)]
        level = _level(parts[0], out.level)
        for number, value in enumerate(self.values):
            if number:
                parts.append(refitted(self._gap(number), _PLAIN, out))
                level = _level(parts[-1], level)
            parts.append(self._item(number, value, Indentation(level, out.unit)))
            level = _level(parts[-1], level)
        return "".join([*parts, refitted(layout.tail, _PLAIN, out)])

    def _models(self) -> tuple[int, int]:
        """The side whose layout counts, and the other."""
        base, ours, theirs = self.sides
        if ours is None:
            return 2, 1
        kept = base is not None and theirs is not None and ours.is_laid_out_as(base)
        return (2, 1) if kept else (1, 2)

    def _item(self, number: int, value: Json, out: Indentation) -> str:
        heads: list[str | None] = [None] * 3
        items: list[Written | None] = [None] * 3
        for version, (side, places) in enumerate(zip(self.sides, self.places, strict=True)):
            place = places[number]
            if side is not None and place is not None:
                heads[version], items[version] = side.heads[place], side.item(place)
        head = changed(*heads)
        if head is None:
            head = self._new_head(number)
        return head + _merged(value, _Versions(*items), out)

    def _new_head(self, number: int) -> str:
        """The key of an item that no side has, with the usual colon."""
        if not self.names:
            return ""
        model = next(side for side in self.sides[1:] if side is not None)
        head = model.heads[0]
        return json_text.string(self.names[number]) + head[len(head.rstrip(" \t\r\n:")) :]

    def _gap(self, number: int) -> str:
        """What stands before an item: what is between the two, else what is before that one."""
        pairs: list[str | None] = [None] * 3
        befores: list[str | None] = [None] * 3
        for side in self.fitting:
            before, place = self.places[side][number - 1 : number + 1]
            if place:
                befores[side] = self.gaps[side][place - 1]
                pairs[side] = befores[side] if before == place - 1 else None
        for found in (pairs, befores):
            gap = changed(*found) if found[1] or found[2] else None
            if gap is not None:
                return gap
        return self.usual

    def _is_fitting(self, side: int) -> bool:
        """Whether a side's gaps look well in the model's layout: the same but for blank lines."""
        gaps = self.gaps[side]
        if not gaps or side == self.model:
            return bool(gaps)
        return without_blank_lines(usual(gaps)) == without_blank_lines(self.usual)

    def _usual(self) -> str:
        if self.gaps[self.model]:
            return usual(self.gaps[self.model])
        layout = self.sides[self.model]
        assert layout is not None
        lead, gaps = layout.lead[1:], self.gaps[self.other]
        if gaps and ("\n" in usual(gaps)) == ("\n" in lead):
            return usual(gaps)
        source = layout.written.source
        return "," + (lead or (" " if ": " in source or ", " in source else ""))


def _level(text: str, level: str) -> str:
    """The indentation of the line on which a text ends."""
    line = text.rfind("\n") + 1
    found = _MARGIN.match(text, line)
    return found[0] if line and found else level


def _twins(value: Sequence[Json], side: Sequence[Json]) -> list[int | None]:
    """Which element of a version each element is: the same, else of one id, else between the same.

    Only bytes hang on it: elements that are taken for one say what they say.
    """
    places: list[int | None] = [None] * len(value)
    free = dict.fromkeys(range(len(side)))
    for name in (canonical, _name):
        known: dict[str, deque[int]] = defaultdict(deque)
        for place in free:
            known[name(side[place])].append(place)
        for number, item in enumerate(value):
            if places[number] is None and known[name(item)] and name(item):
                places[number] = place = known[name(item)].popleft()
                del free[place]
    start = 0
    while start < len(value):
        end = start
        while end < len(value) and places[end] is None:
            end += 1
        before = places[start - 1] if start else -1
        after = places[end] if end < len(value) else len(side)
        if before is not None and after is not None and after - before == end - start + 1:
            places[start:end] = range(before + 1, after)
        start = end + 1
    return places


def _name(item: Json) -> str:
    """The id of an object, by whatever key; "" where it has none."""
    for key in GUESSED:
        name = element_id(item, key)
        if name is not None:
            return canonical([key, name])
    return ""
