"""Find edits that other programs made to the history file, each with its base, and merge them.

Version vectors give each edit its base; nothing is guessed.

For each record that differs from the head:
checksum right and vector known: an older copy, nothing to do; unknown: newer, or concurrent with
the base from the log. Checksum wrong: an edit of the version that the vector names. No vector:
equal to any version in the log or in a commit of the path is a checkout; else an edit of the newest
such version; with no such version it is new. Absence is never a deletion.

What another clone published and this one has not got yet stays apart: a sync brings it, and as an
edit it would stand against itself. So does what was made from versions that a shallow clone lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tractatus_merge.core.model import imported
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import CONFLICTS, DOCUMENT, HEADER, RESOLUTIONS, State
from tractatus_merge.core.model.version_vector import Order
from tractatus_merge.core.plans.incoming import Incoming, Seen
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.plans.renames import current_ids
from tractatus_merge.core.values.equality import Json, Path, digest, same
from tractatus_merge.core.values.rounding import unrounded, without_rounding
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import history_file, rounded_numbers
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.instructions.rounded_numbers import Place
from tractatus_merge.log import lineage
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lookup import free_tag, open_sessions
from tractatus_merge.sessions.start import new_id
from tractatus_merge.system import files
from tractatus_merge.system.clock import now
from tractatus_merge.value import Value, replace
from tractatus_merge.view.file import View
from tractatus_merge.view.foreign_edits import Taken


class Found(Value):
    """An edit in the view: the record as it is there, and what it was made from (None: new).

    Its numbers are the base's at the places where a program only `rounded` them.
    """

    record: Record
    base: Record | None
    rounded: tuple[Path, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether it says what it was made from."""
        return self.base is not None and same(self.record.content, self.base.content)


def _found(record: Record, base: Record) -> Found:
    """The edit of a version."""
    record, rounded = record.unrounded(base)
    return Found(record, base, rounded)


UNKNOWN_BASE = Found(Record("{}"), None)
"""No edit that could be merged: what it was made from is not in this clone."""


