"""Where the list of a history file and its records stand in the text. Nothing is written here.

Versions of a file have most of their records in common, byte for byte: those that stood in the
version that was read before are not read again, and are the same objects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tractatus_merge.core.model.ids import MAX_ID
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.json_text import RECORD_DEPTH, JsonError
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions.header import LIST
from tractatus_merge.value import Value

SPACE = " \t\r\n"
_WIDEST = 4
"""The most bytes that a character has."""
_COMMA = re.compile(r"[ \t\r\n]*,([ \t\r\n]*)(?=\{)")


class Row(NamedTuple):
    """A record in the text: where it stands, its indentation, its id (None: none that may be)."""

    start: int
    end: int
    margin: str
    name: str | None
    record: Record

    def moved(self, shift: int) -> Row:
        """The same record, standing elsewhere in the text."""
        return Row(self.start + shift, self.end + shift, self.margin, self.name, self.record)


class RecordList(Value):
    """Where the list and its records stand in a text."""

    text: str
    start: int
    end: int
    rows: tuple[Row, ...]

    @property
    def level(self) -> str:
        """The indentation of the line on which the list begins."""
        line = self.text.rfind("\n", 0, self.start) + 1
        return self.text[line : json_text.skip(self.text, line)] if line else ""


def located(text: str, file: str, before: RecordList | None = None) -> RecordList:
    """Find the list of a file's text; JsonError or DocumentError where that is no history.

    `before`: another file, whose records were all sound; what stands in both is not read again.
    """
    start, found, rows, deep = json_text.skip(text, 0), {}, list[Row](), list[Row]()
    top = text[start : start + 1]
    if top == "[":
        place = start
        rows, deep = _rows(text, place, before)
    elif top == "{":

        def end_of(key: str, at: int) -> int:
            """Where a header's value ends: that of the list, read record by record."""
            nonlocal rows, deep
            if key != LIST or text[at : at + 1] != "[":
                return json_text.value_at(text, at)[1]
            try:
                rows, deep = _rows(text, at, before)
            except JsonError:  # it is told as that of any value is
                rows = []
            if not rows or deep:
                return json_text.value_at(text, at)[1]
            return _end(text, at, rows)

        found = {member.key: member for member in json_text.members(text, start, end_of)}
        if LIST not in found or text[found[LIST].value] != "[":
            why = f'the object has no list "{LIST}"'
            raise DocumentError(file, 1, why, hint=f'add "{LIST}": []')
        place = found[LIST].value
    else:
        json_text.parse(text)
        raise JsonError("an object or a list should stand here", start)
    beside = [(m.value, m.end, RECORD_DEPTH - 1) for m in found.values() if m.key != LIST]
    for at, end, limit in (*beside, *((row.start, row.end, RECORD_DEPTH) for row in deep)):
        json_text.check_depth(text, at, end, limit)
    stop = _end(text, place, rows)
    last = max((member.end for member in found.values()), default=stop)
    end = stop if top == "[" else json_text.skip(text, last) + 1
    if text[end:].strip(SPACE):
        raise JsonError("more text after the end of the document", json_text.skip(text, end))
    return RecordList(text, place, stop, tuple(rows))


def _rows(text: str, at: int, before: RecordList | None) -> tuple[list[Row], list[Row]]:
    """The records of the list whose bracket is at the offset; and those that nest too deep."""
    old, known = (before.text, before.rows) if before else ("", ())
    places: dict[str | None, int] = {}
    rows, deep = list[Row](), list[Row]()
    following = 0  # the place of the record that stood behind this one before
    at = json_text.skip(text, at + 1)
    margin, gap = margin_at(text, at), None
    while text[at : at + 1] != "]":
        here = following < len(known) and known[following].margin == margin
        count = _run(text, at, old, known, following) if here else 0
        if count:
            run = known[following : following + count]
            shift = at - run[0].start
            rows.extend([row.moved(shift) for row in run] if shift else run)
            following += count
        else:
            value, end = json_text.any_depth_at(text, at)
            source = json_text.dedent(text[at:end], margin)
            row = Row(at, end, margin, _name(value), Record(source))
            rows.append(row)
            if source.count("{") + source.count("[") > RECORD_DEPTH:  # or it cannot be
                json_text.check_depth(text, at, end)
                deep += [row] if _is_deep(source) else []
            if known:
                places = places or {row.name: place for place, row in enumerate(known)}
                following = places.get(row.name, following - 1) + 1
        comma = _COMMA.match(text, rows[-1].end)
        at = comma.end() if comma else json_text.after_item(text, rows[-1].end, "]")
        if comma is None or comma[1] != gap:
            margin, gap = margin_at(text, at), comma and comma[1]
    return rows, deep


def _run(text: str, at: int, old: str, known: Sequence[Row], first: int) -> int:
    """How many records stand at the offset one behind the other as they stood in the old text.

    More and more are compared at once, then fewer and fewer.
    """
    start, last, step = known[first].start, first, 1
    shift = at - start
    while step:
        after = last + step
        if after <= len(known) and text.startswith(
            old[start : known[after - 1].end], start + shift
        ):
            start, last, step = known[after - 1].end, after, 2 * step
        else:
            step //= 2
    return last - first


def _name(value: Json) -> str | None:
    """The id of a record, where it has one that may be."""
    name = value.get("id") if isinstance(value, dict) else None
    short = isinstance(name, str) and name.strip() and len(name) * _WIDEST <= MAX_ID
    return name if short else None


def _is_deep(source: str) -> bool:
    """Whether a record nests deeper than one may."""
    try:
        json_text.check_depth(source, limit=RECORD_DEPTH)
    except JsonError:
        return True
    return False


def _end(text: str, at: int, rows: Sequence[Row]) -> int:
    """Where the list ends whose bracket is at the offset."""
    return json_text.skip(text, rows[-1].end if rows else at + 1) + 1


def margin_at(text: str, at: int) -> str:
    """The indentation of a line, if nothing but it stands before the offset."""
    line = text.rfind("\n", 0, at) + 1
    margin = text[line:at]
    return margin if line and not margin.strip() else ""
