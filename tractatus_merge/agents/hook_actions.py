"""What the hooks of an agent have done for them, in children: begin, tell the news, finish."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tractatus_merge.agents import briefs, context, models
from tractatus_merge.core.model.state import CONFLICTS
from tractatus_merge.errors import DamagedFormat, Missing, NewerNeeded, TractatusError
from tractatus_merge.factory import open_repository
from tractatus_merge.git import discovery
from tractatus_merge.metrics import transcripts
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.workspace import agent_name
from tractatus_merge.sessions import liveness, publish, sweep, whose
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions.folder import Session, checked_id
from tractatus_merge.sessions.journal import is_ended
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.sessions.start import start
from tractatus_merge.system import jsonl, plain_file, processes
from tractatus_merge.system.clock import now
from tractatus_merge.view import foreign_edits
from tractatus_merge.view.file import View

_FIRST_LINES = 64 * 1024
_UNREADABLE = (NewerNeeded, DamagedFormat)
_WAIT = 5.0
"""Seconds for a session that is being merged: what it brings belongs into the new copy."""
_KINDS = {"claude": "claude-code", "gemini": "gemini-cli"}
"""What sessions call an agent whose settings have another name for it."""
_LEAVING = frozenset({"clear", "resume", "fork"})
"""How a process turns to another session. At `startup` it may have several, as a server has."""


def begin(cwd: str, said: Mapping[str, Any], parent: int, agent: str = "") -> str:
    """Give the agent's session its copy, or find it again; what the agent is told.

    What others left is merged first, then the copy is made, and what is told is what is in it.
    Idempotent: two starts of one session (startup, then resume) are one session. `parent` is the
    process that ran the hook, of which this one is a child.
    """
    name, source = checked_id(str(said["session_id"])), said.get("source")
    with _opened(cwd) as repo:
        if repo.store.head() is not None and (newer := _newer(repo)):
            return newer
        repo.head()  # NotInitialised, before anything is made
        process = processes.agent_process(parent)
        _end_others(repo, name, said, process)
        sweep.sweep(repo, but=name, wait=_WAIT)
        old = session_lookup.named(repo, name)
        if old is not None and _lives_elsewhere(old, process):
            return briefs.in_force(repo)  # it is being forked: the fork's own id comes later
        session = _session(repo, name, said, _kind(said, process, agent))
        _remember(repo, session, said, process)
        if source != "compact":  # a status line of before may not be there any more
            (session.folder / transcripts.WINDOW).unlink(missing_ok=True)
        View(repo).catch_up(repo.head())
        if source == "clear" and session.facts.agent == "gemini-cli":
            (session.folder / "heard").unlink(missing_ok=True)  # it would not reach the model
            return ""
        return _told_all(repo, session)


def _newer(repo: Repository) -> str:
    """What an agent is told that can have no session here, in place of it; else nothing.

    What is in force is told where it can be read.
    """
    try:
        error: TractatusError | None = repo.read_only
        told = f"\n{briefs.in_force(repo)}" if error is not None else ""
    except _UNREADABLE as why:
        error, told = why, ""
    if error is None:
        return ""
    return f"{error.sentence} ({error.hint}) This session has no copy of it.{told}"


def _stands_still(repo: Repository) -> str:
    """What an agent is told whose session cannot publish any more; nothing where it can."""
    try:
        error: TractatusError | None = repo.read_only
    except _UNREADABLE as why:
        error = why
    if error is None:
        return ""
    return f"{error.sentence} ({error.hint}) What this session has in its copy waits for that."


def _told_all(repo: Repository, session: Session) -> str:
    """What is in force in the session's copy, and so by the version that the copy is from."""
    version, mark = session.base_version, _mark(repo)
    _hear(session, version, mark if repo.store.head() == version else "")
    return briefs.in_force(repo, session, at=version)


