"""How a session's work reaches the head: refresh, merge, end, and being finished by others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.needs import must_be_writable
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.plans.outcome import Outcome, Plan
from tractatus_merge.errors import (
    ContentionError,
    DocumentError,
    Missing,
    StaleAnswer,
    TractatusError,
    UnknownConflict,
    UnknownResolution,
    VersionGone,
)
from tractatus_merge.instructions.rounded_numbers import Place
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import adoption, contribution, lookup
from tractatus_merge.sessions.facts import (
    Requested,
    SealedCopy,
    Work,
    in_order,
    published,
)
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.folders import Folders
from tractatus_merge.sessions.lifecycle import Event, Life, after
from tractatus_merge.sessions.waiting import Waiting
from tractatus_merge.system import locks
from tractatus_merge.system.clock import now
from tractatus_merge.value import Value, replace

if TYPE_CHECKING:
    from tractatus_merge.core.rules.explanation import Step
    from tractatus_merge.repository.loop import Behind
    from tractatus_merge.sessions.unpublished import Draft

_LEADS = 10.0
"""Seconds for a command that has taken what a session asked for."""
LATER = (TractatusError, OSError)
"""Somebody is at it, the copy is torn, objects are being collected: the next command does it."""
TROUBLE = Exception
"""What another's session may raise, a bug that its texts bring to light among it: it stops nobody.

`sessions` and `doctor` tell of it (`troubles`), and its own commands fail of it.
"""
_REFUSED = (UnknownConflict, StaleAnswer, UnknownResolution, VersionGone)
"""What was asked for cannot be published on this head; on another one, maybe."""


class Merged(Value):
    """What came of a merge, and the head after it; of a dry run what would, and how it came to.

    `seals` name the publications of which the outcome tells. `rounded` are the places in the copy
    where a program only rounded a number: no edits. `heard`, of a dry run, is what other open
    sessions have changed at the same places, and not published.
    """

    session: Session
    outcome: Outcome
    head: State
    seals: tuple[str, ...] = ()
    planned: State | None = None
    steps: tuple[Step, ...] = ()
    rounded: tuple[Place, ...] = ()
    heard: tuple[str, ...] = ()


def refresh(repo: Repository, session: Session) -> Merged:
    """Take in what others published: what the session has not touched moves to the head's."""
    repo.must_be_writable()
    if _missing(session, repo.head()):
        restore(repo)
    with session.lock():
        _recover(repo, session)
        head = repo.head()
        renamed = adoption.rebase(repo, session, head, told=session.base(), facts=session.facts)
        session.note("refresh", now(), head=head.version)
    return Merged(session, Outcome(renamed=renamed), head)


def merge(
    repo: Repository,
    session: Session,
    *,
    end: bool = False,
    dry_run: bool = False,
    behind: Behind | None = None,
) -> Merged:
    """Publish what the session wrote; with `end`, seal the session first. Idempotent.

    `behind` is published in the same step (see `loop.publish`). NewerNeeded, and nothing was
    written, where this program may only read the history.
    """
    head = repo.head()
    must_be_writable(head)
    if dry_run:
        _ending(session, end=end)
        return _looked_ahead(repo, session)
    if _missing(session, head):
        restore(repo)
    with session.lock():
        session.copy()  # a torn copy is refused before anything is written
        state = _ending(session, end=end)
        _recover(repo, session)
        data, copy = session.copy()
        rounded, seal = session.rounded, contribution.seal_of(session, data)
        incoming = contribution.incoming_of(
            session, repo, base=session.base(), copy=copy, seal=seal
        )
        if incoming.added() or incoming.edited() or copy.header != session.base().header:
            session.seal(session.base(), copy, seal, state)
        elif state is not session.state:
            session.save(state=state)
        earlier = [one for one in session.facts.untold if one != seal]
        plan, head = repo.publish(contribution.planned(incoming), behind)
        done = plan.outcome.renamed, adoption.done_by(session, plan, head)
        adoption.adopt(repo, session, head, copy, done, event=Event.MERGE)
        outcome = told_of(repo, head, session, plan, seal=seal, earlier=earlier)
        with contextlib.suppress(OSError):  # a diary only: what was merged is to be told
            session.note("merge", now(), head=head.version, outcome=outcome.status)
    return Merged(session, outcome, head, (*earlier, seal), rounded=rounded)


def _ending(session: Session, *, end: bool) -> Life:
    """The state in which a session is merged; IllegalTransition where it cannot be."""
    state = after(session.id, session.state, Event.END) if end else session.state
    after(session.id, state, Event.MERGE)
    return state


def _looked_ahead(repo: Repository, session: Session) -> Merged:
    """What a merge would come to, and how."""
    # who looks ahead pays for it
    from tractatus_merge.log import versions
    from tractatus_merge.sessions import overlaps
    from tractatus_merge.sessions.unpublished import drafts_of_others

    head = repo.head()
    incoming = changes(repo, session)
    plan = contribution.planned(incoming)(head)
    steps = versions.preview(incoming, head, plan.state, plan.outcome.renamed)
    return Merged(
        session,
        plan.outcome,
        head,
        planned=plan.state,
        steps=tuple(steps),
        rounded=session.rounded,
        heard=tuple(overlaps.with_others(drafts_of_others(repo, session), _drafts(incoming))),
    )


