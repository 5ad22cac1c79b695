"""What other open sessions have written and not published, seen at the moment of writing.

Only a glance at their copies: nothing is locked, merged or kept, and a copy that cannot be read at
this instant is passed over.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tractatus_merge.core.findings import TWIN, Finding, is_settled, told
from tractatus_merge.core.record import STAMP, Record
from tractatus_merge.core.state import INSTRUCTIONS, State
from tractatus_merge.core.values import Json
from tractatus_merge.documents.header import LIST
from tractatus_merge.documents.instructions import HISTORY
from tractatus_merge.repository import Repository
from tractatus_merge.session import Session
from tractatus_merge.working import open_sessions

Records = dict[str, dict[str, Json]]


@dataclass(frozen=True, slots=True)
class Heard:
    """A finding between what is being written and what is there; `session` None: in the copy."""

    finding: Finding
    session: Session | None = None

    @property
    def sentence(self) -> str:
        """Who says it, and what."""
        kind = "near twin" if self.finding.code == TWIN else "contradiction"
        if self.session is None:
            return f"this is a {kind} of what is in force: {self.finding.sentence}"
        who = f"session {self.session.tag} ({self.session.id})"
        return f"{who} has an unpublished {kind}: {self.finding.sentence}"


def heard(repo: Repository, session: Session | None, name: str) -> list[Heard]:
    """What contradicts an instruction just written, here and in other open sessions.

    Here is the session's copy, or (None) the history. What a person dismissed is not told.
    """
    head, bases = repo.head(), dict[str, Records]()
    here = _contents(head)
    if session is not None:
        here = {}
        with contextlib.suppress(OSError, ValueError):  # a script is writing it: no glance at it
            here = _records(session.copy_path.read_bytes())
    if name not in here:
        return []
    written = {name: here.pop(name)}
    found = [Heard(finding) for finding in told(HISTORY.meaning(written, here))]
    for other in open_sessions(repo):
        if (session is None or other.id != session.id) and not other.untouched():
            theirs = _unpublished(other, bases)
            found += [Heard(finding, other) for finding in told(HISTORY.meaning(written, theirs))]
    return [item for item in found if not is_settled(head, item.finding)]


def _contents(head: State) -> Records:
    texts = {name: head.get(INSTRUCTIONS, name) for name in head.names(INSTRUCTIONS)}
    return {name: Record(text).content for name, text in texts.items() if text}


def _unpublished(session: Session, bases: dict[str, Records]) -> Records:
    """The records of a copy that are not as in its base."""
    with contextlib.suppress(OSError, ValueError):  # torn, or just now exchanged: no glance at it
        copy = _records(session.copy_path.read_bytes())
        digest = str(session.facts["base"]["digest"])
        if digest not in bases:
            bases[digest] = _records((session.folder / f"base-{digest}.json").read_bytes())
        base = bases[digest]
        return {name: record for name, record in copy.items() if base.get(name) != record}
    return {}


def _records(data: bytes) -> Records:
    return {record["id"]: record for record in _listed(json.loads(data))}


def _listed(document: Any) -> Iterator[dict[str, Json]]:
    records = document.get(LIST) if isinstance(document, dict) else document
    for record in records if isinstance(records, list) else ():
        if isinstance(record, dict) and isinstance(record.get("id"), str):
            yield {key: value for key, value in record.items() if key != STAMP}
