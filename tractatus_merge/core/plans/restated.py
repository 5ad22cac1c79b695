"""Restate the conflicts at places that a decision about something else writes.

What an open conflict calls in force is what stands at its place. An answer can retire an
instruction about whose retirement another question is open, and a revocation can bring it back.
"""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model.conflict import MEANING, Writer
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
        name = conflict.instruction or ""
        if conflict.kind == MEANING or (INSTRUCTIONS, name) not in written:
            continue
        here = get(after.content(name), conflict.path)
        if not same(here, conflict.force.value):
            left = with_value(conflict, here, [writer], revoked=revoked)
            text = json_text.dump(left.to_json()) if left.sides else None
            changed[CONFLICTS, conflict.id] = text
    return changed
