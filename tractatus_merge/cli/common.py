"""What every verb shares: the repository it works on, the session it means, its options."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tractatus_merge.cli.terminal.output import talk
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, State
from tractatus_merge.errors import (
    HistoryMoved,
    TractatusError,
    UnknownConflict,
    UnknownInstruction,
    UnknownSession,
)
from tractatus_merge.factory import at, open_repository
from tractatus_merge.git import access, discovery
from tractatus_merge.instructions import rounded_numbers
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.settings import KNOWN, SETTINGS
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions.folder import Session
from tractatus_merge.view import foreign_edits
from tractatus_merge.view.file import View


def verb(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command an open repository, and close it when it is done."""
    import click  # a plain end needs none

    @functools.wraps(command)
    @click.pass_context
    def run(context: click.Context, /, *args: Any, **options: Any) -> Any:
        name = str(context.info_name)
        act = functools.partial(context.invoke, command)
        within = context.obj is None and bool(_OF_SESSIONS & options.keys() or name in _LOOKS)
        return performed(
            name, lambda repo: act(repo, *args, **options), folder=context.obj, within=within
        )

    return run


def performed(
    name: str, act: Callable[[Repository], Any], *, folder: str | None, within: bool = False
) -> Any:
    """What a verb of that name gives, with the repository of a folder, which is closed then.

    `within`: that of an agent's session which has gone into another repository, too.
    """
    repo = _opened() if within else open_repository(Path(folder or "."))
    with closing(repo):
        try:
            if name in _WRITES:
                repo.must_be_writable()
        except HistoryMoved as error:
            if name not in _FOLLOWS:
                raise
            there = _followed(repo, error)
            with closing(there):
                return act(there)
        try:
            return act(repo)
        except (UnknownInstruction, UnknownConflict, UnknownSession) as error:
            _guess(repo, error)
            raise


def _guess(repo: Repository, error: UnknownInstruction | UnknownConflict | UnknownSession) -> None:
    """Put into the error what may have been meant by the name in it."""
    from tractatus_merge.cli.terminal import guesses  # rarely needed

    if isinstance(error, UnknownSession):
        name, known = error.name or "", error.candidates
    elif isinstance(error, UnknownConflict):
        name, known = error.conflict, repo.head().names(CONFLICTS)
    else:
        name, known = error.instruction, repo.head().names(INSTRUCTIONS)
    close = guesses.meant(name, known) if name else []
    if close:
        error.hint = f"{guesses.question(close)}\n  {error.hint}"


@contextlib.contextmanager
def closing(repo: Repository) -> Iterator[Repository]:
    """Close a repository when a command is done with it, and say what its branch has overtaken."""
    repo.tell = talk
    for name in repo.workspace.unknown:
        from tractatus_merge.cli.terminal import guesses  # rarely needed

        close = guesses.meant(name, [*KNOWN, *(known.partition(".")[0] for known in KNOWN)])
        asked = f": {guesses.question(close)}" if close else ""
        talk(f"warning: {SETTINGS} has '{name}', which is no setting{asked}")
    try:
        yield repo
    finally:
        if repo.opened and repo.workspace.notify:
            from tractatus_merge.repository import notify  # few have such a command

            if (new := notify.notice(repo)) and (why := notify.run(new)):
                talk(f"note: {why}")
        for told in access.overtaken(repo):
            talk(f"warning: {told}")
        repo.close()


_OF_SESSIONS = {"name", "own_id"}
"""The options by which a verb may be told a session: by default it is that of the agent at work."""
_WRITES = {"add", "edit", "retire", "start", "refresh", "merge", "end", "resolve", "undo", "redo"}
"""The verbs that do nothing but write: they refuse first where the history can only be read."""
_FOLLOWS = {"merge", "end"}
"""The verbs that go where the history went: what a session has written is merged there."""
_LOOKS = frozenset({"sessions", "conflicts", "log", "blame"})


def _followed(repo: Repository, moved: HistoryMoved) -> Repository:
    """The history in the store that it moved to, with the sessions of this clone; it is said."""
    from tractatus_merge.core.model import moves  # it moves once in a while
    from tractatus_merge.sessions import moving

    talk(f"note: {moved.sentence}\n  {moved.hint}")
    there = at(repo.workspace.claude.parent, moved.target, repo.environment)
    try:
        moving.carry(repo, there, moves.names(there.head()))
    except TractatusError:
        there.close()
        raise
    return there


