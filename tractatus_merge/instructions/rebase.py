"""Move a session's base and copy to a newer head without losing what the session wrote. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tractatus_merge.core.model import ids
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.places import put
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.instructions.history_file import Document, header_value, with_header


@dataclass(frozen=True, slots=True)
class Rebased:
    """The new base, the new copy, and the records whose older base stays."""

    base: Document
    copy: Document
    touched: tuple[str, ...]


def rebase(head: Document, told: Document, copy: Document, renames: Mapping[str, str]) -> Rebased:
    """Move each record that the session did not touch to the head's; a touched one keeps its base.

    `told` is what the head knows of the session: after a merge what was sealed, in a refresh the
    base. `renames` are the ids that the merge gave to the session's own new records.
    """
    base_records, copy_records = dict(head.records), dict(head.records)
    touched = []
    for name, record in copy.records.items():
        known = told.records.get(name)
        if known is not None and _alike(record, known):
            continue
        new = renames.get(name, name) if known is not None else name
        there = head.records.get(new)
        if known is None and there is not None and _alike(record, there):
            continue
        touched.append(new)
        copy_records[new] = _renamed(record, renames) if new != name else record
        if known is None:
            base_records.pop(new, None)
        else:
            base_records[new] = _renamed(known, renames) if new != name else known
    base_header = copy_header = head.header
    if copy.header != told.header:
        base_header, copy_header = told.header, copy.header
    return Rebased(
        Document(base_header, base_records, head.layout),
        Document(copy_header, copy_records, head.layout),
        tuple(touched),
    )


def with_late_writes(
    before: Document, now: Document, late: Document, known: Collection[str] = ()
) -> Document:
    """`now` with what a program changed (`before` to `late`) in a file that was replaced meanwhile.

    Field by field where both wrote; the program's word is the later one. Absence says nothing, and
    nothing is taken of the records that are `known`.
    """
    records = dict(now.records)
    for name, record in late.records.items():
        was, here = before.records.get(name), records.get(name)
        if (was is not None and was.text == record.text) or name in known:
            continue
        if was is None or here is None or here.text == was.text:
            records[name] = record
        else:
            records[name] = here.edited(_joined(was.content, here.content, record.content))
    header = now.header
    if late.header != before.header:
        values = (header_value(document.header) for document in (before, now, late))
        header = with_header(header, _joined(*values))
    return Document(header, records, now.layout)


def _joined(before: Json, ours: Json, theirs: Json) -> Json:
    merged = HISTORY.policy.rule((), Merge(before, ours, theirs))
    value = merged.value
    for contest in merged.contests:
        value = put(value, contest.path, contest.merge.theirs)
    return value


def _alike(one: Record, other: Record) -> bool:
    return one.text == other.text or same(one.content, other.content)


def _renamed(record: Record, renames: Mapping[str, str]) -> Record:
    return record.edited(dict(ids.renamed(record.content, renames)))
