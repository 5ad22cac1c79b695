"""JSON as text: read strictly, write as the framework's Node scripts do, change minimally.

What is not touched keeps its bytes: `rewrite` leaves every member and element whose value stays,
number spelling, escapes and white space included. No file is opened here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.json_reader import (
    MAX_DEPTH,
    RECORD_DEPTH,
    JsonError,
    Member,
    after_item,
    any_depth_at,
    check_depth,
    elements,
    members,
    parse,
    skip,
    value_at,
)
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.core.values.places import element_id
from tractatus_merge.value import Value

__all__ = [
    "MAX_DEPTH",
    "RECORD_DEPTH",
    "JsonError",
    "Member",
    "Style",
    "after_item",
    "any_depth_at",
    "check_depth",
    "dedent",
    "dump",
    "elements",
    "indent",
    "joined",
    "members",
    "parse",
    "rewrite",
    "skip",
    "string",
    "value_at",
]

_TAIL = 1 << 10
_SURROGATE = "[\ud800-\udfff]"


class Style(Value):
    """How a text is laid out: the indentation unit (None: all in one line)."""

    unit: str | None = "  "

    @classmethod
    def of(cls, text: str) -> Style:
        """The style of an object or array, read off its first member."""
        first = re.match(r"\s*[\[{](\r?\n([ \t]*))?", text)
        if first is None or first[1] is None:
            return cls() if text.strip() in ("{}", "[]") else cls(None)
        stop = stop_of(text)
        last = text[text.rfind("\n", 0, stop) + 1 : stop]
        outer = last[:-1] if last.endswith(("]", "}")) else ""
        return cls(first[2].removeprefix(outer) or "  ")


def stop_of(text: str) -> int:
    """The offset behind the last character that is not white space; a long text is not copied."""
    tail = text[-_TAIL:]
    return len(text) - len(tail) + left if (left := len(tail.rstrip())) else len(text.rstrip())


STYLE = Style()
"""Two spaces a level, as programs mostly write."""


def dump(value: Json, style: Style = STYLE, level: str = "") -> str:
    """Write a value as `JSON.stringify(value, null, unit)` does, but with numbers as they came.

    `level` is the indentation of the line on which the value begins.
    """
    if isinstance(value, str):
        return string(value)
    if isinstance(value, Number):
        return value.text
    if not isinstance(value, (dict, list)):
        return json.dumps(value)
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    inner = "" if style.unit is None else level + style.unit
    colon = ":" if style.unit is None else ": "
    if isinstance(value, dict):
        parts = [f"{string(k)}{colon}{dump(v, style, inner)}" for k, v in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [dump(v, style, inner) for v in value]
        opening, closing = "[", "]"
    if style.unit is None:
        return f"{opening}{','.join(parts)}{closing}"
    lines = f",\n{inner}".join(parts)
    return f"{opening}\n{inner}{lines}\n{level}{closing}"


def string(text: str) -> str:
    """A JSON string as Node writes it: raw non-ASCII, lone surrogates escaped."""
    raw = json.dumps(text, ensure_ascii=False)
    return raw if raw.isascii() else re.sub(_SURROGATE, _escape, raw)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def indent(text: str, prefix: str) -> str:
    """Put a prefix before every line but the first (a JSON string never spans lines)."""
    return text.replace("\n", "\n" + prefix)


def dedent(text: str, prefix: str) -> str:
    """Undo `indent`, and write line ends as LF."""
    plain = text.replace("\r\n", "\n") if "\r" in text else text
    return plain.replace("\n" + prefix, "\n")


def rewrite(text: str, value: Json, level: str = "") -> str:
    """The text, changed so that it says `value`; what says the same already keeps its bytes.

    `level` is the indentation of the line on which the text begins.
    """
    at = skip(text, 0)
    old, end = value_at(text, at)
    return text[:at] + _rewritten(text[at:end], old, value, Style.of(text), level) + text[end:]


def _rewritten(text: str, old: Json, value: Json, style: Style, level: str) -> str:
    if same(old, value):
        return text
    inner = level + (style.unit or "")
    if isinstance(old, dict) and isinstance(value, dict) and old and value:
        return _rewritten_object(text, old, value, style, inner)
    if isinstance(old, list) and isinstance(value, list) and old and value:
        return _rewritten_array(text, old, value, style, inner)
    return dump(value, style, level)


def _rewritten_object(
    text: str, old: dict[str, Json], value: dict[str, Json], style: Style, inner: str
) -> str:
    found = members(text, 0)
    places = {member.key: place for place, member in enumerate(found)}
    _, key_end = value_at(text, found[0].start)
    colon = text[key_end : found[0].value]
    parts: list[tuple[int | None, str]] = []
    for key, item in value.items():
        place = places.get(key)
        if place is None:
            new = dump(item, _inside(style, text), inner)
            parts.append((None, f"{string(key)}{colon}{new}"))
        else:
            span = found[place]
            head, tail = text[span.start : span.value], text[span.value : span.end]
            parts.append((place, head + _rewritten(tail, old[key], item, style, inner)))
    return joined(text, [(m.start, m.end) for m in found], parts)


def _rewritten_array(
    text: str, old: list[Json], value: list[Json], style: Style, inner: str
) -> str:
    spans = elements(text, 0)
    free = dict.fromkeys(range(len(old)))
    parts: list[tuple[int | None, str]] = []
    for position, item in enumerate(value):
        twin = next((i for i in free if same(old[i], item)), None)
        if twin is None and element_id(item) is not None:
            twin = next((i for i in free if element_id(old[i]) == element_id(item)), None)
        if twin is None and position in free and len(old) == len(value):
            twin = position
        if twin is None:
            parts.append((None, dump(item, _inside(style, text), inner)))
            continue
        del free[twin]
        start, end = spans[twin]
        parts.append((twin, _rewritten(text[start:end], old[twin], item, style, inner)))
    return joined(text, spans, parts)


def _inside(style: Style, text: str) -> Style:
    """New parts of a one-line object stay on its line."""
    return style if "\n" in text else Style(None)


Piece = str | tuple[int, int]
"""A piece of a new text: itself, or where it stands in the old one."""


def joined(
    text: str, spans: Sequence[tuple[int, int]], parts: Sequence[tuple[int | None, str | None]]
) -> str:
    """An object's or array's text with other items, as `pieces` has it."""
    found = pieces(text, spans, parts, (0, len(text)))
    return "".join(one if isinstance(one, str) else text[slice(*one)] for one in found)


def pieces(
    text: str,
    spans: Sequence[tuple[int, int]],
    parts: Sequence[tuple[int | None, str | None]],
    place: tuple[int, int],
) -> list[Piece]:
    """An object's or array's text with other items; the white space between two that stay, stays.

    `spans` tells where the items stand now; a part is (number of the item it was, its text), and
    None for the text that stands there. `place` is that of the object or array in the text.
    """
    at, end = place
    usual = text[spans[0][1] : spans[1][0]] if len(spans) > 1 else ""
    if not usual:
        inside = text[at : spans[0][1]]
        airy = " " if ": " in inside or ", " in inside else ""
        usual = "," + (text[at + 1 : spans[0][0]] or airy)
    found: list[Piece] = [(at, spans[0][0])]

    def keep(start: int, end: int) -> None:
        """Copy a piece of the text; with the one before it, where that ends here."""
        last = found[-1]
        if not isinstance(last, str) and last[1] == start:
            found[-1] = last[0], end
        else:
            found.append((start, end))

    before: int | None = None
    for number, (was, part) in enumerate(parts):
        if was is not None and before is not None and was == before + 1:
            keep(spans[before][1], spans[was][1 if part is None else 0])
        else:
            if number:
                found.append(usual)
            if part is None:
                assert was is not None
                keep(*spans[was])
        if part is not None:
            found.append(part)
        before = was
    keep(spans[-1][1], end)
    return found
