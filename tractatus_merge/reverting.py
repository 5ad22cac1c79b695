"""The plan of an undo, from the few facts that its session's folder keeps. Nothing is performed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tractatus_merge.clock import now
from tractatus_merge.core.incoming import EditNote, Incoming
from tractatus_merge.core.plan import Plan
from tractatus_merge.core.state import State
from tractatus_merge.core.undoing import Undo, plan_undo
from tractatus_merge.documents.instructions import HISTORY
from tractatus_merge.repository import Repository


def asked(repo: Repository, facts: Mapping[str, Any]) -> Undo:
    """What is to be undone: a version, or one record or place of it."""
    version = str(facts["version"])
    entry = next(entry for entry in repo.store.log() if entry.version == version)
    before, after = (repo.older(name) for name in (entry.parents[0], version))
    return Undo(entry, before, after, facts["instruction"], tuple(facts["path"]))


def planned(repo: Repository, facts: Mapping[str, Any]) -> Callable[[State], Plan]:
    """The plan of the undo into whatever the head is then."""
    undo = asked(repo, facts)
    place = " ".join(filter(None, (undo.instruction, ".".join(undo.path))))
    note = f"Undo {undo.entry.version[:12]}{': ' + place if place else ''}"
    by = Incoming(
        session=facts["session"],
        tag=facts["tag"],
        author=facts["author"],
        at=facts["at"],
        base={},
        copy={},
        agent="person",
        edit_notes={(name, ()): EditNote(facts["at"], facts["why"]) for name in undo.names()},
        seal=facts["session"],
        note=f"{note} ({facts['why']})" if facts["why"] else note,
    )

    def make(head: State) -> Plan:
        return plan_undo(head, undo, replace(by, base_version=head.version), HISTORY, now())

    return make
