"""Move a session's base and copy to a newer head without losing what the session wrote. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tractatus_merge.core.model import ids
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.equality import MISSING, Json, same
from tractatus_merge.core.values.places import put
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.instructions.history_file import Document, header_value, with_header
from tractatus_merge.value import Value


class Rebased(Value):
    """The new base, the new copy, and the records whose older base stays: new id to old."""

    base: Document
    copy: Document
    touched: Mapping[str, str]


def touched(told: Document, copy: Document) -> list[str]:
    """The records of a copy that are not as they were told, or new."""
    return [
        name
        for name, record in copy.records.items()
        if name not in told.records or not _alike(record, told.records[name])
    ]


def rebase(head: Document, told: Document, copy: Document, renames: Mapping[str, str]) -> Rebased:
    """Move each record that the session did not touch to the head's; a touched one keeps its base.

    `told` is what the head knows of the session: after a merge what was sealed, in a refresh the
    base. `renames` are the ids that the head has for what was told; a record that was written
    under both stays as it is, for the merge to put the one edit onto the other.
    """
    base_records, copy_records = dict(head.records), dict(head.records)
    own = touched(told, copy)
    olds: dict[str, str] = {}
    for name in own:
        record, known = copy.records[name], told.records.get(name)
        new = renames.get(name, name) if known is not None else name
        new = name if new in own else new
        there = head.records.get(new)
        if known is None and there is not None and _alike(record, there):
            continue
        olds[new] = name
        if known is not None and new != name:
            known, record = _moved(known, record, there, {**renames, name: new})
        copy_records[new] = record
        if known is None:
            base_records.pop(new, None)
        else:
            base_records[new] = known
    base_header = copy_header = head.header
    if copy.header != told.header:
        base_header, copy_header = told.header, copy.header
    return Rebased(
        Document(base_header, base_records, head.layout),
        Document(copy_header, copy_records, head.layout),
        olds,
    )


def late_ids(
    before: Document, now: Document, late: Document, renames: Mapping[str, str], tag: str
) -> dict[str, str]:
    """What the records are called `now` that a program wrote under an id that is another's by now.

    That is what the record is called that it is a version of, or what the session knows it by
    (`renames`); one that it added late gets a new id, and so does one that is gone.
    """
    found: dict[str, str] = {}
    taken = {*now.records, *late.records}
    for name, record in late.records.items():
        was, here = before.records.get(name), now.records.get(name)
        if here is None or (was or here).text == record.text or _is_one(was or record, here):
            continue
        called = was and _called_now(was, now)
        if called or renames.get(name) in now.records:
            found[name] = called or renames[name]
        else:
            found[name] = ids.tagged_id(name, tag, taken)
    return found


def _called_now(was: Record, now: Document) -> str | None:
    """The id of the record that one which its creator tells apart is a version of."""
    if not was.vector.creators:
        return None
    return next((name for name, record in now.records.items() if record.is_of(was)), None)


def _is_one(was: Record, here: Record) -> bool:
    """Whether a record that was in a copy is the one that stands there under the same id.

    One without a stamp is the session's own, if it was not adopted.
    """
    return was.is_of(here) or not here.vector.creators or same(was.content, here.content)


def with_late_writes(
    before: Document,
    now: Document,
    late: Document,
    known: Collection[str] = (),
    names: Mapping[str, str] | None = None,
) -> Document:
    """`now` with what a program changed (`before` to `late`) in a file that was replaced meanwhile.

    Field by field where both wrote; the program's word is the later one. Where another's that it
    had not seen stands there, the record keeps its stamp, which tells the merge its base. Absence
    says nothing, and nothing is taken of the records that are `known`. `names` are those called
    otherwise `now`.
    """
    records = dict(now.records)
    for old, wrote in late.records.items():
        name, was, record = (names or {}).get(old, old), before.records.get(old), wrote
        if (was is not None and was.text == record.text) or old in known:
            continue
        if name != old:
            record, was = _called(name, record), was and _called(name, was)
        here = records.get(name)
        if was is None or here is None or here.text == was.text:
            records[name] = record
        else:
            value, contested = _joined(was.content, here.content, record.content)
            unseen = contested and here.vector != was.vector
            records[name] = (record if unseen else here).edited(value)
    header = now.header
    if late.header != before.header:
        values = (header_value(document.header) for document in (before, now, late))
        header = with_header(header, _joined(*values)[0])
    return Document(header, records, now.layout)


def _called(name: str, record: Record) -> Record:
    return record.edited({**record.content, "id": name})


def _joined(before: Json, ours: Json, theirs: Json) -> tuple[Json, bool]:
    """Both, theirs where they differ; and whether they do."""
    merged = HISTORY.policy.rule((), Merge(before, ours, theirs))
    value = merged.value
    for contest in merged.contests:
        value = put(value, contest.path, contest.merge.theirs)
    return value, bool(merged.contests)


def _alike(one: Record, other: Record) -> bool:
    return one.text == other.text or same(one.content, other.content)


def _moved(
    known: Record, record: Record, there: Record | None, renames: Mapping[str, str]
) -> tuple[Record, Record]:
    """What was told of a record and what it says, under its new id.

    What was told mentions new ids where the head does; what the session wrote since, everywhere.
    """
    head = there.content if there else {}
    new = {key: ids.renamed(value, renames) for key, value in known.content.items()}
    told = {
        key: new[key] if same(new[key], head.get(key, MISSING)) else value
        for key, value in known.content.items()
    }
    told["id"] = new["id"]
    wrote = ids.renamed_where_written(record.content, known.content, renames)
    for key, value in known.content.items():
        if key in wrote and same(wrote[key], value):
            wrote[key] = told[key]
    base = known.published(told, known.vector) if known.stamped else known.edited(told)
    return base, record.edited({**wrote, "id": new["id"]})
