"""Merge three versions of the history file as files: for git, with no store at hand.

Absence is never a deletion. A record that both sides changed merges by the history's rules, and its
stamp says so: the checksum is right only where every change in it was published. Two new records of
one id both stay, one under another id. Ours stands where a person is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import ids
from tractatus_merge.core.model.record import STAMP, Record
from tractatus_merge.core.model.version_vector import Order, VersionVector
from tractatus_merge.core.plans.unite_record import agreement
from tractatus_merge.core.rules import line_ends, orders
from tractatus_merge.core.rules.base import Contest, Merge, Merged
from tractatus_merge.core.rules.merged_text import merged_document
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, canonical, digest, same
from tractatus_merge.core.values.places import get, put
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.instructions.header import LIST, header_value, with_header
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.instructions.order import ordered
from tractatus_merge.value import Value, field, replace

NAMES = ("BASE", "OURS", "THEIRS")
_SEEN = (Order.EQUAL, Order.AFTER)
_NOTHING = Document('{"instructions": []}', {})


class MergedHistory(Value):
    """The merged file, what waits for a person in it, and which new records got another id."""

    data: bytes
    contests: tuple[Contest, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


def merge_history(
    base: bytes,
    ours: bytes,
    theirs: bytes,
    *,
    names: tuple[str, str, str] = NAMES,
    virtual: bool = False,
) -> MergedHistory:
    """Ours, changed so that it has what theirs brings; DocumentError where one is no history.

    A blank base: none is known. `virtual`: the result is only to be a base of another merge, so
    what is contested in it is what both sides came from.
    """
    was = history_file.read(base, names[0]) if base.strip() else None
    merging = _Merging(was, history_file.read(ours, names[1]), history_file.read(theirs, names[2]))
    document = merging.merged(virtual=virtual)
    data = _written(document, (base, ours, theirs))
    return MergedHistory(data, tuple(merging.contests), merging.renamed)


def _written(document: Document, versions: tuple[bytes, bytes, bytes]) -> bytes:
    """The document as a file, in the bytes of the three versions of it."""
    base, ours, theirs = (line_ends.plain(data).decode() for data in versions)
    value = json_text.parse(ours)
    records = [record.value for record in document.records.values()]
    value = {**header_value(document.header), LIST: records} if isinstance(value, dict) else records
    data = merged_document(value, base, ours, theirs).encode()
    return line_ends.dressed(data, versions)


class _Merging:
    """One merge in the making; lives for one call of `merge_history`."""

    def __init__(self, base: Document | None, ours: Document, theirs: Document) -> None:
        self.was, self.base = base, base or _NOTHING
        self.ours, self.theirs = ours, theirs
        self.contests: list[Contest] = []
        self.renamed: dict[str, str] = {}
        self.moved = self._moved()

    def merged(self, *, virtual: bool) -> Document:
        """The document that says what both sides say."""
        ours, theirs = self._apart()
        found = dict(ours)
        for name, record in theirs.items():
            there = ours.get(name)
            found[name] = (
                record if there is None else self._record(name, there, record, virtual=virtual)
            )
        records = ordered(found, self._first(found))
        return Document(self._header(records, virtual=virtual), records, self.ours.layout)

    def _first(self, found: Mapping[str, Record]) -> list[str]:
        """The records of the base (without one: those of both sides) in the order they stand in."""
        sides = list(self.ours.records), list(self.theirs.records)
        if self.was is None:
            return [name for name in sides[0] if name in self.theirs.records]
        return orders.ordered(
            list(self.was.records), *sides, standing=found.keys() & self.was.records
        )

    def _moved(self) -> dict[str, str]:
        """Records of the base that ours has under another id, because theirs gave way before.

        So it is where commits are replayed one by one: the first brought the record in.
        """
        found = {}
        new = {n: record for n, record in self.ours.records.items() if n not in self.base.records}
        for name, was in self.base.records.items() if new else ():
            there = self.ours.records.get(name)
            if there is None or same(there.content, was.content) or name not in self.theirs.records:
                continue
            said = {**was.content, "id": None}
            for other, record in new.items():
                if other.startswith(f"{name}_") and same({**record.content, "id": None}, said):
                    found[name] = other
        return found

    def _apart(self) -> tuple[Mapping[str, Record], Mapping[str, Record]]:
        """Both sides' records, where two new ones of one id have two ids."""
        names = {**self.ours.records, **self.theirs.records}
        gives_way: tuple[dict[str, str], dict[str, str]] = ({}, dict(self.moved))
        for name in self.ours.records:
            if name in self.theirs.records and self._are_two(name):
                pair = self.ours.records[name], self.theirs.records[name]
                loser = max((0, 1), key=lambda place: _rank(pair[place]))
                tag = min(pair[loser].vector.creators, default=digest(pair[loser].content, 8))
                new = ids.tagged_id(name, tag, names)
                twin = (self.theirs, self.ours)[loser].records.get(f"{name}_{tag}")
                if twin and same({**twin.content, "id": name}, pair[loser].content):
                    new = f"{name}_{tag}"  # the other side gave way to it before
                gives_way[loser][name] = self.renamed[name] = new
                names[new] = pair[loser]
        return (
            _renamed(self.ours.records, self.base.records, gives_way[0]),
            _renamed(self.theirs.records, self.base.records, gives_way[1]),
        )

    def _are_two(self, name: str) -> bool:
        """Whether two records of one id are not versions of one."""
        one, other = self.ours.records[name], self.theirs.records[name]
        if name in self.base.records or same(one.content, other.content):
            return False
        creators = one.vector.creators, other.vector.creators
        if creators[0] and creators[1]:
            return not creators[0] & creators[1]
        return bool(creators[0] or creators[1]) or not (one.stamped or other.stamped)

    def _record(self, name: str, ours: Record, theirs: Record, *, virtual: bool) -> Record:
        """One record that both sides have."""
        old = next((was for was, new in self.moved.items() if new == name), name)
        was = self.base.records.get(old)
        if was is not None and old != name:
            was = _saying(was, {**was.content, "id": name}, published=was.genuine)
        if ours.text == theirs.text or (was and _alike(was, theirs)):
            return ours
        if was and _alike(was, ours):
            return theirs
        known = was.vector if was else VersionVector()
        forward = all(side.vector.order(known) in _SEEN for side in (ours, theirs))
        published = forward and ours.genuine and theirs.genuine
        if published:
            order = theirs.vector.order(ours.vector)
            if order is not Order.CONCURRENT:
                return theirs if order is Order.AFTER else ours
        before = was.content if was else agreement(ours.content, theirs.content)
        merge = Merge(before, ours.content, theirs.content)
        merged = HISTORY.policy.rule((), merge)
        self._contested((name,), merged)
        value = _as_base(merged, merge) if virtual else merged.value
        return _stamped(ours, theirs, value, published=published)

    def _contested(self, path: tuple[str, ...], merged: Merged) -> None:
        self.contests += [replace(c, path=(*path, *c.path)) for c in merged.contests]

    def _header(self, records: Mapping[str, Record], *, virtual: bool) -> str:
        """The header by its rules, its counters counted again; a bare list has none."""
        ours, theirs = (header_value(side.header) for side in (self.ours, self.theirs))
        before = header_value(self.was.header) if self.was else agreement(ours, theirs)
        merge = Merge(before, ours, theirs)
        merged = HISTORY.header_policy.rule((), merge) if ours else Merged(ours)
        self._contested((), merged)
        value = HISTORY.finish(
            _as_base(merged, merge) if virtual else merged.value,
            lambda: {name: record.content for name, record in self.ours.records.items()},
            lambda: {name: record.content for name, record in records.items()},
            "",
        )
        return with_header(self.ours.header, value)


