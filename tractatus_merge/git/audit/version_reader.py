"""Reads the versions of one file one after the other, and of each only what is new. Pure.

Versions that follow each other are mostly alike. From an element's beginning on, two are compared
byte by byte; where they differ, the elements there are parsed, up to one that stands in both. What
is skipped ends where an element ends, and goes on where one begins: so the whole is valid if the
parts are.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field

from tractatus_merge.anyfile import rows
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.record_versions import Version, full_name, parts_of
from tractatus_merge.git.audit.shapes import LINES, LIST, LISTS, MAP, Shape

_AHEAD = 3
"""So many elements further an element is looked for that stands in both versions."""
_WINDOW = 1 << 16
_MARK = 12
"""By so many bytes what follows the elements is known."""
_ONE = ([b"[0]"], [b"[", b"0]"], [b"[0", b"]"], [b"[", b"0", b"]"])
"""In so many bytes it is looked for."""


@dataclass(slots=True)
class _Layout:
    """A version, and where its elements stand in it, in order; `whose` is each one's collection."""

    data: bytes
    version: Version
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    whose: list[int] = field(default_factory=list)


class Reader:
    """Reads versions; the last one is what the next is compared with.

    `new` are the names that may be different from the version that was read before, or None.
    """

    def __init__(self, key: str = "id", form: str | None = None, shape: Shape = LISTS) -> None:
        self.key, self.form, self.shape = key, form, shape
        self.new: dict[str, None] | None = None
        self._last: _Layout | None = None

    def read(self, data: bytes) -> Version:
        """The version, as `record_versions.read` reads it."""
        last = self._last
        if last is not None:
            found = _Comparison(last, data, self.key).made()
            if found is not None:
                self._last, self.new = found
                return self._last.version
        version = record_versions.read(data, self.key, self.form, self.shape)
        self._last, self.new = _laid_out(data, version), None
        return version


