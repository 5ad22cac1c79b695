"""Put what was lost back into a JSON or JSONL file's text; what is there keeps its bytes. Pure.

A record comes back whole, under a new id where another one has its id by now; a record that stands
gets the fields back that an edit of it had. Each collection ends with what came back into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.places import element_id, get, put
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.losses import are_unrelated, content
from tractatus_merge.git.audit.record_versions import JSON, Rows, parts_of
from tractatus_merge.git.audit.shapes import LISTS, Shape
from tractatus_merge.value import Value

_BOM = b"\xef\xbb\xbf"


class Lost(Value):
    """What one commit lost of a record: all of it, as the row, or some fields with their values."""

    name: str
    commit: str
    row: bytes = b""
    fields: tuple[tuple[Path, Json], ...] = ()


class Piece(Value):
    """What is put back for something lost: under this id; nothing where the record stands."""

    lost: Lost
    id: Json
    there: bool = False


def plan(lost: Iterable[Lost], rows: Rows, key: str = "id", shape: Shape = LISTS) -> list[Piece]:
    """What to put back into a file with these rows; what came back before is there."""
    taken = {name: record_versions.value(texts[-1]) for name, texts in rows.items()}
    pieces = []
    for one in lost:
        stands = taken.get(one.name, MISSING)
        if one.fields:
            there = all(same(get(stands, path), value) for path, value in one.fields)
            pieces.append(Piece(one, None, stands is MISSING or there))
            continue
        record = record_versions.value(one.row)
        place, name = parts_of(one.name)
        keyed = shape.top or place in shape.maps
        said = name if keyed or not isinstance(record, dict) else record.get(key, name)
        there = stands is not MISSING
        if there and are_unrelated(stands, record, key):
            there = _came_back(one, record, taken, key)
            said = _free(place, said, one.commit[:8], taken)
        pieces.append(Piece(one, said, there))
        if not there:
            taken[record_versions.full_name(place, said) or one.name] = record
    return pieces


def _came_back(lost: Lost, record: Json, taken: Mapping[str, Json], key: str) -> bool:
    """Whether a record came back before: it stands under an id that was made for it."""
    number = isinstance(record, dict) and not isinstance(record.get(key, ""), str)
    start = "" if number else f"{lost.name}_{lost.commit[:8]}"
    said = content(record, key)
    return any(
        name.startswith(start) and content(other, key) == said for name, other in taken.items()
    )


def _free(place: str, said: Json, tag: str, taken: Mapping[str, Json]) -> Json:
    """An id that is not taken: the old one with a tag, or a number after all that there are."""
    if isinstance(said, str):
        found, more = f"{said}_{tag}", 1
        while f"{place}\0{found}" in taken:
            more += 1
            found = f"{said}_{tag}_{more}"
        return found
    numbers = [int(name) for _, name in map(parts_of, taken) if name.lstrip("-").isdigit()]
    return max(numbers) + 1


def restore(
    data: bytes, pieces: Sequence[Piece], form: str, key: str = "id", shape: Shape = LISTS
) -> bytes:
    """The file with the pieces in it; it must be valid."""
    lead = _BOM if data.startswith(_BOM) else b""
    text = data.removeprefix(_BOM).decode()
    crlf = text.count("\r\n")
    pieces = [piece for piece in pieces if not piece.there]
    if form == JSON:
        value = json_text.parse(text)
        for piece in pieces:
            value = _put_back(value, piece, key, shape)
        text = json_text.rewrite(text, value)
    else:
        text = _lines(text, pieces, key)
    if crlf and crlf == data.count(b"\n"):
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return lead + text.encode()


def _put_back(value: Json, piece: Piece, key: str, shape: Shape) -> Json:
    """A JSON file's value with one piece in it."""
    place, name = parts_of(piece.lost.name)
    if shape.top or isinstance(value, list):
        return _into(value, name, piece, key)
    empty: Json = {} if place in shape.maps else []
    return {**value, place: _into(value.get(place, empty), name, piece, key)}


def _into(collection: Json, name: str, piece: Piece, key: str) -> Json:
    fields = piece.lost.fields
    if isinstance(collection, dict):
        member = name if piece.id is None else piece.id
        record = _with(collection[name], fields) if fields else _whole(piece, None)
        return {**collection, str(member): record}
    if not fields:
        return [*collection, _whole(piece, key)]
    return [_with(item, fields) if element_id(item, key) == name else item for item in collection]


def _whole(piece: Piece, key: str | None) -> Json:
    record = record_versions.value(piece.lost.row)
    return record if key is None else {**record, key: piece.id}


def _with(record: Json, fields: Iterable[tuple[Path, Json]]) -> Json:
    for path, value in fields:
        record = put(record, path, value)
    return record


def _lines(text: str, pieces: Sequence[Piece], key: str) -> str:
    edits: dict[str, list[tuple[Path, Json]]] = {}
    new = []
    for piece in pieces:
        name = parts_of(piece.lost.name)[1]
        if piece.lost.fields:
            edits.setdefault(name, []).extend(piece.lost.fields)
        else:
            row = piece.lost.row.decode()
            new.append(json_text.rewrite(row, _whole(piece, key)))
    if edits:
        text = "\n".join(_edited(line, edits, key) for line in text.split("\n"))
    if not new:
        return text
    lines = "\n".join(new)
    ended = not text or text.endswith("\n")
    return f"{text}{lines}\n" if ended else f"{text}\n{lines}"


def _edited(line: str, edits: Mapping[str, Sequence[tuple[Path, Json]]], key: str) -> str:
    record = json_text.parse(line) if line.strip() else None
    name = element_id(record, key)
    fields = edits.get(name or "")
    return line if fields is None else json_text.rewrite(line, _with(record, fields))
