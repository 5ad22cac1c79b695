"""Restate the conflicts at places that a decision about something else writes.

What an open conflict calls in force is what stands at its place. An answer can retire an
instruction about whose retirement another question is open; its revocation, or a union in which
another answer opposes it, can bring it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tractatus_merge.core.model.conflict import MEANING, Conflict, Writer
from tractatus_merge.core.model.in_force import with_value
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, Key, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import same
from tractatus_merge.core.values.places import get


def restated(
    head: State, written: Mapping[Key, str | None], writer: Writer, *, revoked: str = ""
) -> dict[Key, str | None]:
    """The conflicts that say something else to be in force than what is written.

    What only the session `revoked` wanted is no side of them any more.
    """
    after = head.with_(written)
    changed: dict[Key, str | None] = {}
    for conflict in open_conflicts(after):
        if conflict.kind != MEANING and (INSTRUCTIONS, conflict.instruction or "") in written:
            left = as_it_stands(conflict, after, [writer], revoked=revoked)
            if left != conflict:
                text = json_text.dump(left.to_json()) if left.sides else None
                changed[CONFLICTS, conflict.id] = text
    return changed


def as_it_stands(
    conflict: Conflict, after: State, writers: Iterable[Writer] = (), *, revoked: str = ""
) -> Conflict:
    """A conflict in an instruction, with what stands at its place there in force."""
    here = get(after.content(conflict.instruction or ""), conflict.path)
    if same(here, conflict.force.value):
        return conflict
    return with_value(conflict, here, writers, revoked=revoked)
