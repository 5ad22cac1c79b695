"""The contradictions that a merge brings about, as conflicts of the new head."""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import Conflict, Writer
from tractatus_merge.core.model.findings import (
    TWIN,
    FindContradictions,
    Finding,
    conflict_of,
    new_findings,
)
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.values.equality import same


def merge_findings(
    head: State,
    after: State,
    incoming: Incoming,
    names: Mapping[str, str],
    find: FindContradictions,
) -> tuple[list[Conflict], list[Finding]]:
    """The contradictions that a session's merge introduces: new conflicts, and notes.

    Only pairs in which each side brought a change since the session's base: `names` are theirs,
    each with the id that the session knows it by. `after` is what they are published in.
    """
    if not incoming.complete:
        return [], []
    brought = {name: after.content(name) for name in names}
    there = {
        name: record.content
        for name in head.names(INSTRUCTIONS)
        if (record := head.record(name)) and _moved(incoming.base.get(name), record)
    }
    found = new_findings([head], find(brought, there))

    def writers(name: str) -> tuple[Writer, ...]:
        if name in brought:
            own = names[name]
            wrote = (incoming.writer(own, path, after.time) for path, _ in incoming.edits(own))
            return tuple(sorted(set(wrote)))
        return summaries.blame_record(head, name)

    conflicts = [conflict_of(item, writers) for item in found if item.code != TWIN]
    return conflicts, [finding for finding in found if finding.code == TWIN]


def _moved(base: Record | None, record: Record) -> bool:
    """Whether the head's record is another than the session's base."""
    if base is None or base.text == record.text:
        return base is None
    return not same(base.content, record.content)
