"""Where the list of a history file and its records stand in the text. Nothing is written here.

Versions of a file have most of their records in common, byte for byte: those that stood in the
version that was read before are not read again, and are the same objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=\{)")


class Row(NamedTuple):
    """A record in the text: where it stands, its indentation, its id (None: none that may be)."""

    start: int
    end: int
    margin: str
    name: str | None
    record: Record


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
    start, found, rows = json_text.skip(text, 0), {}, list[Row]()
    top = text[start : start + 1]
    if top == "[":
        place = start
        rows = _rows(text, place, before)
    elif top == "{":

        def end_of(key: str, at: int) -> int:
            """Where a header's value ends: that of the list, read record by record."""
            nonlocal rows
            if key != LIST or text[at : at + 1] != "[":
                return json_text.value_at(text, at)[1]
            try:
                rows = _rows(text, at, before)
            except JsonError:  # it is told as that of any value is
                rows = []
            if not rows or _deep(text, rows):
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
    deep = [(row.start, row.end, RECORD_DEPTH) for row in _deep(text, rows)]
    for at, end, limit in (*beside, *deep):
        json_text.check_depth(text, at, end, limit)
    stop = _end(text, place, rows)
    last = max((member.end for member in found.values()), default=stop)
    end = stop if top == "[" else json_text.skip(text, last) + 1
    if text[end:].strip(SPACE):
        raise JsonError("more text after the end of the document", json_text.skip(text, end))
    return RecordList(text, place, stop, tuple(rows))


def _rows(text: str, at: int, before: RecordList | None) -> list[Row]:
    """The records of the list whose bracket is at the offset."""
    old, known = (before.text, before.rows) if before else ("", ())
    places: dict[str | None, int] = {}
    rows: list[Row] = []
    following = 0  # the place of the record that stood behind this one before
    at = json_text.skip(text, at + 1)
    while text[at : at + 1] != "]":
        margin = margin_at(text, at)
        row = known[following] if following < len(known) else None
        if row is not None and text.startswith(old[row.start : row.end], at):
            following += 1
            end, record = at + row.end - row.start, row.record
            if margin != row.margin:
                record = Record(json_text.dedent(text[at:end], margin))
            rows.append(Row(at, end, margin, row.name, record))
        else:
            value, end = json_text.value_at(text, at)
            row = Row(at, end, margin, _name(value), Record(json_text.dedent(text[at:end], margin)))
            rows.append(row)
            places = places or {row.name: place for place, row in enumerate(known)}
            following = places.get(row.name, following - 1) + 1
        comma = _COMMA.match(text, end)
        at = comma.end() if comma else json_text.after_item(text, end, "]")
    return rows


def _name(value: Json) -> str | None:
    """The id of a record, where it has one that may be."""
    name = value.get("id") if isinstance(value, dict) else None
    short = isinstance(name, str) and name.strip() and len(name) * _WIDEST <= MAX_ID
    return name if short else None


def _deep(text: str, rows: Iterable[Row]) -> list[Row]:
    """The records that may be nested too deep."""
    return [
        row
        for row in rows
        if text.count("[", row.start, row.end) + text.count("{", row.start, row.end) > RECORD_DEPTH
    ]


def _end(text: str, at: int, rows: Sequence[Row]) -> int:
    """Where the list ends whose bracket is at the offset."""
    return json_text.skip(text, rows[-1].end if rows else at + 1) + 1


def margin_at(text: str, at: int) -> str:
    """The indentation of a line, if nothing but it stands before the offset."""
    line = text.rfind("\n", 0, at) + 1
    margin = text[line:at]
    return margin if line and not margin.strip() else ""
