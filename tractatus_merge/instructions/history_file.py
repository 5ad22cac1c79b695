"""The instruction history as a file: read any of its forms, write back the form that was read.

Forms: `flat` (v1: header keys beside the list), `metadata` (v3.0: an object `metadata`), `array`
(the list alone). What the merge policy of its fields is, stands in `policy`.

Bytes of what is untouched survive: records, header keys, number spelling, CRLF, BOM, the end of
the file with or without a newline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from tractatus_merge.core.model.ids import MAX_ID
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.json_text import JsonError, Piece, Style
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import row_index
from tractatus_merge.instructions.header import LIST, header_value, with_header
from tractatus_merge.instructions.order import ordered
from tractatus_merge.instructions.record_list import SPACE, RecordList, Row, located
from tractatus_merge.instructions.rope import Rope
from tractatus_merge.instructions.row_index import Written
from tractatus_merge.instructions.runs import runs
from tractatus_merge.value import Value, field

__all__ = [
    "EMPTY",
    "MAX_ID",
    "Document",
    "Layout",
    "header_value",
    "index",
    "ordered",
    "read",
    "rewrite",
    "with_header",
    "write",
]

_BOM = b"\xef\xbb\xbf"
_MARKER = r"^(<{7}|={7}|>{7}|\|{7})( |$)"


class Layout(Value):
    """How the file is laid out, apart from its words."""

    form: str = "flat"
    unit: str | None = "  "
    newline: str = "\n"
    bom: bool = False
    end: str = ""
    order: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As stored: also the ids in the order in which they stood when the file was adopted."""
        return {
            "form": self.form,
            "unit": self.unit,
            "newline": self.newline,
            "bom": self.bom,
            "end": self.end,
            "order": list(self.order),
        }

    @classmethod
    def from_json(cls, value: dict[str, Json]) -> Layout:
        """Read what `to_json` wrote; a newer version may have told more."""
        known = {key: value[key] for key in cls().to_json() if key in value}
        return cls(**{**known, "order": tuple(value["order"])})


class Document(Value):
    """A history file: its header (source text, the list emptied), its records, its layout."""

    header: str
    records: Mapping[str, Record]
    layout: Layout = field(default_factory=Layout)


EMPTY = Document('{\n  "version": "1.0",\n  "instructions": []\n}', {}, Layout(end="\n"))


def read(data: bytes, file: str, index: bytes = b"") -> Document:
    """Read a history file; DocumentError, naming file and line, on anything that is not one.

    One command reads the same bytes more than once, and others that are mostly the same: the last
    file is remembered, and the longest before it. `index` is what `index` told of these bytes.
    """
    return _read(data, file, index).document


def index(data: bytes) -> bytes:
    """Where the records stand in what `write` gave last, if that was long; else nothing."""
    made = _Recent.made
    return row_index.index_of(made) if made and made.data is data else b""


class _File(Value):
    """A file that was read: its text, what it says, and where."""

    text: str
    bom: bool
    document: Document
    place: RecordList


class _Recent:
    """The file that was read last, and the longest of those before it that are remembered.

    `made`: the last long one that `write` made, each record indented alike.
    """

    files: tuple[_File, ...] = ()
    made: Written | None = None


def _read(data: bytes, file: str, index: bytes = b"") -> _File:
    known = next((one for one in _Recent.files if _says(one, data)), None)
    found = known or _read_anew(data, file, index)
    others = sorted((one for one in _Recent.files if one is not known), key=_length, reverse=True)
    room = 1 + (len(found.place.rows) < row_index.MANY)  # a short one takes no long one's place
    _Recent.files = (found, *others[:room])
    return found


def _read_anew(data: bytes, file: str, index: bytes) -> _File:
    text, bom = _decoded(data, file)
    place = row_index.located(text, index) if index else None
    found = _parsed(text, file, bom=bom, place=place)
    if place:
        where = place.start, place.end
        _Recent.made = Written(b"", text, found.document.records, where, place.rows)
    return found


def _says(known: _File, data: bytes) -> bool:
    """Whether a file has these bytes."""
    mark = _BOM if known.bom else b""
    return data.startswith(mark) and Rope("", [known.text]).is_in(data, len(mark))


def _length(one: _File) -> int:
    return len(one.place.rows)


