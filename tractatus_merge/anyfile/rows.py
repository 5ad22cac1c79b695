"""A file of records cut into rows, as bytes: what nobody changed is never parsed. Nothing merges.

A *row* is one element of a list of records, or one line of a JSONL file. The list may be the file
itself or stand under a key of its top object. msgspec finds the rows and checks that they are JSON;
where it cannot, there are no rows and the file is read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tractatus_merge.core.rules.merged_text import usual
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.core.values.places import element_id
from tractatus_merge.value import Value

NAMELESS = "\0"
"""The name of a row without a key, until it is known by what it says."""

_GAP = re.compile(rb"[ \t\r\n]*,?[ \t\r\n]*")
_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_COLON = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")
_LINES = re.compile(rb"[ \t\r\n]*")
_MARGIN = re.compile(rb"\n([ \t]*)$")


_PIECE, _FEW = 1 << 16, 128
"""Bytes, and rows, that are compared at once."""
Span = tuple[int, int]
"""Where something begins and ends."""
Gaps = Mapping[tuple[str, str] | str, bytes]
"""What stands between two rows, or before one, by their names."""


class Rows(Value):
    """The rows of one list, in order: names, bytes, and what stands between them.

    Invariant: `lead + row + gap + row ... + tail` are the bytes of the list, or of the JSONL file.
    """

    names: list[str]
    texts: list[bytes]
    gaps: Sequence[bytes]
    lead: bytes
    tail: bytes

    @property
    def margin(self) -> bytes | None:
        """The indentation of the first row's line; None where it begins on the bracket's."""
        found = _MARGIN.search(self.lead)
        return found[1] if found else None

    @property
    def usual(self) -> bytes:
        """What stands between most rows; of a single one, told by how it stands."""
        return usual(self.gaps) if self.gaps else _usual(self.lead)

    @property
    def is_even(self) -> bool:
        """Whether the same stands between all rows."""
        return not self.gaps or self.gaps.count(self.gaps[0]) == len(self.gaps)

    @property
    def known_gaps(self) -> Gaps:
        """What stands between two rows that are neighbours, and before each one."""
        pairs = dict(zip(pairwise(self.names), self.gaps, strict=True))
        return pairs | dict(zip(self.names[1:], self.gaps, strict=True))

    def body(
        self, names: Sequence[str], texts: Mapping[str, bytes], gaps: Gaps | None = None
    ) -> bytes:
        """The list's bytes with other rows, and these gaps (its own) where they are known."""
        if not names:
            return self.lead.rstrip() + self.tail.lstrip()
        gaps = self.known_gaps if gaps is None else gaps
        between = self.usual
        if not gaps:
            return b"".join([self.lead, between.join([texts[name] for name in names]), self.tail])
        parts = [self.lead, texts[names[0]]]
        for pair in pairwise(names):
            parts += [gaps.get(pair, gaps.get(pair[1], between)), texts[pair[1]]]
        return b"".join([*parts, self.tail])


def _usual(lead: bytes) -> bytes:
    """The gap of a list that has none yet, told by how its first row stands."""
    return b"," + lead[lead.index(b"[") + 1 :] if b"[" in lead else b"\n"


def members(data: bytes) -> dict[str, tuple[int, int]] | None:
    """Where the values of a top object stand; None where it is none or cannot be told."""
    import msgspec

    start = _at(_SPACE, data, 0)
    if data[start : start + 1] != b"{":
        return None
    try:
        raws = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ):  # whoever reads it whole says what is wrong
        return None
    found: dict[str, tuple[int, int]] = {}
    at = _at(_SPACE, data, start + 1)
    for key, raw in raws.items():
        name = _STRING.match(data, at)
        if name is None or msgspec.json.decode(name[0]) != key:
            return None  # a key stands twice
        begin = _at(_COLON, data, name.end())
        end = _end_of(memoryview(raw), data, begin)
        if end is None:
            return None
        found[key] = (begin, end)
        at = _at(_GAP, data, end)
    return found if data[at : at + 1] == b"}" else None


def _end_of(value: memoryview, data: bytes, begin: int) -> int | None:
    """Where a value ends that stands there; None where it does not.

    It is compared piece by piece: memory that is new takes longer than the comparison.
    """
    for at in range(0, len(value), _PIECE):
        piece = bytes(value[at : at + _PIECE])
        if not data.startswith(piece, begin + at):
            return None
    return begin + len(value)


