"""JSON values: what they are, when two are the same, their canonical text. No paths, no spelling.

Invariants:
1. Two values are the same when JSON says so: numbers when they are the same double (the framework's
   Node writer turns `1.0` into `1`), `true` is never `1`, the order of keys does not count.
2. Two values are the same if and only if their canonical texts are equal.
3. `MISSING` stands for "no value here"; it is never inside a value.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, Self

Json = Any
"""A parsed JSON value: dict, list, str, int, Number, bool, None (or MISSING at the top)."""

Path = tuple[str, ...]


class Missing:
    """The type of MISSING."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
_INFINITE = float("inf")
quoted = json.encoder.encode_basestring_ascii
_WORDS = {True: "true", False: "false", None: "null"}


class Number(float):
    """A JSON number that remembers how it was written (`0.90`)."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """A number read from its text."""
        self = super().__new__(cls, text)
        self.text = text
        return self


def same(a: Json, b: Json) -> bool:
    """Tell whether two values are equal as JSON (invariant 1)."""
    if a is b:
        return True
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return not (isinstance(a, bool) or isinstance(b, bool)) and _double(a) == _double(b)
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
    if isinstance(value, str):
        return quoted(value)
    if value is True or value is False or value is None:
        return _WORDS[value]
    if isinstance(value, (int, float)):
        number = _double(value)
        whole = number.is_integer() and abs(number) < 1e21
        return repr(int(number) if whole else number)
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{quoted(key)}:{canonical(value[key])}' for key in sorted(value))}}}"
    return ""


def digest(value: Json, length: int = 12) -> str:
    """The first hex digits of the SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:length]


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a Python integer beyond every double reads as JSON's 1e400 does
        return _INFINITE if number > 0 else -_INFINITE