def _parsed(text: str, file: str, *, bom: bool, place: RecordList | None = None) -> _File:
    """Read a file; what it has in common with the longest that is remembered is not read again.

    Nor is anything where its `place` is known.
    """
    longest = max(_Recent.files, key=_length, default=None)
    place = place or _located(text, file, longest.place if longest else None)
    records: dict[str, Record] = {}
    for row in place.rows:
        name = row.name or _name(row.record, file, _line(text, row.start))
        if name in records:
            first = next(
                _line(text, one.start) for one in place.rows if one.record is records[name]
            )
            why = f'two records have the id "{name}" (the first is in line {first})'
            raise DocumentError(
                file, _line(text, row.start), why, hint="give one of them another id"
            )
        records[name] = row.record
    header = json_text.dedent(text[: place.start] + "[]" + text[place.end :].rstrip(SPACE), "")
    layout = Layout(
        form=_form(header),
        unit=Style.of(text).unit,
        newline="\r\n" if "\r" in text and "\r\n" in text else "\n",
        bom=bom,
        end=text[json_text.stop_of(text) :].replace("\r\n", "\n"),
        order=tuple(records),
    )
    return _File(text, bom, Document(header, records, layout), place)


def write(document: Document) -> bytes:
    """The whole file, each record at its place in the layout."""
    layout, style = document.layout, Style(document.layout.unit)
    text = document.header + layout.end
    place = _located(text, "the stored header")
    level, head, tail = place.level, text[: place.start], text[place.end :]
    inner = "" if style.unit is None else level + style.unit
    if style.unit is None or len(document.records) < row_index.MANY:
        parts = [
            json_text.indent(_fitting(record, style), inner) for record in document.records.values()
        ]
        return _encoded(Rope("", [head, _list(parts, style, level), tail]), layout)
    rows, list_ = _laid_out(document.records, len(head), inner)
    end = f"\n{level}]"
    rope = Rope(list_.old, [head, f"[\n{inner}", *list_.pieces, end, tail])
    data = _encoded(rope, layout)
    if layout.newline == "\n" and not layout.bom:
        where = len(head), rows[-1].end + len(end)
        _Recent.made = Written(data, "", document.records, where, rows)
    return data


def _laid_out(
    records: Mapping[str, Record], start: int, inner: str
) -> tuple[tuple[Row, ...], Rope]:
    """The rows of a list whose bracket is at the offset, and the text between its brackets.

    Each record is indented. What stands in the long file that was made before is taken from there.
    """
    was = _Recent.made
    if was is not None and was.rows[0].margin != inner:
        was = None
    gap, names, said = f",\n{inner}", list(records), list(records.values())
    at, rows, pieces = start + 2 + len(inner), list[Row](), list[Piece]()
    for old, first, count in runs(was.records if was else {}, records):
        if rows:
            pieces.append(gap)
        if was is not None and old is not None and count:
            run = was.rows[old : old + count]
            pieces.append((run[0].start, run[-1].end))
            shift = at - run[0].start
            rows.extend([row.moved(shift) for row in run] if shift else run)
        else:
            part = json_text.indent(said[first].text, inner)
            pieces.append(part)
            rows.append(Row(at, at + len(part), inner, names[first], said[first]))
        at = rows[-1].end + len(gap)
    return tuple(rows), Rope(was.said if was else "", pieces)


def rewrite(data: bytes, document: Document, file: str) -> bytes:
    """The file, changed so that it says `document`: only bytes of what differs change.

    DocumentError if the file cannot be read, or its new header is none.
    """
    was = _read(data, file)
    text, old, there = was.text, was.document, was.place
    _Recent.files = _Recent.files[:1]  # this is a moment in which a long file is held three times
    style, level = Style(old.layout.unit), there.level
    margin = there.rows[0].margin if there.rows else level + (style.unit or "")
    records = list(document.records.values())
    parts: list[tuple[int | None, int, str | None]] = []
    for place, first, count in runs(old.records, document.records):
        record = records[first]
        if place is None:
            new = json_text.indent(_fitting(record, style), margin)
            parts.append((None, 0, _with_ends_of(text, new)))
            continue
        row, part = there.rows[place], None
        if not count and not same(row.record.value, record.value):
            old_text = text[row.start : row.end]
            part = json_text.rewrite(old_text, record.value, row.margin)
            part = _with_ends_of(old_text, part)
        parts.append((place, max(count, 1), part))
    body: list[Piece] = [(there.start, there.end)]
    if there.rows and parts:
        body = _with_records(there, parts)
    elif there.rows or parts:
        body = [_with_ends_of(text, _list([part or "" for _, _, part in parts], style, level))]
    before, behind = _with_header(text, body, there, document.header, file)
    made, said = _Recent.made, Rope(text, [before, *body, behind])
    if made and made.data and not was.bom and said.is_in(made.data):  # as a session's base is
        return made.data
    return said.to_bytes(_BOM if was.bom else b"")


