"""A session's records under the ids that the head knows them by.

Where two clones gave one id to two records, one of them gave way when the clones met. A session
that began before, an undo, or an old file still means it by its old id; there the other record is
now. Who created a record tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.incoming import Incoming, Seen
from tractatus_merge.value import replace


def current_ids(head: State, records: Mapping[str, Record]) -> dict[str, str]:
    """The records that have another id in the head: old id to new."""
    found = {name: _place(head, name, record) for name, record in records.items()}
    return {name: new for name, new in found.items() if new is not None}


def with_current_ids(head: State, incoming: Incoming) -> tuple[Incoming, dict[str, str]]:
    """What a session brings, by the ids that the head has; and the renames, old id to new.

    What it wrote still mentions the old ids. Where it edited one record under two ids, both edits
    stay, each under its own: `merge` puts the one onto the other.
    """
    edited = incoming.edited()
    renames = current_ids(head, {name: incoming.base[name] for name in edited})
    if not renames:
        return incoming, {}
    base, copy = dict(incoming.base), dict(incoming.copy)
    moved: dict[str, str] = {}
    for old, new in renames.items():
        was, now = base.pop(old), copy.pop(old)
        twice = new in edited or new in moved.values()
        place = old if twice else moved.setdefault(old, new)
        base[place] = was.published({**was.content, "id": new}, was.vector)
        copy[place] = now.edited({**now.content, "id": new})
    said = {
        (moved.get(name, name), path): word for (name, path), word in incoming.edit_notes.items()
    }
    olds = {new: old for old, new in moved.items()}

    def seen(name: str) -> Seen:
        return incoming.seen(olds.get(name, name))

    return replace(
        incoming,
        base=base,
        copy=copy,
        edit_notes=said,
        seen=seen,
    ), renames


def _place(head: State, name: str, record: Record) -> str | None:
    """The record's new id; None if it kept its id, or cannot be found.

    Where one of its creators' stands under its id, it is that one: another of theirs that got a new
    id had no stamp under the old one. In a head that was stepped back behind the renaming, that is
    its old id.
    """
    creators = record.vector.creators
    if _is_there(head, name, creators):
        return None
    given: dict[str, str] = {}
    for tag in sorted(creators):
        for publication in summaries.publications(head, tag):
            given.update(publication.renamed)
    seen, new = {name}, given.get(name)
    while new is not None and new not in seen:
        if _is_there(head, new, creators):
            return new
        seen.add(new)
        new = given.get(new)
    return None if head.record(name) else _old_id(head, name, creators)


def _old_id(head: State, name: str, creators: frozenset[str]) -> str | None:
    """The record of these creators that would get this id if it gave way."""
    stems = (name.removesuffix(f"_{tag}") for tag in sorted(creators))
    return next((old for old in stems if old != name and _is_there(head, old, creators)), None)


def _is_there(head: State, name: str, creators: frozenset[str]) -> bool:
    record = head.record(name)
    return record is not None and bool(record.vector.creators & creators)
