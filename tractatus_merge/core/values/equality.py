"""JSON values: what they are, when two are the same, their canonical text. No paths, no spelling.

Invariants:
1. Two values are the same when JSON says so: numbers when they are the same exact decimal (`1` and
   `1.0` are), `true` is never `1`, the order of keys does not count.
2. Two values are the same if and only if their canonical texts are equal.
3. `MISSING` stands for "no value here"; it is never inside a value.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from tractatus_merge.core.values import numbers
from tractatus_merge.core.values.numbers import Number, is_number

Json = Any
"""A parsed JSON value: dict, list, str, int, Number, bool, None (or MISSING at the top)."""

Path = tuple[str, ...]


class Missing:
    """The type of MISSING."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
quoted = json.encoder.encode_basestring_ascii
_WORDS = {True: "true", False: "false", None: "null"}


def same(a: Json, b: Json) -> bool:
    """Tell whether two values are equal as JSON (invariant 1)."""
    if a is b:
        return True
    kind = type(a)
    if kind is type(b):
        if kind is str or kind is int:
            return bool(a == b)
        if kind is Number and a.text == b.text:
            return True
    if isinstance(a, dict):
        return (
            isinstance(b, dict)
            and len(a) == len(b)
            and all(key in b and same(value, b[key]) for key, value in a.items())
        )
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return is_number(a) and is_number(b) and numbers.equal(a, b)


def canonical(value: Json) -> str:
    """One text for all values that are the same: sorted keys, ASCII, numbers exactly."""
    if isinstance(value, str):
        return quoted(value)
    if value is True or value is False or value is None:
        return _WORDS[value]
    if isinstance(value, (int, Number, float)):
        return numbers.canonical(value)
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{quoted(key)}:{canonical(value[key])}' for key in sorted(value))}}}"
    return ""


def digest(value: Json, length: int = 12) -> str:
    """The first hex digits of the SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:length]