def of_list(data: bytes, key: str, span: Span | None = None, *, loose: bool = False) -> Rows | None:
    """The rows of a JSON list whose elements all have different keys; else None.

    `span`: where the list stands, if that is not all of the data. `loose`: the rows of any list;
    keys may be double, and what has none is called NAMELESS.
    """
    import msgspec

    start, end = span or (0, len(data))
    part = memoryview(data)[start:end]
    try:
        strict = [] if loose else msgspec.json.decode(part, type=list[_row_type(key)])  # type: ignore[misc]
        texts = [bytes(raw) for raw in msgspec.json.decode(part, type=list[msgspec.Raw])]
        names = _loose_names(texts, key) if loose else _names(strict)
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ):  # not a list of records: read it whole
        return None
    if names is None or not texts:
        return None
    first = _at(_SPACE, data, data.index(b"[", start) + 1)
    return _placed(data, (start, first, end), names, texts, _GAP)


def of_lines(
    data: bytes, key: str, span: Span | None = None, *, loose: bool = False
) -> Rows | None:
    """The rows of a JSONL file whose lines all have different keys; else None.

    `span` and `loose`: as in `of_list`.
    """
    import msgspec

    data = data[slice(*span)] if span else data
    texts = [text for line in data.split(b"\n") if (text := line.strip(b" \t\r"))]
    try:
        strict = [] if loose else msgspec.json.Decoder(_row_type(key)).decode_lines(data)
        names = _loose_names(texts, key) if loose else _names(strict)
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ):  # whoever reads the line says what is wrong
        return None
    if names is None or len(names) != len(texts):
        return None
    return _placed(data, (0, _at(_SPACE, data, 0), len(data)), names, texts, _LINES)


def listed(data: bytes, key: str) -> list[tuple[Json, bytes]] | None:
    """The elements of a JSON list of objects, each with what its key says; None if it is none."""
    import msgspec

    try:
        texts = [bytes(raw) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])]
        found = msgspec.json.Decoder(list[_any_row(key)], float_hook=Number).decode(data)  # type: ignore[misc]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # not that, or not readable
        return None
    return [(row.key, text) for row, text in zip(found, texts, strict=True)]


def lined(data: bytes, key: str) -> list[tuple[Json, bytes]] | None:
    """The lines of a JSONL file of objects, each with what its key says; None if it is none."""
    import msgspec

    texts = [text for line in data.split(b"\n") if (text := line.strip(b" \t\r"))]
    try:
        found = msgspec.json.Decoder(_any_row(key), float_hook=Number).decode_lines(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # not that, or not readable
        return None
    if len(found) != len(texts):
        return None
    return [(row.key, text) for row, text in zip(found, texts, strict=True)]


def _placed(
    data: bytes,
    places: tuple[int, int, int],
    names: list[str],
    texts: list[bytes],
    between: re.Pattern[bytes],
) -> Rows:
    """Rows with what stands around them; the common case is one gap everywhere.

    `places`: where the list begins, its first row, and where the list ends.
    """
    begin, first, stop = places
    lead = data[begin:first]
    if not texts:  # lines without a line
        return Rows(names, texts, (), lead, b"")
    end = first + len(texts[0])
    gap = data[end : _at(between, data, end)]
    last = _end_of_even(data, first, texts, gap) if len(texts) > 1 else None
    if last is not None:
        return Rows(names, texts, (gap,) * (len(texts) - 1), lead, data[last:stop])
    gaps = []
    for text in texts[1:]:
        start = _at(between, data, end)
        gaps.append(data[end:start])
        end = start + len(text)
    return Rows(names, texts, gaps, lead, data[end:stop])


def _end_of_even(data: bytes, first: int, texts: list[bytes], gap: bytes) -> int | None:
    """Where the last row ends, if that gap stands between all; compared some hundred at once."""
    at = first
    for start in range(0, len(texts), _FEW):
        piece = gap.join([*([b""] if start else []), *texts[start : start + _FEW]])
        if not data.startswith(piece, at):
            return None
        at += len(piece)
    return at


def _at(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    found = pattern.match(data, start)
    return found.end() if found else start


@lru_cache(maxsize=8)
def _row_type(key: str) -> Any:
    """A type that reads one key of a record, and only checks the rest."""
    import msgspec

    fields = [("key", int | str)]
    return msgspec.defstruct("Row", fields, rename={"key": key}, gc=False)


@lru_cache(maxsize=8)
def _any_row(key: str) -> Any:
    """A type that reads one key of a record whatever it says, None where it is not there."""
    import msgspec

    return msgspec.defstruct("Row", [("key", Any, None)], rename={"key": key}, gc=False)


def _names(rows: Iterable[Any]) -> list[str] | None:
    """The rows' names, if they all differ."""
    names = [str(row.key) for row in rows]
    return names if len(set(names)) == len(names) else None


def _loose_names(texts: Iterable[bytes], key: str) -> list[str]:
    """What the key of each row says, NAMELESS where it has none or is no object."""
    import msgspec

    decoder = msgspec.json.Decoder(_any_row(key), float_hook=Number)
    names = []
    for text in texts:
        try:
            name = element_id({key: decoder.decode(text).key}, key)
        except msgspec.ValidationError:  # it is no object
            name = None
        names.append(NAMELESS if name is None else name)
    return names
