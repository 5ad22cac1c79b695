"""Take in what foreign programs wrote into the view: by version vectors, never by guesswork.

For each record that differs from the head:
checksum right and vector known: an older copy, nothing to do; unknown: newer, or concurrent with
the base from the log. Checksum wrong: an edit of the version that the vector names. No vector:
equal to any version in the log or in a commit of the path is a checkout; else an edit of the newest
such version; with no such version it is new. Absence is never a deletion.

What another clone published and this one has not got yet stays apart: a sync brings it, and as an
edit it would stand against itself. So does what was made from versions that a shallow clone lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tractatus_merge import files, lineage
from tractatus_merge.clock import now
from tractatus_merge.core.following import current_ids
from tractatus_merge.core.incoming import Incoming
from tractatus_merge.core.merging import Seen
from tractatus_merge.core.plan import Outcome, Plan, plan_merge
from tractatus_merge.core.record import Record
from tractatus_merge.core.state import CONFLICTS, DOCUMENT, HEADER, RESOLUTIONS, State
from tractatus_merge.core.values import Json, digest, same
from tractatus_merge.core.vectors import Order
from tractatus_merge.documents import history
from tractatus_merge.documents.history import Document
from tractatus_merge.documents.instructions import HISTORY
from tractatus_merge.errors import DocumentError
from tractatus_merge.repository import Repository
from tractatus_merge.view import View
from tractatus_merge.working import new_id, open_sessions


@dataclass(frozen=True, slots=True)
class Found:
    """An edit in the view: the record as it is there, and what it was made from (None: new)."""

    record: Record
    base: Record | None


APART = Found(Record("{}"), None)
"""No edit that could be merged: what it was made from is not in this clone."""


@dataclass(slots=True)
class Taken:
    """What was merged, what cannot be read, and the records that stay apart."""

    merged: Outcome | None = None
    complaint: str | None = None
    apart: list[str] = field(default_factory=list)


def take_in(repo: Repository) -> Taken:
    """Look at the view and merge foreign edits."""
    view, done = View(repo), Taken()
    repo.head()  # a broken tip is stepped back from first
    _forget_what_is_gone(repo, view)
    late = view.late()
    try:
        if late is not None:
            done = _merge(repo, view, late)
            view.forget_late()
    except DocumentError:
        view.forget_late()  # torn for good: its writer was killed in the middle
    try:
        data = view.data()
        if data is not None and (view.apart() or not view.unchanged(data)):
            found = _merge(repo, view, data)
            done = Taken(found.merged or done.merged, None, found.apart)
            view.note(known=files.digest(data), apart=found.apart)
    except DocumentError as error:
        done.complaint = f"{error}. The view is left alone until it can be read"
    return done


def _merge(repo: Repository, view: View, data: bytes) -> Taken:
    document = history.read(data, str(view.path))
    done = Taken()
    whose: list[tuple[str, str, str]] = []
    taken = view.notes().get("taken", {})

    def make(head: State) -> Plan:
        edits = {
            name: edit
            for name, record in document.records.items()
            if taken.get(name) != digest(record.content)
            and (edit := _edit(repo, view, head, name, record)) is not None
        }
        found = {name: edit for name, edit in edits.items() if edit is not APART}
        done.apart = sorted(edits.keys() - found.keys())
        header = None if done.apart else _header_edit(repo, view, head, document)
        if not found and header is None:
            return Plan(head, None)
        if not whose:
            whose.append(_whose(repo, view, head, data))
        session, tag, author = whose[0]
        seen = Seen(frozenset(head.names(CONFLICTS)), frozenset(head.names(RESOLUTIONS)))
        incoming = Incoming(
            session=session,
            tag=tag,
            author=author,
            at=now(),
            agent="view",
            base={name: edit.base for name, edit in found.items() if edit.base is not None},
            copy={name: edit.record for name, edit in found.items()},
            base_version=head.version,
            base_header=header[0] if header else {},
            copy_header=header[1] if header else {},
            seal=files.digest(data + session.encode()),
            seen=lambda _: seen,
            complete=False,
            note=f"Take in what was written into {view.path.name}: "
            + (", ".join(sorted(found)) or "its header"),
        )
        return plan_merge(head, incoming, HISTORY, now())

    head = repo.head()
    if make(head).entry is None:
        return done
    plan, after = repo.publish(make)
    _remember(view, document, after)
    done.merged = plan.outcome
    return done


def _remember(view: View, document: Document, head: State) -> None:
    """Note what the file says now, record by record: merged once, it is no edit the next time."""
    says = {name: digest(record.content) for name, record in document.records.items()}
    header = history.header_value(document.header)
    view.note(taken=says, header=header, merged=head.version)


def _forget_what_is_gone(repo: Repository, view: View) -> None:
    """A version that held what was taken in may be pruned: then the file is looked through anew."""
    merged = view.notes().get("merged")
    if merged is not None and not repo.store.has(merged):
        view.note(merged=None, known=None, digest=None, taken={}, header=None)


def _header_edit(
    repo: Repository, view: View, head: State, document: Document
) -> tuple[dict[str, Json], dict[str, Json]] | None:
    """What a program changed in the header: (base, what it says now); None if it is as known."""
    says = history.header_value(document.header)
    written = view.notes().get("header")
    there = history.header_value(head.get(DOCUMENT, HEADER) or "{}")
    if same(says, there) or (written is not None and same(says, written)):
        return None
    if written is None and repo.store.is_cut():
        return None
    known = list(lineage.headers(repo))
    past = [(commit, history.header_value(doc.header)) for commit, doc in _documents(view)]
    if _is_checkout(view, says, known, past):
        return None
    return (written if written is not None else there), says


def _is_checkout(view: View, says: Json, known: list[Json], past: list[tuple[str, Json]]) -> bool:
    """Whether a content without a stamp is an older one: of the log, or of a commit before one."""
    if any(same(says, version) for version in known):
        return True
    published = [commit for commit, was in past if any(same(was, version) for version in known)]
    older = view.reachable(published)
    return any(commit in older and same(was, says) for commit, was in past)


def _edit(repo: Repository, view: View, head: State, name: str, record: Record) -> Found | None:
    name = current_ids(head, {name: record}).get(name, name)
    there = head.record(name)
    if there is not None and (there.text == record.text or same(there.content, record.content)):
        return None
    if record.stamped:
        return _by_vector(repo, there, name, record)
    return _by_content(repo, view, there, name, record)


def _by_vector(repo: Repository, there: Record | None, name: str, record: Record) -> Found | None:
    order = record.vector.order(there.vector) if there else Order.AFTER
    older = order in (Order.EQUAL, Order.BEFORE)
    if record.genuine and older:
        return None
    if not older and repo.store.remotes():
        return APART
    if record.genuine and there and order is Order.AFTER:
        return Found(record, there)
    base = lineage.version_of(repo, name, record.vector)
    if base is None and there is not None and repo.store.is_cut():
        return APART
    return Found(record, base or there)


def _by_content(
    repo: Repository, view: View, there: Record | None, name: str, record: Record
) -> Found | None:
    known = [] if there is None else list(lineage.versions(repo, name))
    if not known:
        return Found(record, None)
    found = [(commit, doc.records[name]) for commit, doc in _documents(view) if name in doc.records]
    past = [(commit, was.content) for commit, was in found if not was.stamped]
    contents = [version.content for version in known]
    if _is_checkout(view, record.content, contents, past):
        return None
    base = next((version for version in known if not version.stamped), None)
    return APART if base is None and repo.store.is_cut() else Found(record, base)


def _documents(view: View) -> Iterator[tuple[str, Document]]:
    """The file in each commit that changed it, newest first."""
    for commit, data in view.path_history():
        try:
            yield commit, history.read(data, str(view.path))
        except DocumentError:  # somebody once committed a broken file: it is nobody's base
            continue


def _whose(repo: Repository, view: View, head: State, data: bytes) -> tuple[str, str, str]:
    """Session, tag and author of a foreign edit: the committer's, else the one open session's."""
    committed, committer = view.committed()
    here = str(repo.workspace.places.top)
    if committed == data:
        session = new_id()
        return session, repo.free_tag(session, head), committer
    candidates = [s for s in open_sessions(repo) if s.facts["worktree"] == here]
    if len(candidates) == 1:
        one = candidates[0]
        return one.id, one.tag, str(one.facts["author"])
    session = new_id()
    return session, repo.free_tag(session, head), "unattributed <>"