class _Intake(Value):
    """What foreign programs changed: records, and the header (its base, what it says)."""

    edits: dict[str, Found]
    apart: tuple[str, ...]
    header: tuple[dict[str, Json], dict[str, Json]] | None
    rounded: tuple[Place, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to merge."""
        return not self.edits and self.header is None


def _intake(repo: Repository, view: View, head: State, document: Document) -> _Intake:
    """What the document has that the head has not, and that it was not looked through for."""
    past = lineage.Past(repo)
    found = {
        name: edit
        for name, record in document.records.items()
        if view.notes.taken.get(name) != digest(record.content)
        and (edit := _edit(repo, past, (view, head), name, record)) is not None
    }
    apart = tuple(sorted(name for name, edit in found.items() if edit is UNKNOWN_BASE))
    edits = {
        name: edit
        for name, edit in found.items()
        if edit is not UNKNOWN_BASE and not edit.changes_nothing
    }
    places = [(name, path) for name, edit in found.items() for path in edit.rounded]
    header, paths = (None, ()) if apart else _header_edit(repo, view, head, document)
    places += [(rounded_numbers.HEADER, path) for path in paths]
    return _Intake(edits, apart, header, tuple(places))


def merge(repo: Repository, view: View, data: bytes, by: Session | None = None) -> Taken:
    """Merge what a program wrote into the view, which has these bytes now."""
    document, head = history_file.read(data, str(view.path)), repo.head()
    intake = _intake(repo, view, head, document)
    if intake.empty:
        return Taken(apart=intake.apart, rounded=intake.rounded)
    whose = _session(by) if by else _whose(repo, view, head, data)

    def make(head: State) -> Plan:
        intake = _intake(repo, view, head, document)
        if intake.empty:
            return Plan(head, None)
        incoming = _incoming(view, head, intake, whose, data)
        if by is not None:
            incoming = replace(incoming, agent=by.facts.agent)
        return plan_merge(head, incoming, HISTORY, now())

    plan, after = repo.publish(make)
    apart = _intake(repo, view, after, document).apart
    _remember(view, document, after, but=apart)
    return Taken(plan.outcome, apart=apart, rounded=intake.rounded)


def _incoming(
    view: View, head: State, intake: _Intake, whose: tuple[str, str, str], data: bytes
) -> Incoming:
    session, tag, author = whose
    base, says = intake.header or ({}, {})
    edits = intake.edits
    seen = Seen(frozenset(head.names(CONFLICTS)), frozenset(head.names(RESOLUTIONS)))
    return Incoming(
        session=session,
        tag=tag,
        author=author,
        at=now(),
        agent=lineage.VIEW,
        base={name: edit.base for name, edit in edits.items() if edit.base is not None},
        copy={name: edit.record for name, edit in edits.items()},
        base_version=head.version,
        base_header=base,
        copy_header=says,
        seal=files.digest(data + session.encode()),
        seen=lambda _: seen,
        complete=False,
        note=f"Take in what was written into {view.path.name}: "
        + (", ".join(sorted(edits)) or "its header"),
    )


def _remember(view: View, document: Document, head: State, *, but: Collection[str]) -> None:
    """Note what the file says now, record by record: merged once, it is no edit the next time."""
    merged = ((name, one) for name, one in document.records.items() if name not in but)
    says = {name: digest(record.content) for name, record in merged}
    header = history_file.header_value(document.header)
    view.note(taken=says, header=header, merged=head.version)


def _header_edit(
    repo: Repository, view: View, head: State, document: Document
) -> tuple[tuple[dict[str, Json], dict[str, Json]] | None, tuple[Path, ...]]:
    """What a program changed in the header: (base, what it says now); None if it is as known.

    And the places where it only rounded a number.
    """
    says = history_file.header_value(document.header)
    written = view.notes.header
    there = history_file.header_value(head.get(DOCUMENT, HEADER) or "{}")
    base = there if written is None else written
    if same(says, there):
        return None, ()
    says, rounded = without_rounding(base, says)
    if same(says, base):
        return None, rounded
    if written is None and repo.is_cut():
        return None, ()
    known = list(lineage.headers(repo))
    past = [(commit, history_file.header_value(doc.header)) for commit, doc in _documents(view)]
    if _is_checkout(view, says, known, past):
        return None, ()
    return (base, says), rounded


def _is_checkout(view: View, says: Json, known: list[Json], past: list[tuple[str, Json]]) -> bool:
    """Whether a content without a stamp is an older one: of the log, or of a commit before one."""
    if any(_says(says, version) for version in known):
        return True
    published = [commit for commit, was in past if any(_says(was, version) for version in known)]
    older = view.checkout.reachable(published, view.path)
    return any(commit in older and _says(says, was) for commit, was in past)


def _says(content: Json, version: Json) -> bool:
    """Whether a content is a version, but for numbers that a program only rounded."""
    return same(unrounded(version, content), version)


def _edit(
    repo: Repository, past: lineage.Past, seen: tuple[View, State], name: str, record: Record
) -> Found | None:
    head = seen[1]
    name = current_ids(head, {name: record}).get(name, name)
    there = head.record(name)
    if there is not None and (there.text == record.text or same(there.content, record.content)):
        return None
    if there is not None and not record.genuine:
        edit = _found(record, there)
        if edit.changes_nothing:
            return edit
    if record.stamped:
        return _by_vector(repo, past, there, name, record)
    return _by_content(repo, past, seen, name, record)


def _by_vector(
    repo: Repository, past: lineage.Past, there: Record | None, name: str, record: Record
) -> Found | None:
    order = record.vector.order(there.vector) if there else Order.AFTER
    older = order in (Order.EQUAL, Order.BEFORE)
    if record.genuine and older:
        return None
    if not older and repo.has_remotes():
        return UNKNOWN_BASE
    if record.genuine and there and order is Order.AFTER:
        return Found(record, there)
    base = past.version_of(name, record.vector)
    if base is None and there is not None and repo.is_cut():
        return UNKNOWN_BASE
    base = base or there
    return Found(record, None) if base is None else _found(record, base)


def _by_content(
    repo: Repository, past: lineage.Past, seen: tuple[View, State], name: str, record: Record
) -> Found | None:
    view, head = seen
    maybe = head.record(name) is not None or imported.tags(head)  # which may have taken it out
    known = list(past.versions(name)) if maybe else []
    if not known:
        return Found(record, None)
    found = [(commit, doc.records[name]) for commit, doc in _documents(view) if name in doc.records]
    committed = [(commit, was.content) for commit, was in found if not was.stamped]
    contents = [version.content for version in known]
    if _is_checkout(view, record.content, contents, committed):
        return None
    base = next((version for version in known if not version.stamped), None)
    if base is None:
        return UNKNOWN_BASE if repo.is_cut() else Found(record, None)
    return _found(record, base)


def _documents(view: View) -> Iterator[tuple[str, Document]]:
    """The file in each commit that changed it, newest first."""
    for commit, data in view.checkout.path_history(view.path):
        try:
            yield commit, history_file.read(data, str(view.path))
        except DocumentError:  # somebody once committed a broken file: it is nobody's base
            continue


def _whose(repo: Repository, view: View, head: State, data: bytes) -> tuple[str, str, str]:
    """Session, tag and author of a foreign edit: the committer's, else the one open session's."""
    committed, committer = view.checkout.committed(view.path)
    here = str(repo.workspace.top)
    if committed == data:
        session = new_id()
        return session, free_tag(repo, session, head), committer
    candidates = [s for s in open_sessions(repo) if s.facts.worktree == here]
    if len(candidates) == 1:
        return _session(candidates[0])
    session = new_id()
    return session, free_tag(repo, session, head), "unattributed <>"


def _session(one: Session) -> tuple[str, str, str]:
    return one.id, one.tag, one.facts.author
