"""Where a session has changed what another changes too: told at the edit, before it is a conflict.

Only a glance, as in `unpublished`. What contradicts in words is looked for there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tractatus_merge.core.model.summaries import blame_places
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import get, leaves
from tractatus_merge.instructions.retirement import ACTIVE, stance
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.unpublished import Draft, Others

_WIDTH = 80
_ONE_LINE = Style(None)


def with_others(others: Others, mine: Mapping[str, Draft]) -> list[str]:
    """What other open sessions have changed at the same places, and not published; a line each.

    `mine` are the instructions just written: what each was, and what it is.
    """
    return [
        f"session {other.tag} ({other.id}) has changed {name} too, unpublished: {_told(places)}"
        for other, drafts in others
        for name, (was, now) in mine.items()
        if name in drafts and (places := list(_common((was, now), drafts[name])))
    ]


def with_history(repo: Repository, session: Session, name: str, mine: Draft) -> list[str]:
    """What was published at the same places since the session's base of the instruction."""
    head, base = repo.head(), session.base().records.get(name)
    there = head.record(name)
    if base is None or there is None:
        return []
    places = list(_common(mine, (base.content, there.content)))
    if not places:
        return []
    paths = tuple(path for path, _, now in places if now is not MISSING)
    writers = [one for one in blame_places(head, name, paths) if one.session != session.id]
    by = f" by session {max(writers).session}" if writers else ""
    return [f"{name} was changed{by} since this copy was made: {_told(places)}"]


def _common(mine: Draft, theirs: Draft) -> Iterator[tuple[Path, Json, Json]]:
    """Their changes at places that are mine too, where we do not say the same."""
    own = [path for path, _, _ in leaves(mine[0], mine[1])] if mine[0] else [()]
    retires = _retires(mine)
    for path, was, now in leaves(*theirs) if theirs[0] else [((), MISSING, theirs[1])]:
        clashes = any(_meet(path, at) for at in own) and not same(get(mine[1], path), now)
        if clashes or (retires != _retires(theirs) and (path == ACTIVE or retires)):
            yield path, was, now


def _retires(draft: Draft) -> bool:
    was, now = draft
    return was is not None and stance(was, now, ACTIVE) and now.get("active") is False


def _meet(one: Path, other: Path) -> bool:
    """Whether one place is the other, or in it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _told(places: Iterable[tuple[Path, Json, Json]]) -> str:
    return ", ".join(
        f"{shown(path)} {_value(was)} -> {_value(now)}" if path else "it is new there"
        for path, was, now in places
    )


def _value(value: Json) -> str:
    if value is MISSING:
        return "(not there)"
    text = json_text.dump(value, _ONE_LINE)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
