"""The instruction history as a file: read any of its forms, write back the form that was read.

Forms: `flat` (v1: header keys beside the list), `metadata` (v3.0: an object `metadata`), `array`
(the list alone). What the merge policy of its fields is, stands in `policy`.

Bytes of what is untouched survive: records, header keys, number spelling, CRLF, BOM, the end of
the file with or without a newline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from tractatus_merge.core.model.ids import MAX_ID
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.json_text import RECORD_DEPTH, JsonError, Style
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions.header import LIST, header_value, with_header
from tractatus_merge.instructions.order import ordered
from tractatus_merge.value import Value, field

__all__ = [
    "EMPTY",
    "MAX_ID",
    "Document",
    "Layout",
    "header_value",
    "ordered",
    "read",
    "rewrite",
    "with_header",
    "write",
]

_SPACE = " \t\r\n"
_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( |$)", re.MULTILINE)


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


class _Shape(Value):
    """Where the list and its elements stand in a text."""

    text: str
    start: int
    end: int
    spans: tuple[tuple[int, int], ...]

    @property
    def level(self) -> str:
        """The indentation of the line on which the list begins."""
        line = self.text.rfind("\n", 0, self.start) + 1
        return self.text[line : json_text.skip(self.text, line)] if line else ""


@lru_cache(maxsize=8)
def read(data: bytes, file: str) -> Document:
    """Read a history file; DocumentError, naming file and line, on anything that is not one.

    One command reads the same bytes more than once: the last few documents are remembered.
    """
    text, bom = _decoded(data, file)
    shape = _shape(text, file)
    records: dict[str, Record] = {}
    lines: dict[str, int] = {}
    line, seen = 1, 0
    for start, end in shape.spans:
        line, seen = line + text.count("\n", seen, start), start
        record = Record(json_text.dedent(text[start:end], _margin(text, start)))
        name = _name(record, file, line)
        if name in records:
            why = f'two records have the id "{name}" (the first is in line {lines[name]})'
            raise DocumentError(file, line, why, hint="give one of them another id")
        records[name], lines[name] = record, line
    header = json_text.dedent(text[: shape.start] + "[]" + text[shape.end :].rstrip(_SPACE), "")
    layout = Layout(
        form=_form(header),
        unit=Style.of(text).unit,
        newline="\r\n" if "\r\n" in text else "\n",
        bom=bom,
        end=text[len(text.rstrip(_SPACE)) :].replace("\r\n", "\n"),
        order=tuple(records),
    )
    return Document(header, records, layout)


def write(document: Document) -> bytes:
    """The whole file, each record at its place in the layout."""
    layout, style = document.layout, Style(document.layout.unit)
    text = document.header + layout.end
    shape = _shape(text, "the stored header")
    level = shape.level
    inner = "" if style.unit is None else level + style.unit
    parts = [
        json_text.indent(_fitting(record, style), inner) for record in document.records.values()
    ]
    text = text[: shape.start] + _list(parts, style, level) + text[shape.end :]
    return _encoded(text, layout)


def rewrite(data: bytes, document: Document, file: str) -> bytes:
    """The file, changed so that it says `document`: only bytes of what differs change.

    DocumentError if the file cannot be read.
    """
    text, bom = _decoded(data, file)
    old, shape = read(data, file), _shape(text, file)
    style, level = Style(old.layout.unit), shape.level
    margin = _margin(text, shape.spans[0][0]) if shape.spans else level + (style.unit or "")
    places = {name: place for place, name in enumerate(old.records)}
    parts: list[tuple[int | None, str]] = []
    for name, record in document.records.items():
        if name not in old.records:
            new = json_text.indent(_fitting(record, style), margin)
            parts.append((None, _with_ends_of(text, new)))
            continue
        start, end = shape.spans[places[name]]
        part = text[start:end]
        if not same(old.records[name].value, record.value):
            new = json_text.rewrite(part, record.value, _margin(text, start))
            part = _with_ends_of(part, new)
        parts.append((places[name], part))
    body = text[shape.start : shape.end]
    if shape.spans and parts:
        spans = [(start - shape.start, end - shape.start) for start, end in shape.spans]
        body = json_text.joined(body, spans, parts)
    elif shape.spans or parts:
        body = _with_ends_of(text, _list([part for _, part in parts], style, level))
    text = text[: shape.start] + body + text[shape.end :]
    text = _with_header(text, document.header, file)
    return (b"\xef\xbb\xbf" if bom else b"") + text.encode()


def _fitting(record: Record, style: Style) -> str:
    """A record's text for a file that has no line ends: on one line."""
    multiline = style.unit is None and "\n" in record.text
    return json_text.dump(record.value, style) if multiline else record.text


