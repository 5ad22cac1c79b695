"""Put open conflicts back as they stood before a version: what an undo does beside merging back.

A conflict that nobody has touched since the version is put back exactly, with the value in force;
one that the version closed is open again. What others did to a conflict since then stays.
"""

from __future__ import annotations

from tractatus_merge.core.model.conflict import MEANING, Conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import CONFLICTS, DOCUMENT, HEADER, INSTRUCTIONS, Key, State
from tractatus_merge.core.plans.asked_undo import Undo
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.plans.revoke import reopened
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Path, same
from tractatus_merge.core.values.places import get, has_parent, put
from tractatus_merge.value import replace

Place = tuple[str | None, Path]
"""An instruction (None: the header) or the id of a contradiction, and a place."""


def conflicts_put_back(
    head: State, undo: Undo, there: State, tag: str, kind: DocumentType
) -> dict[Key, str | None]:
    """What has to change in `there`, the head into which the version was merged back.

    `head` is the one before that, and `tag` is of who undoes.
    """
    before, after, here = (conflicts_by_place(state) for state in (undo.before, undo.after, head))
    changed: dict[Key, str | None] = {}
    for place in sorted({*before, *after}, key=str):
        was, became, now = (found.get(place) for found in (before, after, here))
        known = was or after[place]
        if (
            known.kind == MEANING
            or _alike(was, became)
            or not _alike(now, became)
            or not undo.is_about(known)
        ):
            continue
        left, stands = (
            get(kind.content(state, known.instruction), known.path) for state in (undo.after, head)
        )
        if now is not None and same(left, stands):
            changed[CONFLICTS, now.id] = None
        if was is not None and (now is None or same(left, stands)):
            again = reopened(head.with_(changed), was, left, kind)
            changed.update(_opened(there.with_(changed), again, tag, kind))
    return changed


def conflicts_by_place(state: State) -> dict[Place, Conflict]:
    """The open conflicts by what they are about: at a place there is one at most, whatever its id.

    The id of a contradiction says all that it is about.
    """
    return {
        (one.id if one.kind == MEANING else one.instruction, one.path): one
        for one in open_conflicts(state)
    }


def _alike(one: Conflict | None, other: Conflict | None) -> bool:
    """Whether two conflicts say the same: the id counts the answers that there were."""
    if one is None or other is None:
        return one is other
    return replace(one, id="") == replace(other, id="")


def _opened(there: State, again: Conflict, tag: str, kind: DocumentType) -> dict[Key, str | None]:
    """A conflict as before the version, in force what was; nothing where another is open."""
    others = [one for one in open_conflicts(there) if one.id != again.id]
    if not again.sides or any(_overlap(one, again) for one in others):
        return {}
    changed: dict[Key, str | None] = {(CONFLICTS, again.id): json_text.dump(again.to_json())}
    content, value = kind.content(there, again.instruction), again.force.value
    if same(get(content, again.path), value) or not has_parent(content, again.path):
        return changed
    new = put(content, again.path, value)
    if again.instruction is None:
        text = there.get(DOCUMENT, HEADER) or "{}"
        return {**changed, (DOCUMENT, HEADER): kind.with_header(text, new)}
    record = there.record(again.instruction) or Record("{}")
    text = record.published(new, record.vector.tick(tag, 1)).text
    return {**changed, (INSTRUCTIONS, again.instruction): text}


def _overlap(one: Conflict, other: Conflict) -> bool:
    size = min(len(one.path), len(other.path))
    return one.instruction == other.instruction and one.path[:size] == other.path[:size]
