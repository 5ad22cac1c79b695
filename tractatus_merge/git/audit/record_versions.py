"""One version of any record file, read only: each record's bytes by its name.

A record is an element with an id of a list, a line, or a member of an object (see `shapes`). Its
*name* is the key of its collection and the id. Elements without an id are no records. Whoever
merges or writes reads with `anyfile.rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.core.values.places import element_id
from tractatus_merge.git.audit import shapes
from tractatus_merge.git.audit.losses import Delta, Records
from tractatus_merge.git.audit.shapes import LISTS, Collection, Shape
from tractatus_merge.value import Value, field

JSON, JSONL = "json", "jsonl"
Rows = Mapping[str, tuple[bytes, ...]]
Change = tuple[tuple[bytes, ...], tuple[bytes, ...]]
"""The rows of one name before and after."""

_BOM = b"\xef\xbb\xbf"
_MARKS = (b"<<<<<<< ", b">>>>>>> ")


class Version(Value):
    """What stands in a version, and its form; or why it is not valid, and then nothing."""

    rows: Rows = field(default_factory=dict)
    fault: str | None = None
    form: str = JSON
    collections: Sequence[Collection] = ()


def shape_of(samples: Iterable[bytes], key: str = "id", form: str | None = None) -> Shape:
    """What a file's records are, by some of its versions: lists go before objects."""
    lists, maps, objects = False, set[str](), False
    for data in samples:
        version = read(data, key, form)
        if version.fault is not None or version.form == JSONL:
            continue
        value = json_text.parse(data.removeprefix(_BOM).decode())
        members = value if isinstance(value, dict) else {"": value}
        objects |= isinstance(value, dict) and bool(value)
        lists |= any(shapes.is_list(member) for member in members.values())
        maps |= {name for name, member in members.items() if shapes.is_map(member)}
    return Shape(frozenset(maps), objects and not lists and not maps)


def read(data: bytes, key: str = "id", form: str | None = None, shape: Shape = LISTS) -> Version:
    """The records of a version; without a form, whichever of JSON and JSONL it is.

    One object that has an id is then the line of a JSONL file.
    """
    data = data.removeprefix(_BOM)
    fault = None
    for kind in (JSON, JSONL):
        if form not in (None, kind):
            continue
        try:
            if form is None and kind == JSON and shapes.is_record(data, key):
                continue
            found = list(
                shapes.cut_json(data, key, shape) if kind == JSON else shapes.cut_lines(data, key)
            )
            return Version(_named(found), None, kind, found)
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


def change(before: Rows, after: Rows, names: Iterable[str] | None = None) -> dict[str, Change]:
    """The names whose rows differ, with both; `names` are all that may differ, if that is known."""
    if names is None:
        found = {
            name: (before.get(name, ()), texts)
            for name, texts in after.items()
            if before.get(name) != texts
        }
        found |= {name: (texts, ()) for name, texts in before.items() if name not in after}
        return found
    both = ((name, (before.get(name, ()), after.get(name, ()))) for name in names)
    return {name: pair for name, pair in both if pair[0] != pair[1]}


def picked(versions: Sequence[Rows], names: Iterable[str]) -> list[Records]:
    """What the versions say under some names."""
    some = list(names)
    return [
        {name: tuple(map(value, rows_[name])) for name in some if name in rows_}
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


def full_name(place: str, said: Json) -> str | None:
    """The name of an element, by what the id's key says in it; None if it is no record."""
    name = said if type(said) is str else element_id({"id": said})
    return None if name is None else f"{place}\0{name}"


def _named(found: Iterable[Collection]) -> dict[str, tuple[bytes, ...]]:
    named: dict[str, tuple[bytes, ...]] = {}
    for place, _, _, elements, _ in found:
        for said, text in elements:
            full = full_name(place, said)
            if full is not None:
                there = named.setdefault(full, row := (text,))
                if there is not row:
                    named[full] = (*there, text)
    return named