def _with_ends_of(model: str, text: str) -> str:
    """The text with CRLF where the model has no other line ends."""
    crlf = model.count("\r\n")
    if not crlf or crlf != model.count("\n"):
        return text
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _with_header(text: str, header: str, file: str) -> str:
    """Change the header keys of a file's text; its list stays byte for byte."""
    shape = _shape(text, file)
    here = text[: shape.start] + "[]" + text[shape.end :]
    said, wanted = json_text.parse(here), {**header_value(header), LIST: []}
    if isinstance(said, list):
        return text
    kept = {key: wanted[key] for key in said if key in wanted}
    new = json_text.rewrite(here, {**kept, **wanted})
    new = _with_ends_of(text, new)
    there = _shape(new, file)
    return new[: there.start] + text[shape.start : shape.end] + new[there.end :]


def _decoded(data: bytes, file: str) -> tuple[str, bool]:
    plain = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return plain.decode(), plain != data
    except UnicodeDecodeError as error:
        line = plain.count(b"\n", 0, error.start) + 1
        hint = "save the file as UTF-8"
        raise DocumentError(file, line, "a byte here is not UTF-8", hint=hint) from None


def _encoded(text: str, layout: Layout) -> bytes:
    return (b"\xef\xbb\xbf" if layout.bom else b"") + text.replace("\n", layout.newline).encode()


def _shape(text: str, file: str) -> _Shape:
    """Find the list; every way in which the text is not a history is told here."""
    try:
        return _located(text, file)
    except JsonError as error:
        line = text.count("\n", 0, error.at) + 1
        why, hint = error.why, "mend that line by hand"
        marker = _MARKER.search(text)
        if marker:
            line = text.count("\n", 0, marker.start()) + 1
            why = "a merge left conflict markers here"
        elif error.at == 0 and not text.strip(_SPACE):
            line, why = 1, "the file is empty"
        raise DocumentError(file, line, why, hint=hint) from None


@lru_cache(maxsize=8)
def _located(text: str, file: str) -> _Shape:
    start, found = json_text.skip(text, 0), {}
    top = text[start : start + 1]
    if top == "[":
        place = start
    elif top == "{":
        found = {member.key: member for member in json_text.members(text, start)}
        if LIST not in found or text[found[LIST].value] != "[":
            why = f'the object has no list "{LIST}"'
            raise DocumentError(file, 1, why, hint=f'add "{LIST}": []')
        place = found[LIST].value
    else:
        json_text.parse(text)
        raise JsonError("an object or a list should stand here", start)
    spans = json_text.elements(text, place)
    beside = [(m.value, m.end, RECORD_DEPTH - 1) for m in found.values() if m.key != LIST]
    for at, end, limit in [*beside, *((*span, RECORD_DEPTH) for span in spans)]:
        json_text.check_depth(text, at, end, limit)
    stop = json_text.skip(text, spans[-1][1] if spans else place + 1) + 1
    last = max((member.end for member in found.values()), default=stop)
    end = stop if top == "[" else json_text.skip(text, last) + 1
    if text[end:].strip(_SPACE):
        raise JsonError("more text after the end of the document", json_text.skip(text, end))
    return _Shape(text, place, stop, tuple(spans))


def _margin(text: str, at: int) -> str:
    """The indentation of a line, if nothing but it stands before the offset."""
    line = text.rfind("\n", 0, at) + 1
    margin = text[line:at]
    return margin if line and not margin.strip() else ""


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
