"""How a session's work reaches the head: refresh, merge, end, and being finished by others."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import CONFLICTS, RESOLUTIONS, State
from tractatus_merge.core.plans.incoming import Incoming, Seen
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.outcome import Outcome, Plan
from tractatus_merge.core.rules.explanation import Step
from tractatus_merge.errors import DocumentError, StoreError, TractatusError
from tractatus_merge.instructions import history_file, rebase
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.instructions.rounded_numbers import Place
from tractatus_merge.log import lineage, versions
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import live_metrics, replay
from tractatus_merge.sessions.facts import Base, Facts, SealedCopy, Work
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lifecycle import Event
from tractatus_merge.system import files
from tractatus_merge.system.clock import now

PRUNED = 15 * 60
"""Seconds within which a prune that was running is done: so long, what was published is kept."""
KEPT = 8
"""The most publications of one session that are kept for that."""
HEADER_BASE = ""
"""The name under which the header's older base is kept, beside those of instructions."""
LATER = (TractatusError, OSError)
"""Somebody is at it, the copy is torn, objects are being collected: the next command does it."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a merge, and the head after it; of a dry run what would, and how it came to.

    `rounded` are the places in the copy where a program only rounded a number: no edits.
    """

    session: Session
    outcome: Outcome
    head: State
    planned: State | None = None
    steps: tuple[Step, ...] = ()
    rounded: tuple[Place, ...] = ()


def refresh(repo: Repository, session: Session) -> Merged:
    """Take in what others published: what the session has not touched moves to the head's."""
    with session.lock():
        _recover(repo, session)
        head = repo.head()
        _rebase(repo, session, head, told=session.base(), facts=session.facts)
        session.note("refresh", now(), head=head.version)
    return Merged(session, Outcome(), head)


def merge(
    repo: Repository, session: Session, *, end: bool = False, dry_run: bool = False
) -> Merged:
    """Publish what the session wrote; with `end`, seal the session first. Idempotent."""
    if dry_run:
        head = repo.head()
        incoming = changes(repo, session)
        plan = plan_merge(head, incoming, HISTORY, now())
        steps = versions.preview(incoming, head, plan.state, plan.outcome.renamed)
        return Merged(session, plan.outcome, head, plan.state, tuple(steps), session.rounded)
    with session.lock():
        session.copy()  # a torn copy is refused before anything is written
        _recover(repo, session)
        if end:
            session.transition(Event.END)
        data, copy = session.copy()
        rounded, seal = session.rounded, _seal(session, data)
        incoming = _incoming(session, repo, base=session.base(), copy=copy, seal=seal)
        if incoming.added() or incoming.edited() or copy.header != session.base().header:
            kept = history_file.rewrite(data, copy, str(session.copy_path)) if rounded else data
            session.seal(kept, seal)
        plan, head = repo.publish(_planned(incoming))
        outcome = plan.outcome
        _adopt(repo, session, head, copy, outcome.renamed)
        session.transition(Event.MERGE)
        session.note("merge", now(), head=head.version, outcome=outcome.status)
    return Merged(session, outcome, head, rounded=rounded)


def changes(repo: Repository, session: Session) -> Incoming:
    """The session's side of a merge, as it would be now."""
    data, copy = session.copy()
    return _incoming(session, repo, base=session.base(), copy=copy, seal=_seal(session, data))


def _planned(incoming: Incoming) -> Callable[[State], Plan]:
    """The plan of a merge into whatever the head is then."""
    return lambda head: plan_merge(head, incoming, HISTORY, now())


def _adopt(
    repo: Repository, session: Session, head: State, sealed: Document, renamed: Mapping[str, str]
) -> None:
    """After a merge base and copy become the head; what was written since the seal stays on."""
    work, renames = session.facts.merging, {**session.renames, **renamed}
    facts = replace(session.facts, merging=None, renames=renames)
    if work is not None:
        last = replace(work, head=str(head.version), at=head.time)
        facts = replace(facts, last=last, earlier=_recent(session))
    _rebase(repo, session, head, told=sealed, renamed=renamed, facts=facts)


