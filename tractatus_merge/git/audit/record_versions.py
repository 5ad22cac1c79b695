"""One version of any record file, read only: each record's bytes by its name.

A record is an element with an id of a list at the top (the file itself, or under a key of its
object), or a line of a JSONL file. Its *name* is the key of the list and the id. Elements without
an id are no records. Whoever merges or writes reads with `anyfile.rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from tractatus_merge.anyfile import rows
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.core.values.places import element_id
from tractatus_merge.git.audit.losses import Delta, Records

JSON, JSONL = "json", "jsonl"
Rows = Mapping[str, tuple[bytes, ...]]
Change = tuple[tuple[bytes, ...], tuple[bytes, ...]]
"""The rows of one name before and after."""

_BOM = b"\xef\xbb\xbf"
_MARKS = (b"<<<<<<< ", b">>>>>>> ")


@dataclass(frozen=True, slots=True)
class Version:
    """What stands in a version, and its form; or why it is not valid, and then nothing."""

    rows: Rows = field(default_factory=dict)
    fault: str | None = None
    form: str = JSON


def read(data: bytes, key: str = "id", form: str | None = None) -> Version:
    """The records of a version; without a form, whichever of JSON and JSONL it is.

    One object that has an id is then the line of a JSONL file.
    """
    data = data.removeprefix(_BOM)
    fault = None
    for kind, read_as in ((JSON, _as_json), (JSONL, _as_lines)):
        if form not in (None, kind):
            continue
        try:
            if form is None and kind == JSON and _is_record(data, key):
                continue
            return Version(_named(read_as(data, key)), form=kind)
        except UnicodeDecodeError:
            return Version(fault="it is not UTF-8")
        except JsonError as error:
            line = data.decode()[: error.at].count("\n") + 1
            fault = fault or f"line {line}: {error.why}"
    marked = any(data.startswith(mark) or b"\n" + mark in data for mark in _MARKS)
    return Version(fault="git's conflict markers stand in it" if marked else fault)


def parts_of(name: str) -> tuple[str, str]:
    """The list of a name (its key in the top object, else nothing), and the id."""
    place, _, record = name.partition("\0")
    return place, record


def change(before: Rows, after: Rows) -> dict[str, Change]:
    """The names whose rows differ, with both."""
    found = {
        name: (before.get(name, ()), texts)
        for name, texts in after.items()
        if before.get(name) != texts
    }
    found |= {name: (texts, ()) for name, texts in before.items() if name not in after}
    return found


def differing(versions: list[Rows]) -> list[Records]:
    """What the versions say where their rows are not all the same."""
    first, *others = versions
    names = dict.fromkeys(name for other in others for name in change(first, other))
    return [
        {name: tuple(map(value, rows_[name])) for name in names if name in rows_}
        for rows_ in versions
    ]


def values(delta: Mapping[str, Change]) -> Delta:
    """A change of rows as one of values; of several with one id the last counts."""
    return {
        name: (value(before[-1]) if before else MISSING, value(after[-1]) if after else MISSING)
        for name, (before, after) in delta.items()
    }


@lru_cache(maxsize=1 << 15)
def value(text: bytes) -> Json:
    """What a row says; one that is not strict JSON is known by its bytes alone."""
    try:
        return json_text.parse(text.decode())
    except JsonError:  # a key stands twice in it, or it nests too deep: readers differ
        return {"": text.decode()}


_List = tuple[str, list[tuple[Json, bytes]]]
"""The key of a list, and its elements: what the id's key says in each, and its bytes."""


def _named(lists: Iterable[_List]) -> dict[str, tuple[bytes, ...]]:
    found: dict[str, tuple[bytes, ...]] = {}
    for place, elements in lists:
        for said, text in elements:
            name = said if type(said) is str else element_id({"id": said})
            if name is not None:
                full = f"{place}\0{name}"
                there = found.setdefault(full, row := (text,))
                if there is not row:
                    found[full] = (*there, text)
    return found


def _is_record(data: bytes, key: str) -> bool:
    """Whether the first line, and each other, is an object, and the first has an id."""
    found = rows.lined(data, key)
    return bool(found and element_id({"id": found[0][0]}) is not None)


def _as_json(data: bytes, key: str) -> Iterator[_List]:
    if data.lstrip()[:1] == b"[":
        yield "", _list(data, key)
        return
    places = rows.members(data)
    if places is None:
        yield from _strictly(data.decode(), key)
        return
    for place, (start, end) in places.items():
        if data[start : start + 1] == b"[":
            yield place, _list(data[start:end], key)


def _list(data: bytes, key: str) -> list[tuple[Json, bytes]]:
    found = rows.listed(data, key)
    if found is not None:
        return found
    text = data.decode()
    parsed = json_text.parse(text)
    spans = json_text.elements(text, json_text.skip(text, 0))
    return [
        (item.get(key), text[start:end].encode())
        for item, (start, end) in zip(parsed, spans, strict=True)
        if isinstance(item, dict)
    ]


def _strictly(text: str, key: str) -> Iterator[_List]:
    """What the fast reader does not take; JsonError where it is not valid."""
    if not isinstance(json_text.parse(text), dict):
        return
    for member in json_text.members(text, json_text.skip(text, 0)):
        if text[member.value] == "[":
            yield member.key, _list(text[member.value : member.end].encode(), key)


def _as_lines(data: bytes, key: str) -> Iterator[_List]:
    found = rows.lined(data, key)
    if found is not None:
        yield "", found
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
    yield "", slowly