def news(cwd: str, name: str) -> str:
    """What others published since the agent was told last; it is told once."""
    with _opened(cwd) as repo:
        session, mark = session_lookup.find(repo, name), _mark(repo)
        heard, version = _heard(session), str(repo.store.head())
        if heard != version and (line := _stands_still(repo)):
            _hear(session, version, mark)
            return line
        head = repo.head()
        if heard == head.version:
            _keep(session, "asked", mark)
            return ""
        if not heard:  # nothing of the start has reached the agent
            View(repo).catch_up(head)
            return _told_all(repo, session)
        _hear(session, str(head.version), mark)  # never twice, also if the telling fails
        View(repo).catch_up(head)
        try:
            from tractatus_merge.agents.news import published  # an end tells nobody

            return published(repo, session, repo.resolved(heard))
        except Missing:  # what was told last was pruned: what holds is told anew
            return briefs.in_force(repo, session)


def brief(cwd: str, name: str) -> str:
    """What is in force, for one who joins a session that is open: its subagent."""
    with _opened(cwd) as repo:
        session = session_lookup.find(repo, name)
        return briefs.in_force(repo, session, at=session.base_version)


def written(name: str, path: str) -> str:
    """Take in the view that the session's own tool has written: as its work, and nobody else's."""
    with _opened(str(Path(path).parent)) as repo:
        try:
            session = session_lookup.find(repo, name)
        except LookupError:  # another repository's, or another line's
            return ""
        if Path(path).resolve() != repo.workspace.view.resolve():
            return ""
        taken = foreign_edits.take_in(repo, by=session)
        if taken.merged is not None or taken.rounded:
            View(repo).after_taking_in(repo.head())
        return briefs.on_the_view(
            session, taken, again=not context.first(str(session.folder), "told-view")
        )


def finish(cwd: str, name: str) -> str:
    """Merge the session that said it is over, and whatever else is; nothing is told."""
    with _opened(cwd) as repo:
        with contextlib.suppress(LookupError):  # its folder went while the child began
            session = session_lookup.find(repo, name)
            with session.lock():  # whoever merges it already has done so then
                done = session.state is Life.MERGED and session.untouched()
            foreign_edits.take_in(repo)  # what a shell or a person wrote into the file
            if is_ended(session.journal()) and not done:
                from tractatus_merge.review.outcomes import printed  # now there is one to merge
                from tractatus_merge.sessions import leader

                leads = leader.leader(repo, session, printed)
                behind = leads.behind if leads else None
                merged = publish.merge(repo, session, end=True, behind=behind)
                publish.told(merged)  # to nobody: the agent is gone
                _show(repo, session)
                if leads:
                    leads.answer()
        sweep.sweep(repo)
    return ""


def show(cwd: str, name: str) -> None:
    """Write the view of a session's worktree, which another command has merged."""
    with _opened(cwd) as repo:
        foreign_edits.take_in(repo)
        _show(repo, session_lookup.find(repo, name))


def _show(repo: Repository, session: Session) -> None:
    if session.facts.worktree == str(repo.workspace.top):
        View(repo).write(repo.head())


def standing(cwd: str, name: str) -> str:
    """What the status line says beside the pressure."""
    from tractatus_merge.sessions import overview  # an end needs no numbers

    with _opened(cwd) as repo:
        session = session_lookup.find(repo, name)
        row = overview.session_row(repo, session)
        count = len(repo.head().names(CONFLICTS))
        unmerged = row["added"] + row["edited"]
        parts = [f"{unmerged} unmerged"] if unmerged else []
        parts += [f"{row['behind']} behind"] if row["behind"] else []
        parts += [f"{count} conflict{'s' * (count > 1)}{_new(repo, session)}"] if count else []
        return " · ".join(parts) or "merged"


def _new(repo: Repository, session: Session) -> str:
    """How many conflicts were opened since the session began."""
    from tractatus_merge.core.model.open_conflicts import open_conflicts  # no hook needs them

    began = session.facts.started
    waiting = (
        [w for side in one.sides for w in side.writers] for one in open_conflicts(repo.head())
    )
    new = sum(bool(writers) and min(w.published for w in writers) > began for writers in waiting)
    return f" ({new} new)" if new else ""


@contextlib.contextmanager
def _opened(cwd: str) -> Iterator[Repository]:
    repo = open_repository(Path(cwd))
    try:
        yield repo
    finally:
        if repo.opened and repo.workspace.notify:
            from tractatus_merge.repository import notify  # few have such a command

            if new := notify.notice(repo):
                notify.leave(new)
        repo.close()


