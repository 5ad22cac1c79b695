"""A session's records under the ids that the head knows them by.

Where two clones gave one id to two records, one of them gave way when the clones met. A session
that began before, an undo, or an old file still means it by its old id; there the other record is
now. Who created a record tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.incoming import Incoming


def current_ids(head: State, records: Mapping[str, Record]) -> dict[str, str]:
    """The records that have another id in the head: old id to new."""
    found = {name: _place(head, name, record) for name, record in records.items()}
    return {name: new for name, new in found.items() if new is not None}


def with_current_ids(head: State, incoming: Incoming) -> tuple[Incoming, dict[str, str]]:
    """What a session brings, by the ids that the head has; and the renames, old id to new.

    What it wrote still mentions the old ids.
    """
    renames = current_ids(head, {name: incoming.base[name] for name in incoming.edited()})
    if not renames:
        return incoming, {}
    base, copy = dict(incoming.base), dict(incoming.copy)
    for old, new in renames.items():
        was, now = base.pop(old), copy.pop(old)
        base[new] = was.published({**was.content, "id": new}, was.vector)
        copy[new] = now.edited({**now.content, "id": new})
    said = {
        (renames.get(name, name), path): word for (name, path), word in incoming.edit_notes.items()
    }
    olds = {new: old for old, new in renames.items()}
    return replace(
        incoming,
        base=base,
        copy=copy,
        edit_notes=said,
        seen=lambda name: incoming.seen(olds.get(name, name)),
    ), renames


def _place(head: State, name: str, record: Record) -> str | None:
    """The record's new id; None if it kept its id, or cannot be found."""
    creators = record.vector.creators
    given = (
        publication.renamed.get(name)
        for tag in sorted(creators)
        for publication in summaries.publications(head, tag)
    )
    return next((new for new in given if new and _is_there(head, new, creators)), None)


def _is_there(head: State, name: str, creators: frozenset[str]) -> bool:
    record = head.record(name)
    return record is not None and bool(record.vector.creators & creators)
