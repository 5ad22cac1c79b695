"""JSON as text, reading: strictly, with the offset of whatever is wrong. Nothing is written here.

What Python's own reader lets pass is refused: double keys and NaN. What is nested deeper than the
program follows is read without recursion, and stands in its value as one `Deep`.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, NoReturn

from tractatus_merge.core.values import Deep, Json, Number, canonical

MAX_DEPTH = 200
"""How deep a value is followed; what is nested deeper is one `Deep`."""

_SPACE = re.compile(r"[ \t\r\n]*")
_PAIR = re.compile(r"\[\]|\{\}")
_OTHER = re.compile(r"[^\[\]{}]+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LAYOUT = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', re.DOTALL)


class JsonError(ValueError):
    """The text is not the JSON it should be: `at` is the offset, `why` the reason."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why, self.at = why, at


class _Noticed(ValueError):
    """A double key or a NaN is there (where, `_followed` tells)."""


class Member(NamedTuple):
    """One member of an object in a text: its key, and where the key and the value stand."""

    key: str
    start: int
    value: int
    end: int


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Noticed
    return found


def _integer(text: str) -> int | Number:
    return int(text) if len(text) < 16 and text != "-0" else Number(text)


def _constant(text: str) -> NoReturn:
    raise _Noticed(text)


_decode = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=Number, parse_int=_integer, parse_constant=_constant
).raw_decode


def skip(text: str, at: int) -> int:
    """The offset of the first character that is not white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def value_at(text: str, at: int) -> tuple[Json, int]:
    """The value that begins at the offset, and where it ends; JsonError if there is none."""
    try:
        value, end = _read(text, at)
    except (_Noticed, RecursionError):
        return _followed(text, at)
    if text.count("[", at, end) + text.count("{", at, end) > MAX_DEPTH and _is_deep(text[at:end]):
        return _followed(text, at)
    return value, end


def parse(text: str) -> Json:
    """The value of a whole JSON text; JsonError on anything that is not strict JSON."""
    start = skip(text, 0)
    if start == len(text):
        raise JsonError("the text is empty", 0)
    value, end = value_at(text, start)
    rest = skip(text, end)
    if rest != len(text):
        raise JsonError("more text after the end of the value", rest)
    return value


def members(text: str, at: int) -> list[Member]:
    """The members of the object whose brace stands at the offset; JsonError on a double key."""
    found: list[Member] = []
    seen: set[str] = set()
    at = skip(text, at + 1)
    while text[at : at + 1] != "}":
        key, value = _key(text, at, seen)
        _, end = value_at(text, value)
        found.append(Member(key, at, value, end))
        at = _after_item(text, end, "}")
    return found


def elements(text: str, at: int) -> list[tuple[int, int]]:
    """Where the elements of the array stand whose bracket is at the offset."""
    found: list[tuple[int, int]] = []
    at = skip(text, at + 1)
    while text[at : at + 1] != "]":
        _, end = value_at(text, at)
        found.append((at, end))
        at = _after_item(text, end, "]")
    return found


def _read(text: str, at: int) -> tuple[Json, int]:
    try:
        return _decode(text, at)
    except json.JSONDecodeError as error:
        raise JsonError(_explain(text, error), min(error.pos, len(text))) from None


def _key(text: str, at: int, seen: set[str]) -> tuple[str, int]:
    """The key that stands at the offset, new to its object, and where its value begins."""
    if text[at : at + 1] != '"':
        raise JsonError("a key in double quotes should stand here", at)
    key, end = value_at(text, at)
    if key in seen:
        raise JsonError(f"the key {json.dumps(key)} stands twice in one object", at)
    seen.add(key)
    end = skip(text, end)
    if text[end : end + 1] != ":":
        raise JsonError("a ':' should stand here", end)
    return key, skip(text, end + 1)


def _after_item(text: str, at: int, close: str) -> int:
    at = skip(text, at)
    if text[at : at + 1] == ",":
        at = skip(text, at + 1)
        if text[at : at + 1] == close:
            raise JsonError("a comma stands before the closing bracket", at)
    elif text[at : at + 1] != close:
        why = "the text ends in the middle" if at >= len(text) else f"a ',' or '{close}' is missing"
        raise JsonError(why, at)
    return at


def _explain(text: str, error: json.JSONDecodeError) -> str:
    if skip(text, error.pos) >= len(text) or error.msg.startswith("Unterminated"):
        return "the text ends in the middle of a value (a torn write?)"
    return f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"


def _is_deep(text: str) -> bool:
    """Whether brackets nest beyond the limit: peel the innermost pairs off, level by level."""
    brackets = _OTHER.sub("", _STRING.sub("", text))
    for _ in range(MAX_DEPTH):
        brackets = _PAIR.sub("", brackets)
        if not brackets:
            return False
    return True


_Parts = str | list[Any]
"""A canonical text, or its parts in order: what is deep is joined once, at its end."""


class _Open:
    """An object or a list that is being read: its items so far, the key of the one that comes.

    Beyond the limit, parts of its canonical text stand for the items.
    """

    def __init__(self, text: str, start: int) -> None:
        self.start, self.is_object = start, text[start] == "{"
        self.close = "}" if self.is_object else "]"
        self.items: list[tuple[str, Any]] = []
        self.seen: set[str] = set()
        self.key = ""

    def take(self, item: Any) -> None:
        """The next item, of which the key has been read."""
        self.items.append((self.key, item))

    def value(self) -> Json:
        """The object or list."""
        return dict(self.items) if self.is_object else [item for _, item in self.items]

    def parts(self) -> _Parts:
        """The parts of its canonical text."""
        found: list[_Parts] = ["{" if self.is_object else "["]
        for place, (key, item) in enumerate(sorted(self.items, key=lambda item: item[0])):
            before = "," if place else ""
            found += [f"{before}{canonical(key)}:" if self.is_object else before, item]
        return [*found, self.close]


def _followed(text: str, at: int) -> tuple[Json, int]:
    """The object or list at the offset, as deep as it goes; a JsonError at its first fault."""
    opened: list[_Open] = []
    while True:
        if text[at : at + 1] in ("[", "{"):
            opened.append(_Open(text, at))
            at = skip(text, at + 1)
        else:
            item, at = _scalar(text, at)
            opened[-1].take(item if len(opened) <= MAX_DEPTH else canonical(item))
            at = _after_item(text, at, opened[-1].close)
        while text[at : at + 1] == opened[-1].close:
            done, at = opened.pop(), at + 1
            item = done.value() if len(opened) < MAX_DEPTH else done.parts()
            if len(opened) == MAX_DEPTH:
                bare = _LAYOUT.sub(lambda found: found[1] or "", text[done.start : at])
                item = Deep(bare, _joined(item))
            if not opened:
                return item, at
            opened[-1].take(item)
            at = _after_item(text, at, opened[-1].close)
        if opened[-1].is_object:
            opened[-1].key, at = _key(text, at, opened[-1].seen)


def _scalar(text: str, at: int) -> tuple[Json, int]:
    try:
        return _read(text, at)
    except _Noticed:
        raise JsonError("NaN and Infinity are not JSON", at) from None


def _joined(parts: _Parts) -> str:
    found: list[str] = []
    left = [parts]
    while left:
        part = left.pop()
        if isinstance(part, str):
            found.append(part)
        else:
            left += reversed(part)
    return "".join(found)