def told_of(
    repo: Repository,
    head: State,
    session: Session,
    plan: Plan,
    *,
    seal: str,
    earlier: Sequence[str] = (),
) -> Outcome:
    """What came of a plan, with what came of earlier publications that nobody was told of.

    What was sealed may have been published by another command, of which the plan says little.
    """
    done = summaries.publications(head, session.tag) if plan.entry is None else []
    seals = [*earlier, *(one.seal for one in done if one.seal == seal)]
    if not seals:
        return plan.outcome
    from tractatus_merge.sessions import untold  # only who was killed has such

    return untold.joined(repo, head, session.tag, seals, plan.outcome)


def told(merged: Merged) -> None:
    """Note that the outcome was told; if that fails, it is told again, which harms nobody."""
    session = merged.session
    with contextlib.suppress(*LATER), session.lock():
        session.told(merged.seals)


def changes(repo: Repository, session: Session) -> Incoming:
    """The session's side of a merge, as it would be now."""
    data, copy = session.copy()
    return contribution.incoming_of(
        session, repo, base=session.base(), copy=copy, seal=contribution.seal_of(session, data)
    )


def _drafts(incoming: Incoming) -> dict[str, Draft]:
    """What the session has written, each with what it was made from."""
    bases = {name: record.content for name, record in incoming.base.items()}
    written = (*incoming.added(), *incoming.edited())
    return {name: (bases.get(name), incoming.copy[name].content) for name in written}


def _missing(session: Session, head: State) -> list[Work]:
    """What the session published and the head no longer has: it was stepped back behind it."""
    works = [work for work in session.works() if isinstance(work, SealedCopy) or not work.aside]
    there = {done.seal for done in summaries.publications(head, session.tag)} if works else set()
    return [work for work in works if work.seal not in there]


def _recover(repo: Repository, session: Session) -> None:
    """Finish what a crash left: a merge that reached the head, or one that did not."""
    merging = session.facts.merging
    if merging is None:
        return
    _withdraw(repo, session, merging)
    head = repo.head()
    from tractatus_merge.log import versions  # a crash is rare

    done = [one for one in summaries.publications(head, session.tag) if one.seal == merging.seal]
    if not done:
        session.save(merging=None)
        return
    entry = versions.publication(repo, merging.seal, session.tag)
    work = replace(merging, at=done[0].published)
    if entry is not None:
        work = replace(work, head=entry.version, onto=entry.parents[0])
    _, sealed = session.sealed(merging).within(session.base())
    adoption.adopt(repo, session, head, sealed, (done[0].renamed, work))


def _withdraw(repo: Repository, session: Session, merging: SealedCopy) -> None:
    """See to it that no other command publishes any more what the session has asked for.

    ContentionError where another may be at it still, and the copy is not the one that it has: the
    same copy is published once, whoever does it.
    """
    waiting = Waiting(repo.workspace.state)
    if waiting.withdraw(session.id) or waiting.leads:
        waiting.forget(session.id)
        return
    if contribution.seal_of(session, session.copy()[0]) == merging.seal:
        return
    with locks.locked(waiting.lock, _LEADS) as got:
        if not got:
            raise ContentionError(
                f"another command is still merging session {session.id}.", hint="try again"
            )
        waiting.forget(session.id)


def _again(repo: Repository, session: Session, work: Work) -> Callable[[State], Plan]:
    """Plan once more what the session had published, from what its folder still holds."""
    if not isinstance(work, SealedCopy):
        from tractatus_merge.sessions import replay  # rarely needed

        return replay.planned(repo, work.request)
    try:
        state = repo.store.load(repo.resolved(work.version))
    except Missing:  # it is gone: what the session has not touched is as it stands now
        state = repo.head()
    base, copy = session.sealed(work).within(repo.document(state))
    return contribution.planned(
        contribution.incoming_of(
            session, repo, base=base, copy=copy, seal=work.seal, version=work.version
        )
    )


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


class SetAside(Value):
    """What a person asked for, was published, is gone, and cannot be published again: why not."""

    session: Session
    work: Requested


def restore(repo: Repository, here: Folders | None = None) -> list[SetAside]:
    """Publish again, in the order it was, what the head was stepped back behind.

    What cannot be published before something else comes after it. What is left when all else is
    back, and nobody's folder is in the way, is set aside.
    """
    head, here = repo.head(), here or Folders(repo)
    known = here.opened(here.doubtful(str(head.version), repo.in_head))
    left = in_order((one, work) for one in known for work in _missing(one, head))
    if not left:
        here.whole(str(head.version))
    waiting, tried = bool(left) and bool(lookup.broken_sessions(repo.workspace.sessions)), -1
    refused: list[tuple[Session, Requested, str]] = []
    while left and len(left) != tried:
        tried, refused = len(left), []
        for session, work in left:
            try:
                _publish_again(repo, session, work)
            except _REFUSED as error:
                if isinstance(work, Requested):
                    refused.append((session, work, error.sentence))
            except TROUBLE:
                waiting = True
        left = [(session, work) for session, work, _ in refused]
    return [] if waiting else [_set_aside(*item) for item in refused]


def _publish_again(repo: Repository, session: Session, work: Work) -> None:
    with session.lock(wait=0.0):
        if work not in _missing(session, repo.head()):
            return  # another command was faster
        plan, head = repo.publish(_again(repo, session, work))
        if plan.entry is not None:
            session.replace_work(work, published(work, plan, head))


def _set_aside(session: Session, work: Requested, why: str) -> SetAside:
    done = replace(work, aside=why)
    with contextlib.suppress(*LATER), session.lock(wait=0.0):
        session.replace_work(work, done)
    return SetAside(session, done)
