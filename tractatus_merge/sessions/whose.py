"""Which session a command belongs to: the one whose agent runs it.

By the id that agents leave in the environment, and where they leave none, by whose process this one
comes from. An agent may have started another: the nearest one counts. What a person means is not
decided here.
"""

from __future__ import annotations

import os

from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.workspace import SESSION_IDS
from tractatus_merge.sessions import lookup
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.journal import is_ended
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.system import processes

PROGRAMS = {"claude": "claude-code", "codex": "codex", "gemini": "gemini-cli"}
"""What kind of agent a program is by its name."""


def own_id(repo: Repository) -> str | None:
    """The id that the nearest agent has for its session, whether that is known here or not."""
    if not repo.agent:
        return None
    found = _own(repo)
    return found.id if isinstance(found, Session) else found


def own_session(repo: Repository) -> Session | None:
    """The session of the agent that runs this command, if it has one here.

    Where its id is of a session that is over, as in a server that outlives one, it is the session
    that is open in the same process now.
    """
    found = _own(repo) if repo.agent else None
    if not isinstance(found, Session):
        return None
    process = found.facts.process
    if _goes_on(found) or not process or process.get("service"):
        return found
    here = [one for one in _living(repo) if one.facts.process == process]
    return max(here, key=lambda one: one.facts.started, default=found)


def _own(repo: Repository) -> Session | str | None:
    """The agent's session; the id where it is unknown here; None where there is no sign of one."""
    environment = repo.environment
    ids = {name: value for name in SESSION_IDS if (value := environment.get(name))}
    kinds = {SESSION_IDS[name] for name in ids}
    if not ids or len(kinds) > 1 or environment.get("GEMINI_CLI"):
        near = _nearest(repo, ids)
        if near is not None:
            return near
    known = (lookup.named(repo, value) for value in ids.values())
    return next((one for one in known if one), None) or next(iter(ids.values()), None)


def _nearest(repo: Repository, ids: dict[str, str]) -> Session | str | None:
    """The session of the nearest agent above this process, or its id; None where none is seen."""
    living = _living(repo)
    for name, facts in processes.ancestors(os.getpid()):
        here = [one for one in living if one.facts.process == facts]
        if here:
            return max(here, key=lambda one: (one.id in ids.values(), one.facts.started))
        said = [
            ids[key]
            for key, kind in SESSION_IDS.items()
            if kind == PROGRAMS.get(name) and key in ids
        ]
        if said:
            return next(filter(None, (lookup.named(repo, value) for value in said)), said[0])
    return None


def _living(repo: Repository) -> list[Session]:
    return [one for one in lookup.open_sessions(repo) if _goes_on(one)]


def _goes_on(session: Session) -> bool:
    return session.state is Life.OPEN and not is_ended(session.journal())


def is_anothers(session: Session) -> bool:
    """Whether a session is known to be of an agent that did not start this process."""
    process = session.facts.process
    if not session.facts.hooked or not process or processes.is_alive(dict(process)) is not True:
        return False
    return all(facts != process for _, facts in processes.ancestors(os.getpid()))
