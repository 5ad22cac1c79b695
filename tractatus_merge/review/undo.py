"""Undo a version, or one record or place of it: as a session of the person who asks."""

from __future__ import annotations

from tractatus_merge.core.model.state import Entry, State
from tractatus_merge.core.plans.outcome import Outcome
from tractatus_merge.core.values.equality import Path
from tractatus_merge.errors import RequestError
from tractatus_merge.log import versions
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup, replay
from tractatus_merge.sessions import one_command as session_command
from tractatus_merge.sessions.facts import UndoRequest
from tractatus_merge.sessions.start import new_id
from tractatus_merge.system.clock import now
from tractatus_merge.value import Value


class Undone(Value):
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
    name = new_id()
    head = repo.head()
    request = UndoRequest(
        version=entry.version,
        instruction=instruction,
        path=path,
        session=name,
        tag=lookup.free_tag(repo, name, head),
        author=repo.author,
        at=now(),
        why=why,
        published=next(iter(versions.seals(repo, entry)), ""),
    )
    _check(repo, request)
    if dry_run:
        plan = replay.planned(repo, request)(head)
    else:
        plan, head = session_command.publish_request(repo, request, agent="person")
    return Undone(plan.outcome, head, plan.entry is not None)


def _check(repo: Repository, request: UndoRequest) -> None:
    asked = replay.undo_of(repo, request)
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
