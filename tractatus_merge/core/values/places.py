"""Paths into JSON values, and the sides and the result of a three-way merge.

A path is a tuple of keys; inside a list of objects a step is the element's `id`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tractatus_merge.core.values import numbers
from tractatus_merge.core.values.equality import (
    MISSING,
    Json,
    Missing,
    Path,
    canonical,
    digest,
    same,
)

__all__ = [
    "GUESSED",
    "MISSING",
    "Json",
    "Missing",
    "Path",
    "canonical",
    "digest",
    "element_id",
    "get",
    "has_parent",
    "is_keyed",
    "leaves",
    "other_id",
    "put",
    "same",
]

GUESSED = ("id", "uuid", "key", "name")
"""By which keys the elements of a list may be known where nobody says it: the first that fits."""


def element_id(item: Json, key: str = "id") -> str | None:
    """The id by which an element of a list is known, if it has one: a text, or a whole number's."""
    name = item.get(key) if isinstance(item, dict) else None
    if isinstance(name, str):
        return name
    if type(name) is int:
        return str(name)
    return numbers.whole(name) if numbers.is_number(name) else None


def other_id(item: Json, key: str) -> str | None:
    """The name of an element by the first of the guessed keys that it has, `key` left aside."""
    for guessed in GUESSED:
        name = element_id(item, guessed)
        if name is not None and guessed != key:
            return f"{guessed}={name}"
    return None


def is_keyed(value: Json, key: str = "id") -> bool:
    """Whether the value is a list of objects that all have different ids."""
    if not isinstance(value, list):
        return False
    names = _names(value, key)
    return None not in names and len(set(names)) == len(names)


def _names(value: list[Json], key: str = "id") -> list[str | None]:
    return [element_id(item, key) for item in value]


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

    The parent of the last step should exist (see `has_parent`): what is neither object nor list
    becomes an object there.
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
    value = value if isinstance(value, dict) else {}
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
            yield from leaves(old, new, (*path, str(element_id(old))))
    elif not same(before, after):
        yield path, before, after