def _rebase(
    repo: Repository,
    session: Session,
    head: State,
    *,
    told: Document,
    facts: Facts,
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Move base and copy to the head; what was written since `told` keeps its older base.

    `facts` are what is true of the session after it, but for its base and older bases.
    """
    data, copy = session.copy()
    document = repo.document(head)
    moved = rebase.rebase(document, told, copy, renamed)
    older = {name: session.base_of(name) for name in moved.touched if name in moved.base.records}
    if moved.base.header != document.header:
        older[HEADER_BASE] = session.base_of(HEADER_BASE)
    base = history_file.write(moved.base)
    new = base if moved.copy == moved.base else history_file.write(moved.copy)
    at = replace(facts, base=Base(str(head.version), ""), older=older)
    session.rebase(at, base, new, data)


def _recent(session: Session) -> tuple[Work, ...]:
    """What the session published of late: a prune that runs now may yet take it from the head."""
    since = datetime.fromtimestamp(time.time() - PRUNED, UTC).isoformat()
    return tuple(work for work in session.works() if work.at > since)[-KEPT:]


def _missing(session: Session, head: State) -> list[Work]:
    """What the session published and the head no longer has: it was stepped back behind it."""
    works = session.works()
    there = {done.seal for done in summaries.publications(head, session.tag)} if works else set()
    return [work for work in works if work.seal not in there]


def _recover(repo: Repository, session: Session) -> None:
    """Finish what a crash left: merges that a prune took from the head, or one that reached it."""
    head = repo.head()
    for work in _missing(session, head):
        _, head = repo.publish(_again(repo, session, work))
    merging = session.facts.merging
    if merging is None:
        return
    published = [p for p in summaries.publications(head, session.tag) if p.seal == merging.seal]
    if published:
        _adopt(repo, session, head, session.sealed(merging)[1], published[0].renamed)
    else:
        session.save(merging=None)


def _again(repo: Repository, session: Session, work: Work) -> Callable[[State], Plan]:
    """Plan once more what the session had published, from what its folder still holds."""
    if not isinstance(work, SealedCopy):
        return replay.planned(repo, work.request)
    base, sealed = session.sealed(work)
    return _planned(
        _incoming(session, repo, base=base, copy=sealed, seal=work.seal, version=work.version)
    )


def _seal(session: Session, data: bytes) -> str:
    said = json.dumps([asdict(session.facts.base), files.digest(data)])
    return files.digest(said.encode())


def _incoming(
    session: Session,
    repo: Repository,
    *,
    base: Document,
    copy: Document,
    seal: str,
    version: str | None = None,
) -> Incoming:
    bases, copies = lineage.rebase_stale_records(repo, base.records, copy.records)
    header = history_file.header_value(base.header)
    written = datetime.fromtimestamp(session.copy_path.stat().st_mtime, UTC)
    return Incoming(
        session=session.id,
        tag=session.tag,
        author=session.facts.author,
        agent=session.facts.agent,
        at=written.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        base=bases,
        copy=copies,
        base_version=version or session.base_version,
        base_header=header,
        copy_header=lineage.rebase_stale_header(
            repo, header, history_file.header_value(copy.header)
        ),
        edit_notes=session.said(),
        seen=lambda name: _seen(repo, session.base_of(name)),
        seal=seal,
        metrics=live_metrics.as_json(session) if repo.workspace.publish_metrics else None,
    )


def _seen(repo: Repository, version: str) -> Seen:
    try:
        state = repo.store.load(version)
        return Seen(frozenset(state.names(CONFLICTS)), frozenset(state.names(RESOLUTIONS)))
    except StoreError:  # the base is gone (shallow, pruned): then nothing can be said to be seen
        return Seen()


def abandon(repo: Repository, session: Session) -> list[str]:
    """End a session without merging: what it leaves unpublished. Its folder stays, to resume."""
    with session.lock():
        left: list[str] = []
        with contextlib.suppress(DocumentError):  # a copy that cannot be read can be abandoned too
            incoming = changes(repo, session)
            left = [*incoming.added(), *incoming.edited()]
        session.transition(Event.ABANDON)
        session.note("abandon", now())
    return left


def restore(repo: Repository, sessions: list[Session]) -> None:
    """Publish again, in the order it was, what a prune took from the head."""
    head = repo.head()
    missing = [(work.at, one.id, one) for one in sessions for work in _missing(one, head)]
    for _, _, session in sorted(missing, key=lambda item: item[:2]):
        with contextlib.suppress(*LATER), session.lock(wait=0.0):
            for work in _missing(session, repo.head())[:1]:
                repo.publish(_again(repo, session, work))