def _with_records(
    there: RecordList, parts: Sequence[tuple[int | None, int, str | None]]
) -> list[Piece]:
    """The list with other records: each part is where it stood, how many stood there, its text.

    Records that stay side by side are one item; but for the first, behind which the gap stands that
    is put between new ones.
    """
    runs_of = [(place, count) for place, count, _ in parts if place is not None]
    cuts = {0, min(1, len(there.rows)), len(there.rows)}
    cuts.update(cut for place, count in runs_of for cut in (place, place + count))
    bounds = sorted(cuts)
    spans = [(there.rows[one].start, there.rows[next_ - 1].end) for one, next_ in pairwise(bounds)]
    numbers = {cut: number for number, cut in enumerate(bounds)}
    items: list[tuple[int | None, str | None]] = []
    for place, count, part in parts:
        if place is None:
            items.append((None, part))
        else:
            items += [(number, part) for number in range(numbers[place], numbers[place + count])]
    return json_text.pieces(there.text, spans, items, (there.start, there.end))


def _fitting(record: Record, style: Style) -> str:
    """A record's text for a file that has no line ends: on one line."""
    multiline = style.unit is None and "\n" in record.text
    return json_text.dump(record.value, style) if multiline else record.text


def _with_ends_of(model: str, text: str) -> str:
    """The text with CRLF where the model has no other line ends."""
    return _with_crlf(text) if _has_crlf([model]) else text


def _has_crlf(parts: Sequence[str]) -> bool:
    """Whether all line ends of a text, of which there are some, are CRLF."""
    crlf = sum(part.count("\r\n") for part in parts if "\r" in part)
    return bool(crlf) and crlf == sum(part.count("\n") for part in parts)


def _with_crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _with_header(
    text: str, body: list[Piece], place: RecordList, header: str, file: str
) -> tuple[str, str]:
    """What stands before the list, and behind it, with other header keys; `body` is the list."""
    before, behind = text[: place.start], text[place.end :]
    here = f"{before}[]{behind}"
    _located(header, "the stored header")
    said, wanted = json_text.parse(here), {**header_value(header), LIST: []}
    if isinstance(said, list):
        return before, behind
    kept = {key: wanted[key] for key in said if key in wanted}
    new = json_text.rewrite(here, {**kept, **wanted})
    if new == here:
        return before, behind
    if "\r" in text and _has_crlf([before, Rope(text, body).text, behind]):
        new = _with_crlf(new)
    there = _located(new, file)
    return new[: there.start], new[there.end :]


def _decoded(data: bytes, file: str) -> tuple[str, bool]:
    plain = data.removeprefix(_BOM)
    try:
        return plain.decode(), plain != data
    except UnicodeDecodeError as error:
        line = plain.count(b"\n", 0, error.start) + 1
        hint = "save the file as UTF-8"
        raise DocumentError(file, line, "a byte here is not UTF-8", hint=hint) from None


def _encoded(text: Rope, layout: Layout) -> bytes:
    return text.to_bytes(_BOM if layout.bom else b"", layout.newline)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _located(text: str, file: str, before: RecordList | None = None) -> RecordList:
    """Find the list; every way in which the text is not a history is told here."""
    try:
        return located(text, file, before)
    except JsonError as error:
        line = _line(text, error.at)
        why, hint = error.why, "mend that line by hand"
        marker = re.search(_MARKER, text, re.MULTILINE)
        if marker:
            line = _line(text, marker.start())
            why = "a merge left conflict markers here"
        elif error.at == 0 and not text.strip(SPACE):
            line, why = 1, "the file is empty"
        raise DocumentError(file, line, why, hint=hint) from None


def _name(record: Record, file: str, line: int) -> str:
    value = json_text.parse(record.text)
    name = value.get("id") if isinstance(value, dict) else None
    if not isinstance(value, dict):
        raise DocumentError(file, line, "an instruction must be an object", hint="remove it")
    if not isinstance(name, str) and name is not None:
        hint = f'write "id": "{json_text.dump(name, Style(None))[:40]}"'
        raise DocumentError(file, line, 'an "id" must be a text', hint=hint)
    if name is None or not name.strip():
        raise DocumentError(file, line, 'this instruction has no "id"', hint='add "id": "inst_..."')
    if len(name.encode("utf-8", "surrogatepass")) > MAX_ID:
        raise DocumentError(file, line, f"this id is longer than {MAX_ID} bytes", hint="shorten it")
    return name


def _form(header: str) -> str:
    value = json_text.parse(header)
    if isinstance(value, list):
        return "array"
    return "metadata" if isinstance(value.get("metadata"), dict) else "flat"


def _list(parts: list[str], style: Style, level: str) -> str:
    if not parts:
        return "[]"
    if style.unit is None:
        return f"[{','.join(parts)}]"
    inner = level + style.unit
    return f"[\n{inner}" + f",\n{inner}".join(parts) + f"\n{level}]"