def _opened() -> Repository:
    """The history of the folder we are in, or of a repository around it.

    That is where an agent's session is known which has gone into a submodule or a nested clone.
    """
    repo = open_repository(Path())
    if repo.agent and _own_session(repo) is None:
        for folder in discovery.around(str(repo.workspace.top)):
            with contextlib.suppress(TractatusError):  # it is none of ours
                outer = open_repository(Path(folder))
                if _own_session(outer) is not None:
                    repo.close()
                    return outer
                outer.close()
    return repo


def look(repo: Repository, *, finish: bool = False, syncs: bool = False, but: str = "") -> None:
    """Before every verb: take in foreign edits of the view; with `finish`, end what ended.

    `but`: the session of that id is left to the verb itself. `syncs`: the verb is about to fetch
    what stays apart.
    """
    if take_in(repo, syncs=syncs):
        View(repo).after_taking_in(repo.head())
    if finish:
        _sweep(repo, but)


def _sweep(repo: Repository, but: str) -> None:
    from tractatus_merge.sessions import sweep  # who only looks ends nothing

    swept = sweep.sweep(repo, but)
    for done in swept.merged:
        if done.outcome.status != "nothing":
            talk(f"finished session {done.session.id}: {_brief(done.outcome)}")
        for line in rounded_numbers.told(done.rounded):
            talk(f"session {done.session.id}: {line}")
    for one in swept.aside:
        from tractatus_merge.sessions import troubles  # rarely needed

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


def write_view(repo: Repository, worktree: str, head: State, *, asked: bool = False) -> None:
    """Write the view of a session's own worktree; where that fails, it is said.

    `asked`: a person wants it in the file. What was published before stands, and is to be told.
    """
    try:
        if worktree == str(repo.workspace.top):
            _write_view(repo, head, asked=asked)
        elif Path(worktree).is_dir():
            there = open_repository(Path(worktree), repo.environment)
            try:
                foreign_edits.take_in(there)
                _write_view(there, there.head())
            finally:
                there.close()
    except TractatusError as error:
        talk(f"view not written: {error.sentence}")
    except OSError as error:
        talk(f"view not written: {error.filename or worktree}: {error.strerror}")


def show(folder: str, worktree: str) -> None:
    """Write the view of a session's worktree, which another command has merged."""
    with closing(open_repository(Path(folder))) as repo:
        look(repo)
        write_view(repo, worktree, repo.head())


def _write_view(repo: Repository, head: State, *, asked: bool = False) -> None:
    refused = View(repo).write(head, asked=asked)
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
    """The session that `--session` or TRACTATUS_SESSION names, else that of the agent at work.

    None if there is neither; UnknownSession for a name that is none.
    """
    name = name or repo.environment.get("TRACTATUS_SESSION")
    if not name:
        return _own_session(repo)
    try:
        return session_lookup.find(repo, name)
    except LookupError:
        raise UnknownSession(name, _ids(repo)) from None


def _own_session(repo: Repository) -> Session | None:
    from tractatus_merge.sessions import whose  # who names a session asks for nobody's own

    return whose.own_session(repo)


def meant_session(
    repo: Repository,
    name: str | None,
    *,
    one_command: bool = False,
    optional: bool = False,
    writes: bool = False,
) -> Session | None:
    """The session a command means.

    None where there is none, if it is `optional`, or if it is a person's, whose write is a session
    of its own then (`one_command`).

    What a person `writes` never gets into a session that an agent's hooks began, and nothing that
    an agent does into another agent's. UnknownSession, naming the way on, where that is not told.
    """
    named = named_session(repo, name)
    if named is not None:
        return named
    from tractatus_merge.sessions import whose

    own = whose.own_id(repo)
    here = [] if own else _of_worktree(repo, writes=writes)
    if len(here) == 1:
        return here[0]
    if optional or (one_command and not repo.agent):
        return None
    if own or (repo.agent and not here):
        raise UnknownSession(None, [], own=own or "")
    raise UnknownSession(None, [session.id for session in here] or _ids(repo))


def _of_worktree(repo: Repository, *, writes: bool) -> list[Session]:
    """The open sessions of this worktree that may be meant where none is named."""
    top = str(repo.workspace.top)
    here = [s for s in session_lookup.open_sessions(repo) if s.facts.worktree == top]
    if repo.agent:
        from tractatus_merge.sessions import whose

        return [session for session in here if not whose.is_anothers(session)]
    return [session for session in here if not (writes and session.facts.hooked)]


def the_session(repo: Repository, name: str | None) -> Session:
    """The session a command means, which must be one."""
    session = meant_session(repo, name)
    assert session is not None
    return session


def _ids(repo: Repository) -> list[str]:
    return [session.id for session in session_lookup.open_sessions(repo)]
