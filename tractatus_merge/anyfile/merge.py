"""Any JSON or JSONL file: merge three versions of its text into one. No file is opened here.

Lists of records at the top are merged row by row (see `rows`): a row that both sides left alone is
copied, one that a side changed is read, and only one that both changed is merged. Everything else
of the file, its *frame*, is read and merged as one value.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from tractatus_merge.anyfile import loose_rows, rows
from tractatus_merge.anyfile.loose_rows import ThreeRows
from tractatus_merge.anyfile.row_layout import FLAT, Three, indentation_at
from tractatus_merge.anyfile.row_merge import MergedFile, RowMerge, refusal
from tractatus_merge.anyfile.rows import Rows, Span
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.rules import line_ends
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.merged_text import Indentation, changed, merged_document
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.errors import DocumentError
from tractatus_merge.value import Value, replace

JSON, JSONL = "json", "jsonl"
NAMES = ("BASE", "OURS", "THEIRS")
_BLANK = re.compile(rb"[ \t\r\n]*")
_MARKER = re.compile(rb"(?:\A|\n)(<{7}|>{7}) ")
_MARKS = (b"<<<<<<< ", b">>>>>>> ")
_PIECE = 1 << 16
_EMPTY = re.compile(rb"[ \t\r\n]*(?:\[[ \t\r\n]*\][ \t\r\n]*)?")


Split = Callable[..., Rows | None]
"""How a list's bytes are cut into rows by a key."""


class _Version(Value):
    """One version of the file: its bytes, the name that people know it by, where its lists are."""

    name: str
    data: bytes
    places: Mapping[str, tuple[int, int]]

    def span(self, key: str) -> Span:
        """Where a list stands; nowhere in a blank version."""
        return self.places[key] if self.places else (0, 0)

    def indentation(self, key: str) -> Indentation:
        """How the line is indented on which a list begins."""
        start, _ = self.places[key]
        return indentation_at(self.data, start)


def merge_file(
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    table: Table,
    form: str = JSON,
    *,
    names: tuple[str, str, str] = NAMES,
) -> MergedFile:
    """Ours with what theirs changed since the base; where the two conflict, ours.

    `base` None or blank: both sides are new. `form` is `json` or `jsonl`. DocumentError, with the
    name of the version and the line, where one is not JSON.
    """
    versions = [base or b"", ours, theirs]
    sides = [data.removeprefix(line_ends.BOM) for data in versions]
    lax = form == JSONL or _is_blank(sides[0])
    checks = [partial(_check, data, name) for data, name in zip(sides, names, strict=True)]
    try:
        for number, check in enumerate(checks):
            check(blank=lax or not number)
        merged = _merged([line_ends.plain(data) for data in versions], table, form, names)
    except DocumentError:
        for number, check in enumerate(checks):  # no JSON has markers: what was met is due to them
            check(blank=lax or not number, marks=True)
        raise
    if versions[0] in (ours, theirs):  # one side has changed nothing: the other is the result
        return replace(merged, data=theirs if ours == versions[0] else ours)
    return replace(merged, data=line_ends.dressed(merged.data, versions))


def check_file(data: bytes, name: str, table: Table) -> None:
    """Refuse a file that is no JSON (or by its name JSONL), or in which a table's ids are double.

    DocumentError, with the line where there is one.
    """
    data = data.removeprefix(line_ends.BOM)
    lines = name.lower().endswith((".jsonl", ".ndjson"))
    _check(data, name, blank=lines, marks=True)
    version = _Version(name, data, {})
    value = _lines(data, name) if lines else _value(data.decode("utf-8"), version)
    table.check(value, name)


def _check(data: bytes, name: str, *, blank: bool, marks: bool = False) -> None:
    """Refuse what is no UTF-8, and an empty file where there was a full one; and conflict markers.

    `marks`: look for these. It takes as long as to parse what has none.
    """
    try:
        _must_be_text(data)
    except UnicodeDecodeError as error:
        raise refusal(name, data.count(b"\n", 0, error.start) + 1, error) from None
    marked = marks and any(mark in data for mark in _MARKS)  # as the expression, and faster
    marker = _MARKER.search(data) if marked else None
    if marker is not None:
        why = JsonError("git's conflict markers stand here", marker.start())
        raise refusal(name, data.count(b"\n", 0, marker.start(1)) + 1, why)
    if not blank and _is_blank(data):
        raise refusal(name, 1, JsonError("the file is empty, and the base is not", 0))


def _must_be_text(data: bytes) -> None:
    """UnicodeDecodeError for what is no UTF-8; looked at piece by piece, in the same memory."""
    if data.isascii():  # many times faster than to decode
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _PIECE):
            decoder.decode(data[at : at + _PIECE], final=at + _PIECE >= len(data))
    except UnicodeDecodeError:
        data.decode()  # it tells the place in all of it


def _is_blank(data: bytes) -> bool:
    return not data or data.isspace()


def _merged(sides: list[bytes], table: Table, form: str, names: tuple[str, str, str]) -> MergedFile:
    if form == JSONL:
        found = _rows_of(sides, (), table, rows.of_lines)
        if found is None:
            return _whole_lines(sides, table, names)
        return _by_row(found, (), table, names)
    found = _rows_of(sides, (), table, rows.of_list)
    if found is not None:
        base, ours, theirs = (indentation_at(data, 0) for data in sides)
        return _by_row(found, (), table, names, (base, ours, theirs))
    versions = [
        _Version(name, data, rows.members(data) or {})
        for name, data in zip(names, sides, strict=True)
    ]
    return _framed(versions, table)


def _by_row(
    found: ThreeRows, path: Path, table: Table, names: tuple[str, str, str], lists: Three = FLAT
) -> MergedFile:
    return RowMerge(*found.sides, path, table, names, lists, found.torn).merged()


