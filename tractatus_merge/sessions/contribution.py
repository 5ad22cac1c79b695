"""What a session brings to a merge, under its seal, and the plan of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import CONFLICTS, RESOLUTIONS, State
from tractatus_merge.core.plans.incoming import Incoming, Seen
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.errors import Missing
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.log import lineage
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.system import files
from tractatus_merge.system.clock import now
from tractatus_merge.value import asdict


def seal_of(session: Session, data: bytes) -> str:
    """The name of what a session brings: its base, and the bytes of its copy."""
    said = json.dumps([asdict(session.facts.base), files.digest(data)])
    return files.digest(said.encode())


def incoming_of(
    session: Session,
    repo: Repository,
    *,
    base: Document,
    copy: Document,
    seal: str,
    version: str | None = None,
) -> Incoming:
    """A session's side of a merge, under its seal; `version` is what the base is called here."""
    whose = session.tag, session.renames
    bases, copies = lineage.rebase_stale_records(repo, base.records, copy.records, whose)
    header = history_file.header_value(base.header)
    written = _written(session)
    return Incoming(
        session=session.id,
        tag=session.tag,
        author=session.facts.author,
        agent=session.facts.agent,
        at=written,
        base=bases,
        copy=copies,
        base_version=version or session.base_version,
        base_header=header,
        copy_header=lineage.rebase_stale_header(
            repo, header, history_file.header_value(copy.header)
        ),
        edit_notes=session.said(written),
        seen=lambda name: _seen(
            repo, version or session.base_of(name), name, base.records.get(name)
        ),
        seal=seal,
        metrics=_metrics(session) if repo.workspace.publish_metrics else None,
    )


def _metrics(session: Session) -> dict[str, Any]:
    from tractatus_merge.sessions import live_metrics  # a team has to ask for it

    return live_metrics.as_json(session)


def _written(session: Session) -> str:
    """When the copy was written last; now, where its file is gone or has an impossible time."""
    try:
        moment = datetime.fromtimestamp(session.written, UTC)
    except (OSError, ValueError, OverflowError):
        return now()
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seen(repo: Repository, version: str, name: str, record: Record | None) -> Seen:
    """What a base showed; by its vector where its version is gone (pruned, shallow)."""
    try:
        state = repo.store.load(repo.resolved(version))
        return Seen(frozenset(state.names(CONFLICTS)), frozenset(state.names(RESOLUTIONS)))
    except Missing:
        from tractatus_merge.core.plans.seen import seen_by  # rarely needed

        return seen_by(repo.head(), name, record.vector) if record else Seen()


def planned(incoming: Incoming) -> Callable[[State], Plan]:
    """The plan of a merge into whatever the head is then."""
    from tractatus_merge.core.plans.merge import plan_merge  # not for who only looks: 40 ms
    from tractatus_merge.instructions.field_rules import HISTORY

    return lambda head: plan_merge(head, incoming, HISTORY, now())
