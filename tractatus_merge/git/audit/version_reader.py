"""Reads the versions of one file one after the other, and of each only what is new. Pure.

Versions that follow each other are mostly alike. Where two begin and end with the same bytes, and
what is between stands among the elements of one collection, those elements alone are parsed: what
is before ends where an element may begin, and what is after begins where one may end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from tractatus_merge.anyfile import rows
from tractatus_merge.core.values.equality import Json
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.record_versions import Rows, Version, full_name
from tractatus_merge.git.audit.shapes import LINES, LIST, LISTS, Shape


@dataclass(frozen=True, slots=True)
class _Layout:
    """A version, and where its elements stand in it, in order; `whose` is each one's collection."""

    data: bytes
    version: Version
    starts: list[int]
    ends: list[int]
    names: list[str | None]
    whose: list[int]


class Reader:
    """Reads versions; the last one is what the next is compared with."""

    def __init__(self, key: str = "id", form: str | None = None, shape: Shape = LISTS) -> None:
        self.key, self.form, self.shape = key, form, shape
        self._last: _Layout | None = None

    def read(self, data: bytes) -> Version:
        """The version, as `record_versions.read` reads it."""
        found = None if self._last is None else self._changed(self._last, data)
        if found is None:
            version = record_versions.read(data, self.key, self.form, self.shape)
            found = _laid_out(data, version)
            if found is None:
                return version
        self._last = found
        return found.version

    def _changed(self, last: _Layout, data: bytes) -> _Layout | None:
        """The version, by its difference from the last one; None where that does not tell."""
        span = _span(last, data)
        if span is None:
            return None
        first, end = span  # the elements that are read again are first..end-1
        shift = len(data) - len(last.data)
        begin, stop = last.starts[first], last.ends[end - 1] + shift
        kind = last.version.collections[last.whose[first]].kind
        read = self._read(data[begin:stop], kind)
        if not read:
            return None
        place = last.version.collections[last.whose[first]].place
        names = [full_name(place, said) for said, _ in read]
        there = _replaced(last.version.rows, last.names[first:end], names, read)
        spans = _found_at(data, begin, [text for _, text in read])
        if there is None:
            return None
        whose = [last.whose[first]] * len(read)
        return _Layout(
            data,
            Version(there, None, last.version.form, last.version.collections),
            [*last.starts[:first], *spans[0], *_shifted(last.starts, end, shift)],
            [*last.ends[:first], *spans[1], *_shifted(last.ends, end, shift)],
            [*last.names[:first], *names, *last.names[end:]],
            [*last.whose[:first], *whose, *last.whose[end:]],
        )

    def _read(self, part: bytes, kind: str) -> list[tuple[Json, bytes]] | None:
        """Some elements; None if they are none, or not valid."""
        if kind == LINES:
            return rows.lined(part, self.key)
        return rows.listed(b"[%s]" % part, self.key)


def _laid_out(data: bytes, version: Version) -> _Layout | None:
    """Where a version's elements are; None where that is not known."""
    starts: list[int] = []
    ends: list[int] = []
    names: list[str | None] = []
    whose: list[int] = []
    if version.fault is not None or data.startswith(b"\xef\xbb\xbf"):
        return None
    for number, (place, kind, at, elements) in enumerate(version.collections):
        if at < 0 or kind not in (LIST, LINES):
            return None
        spans = _found_at(data, at, [text for _, text in elements])
        starts += spans[0]
        ends += spans[1]
        names += [full_name(place, said) for said, _ in elements]
        whose += [number] * len(elements)
    return _Layout(data, version, starts, ends, names, whose) if starts else None


def _found_at(data: bytes, at: int, texts: list[bytes]) -> tuple[list[int], list[int]]:
    """Where elements stand that follow each other; only spaces, commas, brackets are between."""
    starts, ends = [], []
    for text in texts:
        at = data.find(text, at)
        starts.append(at)
        at += len(text)
        ends.append(at)
    return starts, ends


def _span(last: _Layout, data: bytes) -> tuple[int, int] | None:
    """Which elements of the last version, from and to, stand where the two versions differ."""
    old = last.data
    alike = _common(old, data)
    first = max(bisect_right(last.starts, alike) - 1, 0)
    if last.starts[first] > alike:
        return None
    most = min(len(old), len(data)) - last.starts[first]
    tail = _common_end(old, data, most)
    end = bisect_left(last.ends, len(old) - tail, first) + 1
    if end > len(last.ends):
        return None
    if last.ends[end - 1] + len(data) - len(old) <= last.starts[first]:  # none is left there
        if first:
            first -= 1
        elif end < len(last.ends):
            end += 1
        else:
            return None
    return (first, end) if last.whose[first] == last.whose[end - 1] else None


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: bytes, other: bytes, most: int) -> int:
    """How many bytes, at most so many, two texts have in common at their end."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _shifted(places: list[int], start: int, shift: int) -> list[int]:
    return [at + shift for at in places[start:]] if shift else places[start:]


def _replaced(
    there: Rows,
    old: list[str | None],
    new: list[str | None],
    elements: list[tuple[Json, bytes]],
) -> Rows | None:
    """The rows with some names' rows replaced; None where one stands twice."""
    changed = dict(there)
    for name in old:
        if name is not None and len(changed.pop(name, ())) != 1:
            return None
    for name, (_, text) in zip(new, elements, strict=True):
        if name is not None:
            if name in changed:
                return None
            before = there.get(name)
            changed[name] = before if before == (text,) else (text,)
    return changed
