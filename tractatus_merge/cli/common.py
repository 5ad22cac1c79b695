"""What every verb shares: the repository it works on, the session it means, its options."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tractatus_merge.cli.terminal.output import talk
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import TractatusError, UnknownSession
from tractatus_merge.factory import open_repository
from tractatus_merge.git import access
from tractatus_merge.instructions import rounded_numbers
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import sweep, troubles
from tractatus_merge.sessions.folder import Session
from tractatus_merge.view import foreign_edits
from tractatus_merge.view.file import View


def verb(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command an open repository, and close it when it is done."""

    @functools.wraps(command)
    @click.pass_context
    def run(context: click.Context, /, *args: Any, **options: Any) -> Any:
        repo = open_repository(Path(context.obj or "."))
        try:
            return context.invoke(command, repo, *args, **options)
        finally:
            for told in access.overtaken(repo):
                talk(f"warning: {told}")
            repo.close()

    return run


def look(repo: Repository, *, finish: bool = False, syncs: bool = False) -> None:
    """Before every verb: take in foreign edits of the view; with `finish`, end what ended.

    `syncs`: the verb is about to fetch what stays apart.
    """
    if take_in(repo, syncs=syncs):
        View(repo).after_taking_in(repo.head())
    if finish:
        swept = sweep.sweep(repo)
        for done in swept.merged:
            if done.outcome.status != "nothing":
                talk(f"finished session {done.session.id}: {_brief(done.outcome)}")
            for line in rounded_numbers.told(done.rounded):
                talk(f"session {done.session.id}: {line}")
        for one in swept.aside:
            talk(f"warning: {troubles.set_aside(one.work)}")


def take_in(repo: Repository, *, syncs: bool = False) -> bool:
    """Take in foreign edits of the view, and say so. The file stays.

    Returns whether there were any, or numbers that a program only rounded.
    """
    taken = foreign_edits.take_in(repo)
    changed = taken.merged is not None and taken.merged.status != "nothing"
    if changed:
        talk(f"taken in from {repo.workspace.view.name}: {_brief(taken.merged)}")
    for line in rounded_numbers.told(taken.rounded):
        talk(line)
    if taken.complaint is not None:
        talk(f"warning: {taken.complaint}")
    if taken.apart and not syncs:
        talk(_apart(repo, taken.apart))
    return changed or bool(taken.rounded)


def _apart(repo: Repository, names: Sequence[str]) -> str:
    where = f"{', '.join(names[:3])}{', ...' * (len(names) > 3)} in {repo.workspace.view.name}"
    if repo.is_cut():
        why = "in a shallow clone nobody can tell what was changed there"
        return f"not taken in: {where}: {why}\n  git fetch --unshallow"
    fix = "tractatus-merge sync   (if it is still so after that: in the other clone too)"
    return f"not taken in: {where}: published in another clone\n  {fix}"


def catch_up(repo: Repository) -> None:
    """Bring this worktree's view up to the head, where nobody changed it since."""
    View(repo).catch_up(repo.head())


def view_lines(repo: Repository) -> list[str]:
    """That this worktree's view shows another version than the head, where it does."""
    head = repo.store.head()
    if head is None or not View(repo).is_behind(repo.store.load(head)):
        return []
    return ["the view is behind the head: tractatus-merge view --write"]


def write_view(repo: Repository, worktree: str, head: State) -> None:
    """Write the view of a session's own worktree; where that fails, it is said.

    What was published before stands, and is to be told.
    """
    try:
        if worktree == str(repo.workspace.top):
            _write_view(repo, head)
        elif Path(worktree).is_dir():
            there = open_repository(Path(worktree), repo.environment)
            try:
                _write_view(there, there.head())
            finally:
                there.close()
    except TractatusError as error:
        talk(f"view not written: {error.sentence}")
    except OSError as error:
        talk(f"view not written: {error.filename or worktree}: {error.strerror}")


def _write_view(repo: Repository, head: State) -> None:
    refused = View(repo).write(head)
    if refused:
        talk(f"view not written: {refused}; tractatus-merge view --write does it")


def _brief(outcome: Any) -> str:
    parts = [
        f"{len(ids)} {word}"
        for ids, word in (
            (outcome.added, "added"),
            (outcome.edited, "edited"),
            (outcome.retired, "retired"),
            (outcome.conflicts, "in conflict"),
        )
        if ids
    ]
    return ", ".join(parts) or "nothing new"


def named_session(repo: Repository, name: str | None) -> Session | None:
    """The session that `--session` or the environment names; None if neither does."""
    name = (
        name
        or repo.environment.get("TRACTATUS_SESSION")
        or repo.environment.get("CLAUDE_CODE_SESSION_ID")
    )
    if not name:
        return None
    try:
        return session_lookup.find(repo, name)
    except LookupError:
        raise UnknownSession(name, _ids(repo)) from None


def meant_session(
    repo: Repository, name: str | None, *, one_command: bool = False, writes: bool = False
) -> Session | None:
    """The session a command means; None where a person's write is a session of its own.

    What a person `writes` never gets into a session that an agent's hooks began. UnknownSession,
    naming the candidates, where that cannot be told.
    """
    named = named_session(repo, name)
    if named is not None:
        return named
    top = str(repo.workspace.top)
    here = [s for s in session_lookup.open_sessions(repo) if s.facts.worktree == top]
    if writes and not repo.agent:
        here = [session for session in here if not session.facts.hooked]
    if len(here) == 1:
        return here[0]
    if one_command and not repo.agent:
        return None
    raise UnknownSession(None, _ids(repo))


def the_session(repo: Repository, name: str | None) -> Session:
    """The session a command means, which must be one."""
    session = meant_session(repo, name)
    assert session is not None
    return session


def _ids(repo: Repository) -> list[str]:
    return [session.id for session in session_lookup.open_sessions(repo)]
