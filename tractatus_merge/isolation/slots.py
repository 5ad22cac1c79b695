"""Slots: small numbers that live sessions hold, no two the same one, for ports and databases.

The registry is one file under a kernel lock. A slot is held as long as its session is open, or a
process that works with it lives; who asks next takes back the others. What cannot be read in the
registry is held by nobody.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from tractatus_merge.errors import ContentionError, NotInitialised
from tractatus_merge.isolation import names
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions import whose
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.folders import Folders
from tractatus_merge.sessions.lifecycle import Life
from tractatus_merge.sessions.liveness import SILENCE
from tractatus_merge.system import files, jsonl, locks, processes
from tractatus_merge.system.processes import Facts

REGISTRY = "slots.json"
_WAIT = 10.0

Holder = dict[str, Any]
"""Who holds a slot: a `session` by its tag ("" for none) in a `worktree`, its `processes`, and when
it was asked for last (`at`)."""


def variables(repo: Repository, session: Session | None, pid: int, *, runs: bool) -> dict[str, str]:
    """The environment of a session while it is open, and of the process while it lives.

    A process that `runs` tests keeps its session's names also when the session is merged meanwhile.
    NotInitialised, with nothing written, where there is no history.
    """
    if repo.store.head() is None:
        raise NotInitialised(repo.workspace.line)
    clone, facts = repo.workspace.clone_id(), processes.facts_of(pid) or {"pid": pid}
    if session is not None:
        keeps = runs or session.state is not Life.OPEN
        slot = take(repo, session.tag, facts if keeps else None)
        slug = _slug(repo, session)
        return {"TRACTATUS_SESSION": session.id, **names.names(clone, slug, slot)}
    slot = take(repo, "", facts)
    whom = whose.own_id(repo) or json.dumps(facts, sort_keys=True)  # an agent without a copy
    return names.names(clone, names.hashed(whom), slot)


def without_slot(repo: Repository, session: Session | None, pid: int) -> dict[str, str]:
    """Names of its own where the registry may not be written; no slot, and so no ports."""
    if session is not None:
        return {"TRACTATUS_SESSION": session.id, **names.without_slot(_slug(repo, session))}
    facts = processes.facts_of(pid) or {"pid": pid}
    return names.without_slot(names.hashed(json.dumps(facts, sort_keys=True)))


def _slug(repo: Repository, session: Session) -> str:
    """The session's tag in its own worktree; in another, as its subagents have, one of that."""
    here = str(repo.workspace.top)
    own = here == session.facts.worktree
    return session.tag if own else names.hashed(f"{session.tag} {here}")


def take(repo: Repository, session: str, process: Facts | None) -> int:
    """The slot of a session, by its tag, or of a process without one: the smallest free, if new.

    A session has one in each worktree that it works in: its subagents' tests do not meet there.
    ContentionError if the registry stays locked.
    """
    here = str(repo.workspace.top)
    path = repo.workspace.state / REGISTRY
    with locks.locked(path.with_suffix(".lock"), _WAIT) as got:
        if not got:
            raise ContentionError("the slots' registry stays locked.", hint="try again")
        known = held(repo)
        mine = (slot for slot, who in known.items() if _is(who, session, here, process))
        slot = next(mine, None)
        if slot is None:
            slot = next(number for number in range(len(known) + 1) if number not in known)
        lived = known.get(slot, {}).get("processes", [])
        if process is not None and process not in lived:
            lived = [*lived, process]
        known[slot] = {"session": session, "worktree": here, "processes": lived, "at": time.time()}
        rows = {str(number): known[number] for number in sorted(known)}
        files.replace(path, json.dumps(rows, indent=1).encode())
        return slot


def held(repo: Repository) -> dict[int, Holder]:
    """The slots that are held now."""
    open_ = {row.tag for row in Folders(repo).all() if row.state == Life.OPEN.value}
    rows = _rows(repo.workspace.state / REGISTRY)
    known = {slot: _living(row) for slot, row in rows.items()}
    return {
        slot: who
        for slot, who in known.items()
        if who["processes"] or (who["session"] in open_ and Path(who["worktree"]).is_dir())
    }


def _rows(path: Path) -> dict[int, Any]:
    rows = jsonl.load(path).items()
    return {int(name): row for name, row in rows if name.isdecimal() and len(name) < 6}


def _living(row: Any) -> Holder:
    """The holder that a row names, with those of its processes that are there."""
    said = row if isinstance(row, dict) else {}
    session, where, at, named = (
        said.get(key) for key in ("session", "worktree", "at", "processes")
    )
    at = at if isinstance(at, float) else 0.0
    named = named if isinstance(named, list) else []
    lived = [process for process in named if isinstance(process, dict) and _lives(process, at)]
    texts = {"session": session, "worktree": where}
    found = {key: text if isinstance(text, str) else "" for key, text in texts.items()}
    return {**found, "processes": lived, "at": at}


def _lives(process: Facts, at: float) -> bool:
    """Whether it is there; in another container it is taken for gone after a day."""
    alive = processes.is_alive(process)
    return time.time() - at < SILENCE if alive is None else alive


def _is(holder: Holder, session: str, worktree: str, process: Facts | None) -> bool:
    if session or holder["session"]:
        return bool((holder["session"], holder["worktree"] or worktree) == (session, worktree))
    return process in holder["processes"]
