"""The plan of what a person asked for: an answer, its revocation, an undo. Nothing is performed."""

from __future__ import annotations

from collections.abc import Callable

from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.asked_undo import Undo
from tractatus_merge.core.plans.incoming import EditNote, Incoming
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.plans.person_decision import Answer, Revocation
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.revoke import plan_revoke
from tractatus_merge.core.plans.undo import plan_undo
from tractatus_merge.errors import VersionGone
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.log import versions
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.facts import Request, UndoRequest
from tractatus_merge.system.clock import now
from tractatus_merge.value import replace


def planned(repo: Repository, request: Request) -> Callable[[State], Plan]:
    """The plan of a request into whatever the head is then."""
    match request:
        case Answer():
            return lambda head: plan_resolve(head, request, HISTORY, now())
        case Revocation():
            return lambda head: plan_revoke(head, request, HISTORY, now())
        case UndoRequest():
            return _undoing(request, undo_of(repo, request))


def undo_of(repo: Repository, request: UndoRequest) -> Undo:
    """What a request asks to undo: a version, or one record or place of it.

    Published again under another name it is the same; VersionGone where there is none.
    """
    entry = next((one for one in repo.store.log() if one.version == request.version), None)
    if entry is None and request.published:
        entry = versions.publication(repo, request.published)
    if entry is None:
        raise VersionGone(request.version)
    before, after = (repo.older(name) for name in (entry.parents[0], entry.version))
    return Undo(entry, before, after, request.instruction, request.path)


def _undoing(request: UndoRequest, undo: Undo) -> Callable[[State], Plan]:
    place = " ".join(filter(None, (undo.instruction, ".".join(undo.path))))
    word, over = "Redo" if request.redoes else "Undo", request.over or undo.entry.version
    note = f"{word} {over[:12]}{': ' + place if place else ''}"
    by = Incoming(
        session=request.session,
        tag=request.tag,
        author=request.author,
        at=request.at,
        base={},
        copy={},
        agent="person",
        edit_notes={(name, ()): EditNote(request.at, request.why) for name in (*undo.names(), "")},
        seal=request.session,
        note=f"{note} ({request.why})" if request.why else note,
        step=request.step,
    )

    def make(head: State) -> Plan:
        return plan_undo(head, undo, replace(by, base_version=head.version), HISTORY, now())

    return make