def _alike(one: Record, other: Record) -> bool:
    """Whether two records say the same under the same stamp."""
    return one.text == other.text or same(one.value, other.value)


def _rank(record: Record) -> tuple[bool, str, str]:
    """What gives way comes last: what was not published, the younger, the larger."""
    stamp = next(
        (v for key in ("timestamp", "created_at") if isinstance(v := record.content.get(key), str)),
        "~",
    )
    return (not record.stamped, stamp, canonical(record.content))


def _renamed(
    records: Mapping[str, Record], base: Mapping[str, Record], renames: Mapping[str, str]
) -> Mapping[str, Record]:
    """A side's records under their new ids; what it wrote itself mentions these."""
    if not renames:
        return records
    found = {}
    for name, record in records.items():
        was = base.get(name)
        content = ids.renamed_where_written(record.content, was.content if was else None, renames)
        new = renames.get(name, name)
        content = {**content, "id": new} if name in renames else content
        kept = same(content, record.content)
        found[new] = record if kept else _saying(record, content, published=record.genuine)
    return found


def _saying(record: Record, content: dict[str, Json], *, published: bool) -> Record:
    return record.published(content, record.vector) if published else record.edited(content)


def _stamped(ours: Record, theirs: Record, content: Json, *, published: bool) -> Record:
    """The merged record under the join of both vectors.

    Its checksum is right where both sides were published. Else it is that of a side, and wrong
    for what the record says now: so the next look takes the edit in.
    """
    vector = ours.vector.join(theirs.vector)
    if published:
        return ours.published(content, vector)
    if not (ours.stamped or theirs.stamped):
        return ours.edited(content)
    after = theirs.vector.order(ours.vector) is Order.AFTER
    newer = theirs if after or not ours.stamped else ours
    check = str(newer.value[STAMP]).rpartition("#")[2]
    text = json_text.rewrite(ours.text, {**content, STAMP: f"{vector} #{check}"})
    return Record(text)


def _as_base(merged: Merged, merge: Merge) -> Json:
    """The value with the base's value at every contested place."""
    value = merged.value
    for contest in merged.contests:
        value = put(value, contest.path, get(merge.base, contest.path))
    return value