def _session(repo: Repository, name: str, said: Mapping[str, Any], agent: str) -> Session:
    """The session of that id; one resumed under a new id goes on with the copy it had.

    But not with that of one in which somebody still works: that is a fork.
    """
    resumed = None
    if said.get("source") == "resume" and session_lookup.of_id(repo, name) is None:
        earlier = (session_lookup.of_id(repo, old) for old in _earlier(said))
        resumed = next(filter(None, earlier), None)
        if resumed and resumed.state is Life.OPEN and liveness.over(resumed) is None:
            resumed = None
    return start(repo, name, agent=agent, resume=resumed.id if resumed else None)


def _kind(said: Mapping[str, Any], process: processes.Facts | None, agent: str) -> str:
    """What kind of agent it is: by its settings; else, where those are older, by what is seen."""
    session = str(said["session_id"])
    if agent or session in os.environ.values():
        return _KINDS.get(agent, agent) or agent_name(os.environ, session)
    above = processes.ancestors(process["pid"]) if process else ()
    program = next((name for name, _ in above), "")
    if said.get("turn_id"):
        program = "codex"
    return whose.PROGRAMS.get(program) or agent_name(os.environ) or "claude-code"


def _lives_elsewhere(session: Session, process: processes.Facts | None) -> bool:
    """Whether somebody works in the session, in another process than this one."""
    its = session.facts.process
    if session.state is not Life.OPEN or not its or its == process:
        return False
    return not is_ended(session.journal()) and processes.is_alive(dict(its)) is True


def _earlier(said: Mapping[str, Any]) -> list[str]:
    """The ids that the beginning of the transcript names: the conversation's older ones."""
    try:
        path = str(said.get("transcript_path") or "")
        lines = plain_file.read_start(path, _FIRST_LINES).splitlines()
    except (OSError, ValueError):  # a path may hold a NUL
        return []
    found = [(jsonl.parse(line) or {}).get("sessionId") for line in lines]
    return list(dict.fromkeys(text for text in found if isinstance(text, str)))


def _remember(
    repo: Repository, session: Session, said: Mapping[str, Any], process: processes.Facts | None
) -> None:
    """Whose process it is, where its transcript is, how much its context may hold."""
    path = said.get("transcript_path")
    words = processes.arguments(process["pid"]) if process else []
    model = models.asked(said, words, os.environ, Path(session.facts.worktree))
    with session.lock():
        transcript = path if isinstance(path, str) and path else session.facts.transcript
        budget = repo.workspace.budget or None
        model = model or session.facts.model
        session.save(
            hooked=True, process=process, transcript=transcript, budget=budget, model=model
        )


def _end_others(
    repo: Repository, name: str, said: Mapping[str, Any], process: processes.Facts | None
) -> None:
    """Note the end of the sessions that the process has left for this one.

    A fork may name the old session at its start, and its own only when something happens in it:
    then it has left what was resumed there and not used since.
    """
    if process is None or process.get("service"):
        return
    begins = said.get("hook_event_name") == "SessionStart"
    if begins and said.get("source") not in _LEAVING:
        return
    for other in session_lookup.open_sessions(repo):
        same = other.facts.process == process and other.facts.hooked
        if same and other.id != name:
            with contextlib.suppress(OSError):  # closed to this account, or no journal there
                if begins or _only_resumed(other):
                    other.note("end", now(), reason="another session began in its process")


def _only_resumed(session: Session) -> bool:
    """Whether nothing has happened in the session since it was resumed."""
    kinds = [event.get("event") for event in session.journal()]
    used = [kind for kind in kinds if kind not in ("refresh", "merge", "context", "compacted")]
    return used[-1:] == ["resume"]


def _heard(session: Session) -> str:
    try:
        return plain_file.read(session.folder / "heard").decode("ascii")
    except (OSError, ValueError):
        return ""


def _hear(session: Session, version: str, mark: str) -> None:
    """Note what the agent is told; `mark` is what the head looked like from outside before."""
    _keep(session, "heard", version)
    _keep(session, "asked", mark)


def _mark(repo: Repository) -> str:
    """What a hook sees of the head without opening its store."""
    return discovery.head_in(str(repo.workspace.state), repo.workspace.line)


def _keep(session: Session, name: str, text: str) -> None:
    staged = session.folder / f".{name}.{os.getpid()}"
    staged.write_text(text, "ascii")
    staged.replace(session.folder / name)
