"""Undo a version, or one record or place of it: as a session of the person who asks."""

from __future__ import annotations

from tractatus_merge.core.model.state import SESSIONS, Entry, State
from tractatus_merge.core.plans.outcome import Outcome
from tractatus_merge.core.values.equality import Path
from tractatus_merge.errors import RequestError
from tractatus_merge.log import versions
from tractatus_merge.log.steps import Step
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup, replay
from tractatus_merge.sessions import one_command as session_command
from tractatus_merge.sessions.facts import UndoRequest
from tractatus_merge.sessions.start import new_id
from tractatus_merge.system.clock import now
from tractatus_merge.value import Value, replace


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
    request = replace(_request(repo, entry, why), instruction=instruction, path=path)
    _check(repo, request)
    return _published(repo, request, dry_run=dry_run)


def step_back(repo: Repository, step: Step, *, why: str = "", dry_run: bool = False) -> Undone:
    """Undo a person's own version, so that the next step goes one further."""
    request = _request(repo, step.last, why)
    request = replace(request, undoes=step.seal, over=step.entry.version)
    return _published(repo, request, dry_run=dry_run)


def step_forward(repo: Repository, step: Step, *, why: str = "", dry_run: bool = False) -> Undone:
    """Undo a step back: what it went over is done again."""
    request = _request(repo, step.last, why)
    request = replace(request, redoes=step.seal, over=step.entry.version)
    return _published(repo, request, dry_run=dry_run)


def _request(repo: Repository, entry: Entry, why: str) -> UndoRequest:
    name = new_id()
    return UndoRequest(
        version=entry.version,
        instruction=None,
        path=(),
        session=name,
        tag=lookup.free_tag(repo, name, repo.head()),
        author=repo.author,
        at=now(),
        why=why,
        published=next(iter(versions.seals(repo, entry)), ""),
    )


def _published(repo: Repository, request: UndoRequest, *, dry_run: bool) -> Undone:
    if dry_run:
        head = repo.head()
        plan = replay.planned(repo, request)(head)
    else:
        plan, head = session_command.publish_request(repo, request, agent="person")
    changes = plan.entry.changes if plan.entry else ()
    return Undone(plan.outcome, head, any(kind != SESSIONS for kind, _ in changes))


def _check(repo: Repository, request: UndoRequest) -> None:
    asked = replay.undo_of(repo, request)
    version = asked.entry.version[:12]
    if not asked.is_there:
        place = " ".join(filter(None, (asked.instruction, ".".join(asked.path))))
        raise RequestError(
            f"version {version} did not change '{place}'.",
            hint=f"tractatus-merge show {version}",
        )
