"""Where the records of a file stand: in lists, in lines, or in objects by their keys. Pure.

A collection is a list at the top (the file itself, or under a key of its object), all lines of a
JSONL file, or an object: one under a key of the top object whose members are alike, or else the top
object itself, as in a file of translations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tractatus_merge.anyfile import rows
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.core.values.places import element_id
from tractatus_merge.value import Value

LIST, MAP, LINES = "list", "map", "lines"
"""What a collection is."""


class Shape(Value):
    """Which objects of a JSON file are collections of records, by their keys.

    Those under some keys of the top object, or it itself. The shape is one for all versions, so
    that a record keeps its name.
    """

    maps: frozenset[str] = frozenset()
    top: bool = False


LISTS = Shape()
"""A file whose records stand in lists or lines."""


class Collection(NamedTuple):
    """One collection as it stands: under which key of the top object, what it is, and where.

    `elements` are what the id's key says in each, and its bytes; `at` is where its bytes begin,
    -1 where that is not known. `starts` are where the members of an object begin.
    """

    place: str
    kind: str
    at: int
    elements: list[tuple[Json, bytes]]
    starts: Sequence[int] = ()


def is_list(value: Json) -> bool:
    """Whether a value is a list that may hold records."""
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def is_map(value: Json) -> bool:
    """Whether a value is an object of records of one kind: objects with a key in common."""
    if not isinstance(value, dict) or len(value) < 2:
        return False
    members = list(value.values())
    if not all(isinstance(member, dict) for member in members):
        return False
    return bool(set(members[0]).intersection(*members[1:]))


def is_record(data: bytes, key: str) -> bool:
    """Whether the first line, and each other, is an object, and the first has an id."""
    found = rows.lined(data, key)
    return bool(found and element_id({"id": found[0][0]}) is not None)


def cut_json(data: bytes, key: str, shape: Shape) -> Iterator[Collection]:
    """The collections of a JSON file; JsonError where it is not valid."""
    if data.lstrip()[:1] == b"[":
        yield _list("", data, data.index(b"["), key)
        return
    places = rows.members(data)
    if places is None:
        yield from _strictly(data.decode(), key, shape)
        return
    if shape.top:
        yield _map("", data, 0, places)
        return
    maps = {
        place: rows.members(data[start:end])
        for place, (start, end) in places.items()
        if place in shape.maps and data[start : start + 1] == b"{"
    }
    if None in maps.values():  # a key stands twice: the strict reader says which
        json_text.parse(data.decode())
    for place, (start, end) in places.items():
        if data[start : start + 1] == b"[":
            yield _list(place, data[start:end], start, key)
        elif (inner := maps.get(place)) is not None:
            yield _map(place, data[start:end], start, inner)


def _list(place: str, data: bytes, at: int, key: str) -> Collection:
    found = rows.listed(data, key)
    if found is not None:
        return Collection(place, LIST, at, found)
    text = data.decode()
    parsed = json_text.parse(text)
    spans = json_text.elements(text, json_text.skip(text, 0))
    slowly = [
        (item.get(key), text[start:end].encode())
        for item, (start, end) in zip(parsed, spans, strict=True)
        if isinstance(item, dict)
    ]
    return Collection(place, LIST, -1, slowly)


def _map(place: str, data: bytes, at: int, places: Mapping[str, tuple[int, int]]) -> Collection:
    elements = [(name, data[start:end]) for name, (start, end) in places.items()]
    return Collection(place, MAP, at, elements, [at + start for start, _ in places.values()])


def _strictly(text: str, key: str, shape: Shape) -> Iterator[Collection]:
    """What the fast reader does not take; JsonError where it is not valid."""
    if not isinstance(json_text.parse(text), dict):
        return
    if shape.top:
        yield from _strict_map("", text)
        return
    for member in json_text.members(text, json_text.skip(text, 0)):
        inner = text[member.value : member.end]
        if inner[0] == "[":
            yield _list(member.key, inner.encode(), -1, key)
        elif member.key in shape.maps and inner[0] == "{":
            yield from _strict_map(member.key, inner)


def _strict_map(place: str, text: str) -> Iterator[Collection]:
    members = json_text.members(text, json_text.skip(text, 0))
    yield Collection(
        place, MAP, -1, [(one.key, text[one.value : one.end].encode()) for one in members]
    )


def cut_lines(data: bytes, key: str) -> Iterator[Collection]:
    """The one collection of a JSONL file; JsonError where it is not valid."""
    found = rows.lined(data, key)
    if found is not None:
        yield Collection("", LINES, 0, found)
        return
    at, slowly = 0, []
    for line in data.decode().split("\n"):
        if line.strip():
            try:
                item = json_text.parse(line)
            except JsonError as error:
                raise JsonError(error.why, at + error.at) from None
            if isinstance(item, dict):
                slowly.append((item.get(key), line.strip().encode()))
        at += len(line) + 1
    yield Collection("", LINES, -1, slowly)
