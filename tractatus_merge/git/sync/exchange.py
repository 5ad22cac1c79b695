"""Sync a line with a remote: fetch, unite, push with a lease; again where another was faster.

Our head moves when the remote has taken the union, so a lost race leaves nothing behind. Where the
remote refuses, what it had is taken in all the same, and the next sync sends the rest.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tractatus_merge.core.model import needs
from tractatus_merge.core.model.state import State, Version
from tractatus_merge.core.plans.outcome import Outcome, Plan
from tractatus_merge.core.plans.unite import plan_unite
from tractatus_merge.core.plans.unite_head import common_root
from tractatus_merge.core.values.equality import Json
from tractatus_merge.errors import ContentionError, NotInitialised, RemoteError, StoreError
from tractatus_merge.git import graph, relayout
from tractatus_merge.git.access import store_of
from tractatus_merge.git.sync import acceptance, last_seen
from tractatus_merge.git.sync.outgoing import Leaving, leaving
from tractatus_merge.git.sync.remote import Pushed, Remote
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.repository.line import NOBODY, Repository
from tractatus_merge.review.lookup import settled_between
from tractatus_merge.system import files, locks
from tractatus_merge.value import replace

_PAUSES = (1, 2, 4, 8, 8, 8, 4, 2, 1, 0.5, 0, 0)
"""The longest pause after each lost race, in lengths of that round: the crowd thins out, and who
has lost most often waits least."""
ROUNDS = len(_PAUSES)
"""Lost races before a sync gives up with exit 75."""
_LOCKED, _HELD = 12, 9.0
"""So often, within so many seconds, a branch is tried that is locked at the remote."""
QUEUE_WAIT = 30.0
"""Seconds in the courtesy queue; then the sync goes on without it."""


@dataclass
class Synced:
    """What came of a sync. `received` and `sent` count versions; `notes` are for people.

    `settled` are the resolutions of conflicts that were open here before.
    """

    remote: str
    head: Version | None = None
    received: int = 0
    sent: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    settled: list[Mapping[str, Json]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rounds: int = 0


def sync(repo: Repository, remote: Remote, tell: Callable[[str], None]) -> Synced:
    """Make our head and the remote's one. ContentionError if others were faster too often.

    RemoteError if it cannot be reached, or refuses; what could be fetched is in our head then.
    Several clones of one person on one machine line up; correctness does not depend on it.
    """
    before = repo.store.head()
    with contextlib.ExitStack() as stack:
        if repo.environment.get("TRACTATUS_QUEUE") != "off":
            with contextlib.suppress(OSError):  # no home, or a full one: then without
                stack.enter_context(locks.locked(_queue(repo, remote), QUEUE_WAIT))
        done = _loop(repo, remote, tell)
    if before is not None:
        done.settled = settled_between(repo.store.load(before), repo.head())
        if relayout.is_old(repo, before) and done.head and not relayout.is_old(repo, done.head):
            why = "the history has another layout now, which older programs cannot read"
            done.notes.append(f"{why}; wherever it is used: {relayout.UPGRADE}")
    return done


def _queue(repo: Repository, remote: Remote) -> Path:
    """The lock file of the courtesy queue of this person for one branch at one address."""
    home = Path(repo.environment.get("HOME") or "~").expanduser()
    state = Path(repo.environment.get("XDG_STATE_HOME") or home / ".local/state")
    name = files.digest(f"{remote.url} {remote.branch}".encode())
    path = state / "tractatus-merge" / f"sync-{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _loop(repo: Repository, remote: Remote, tell: Callable[[str], None]) -> Synced:
    done = Synced(remote.name)
    number = locked = 0
    while number < ROUNDS and locked < _LOCKED:
        done.rounds += 1
        began = time.monotonic()
        tell(f"sync: fetching {remote.branch} from {remote.name}")
        theirs = remote.fetch()
        if done.rounds == 1:
            done.notes += _notes(repo, remote, theirs)
        if theirs is not None and theirs != repo.store.head():
            _check(repo, remote, theirs)
        result = _round(repo, remote, theirs, done, tell)
        if result is Pushed.DONE:
            last_seen.remember(repo, remote.name, done.head)
            return done
        if result is Pushed.LOCKED:
            locked += 1
            time.sleep(_HELD / _LOCKED)
            continue
        pause = _PAUSES[number] * (time.monotonic() - began)
        time.sleep(random.uniform(0, pause))  # noqa: S311 (jitter)
        number += 1
    if locked >= _LOCKED:
        why = f"the branch is locked at {remote.name}; nothing is lost."
        raise ContentionError(why, hint=f"there, if no git is at work: rm {remote.lock}")
    raise ContentionError(
        f"{ROUNDS} times in a row another clone pushed to {remote.name} first; nothing is lost.",
        hint=f"tractatus-merge sync {remote.name}",
    )


def preview(repo: Repository, remote: Remote) -> tuple[Synced, list[Leaving]]:
    """What a sync would do, and what it would send; nothing of ours moves."""
    theirs = remote.fetch()
    ours = repo.store.head()
    if theirs is not None and theirs != ours:
        _check(repo, remote, theirs)
    done = Synced(remote.name, ours, notes=_notes(repo, remote, theirs))
    if ours is not None and theirs is not None and ours != theirs:
        done.received = len(graph.versions(store_of(repo).git, theirs, ours))
        if done.received:
            done.outcome = _plan(repo, repo.store.load(ours), theirs).outcome
    spare = ours and theirs and _is_spare(repo, ours, theirs)
    sent = leaving(repo, theirs) if ours and not spare else []
    done.sent = len(sent)
    if sent:
        _must_be_writable(repo, remote, ours, theirs)
    return done, sent


def _notes(repo: Repository, remote: Remote, theirs: Version | None) -> list[str]:
    said = last_seen.lost(repo, remote.name, theirs)
    return [f"{said}: this sync puts it back"] if said else []


def _check(repo: Repository, remote: Remote, theirs: Version) -> None:
    """RemoteError for a remote's branch that holds what is no history, before it is taken in."""
    ours = repo.store.head()
    hint = f"git log {remote.tracking}   (who wrote it)"
    if ours is not None:
        mine = f"git push --force {remote.name} {repo.workspace.branch}"
        hint += f"; to put yours in its place: {mine}"
    acceptance.must_be_sound_at(remote.name, store_of(repo), theirs, ours, hint)


