"""JSON as text, reading: strictly, with the offset of whatever is wrong. Nothing is written here.

What Python's own reader lets pass is refused: double keys, NaN, nesting without end.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, NoReturn

from tractatus_merge.core.values import Json, Number

MAX_DEPTH = 200
"""How deep a value may be nested; deeper ones are refused, not followed."""

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)
_PAIR = re.compile(r"\[\]|\{\}")
_OTHER = re.compile(r"[^\[\]{}]+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


class JsonError(ValueError):
    """The text is not the JSON it should be: `at` is the offset, `why` the reason."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why, self.at = why, at


class _Noticed(ValueError):
    """A double key or a NaN is there (where, is found by a second, slower look)."""


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
        value, end = _decode(text, at)
    except json.JSONDecodeError as error:
        raise JsonError(_explain(text, error), min(error.pos, len(text))) from None
    except (_Noticed, RecursionError):
        raise _fault(text, at) from None
    if text.count("[", at, end) + text.count("{", at, end) > MAX_DEPTH and _is_deep(text[at:end]):
        raise _fault(text, at)
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
        start = at
        if text[at : at + 1] != '"':
            raise JsonError("a key in double quotes should stand here", at)
        key, at = value_at(text, at)
        if key in seen:
            raise JsonError(f"the key {json.dumps(key)} stands twice in one object", start)
        seen.add(key)
        at = skip(text, at)
        if text[at : at + 1] != ":":
            raise JsonError("a ':' should stand here", at)
        value = skip(text, at + 1)
        _, at = value_at(text, value)
        found.append(Member(key, start, value, at))
        at = _after_item(text, at, "}")
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


def _fault(text: str, at: int) -> JsonError:
    """Find what the fast reader only noticed: a double key, NaN, too deep a nesting."""
    opened: list[set[str]] = []
    before = at
    for found in _TOKEN.finditer(text, at):
        word = found[0]
        if word in ("NaN", "Infinity", "-Infinity"):
            return JsonError("NaN and Infinity are not JSON", found.start())
        if word in ("[", "{"):
            opened.append(set())
            if len(opened) > MAX_DEPTH:
                return JsonError(f"nested deeper than {MAX_DEPTH} levels", found.start())
        elif word in ("]", "}"):
            opened.pop()
        elif word == ":":
            key, _ = _decode(text, before)
            if key in opened[-1]:
                why = f"the key {json.dumps(key)} stands twice in one object"
                return JsonError(why, before)
            opened[-1].add(key)
        if not opened:
            break
        before = found.start()
    return JsonError("the value cannot be followed", at)  # the caller had used up the stack