class _Comparison:
    """A version that is read by its difference from the last one."""

    def __init__(self, last: _Layout, data: bytes, key: str) -> None:
        self.last, self.data, self.key = last, data, key
        self.made_of = _Layout(data, last.version)
        self.rows = dict(last.version.rows)
        self.new: dict[str, None] = {}

    def made(self) -> tuple[_Layout, dict[str, None]] | None:
        """Its layout, and the names that are new in it; None where the difference does not tell."""
        last, data, number, at = self.last, self.data, 0, 0
        old = 0  # `number` elements of the last version are done, up to `old` there and `at` here
        while True:
            alike = _common(last.data, old, data, at)
            if old + alike == len(last.data) and at + alike == len(data):
                self._take(number, len(last.starts), at - old)
                break
            first = bisect_right(last.starts, old + alike) - 1
            if first < number:
                begin = self._after_head(alike) if not old else None
                if begin is None:
                    return None
                old, at = last.starts[0], begin
                continue
            self._take(number, first, at - old)
            begin = last.starts[first] + at - old
            again = self._again(first, begin)
            if again is None or not self._put(first, again[0], begin, again[1]):
                return None
            if again[0] == len(last.starts):
                break
            number, old, at = again[0], last.starts[again[0]], again[1]
        version = last.version
        self.made_of.version = Version(self.rows, None, version.form, version.collections)
        return self.made_of, self.new

    def _after_head(self, alike: int) -> int | None:
        """Where the first element stands after a head that changed; None if one cannot tell."""
        last, data = self.last, self.data
        text = last.data[last.starts[0] : last.ends[0]]
        begin = data.find(text, alike, alike + _WINDOW + len(text))
        there = begin >= 0 and self._is_frame(data[:begin], last.data[last.ends[-1] :])
        return begin if there else None

    def _again(self, first: int, begin: int) -> tuple[int, int] | None:
        """The next element that stands in both versions, and where; or that only the end does."""
        last, data = self.last, self.data
        most = min(first + 1 + _AHEAD, len(last.starts))
        for number in (*range(first + 1, most), first):
            if last.whose[number] != last.whose[first]:
                break
            lead = 0  # a member of an object is looked for with its key
            if self._kind(number) == MAP and number:
                lead = last.starts[number] - last.ends[number - 1]
            text = last.data[last.starts[number] - lead : last.ends[number]]
            at = data.find(text, begin + 1, begin + _WINDOW + len(text))
            if at > 0:
                return number, at + lead
        if last.whose[first] != last.whose[-1]:
            return None
        tail = last.data[last.ends[-1] :]
        if data.endswith(tail):
            return len(last.starts), len(data) - len(tail)
        stop = data.rfind(tail[:_MARK], begin + 1)  # what follows the elements has changed
        start = self.made_of.starts[0] if first else begin
        if stop < 0 or not self._is_frame(data[:start], data[stop:]):
            return None
        return len(last.starts), stop

    def _is_frame(self, head: bytes, tail: bytes) -> bool:
        """Whether the one list's elements stand between these: the file is valid with a number."""
        last = self.last
        if self._kind(0) != LIST or last.whose[0] != last.whose[-1]:
            return False
        frame = b"%s0%s" % (head, tail)
        place = last.version.collections[last.whose[0]].place
        where = (rows.members(frame) or {}).get(place)
        return where is not None and frame[where[0] : where[1]].split() in _ONE

    def _put(self, first: int, end: int, begin: int, stop: int) -> bool:
        """Parse what stands here for the elements first..end of the last one; whether one can."""
        last, made = self.last, self.made_of
        read = self._read(first, end, begin, stop)
        if not read:
            return False
        for name in last.names[first:end]:
            if name is not None:
                self.new[name] = None
                if len(self.rows.pop(name, ())) != 1:
                    return False  # it stands twice
        for name, start, text in read:
            if name is not None:
                self.new[name] = None
                if name in self.rows:
                    return False
                self.rows[name] = (text,)
            made.names.append(name)
            made.starts.append(start)
            made.ends.append(start + len(text))
            made.whose.append(last.whose[first])
        return True

    def _kind(self, number: int) -> str:
        return self.last.version.collections[self.last.whose[number]].kind

    def _read(
        self, first: int, end: int, begin: int, stop: int
    ) -> list[tuple[str | None, int, bytes]] | None:
        """The elements between two places: name, place, bytes; None if other things are there."""
        last, kind = self.last, self._kind(first)
        place = last.version.collections[last.whose[first]].place
        is_end = end == len(last.starts)
        part = self.data[begin:stop]
        if kind == MAP:
            return self._members(place, first, None if is_end else end, begin, part)
        there = part.rstrip(b" \t\r\n")
        if kind == LINES:
            found = rows.lined(there, self.key) if is_end or b"\n" in part[len(there) :] else None
        elif is_end or there.endswith(b","):
            found = rows.listed(b"[%s]" % (there if is_end else there[:-1]), self.key)
        else:
            return None
        if not found:
            return None
        starts = _found_at(self.data, begin, [text for _, text in found])
        return [(full_name(place, said), at, text)
                for (said, text), at in zip(found, starts, strict=True)]  # fmt: skip

    def _members(
        self, place: str, first: int, end: int | None, begin: int, part: bytes
    ) -> list[tuple[str | None, int, bytes]] | None:
        """The members from a value on, up to the value of another one, or to the last one's."""
        keys = [parts_of(self.last.names[at] or "")[1] for at in (first, end or first)]
        head = b"{%s:" % json.dumps(keys[0]).encode()
        whole = b"%s%s%s}" % (head, part, b"" if end is None else b"0")
        found = rows.members(whole)
        if found is None or (end is not None and list(found)[-1] != keys[1]):
            return None
        if end is not None:
            del found[keys[1]]
        return [(f"{place}\0{key}", begin + at - len(head), whole[at:stop])
                for key, (at, stop) in found.items()]  # fmt: skip

    def _take(self, first: int, end: int, shift: int) -> None:
        """Take the elements first..end of the last version as they are."""
        last, made = self.last, self.made_of
        made.starts += [at + shift for at in last.starts[first:end]]
        made.ends += [at + shift for at in last.ends[first:end]]
        made.names += last.names[first:end]
        made.whose += last.whose[first:end]


def _laid_out(data: bytes, version: Version) -> _Layout | None:
    """Where a version's elements are; None where that is not known."""
    if version.fault is not None or data.startswith(b"\xef\xbb\xbf"):
        return None
    made = _Layout(data, version)
    for number, (place, _, at, elements, known) in enumerate(version.collections):
        if not elements:  # a list of something else
            continue
        if at < 0:
            return None
        texts = [text for _, text in elements]
        starts = list(known) if known else _found_at(data, at, texts)
        made.starts += starts
        made.ends += [start + len(text) for start, text in zip(starts, texts, strict=True)]
        made.names += [full_name(place, said) for said, _ in elements]
        made.whose += [number] * len(elements)
    return made if made.starts else None


def _found_at(data: bytes, at: int, texts: list[bytes]) -> list[int]:
    """Where elements stand that follow each other; only spaces, commas, brackets are between."""
    starts = []
    for text in texts:
        at = data.find(text, at)
        starts.append(at)
        at += len(text)
    return starts


def _common(one: bytes, here: int, other: bytes, there: int) -> int:
    """How many bytes two texts have in common from two places on."""
    low, high = 0, min(len(one) - here, len(other) - there)
    step = 1 << 10  # most differ soon, or not at all
    while (
        low < high
        and one[here + low : here + low + step] == other[there + low : there + low + step]
    ):
        low, step = min(low + step, high), step * 4
    high = min(high, low + step)
    while low < high:
        middle = (low + high + 1) // 2
        if one[here + low : here + middle] == other[there + low : there + middle]:
            low = middle
        else:
            high = middle - 1
    return low