def _round(
    repo: Repository,
    remote: Remote,
    theirs: Version | None,
    done: Synced,
    tell: Callable[[str], None],
) -> Pushed:
    """One round with what was fetched: DONE where both heads are one now."""
    store = store_of(repo)
    ours = store.head()
    if ours is None and theirs is None:
        raise NotInitialised(repo.workspace.branch)
    if ours == theirs:
        done.head = ours
        return Pushed.DONE
    if ours is None:
        assert theirs is not None
        repo.workspace.state.mkdir(parents=True, exist_ok=True)
        done.received = len(graph.versions(store.git, theirs, None))
        done.head = theirs
        return _moved(store.forward(None, theirs))
    target, outcome = ours, Outcome()
    if theirs is not None:
        target, outcome = _united(repo, remote, (ours, theirs), tell)
    if target != theirs:
        _must_be_writable(repo, remote, ours, theirs)
        tell(f"sync: pushing to {remote.name}")
        try:
            pushed = remote.push(target, theirs)
        except RemoteError:
            if target != ours:  # what the remote had is ours all the same
                store.forward(ours, target)
            raise
        if pushed is not Pushed.DONE:
            return pushed
    done.sent += len(graph.versions(store.git, target, theirs))
    done.received += len(graph.versions(store.git, theirs, ours)) if theirs else 0
    done.outcome, done.head = outcome, target
    return _moved(target == ours or store.forward(ours, target))


def _moved(done: bool) -> Pushed:  # noqa: FBT001
    return Pushed.DONE if done else Pushed.MOVED


def _united(
    repo: Repository,
    remote: Remote,
    heads: tuple[Version, Version],
    tell: Callable[[str], None],
) -> tuple[Version, Outcome]:
    """The version that has all of both: one of them, else a union that nobody sees yet."""
    ours, theirs = heads
    found = graph.bases(store_of(repo).git, theirs, [ours])
    state = repo.store.load(ours)
    if found == [theirs]:
        return ours, Outcome()
    if found == [ours]:
        there = repo.store.load(theirs)
        return theirs, plan_unite(state, state, there, HISTORY, remote=True).outcome
    if _is_spare(repo, ours, theirs):
        return theirs, Outcome()
    _must_be_writable(repo, remote, ours, theirs)
    tell("sync: uniting what both have")
    plan = _plan(repo, state, theirs)
    if plan.entry is None:
        return ours, plan.outcome
    entry = replace(plan.entry, author=NOBODY)
    return store_of(repo).prepare(ours, plan.state, entry), plan.outcome


def _must_be_writable(
    repo: Repository, remote: Remote, ours: Version | None, theirs: Version | None
) -> None:
    """NewerNeeded where this program may write neither head on: what is newer may still come."""
    for version, whose in ((ours, "this history"), (theirs, f"the history at {remote.name}")):
        if version is not None:
            needs.must_be_writable(repo.store.load(version), whose)


def _is_spare(repo: Repository, ours: Version, theirs: Version) -> bool:
    """Whether our head has nothing but unions that add nothing to the remote's.

    They are left behind: clones that meet at two remotes would unite each other's unions for ever.
    """
    store = store_of(repo)
    return store.same(ours, theirs) and graph.is_spare(store.git, ours, theirs)


def _plan(repo: Repository, ours: State, theirs: Version) -> Plan:
    """What our head becomes when the remote's is united with it."""
    assert ours.version is not None
    base = _base(repo, (ours.version,), theirs)
    there = repo.store.load(theirs)
    return plan_unite(base, ours, there, HISTORY, remote=True)


def _base(repo: Repository, ours: Sequence[Version], theirs: Version) -> State | None:
    """What two heads were made from; several such versions are united, as git's merges do.

    Without any, what their roots share.
    """
    store = store_of(repo)
    found = graph.bases(store.git, theirs, ours)
    if not found:
        return _shared_root(repo, (*ours, theirs))
    state, seen = repo.older(found[0]), [found[0]]
    for version in found[1:]:
        there = repo.older(version)
        older = _base(repo, seen, version)
        plan = plan_unite(older, state, there, HISTORY, remote=False)
        items = {key: plan.state.get(*key) or "" for key in plan.state}
        state = State(items, None, max(state.time, there.time))
        seen.append(version)
    return state


def _shared_root(repo: Repository, heads: Sequence[Version]) -> State:
    """What all the roots of some heads say alike."""
    store = store_of(repo)
    if store.is_cut(*heads):
        raise StoreError(
            "this clone is shallow, and where the two histories part is not in it.",
            hint="git fetch --unshallow",
        )
    versions = sorted({root for head in heads for root in graph.roots(store.git, head)})
    state = repo.older(versions[0])
    for version in versions[1:]:
        state = common_root(state, repo.older(version))
    return state
