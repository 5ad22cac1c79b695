"""Undo a version, or one record or place of it: as a session of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tractatus_merge import reverting, working
from tractatus_merge.clock import now
from tractatus_merge.core.lifecycle import Life
from tractatus_merge.core.plan import Outcome
from tractatus_merge.core.state import Entry, State
from tractatus_merge.core.values import Path
from tractatus_merge.errors import RequestError, TractatusError
from tractatus_merge.repository import Repository


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, and the head after it. `done` False: there was nothing to undo."""

    outcome: Outcome
    head: State
    done: bool


def undo(
    repo: Repository,
    entry: Entry,
    *,
    instruction: str | None = None,
    path: Path = (),
    why: str = "",
    dry_run: bool = False,
) -> Undone:
    """Undo a version, or one record or place of it, as a new version.

    RequestError where the version cannot be undone, or has nothing of what is named.
    """
    if not entry.parents:
        raise RequestError("the first version cannot be undone.", hint="tractatus-merge log")
    if len(entry.parents) > 1 and not entry.session:
        hint = "tractatus-merge log   (undo one of the versions that it brought)"
        raise RequestError("a union of two clones is nobody's change.", hint=hint)
    name = working.new_id()
    facts: dict[str, Any] = {
        "version": entry.version,
        "instruction": instruction,
        "path": list(path),
        "why": why,
        "session": name,
        "tag": repo.free_tag(name, repo.head()),
        "author": repo.author,
        "at": now(),
    }
    _check(repo, facts)
    make = reverting.planned(repo, facts)
    if dry_run:
        head = repo.head()
        plan = make(head)
        return Undone(plan.outcome, head, plan.entry is not None)
    session = working.start(repo, name, agent="person", command=True)
    session.save(last={"seal": name, "undo": facts})
    try:
        plan, head = repo.publish(make)
    except TractatusError:
        session.save(state=Life.ABANDONED.value, last=None)
        raise
    if plan.entry is None:  # nothing to give again, should somebody bring back what was undone
        session.save(state=Life.ABANDONED.value, last=None)
    else:
        session.save(state=Life.MERGED.value)
    return Undone(plan.outcome, head, plan.entry is not None)


def _check(repo: Repository, facts: dict[str, Any]) -> None:
    asked = reverting.asked(repo, facts)
    version = asked.entry.version[:12]
    if asked.answers:
        raise RequestError(
            f"version {version} is a person's answer to a conflict, and is not undone.",
            hint="tractatus-merge edit ID --set FIELD=VALUE   (a later word counts)",
        )
    if not asked.is_there:
        place = " ".join(filter(None, (asked.instruction, ".".join(asked.path))))
        raise RequestError(
            f"version {version} did not change '{place}'.",
            hint=f"tractatus-merge show {version}",
        )