def _rows_of(
    sides: list[bytes],
    path: Path,
    table: Table,
    split: Split,
    spans: Sequence[Span] | None = None,
) -> ThreeRows | None:
    """The three versions of a list as rows; None where one is no list of records.

    `spans`: where the list stands in each, if that is not all of it. Where the key was said, or
    most rows have the first of the usual ones, not every row must have one, nor one of its own.
    """
    keys, _ = table.part(path)
    nothing = _BLANK if split is rows.of_lines else _EMPTY
    spans = spans or [(0, len(data)) for data in sides]
    pairs = list(zip(sides, spans, strict=True))
    there = [nothing.fullmatch(data, *span) is None for data, span in pairs]
    for key in keys if any(there[1:]) else ():
        found = _cut(pairs, there, split, key)
        if found is not None:
            return ThreeRows(*found)
    if keys and any(there[1:]):
        found = _cut(pairs, there, partial(split, loose=True), keys[0])
        if found is not None and (len(keys) == 1 or all(map(loose_rows.is_mostly_named, found))):
            return loose_rows.named(*found, keys[0])
    return None


def _cut(
    sides: Sequence[tuple[bytes, Span]], there: list[bool], split: Split, key: str
) -> tuple[Rows, Rows, Rows] | None:
    """The versions as rows; None where one has no rows."""
    found: list[Rows] = []
    for (data, span), is_there in zip(sides, there, strict=True):
        cut = split(data, key, span) if is_there else Rows([], [], (), data[slice(*span)], b"")
        if cut is None:
            return None
        found.append(cut)
    base, ours, theirs = found
    return base, ours, theirs


def _framed(versions: list[_Version], table: Table) -> MergedFile:
    """An object: the lists of records in it row by row, the rest as one value."""
    lists: dict[str, ThreeRows] = {}
    there = [version for version in versions if version.data.strip()]
    for key in versions[1].places:
        if all(key in version.places for version in there):
            sides, spans = [version.data for version in versions], [v.span(key) for v in versions]
            found = _rows_of(sides, (key,), table, rows.of_list, spans)
            if found is not None:
                lists[key] = found
    names = (versions[0].name, versions[1].name, versions[2].name)

    def around(key: str) -> Three:
        there = (version if version.places else versions[1] for version in versions)
        base, ours, theirs = (version.indentation(key) for version in there)
        return base, ours, theirs

    done = {key: _by_row(found, (key,), table, names, around(key)) for key, found in lists.items()}
    frames = [_frame(version, lists) for version in versions]
    values = list(map(_value, frames, versions))
    if values[0] is MISSING and type(values[1]) is type(values[2]):
        values[0] = type(values[1])() if isinstance(values[1], (dict, list)) else MISSING
    for value, version in zip(values, versions, strict=True):
        table.check(value, version.name, base=lambda: values[0])
    merged = table.rule()((), Merge(*values))
    text = merged_document(merged.value, *frames)
    contests = [*merged.contests, *(c for file in done.values() for c in file.contests)]
    settled = [*merged.settled, *(s for file in done.values() for s in file.settled)]
    return MergedFile(_filled(text, done), tuple(contests), tuple(settled))


def _frame(version: _Version, lists: Mapping[str, object]) -> str:
    """The version's text with the lists that merge by rows emptied."""
    parts, end = list[bytes](), 0
    for key, (start, stop) in version.places.items():
        if key in lists:
            parts += [version.data[end:start], b"[]"]
            end = stop
    return b"".join([*parts, version.data[end:]]).decode()


def _filled(text: str, lists: Mapping[str, MergedFile]) -> bytes:
    """The frame's text with the lists at their places again."""
    if not lists:
        return text.encode()
    parts, end = list[bytes](), 0
    for member in json_text.members(text, json_text.skip(text, 0)):
        if member.key in lists:
            parts += [text[end : member.value].encode(), lists[member.key].data]
            end = member.end
    return b"".join([*parts, text[end:].encode()])


def _whole_lines(sides: list[bytes], table: Table, names: tuple[str, str, str]) -> MergedFile:
    """A JSONL file whose lines have no keys: one list, each line an element."""
    values = [_lines(data, name) for data, name in zip(sides, names, strict=True)]
    for value, name in zip(values, names, strict=True):
        table.check(value, name, base=lambda: values[0])
    merged = table.rule()((), Merge(*values))
    text = merged_document(merged.value, *(_as_list(data.decode()) for data in sides))
    lines = [text[start:end] for start, end in json_text.elements(text, 0)]
    ends = [data.endswith(b"\n") if data.strip() else None for data in sides]
    is_ended = changed(*ends)
    end = "\n" if lines and is_ended else ""
    return MergedFile(("\n".join(lines) + end).encode(), merged.contests, merged.settled)


def _as_list(text: str) -> str:
    """Lines as the elements of a list, each still on its line."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return f"[\n{f',{chr(10)}'.join(lines)}\n]"


def _lines(data: bytes, name: str) -> list[Json]:
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                text = line.decode()
                found.append(json_text.parse(text))
                json_text.check_depth(text, limit=json_text.MAX_DEPTH - 1)  # the list is a level
            except JsonError as error:
                raise refusal(name, number, error) from None
    return found


def _value(text: str, version: _Version) -> Json:
    if not text.strip():
        return MISSING
    try:
        return json_text.parse(text)
    except JsonError as error:
        line = _line(version.data.decode(), error)
        raise refusal(version.name, line, error) from None


def _line(text: str, error: JsonError) -> int:
    """The line of a fault in a text, found again where the fault was noticed in a part of it."""
    at = error.at
    try:
        json_text.parse(text)
    except JsonError as whole:
        at = whole.at
    return text.count("\n", 0, at) + 1
