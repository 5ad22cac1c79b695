"""What becomes of a session after a merge: its base and copy are the head from then on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.facts import Base, Facts, Work, published
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Event
from tractatus_merge.value import replace

PRUNED = 15 * 60
"""Seconds within which a prune that was running is done: so long, what was published is kept."""
_KEPT = 8
"""The most publications of one session that are kept for that."""
_HEADER_BASE = ""
"""The name under which the header's older base is kept, beside those of instructions."""


def adopt(
    repo: Repository,
    session: Session,
    head: State,
    sealed: Document,
    done: tuple[Mapping[str, str], Work | None],
    *,
    event: Event | None = None,
) -> None:
    """After a merge base and copy become the head; what was written since the seal stays on.

    `done`: the ids that the merge gave, and what was published; `event`: what has happened to the
    session with that.
    """
    renamed, work = done
    facts = replace(session.facts, merging=None)
    if work is not None:
        waits = () if facts.command else (work.seal,)  # nobody ends a person's one command again
        seals = tuple(dict.fromkeys((*facts.untold, *waits)))[-_KEPT:]
        facts = replace(facts, last=work, earlier=_recent(session), untold=seals)
    rebase(repo, session, head, told=sealed, given=renamed, facts=facts, event=event)


def done_by(session: Session, plan: Plan, head: State) -> Work | None:
    """What a session had sealed, as it was published."""
    work = session.facts.merging
    return None if work is None else published(work, plan, head)


def rebase(
    repo: Repository,
    session: Session,
    head: State,
    *,
    told: Document,
    facts: Facts,
    given: Mapping[str, str] = MappingProxyType({}),
    event: Event | None = None,
) -> dict[str, str]:
    """Move base and copy to the head; what was written since `told` keeps its older base.

    `facts` are what is true of the session after it, but for its base and older bases, and for what
    an event makes of its state. `given` are new ids that a merge gave; what else the session wrote
    or created may have another id in the head by now. All these come back, old id to new.
    """
    from tractatus_merge.core.plans.renames import current_ids
    from tractatus_merge.instructions.rebase import rebase as moved_to  # not for who only looks

    data, copy = session.copy()
    document = repo.document(head)
    mine = {
        name: record
        for name, record in told.records.items()
        if ((now := copy.records.get(name)) is not record and now != record)
        or record.is_by(session.tag)
    }
    renamed = {**current_ids(head, mine), **given}
    moved = moved_to(document, told, copy, renamed)
    facts = replace(facts, renames={**facts.renames, **renamed})
    older = {
        new: session.base_of(old) for new, old in moved.touched.items() if new in moved.base.records
    }
    if moved.base.header != document.header:
        older[_HEADER_BASE] = session.base_of(_HEADER_BASE)
    is_base = moved.copy == moved.base
    new = b"" if is_base else history_file.write(moved.copy)
    base = history_file.write(moved.base)  # last: where its records stand is kept
    at = replace(facts, base=Base(str(head.version), ""), older=older)
    session.rebase(at, base, base if is_base else new, data, event)
    return renamed


def _recent(session: Session) -> tuple[Work, ...]:
    """What the session published of late: a prune that runs now may yet take it from the head."""
    since = datetime.fromtimestamp(time.time() - PRUNED, UTC).isoformat()
    return tuple(work for work in session.works() if work.at > since)[-_KEPT:]
