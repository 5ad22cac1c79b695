"""JSON values as the merge sees them: equality, canonical form, paths. Not their spelling in a file.

Invariants:
1. Two values are the same when JSON says so: numbers when they are the same double (the framework's
   Node writer turns `1.0` into `1`), `true` is never `1`, the order of keys does not count.
2. `MISSING` stands for "no value here"; it is never inside a value.
3. A path is a tuple of keys; inside a list of objects a step is the element's `id`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

Json = Any
"""A parsed JSON value: dict, list, str, int, Number, bool, None (or MISSING at the top)."""

Path = tuple[str, ...]


class Missing:
    """The type of MISSING."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class Number(float):
    """A JSON number that remembers how it was written (`0.90`)."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Number:
        self = super().__new__(cls, text)
        self.text = text
        return self


def same(a: Json, b: Json) -> bool:
    """Tell whether two values are equal as JSON (invariant 1)."""
    if a is b:
        return True
    if isinstance(a, bool) or isinstance(b, bool):
        return False
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return _double(a) == _double(b)
    if isinstance(a, dict):
        return (
            isinstance(b, dict)
            and len(a) == len(b)
            and all(key in b and same(value, b[key]) for key, value in a.items())
        )
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


def canonical(value: Json) -> str:
    """One text for all values that are the same: sorted keys, ASCII, numbers as doubles."""
    if value is MISSING:
        return ""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def digest(value: Json, length: int = 12) -> str:
    """The first hex digits of the SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:length]


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a Python integer beyond every double reads as JSON's 1e400 does
        return math.inf if number > 0 else -math.inf


def _plain(value: Json) -> Json:
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, (int, float)):
        number = _double(value)
        return int(number) if number.is_integer() and abs(number) < 1e21 else number
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()}


def element_id(item: Json) -> str | None:
    """The `id` by which an element of a list is known, if it has one."""
    name = item.get("id") if isinstance(item, dict) else None
    return name if isinstance(name, str) else None


def is_keyed(value: Json) -> bool:
    """Whether the value is a list of objects that all have different ids."""
    if not isinstance(value, list):
        return False
    names = [element_id(item) for item in value]
    return None not in names and len(set(names)) == len(names)


def _names(value: list[Json]) -> list[str | None]:
    return [element_id(item) for item in value]


def get(value: Json, path: Path) -> Json:
    """The value at a path, or MISSING."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, MISSING)
        elif isinstance(value, list):
            value = next((item for item in value if element_id(item) == step), MISSING)
        else:
            return MISSING
    return value


def put(value: Json, path: Path, new: Json) -> Json:
    """A copy of the value with `new` at the path; MISSING takes the key away.

    The parent of the last step must exist (see `has_parent`).
    """
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        kept = [
            put(item, rest, new) if element_id(item) == step else item
            for item in value
            if rest or new is not MISSING or element_id(item) != step
        ]
        if not rest and new is not MISSING and get(value, (step,)) is MISSING:
            kept.append(new)
        return kept
    if not rest and new is MISSING:
        return {key: item for key, item in value.items() if key != step}
    return {**value, step: put(value.get(step, MISSING), rest, new)}


def has_parent(value: Json, path: Path) -> bool:
    """Tell whether `put` can write at the path: its parent is an object or a list."""
    return not path or isinstance(get(value, path[:-1]), (dict, list))


def leaves(before: Json, after: Json, path: Path = ()) -> Iterator[tuple[Path, Json, Json]]:
    """The smallest places where two values differ: (path, before, after).

    Objects are entered, and lists of objects that have the same ids in the same order; everything
    else (other lists too) is a leaf.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from leaves(before.get(key, MISSING), after.get(key, MISSING), (*path, key))
    elif is_keyed(before) and is_keyed(after) and _names(before) == _names(after):
        for old, new in zip(before, after, strict=True):
            yield from leaves(old, new, (*path, old["id"]))
    elif not same(before, after):
        yield path, before, after


@dataclass(frozen=True, slots=True)
class Merge:
    """Three values that want to become one: ours is the head's, theirs the session's."""

    base: Json
    ours: Json
    theirs: Json


@dataclass(frozen=True, slots=True)
class Contest:
    """A place that no rule settled: ours stands there, theirs waits for a person."""

    path: Path
    merge: Merge
    kind: str = "field"


@dataclass(frozen=True, slots=True)
class Merged:
    """A value, and the contests inside it; none means clean."""

    value: Json
    contests: tuple[Contest, ...] = ()
