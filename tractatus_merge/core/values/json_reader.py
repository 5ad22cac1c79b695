"""JSON as text, reading: strictly, with the offset of whatever is wrong. Nothing is written here.

What Python's own reader lets pass is refused: double keys, NaN, and what nests deeper than the
program's own recursion is known to reach.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.value import Value

MAX_DEPTH = 120
"""How many objects and lists a value may have inside each other."""
RECORD_DEPTH = 100
"""The same for an instruction, which conflicts and resolutions hold some levels deeper."""

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'[\[\]{}]|"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)


class JsonError(ValueError):
    """The text is not the JSON it should be: `at` is the offset, `why` the reason."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why, self.at = why, at


class _Noticed(ValueError):
    """A double key or a NaN is somewhere in the value."""


class Member(Value):
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


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=Number, parse_int=_integer, parse_constant=_constant
)
_scan: Callable[[str, int], tuple[Json, int]] = vars(_DECODER)["scan_once"]
"""`raw_decode` without its way there: a file has ten thousand values."""


def skip(text: str, at: int) -> int:
    """The offset of the first character that is not white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def value_at(text: str, at: int) -> tuple[Json, int]:
    """The value that begins at the offset, and where it ends; JsonError if there is none."""
    value, end = any_depth_at(text, at)
    check_depth(text, at, end)
    return value, end


def any_depth_at(text: str, at: int) -> tuple[Json, int]:
    """As `value_at`, but for a value that nests too deep: whoever asks looks at that."""
    try:
        return _read(text, at)
    except RecursionError:
        check_depth(text, at)
        raise
    except _Noticed:
        check_depth(text, at)
        if text[at] == "{":
            members(text, at)
        elif text[at] == "[":
            elements(text, at)
        raise JsonError("NaN and Infinity are not JSON", at) from None


def check_depth(text: str, at: int = 0, end: int | None = None, limit: int = MAX_DEPTH) -> None:
    """Refuse the value at the offset if it nests deeper than the limit: a JsonError with the place.

    What is there need not be JSON up to its end.
    """
    if text.count("[", at, end) + text.count("{", at, end) <= limit:
        return
    depth = 0
    for token in _TOKEN.finditer(text, at):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > limit:
            raise JsonError(f"objects and lists nest deeper than {limit} levels", token.start())
        if depth <= 0:
            return


def parse(text: str) -> Json:
    """The value of a whole JSON text; JsonError on anything that is not strict JSON."""
    try:
        value, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError):  # it begins with white space, or is none
        return _parsed(text)
    if end == len(text) and text.count("[") + text.count("{") <= MAX_DEPTH:
        return value
    return _parsed(text)


def _parsed(text: str) -> Json:
    """As `parse`, for a text that is not as nearly all are: what is wrong with it is told."""
    start = skip(text, 0)
    if start == len(text):
        raise JsonError("the text is empty", 0)
    value, end = value_at(text, start)
    rest = skip(text, end)
    if rest != len(text):
        raise JsonError("more text after the end of the value", rest)
    return value


def members(text: str, at: int, end_of: Callable[[str, int], int] | None = None) -> list[Member]:
    """The members of the object whose brace stands at the offset; JsonError on a double key.

    `end_of` reads a value, given its key and offset, and says where it ends.
    """
    found: list[Member] = []
    seen: set[str] = set()
    at = skip(text, at + 1)
    while text[at : at + 1] != "}":
        key, value = _key(text, at, seen)
        end = end_of(key, value) if end_of else value_at(text, value)[1]
        found.append(Member(key, at, value, end))
        at = after_item(text, end, "}")
    return found


def elements(text: str, at: int) -> list[tuple[int, int]]:
    """Where the elements of the array stand whose bracket is at the offset."""
    found: list[tuple[int, int]] = []
    at = skip(text, at + 1)
    while text[at : at + 1] != "]":
        _, end = value_at(text, at)
        found.append((at, end))
        at = after_item(text, end, "]")
    return found


def _read(text: str, at: int) -> tuple[Json, int]:
    try:
        return _scan(text, at)
    except StopIteration as error:
        nothing = json.JSONDecodeError("Expecting value", text, error.value)
        raise JsonError(_explain(text, nothing), min(nothing.pos, len(text))) from None
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


def after_item(text: str, at: int, close: str) -> int:
    """Where the next item begins after one that ends at the offset, or the closing bracket is."""
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
