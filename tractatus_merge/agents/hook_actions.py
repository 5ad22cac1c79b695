"""What the hooks of an agent have done for them, in children: begin, tell the news, finish."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tractatus_merge.agents import briefs, models
from tractatus_merge.agents.news import published
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.errors import StoreError
from tractatus_merge.factory import open_repository
from tractatus_merge.metrics import transcripts
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import lookup as session_lookup
from tractatus_merge.sessions import overview, publish, sweep
from tractatus_merge.sessions.folder import Session, checked_id
from tractatus_merge.sessions.journal import is_ended
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.sessions.start import start
from tractatus_merge.system import jsonl, plain_file, processes
from tractatus_merge.system.clock import now
from tractatus_merge.view import foreign_edits
from tractatus_merge.view.file import View

_FIRST_LINES = 64 * 1024
_LEAVING = frozenset({"clear", "resume", "fork"})
"""How a process turns to another session. At `startup` it may have several, as a server has."""


def begin(cwd: str, said: Mapping[str, Any], parent: int) -> str:
    """Give the agent's session its copy, or find it again; what the agent is told.

    Idempotent: two starts of one session (startup, then resume) are one session. `parent` is the
    process that ran the hook, of which this one is a child.
    """
    with _opened(cwd) as repo:
        repo.head()  # NotInitialised, before anything is made
        session = _session(repo, said)
        _remember(repo, session, said, parent)
        if said.get("source") != "compact":  # a status line of before may not be there any more
            (session.folder / transcripts.WINDOW).unlink(missing_ok=True)
        if said.get("source") in _LEAVING:
            _end_others(repo, session)
        sweep.sweep(repo, but=session.id)
        View(repo).catch_up(repo.head())
        _hear(session, str(repo.head().version))
        return briefs.in_force(repo, session)


def news(cwd: str, name: str) -> str:
    """What others published since the agent was told last; it is told once."""
    with _opened(cwd) as repo:
        session = session_lookup.find(repo, name)
        head = repo.head()
        heard = _heard(session)
        if heard == head.version:
            return ""
        _hear(session, str(head.version))  # never twice, also if the telling fails
        View(repo).catch_up(head)
        try:
            return published(repo, session, heard or session.base_version)
        except StoreError:  # what was told last was pruned: what holds is told anew
            return briefs.in_force(repo, session)


def brief(cwd: str, name: str) -> str:
    """What is in force, for one who joins a session that is open: its subagent."""
    with _opened(cwd) as repo:
        return briefs.in_force(repo, session_lookup.find(repo, name))


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
        return briefs.on_the_view(session, taken, again=not _first(session, "told-view"))


def finish(cwd: str, name: str) -> str:
    """Merge the session that said it is over, and whatever else is; nothing is told."""
    with _opened(cwd) as repo:
        with contextlib.suppress(LookupError):  # its folder went while the child began
            session = session_lookup.find(repo, name)
            if is_ended(session.journal()):
                publish.told(publish.merge(repo, session, end=True))  # to nobody: the agent is gone
                if session.facts.worktree == str(repo.workspace.top):
                    View(repo).write(repo.head())
        sweep.sweep(repo)
    return ""


def standing(cwd: str, name: str) -> str:
    """What the status line says beside the pressure."""
    with _opened(cwd) as repo:
        session = session_lookup.find(repo, name)
        row = overview.session_row(repo, session)
        count = len(open_conflicts(repo.head()))
        unmerged = row["added"] + row["edited"]
        parts = [f"{unmerged} unmerged"] if unmerged else []
        parts += [f"{row['behind']} behind"] if row["behind"] else []
        parts += [f"{count} conflict{'s' * (count > 1)}"] if count else []
        return " · ".join(parts) or "merged"


@contextlib.contextmanager
def _opened(cwd: str) -> Iterator[Repository]:
    repo = open_repository(Path(cwd))
    try:
        yield repo
    finally:
        repo.close()


def _session(repo: Repository, said: Mapping[str, Any]) -> Session:
    """The session of that id; one resumed under a new id goes on with the copy it had."""
    name, source = checked_id(str(said["session_id"])), said.get("source")
    known = {session.id for session in session_lookup.line_sessions(repo)}
    resumed = None
    if source == "resume" and name not in known:
        resumed = next((old for old in _earlier(said) if old in known), None)
    agent = "gemini-cli" if os.environ.get("GEMINI_CLI") else "claude-code"
    return start(repo, name, agent=agent, resume=resumed)


def _earlier(said: Mapping[str, Any]) -> list[str]:
    """The ids that the beginning of the transcript names: the conversation's older ones."""
    try:
        with Path(str(said.get("transcript_path") or "")).open("rb") as file:
            lines = file.read(_FIRST_LINES).splitlines()
    except OSError:
        return []
    found = [(jsonl.parse(line) or {}).get("sessionId") for line in lines]
    return list(dict.fromkeys(text for text in found if isinstance(text, str)))


def _remember(repo: Repository, session: Session, said: Mapping[str, Any], parent: int) -> None:
    """Whose process it is, where its transcript is, how much its context may hold."""
    path, process = said.get("transcript_path"), processes.agent_process(parent)
    words = processes.arguments(process["pid"]) if process else []
    model = models.asked(said, words, os.environ, Path(session.facts.worktree))
    with session.lock():
        transcript = path if isinstance(path, str) and path else session.facts.transcript
        budget = repo.workspace.budget or None
        model = model or session.facts.model
        session.save(
            hooked=True, process=process, transcript=transcript, budget=budget, model=model
        )


def _end_others(repo: Repository, session: Session) -> None:
    """The process that turned to this session has left its other ones."""
    mine = session.facts.process
    for other in session_lookup.line_sessions(repo) if mine else ():
        same = other.facts.process == mine and other.facts.hooked
        if same and other.id != session.id and other.state is Life.OPEN:
            with contextlib.suppress(OSError):  # closed to this account, or no journal there
                other.note("end", now(), reason="another session began in its process")


def _first(session: Session, name: str) -> bool:
    try:
        (session.folder / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _heard(session: Session) -> str:
    try:
        return plain_file.read(session.folder / "heard").decode("ascii")
    except (OSError, ValueError):
        return ""


def _hear(session: Session, version: str) -> None:
    staged = session.folder / f".heard.{os.getpid()}"
    staged.write_text(version, "ascii")
    staged.replace(session.folder / "heard")
