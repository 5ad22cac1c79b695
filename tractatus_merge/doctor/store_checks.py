"""What a doctor sees of the store: whether it is reached, what keeps it, and whether it is whole.

Everything is read, every version of the log too. Nothing is changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

from tractatus_merge.core.model.state import Entry, Key, State
from tractatus_merge.core.values import json_text
from tractatus_merge.errors import NotInitialised, TractatusError
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.redis_lock import RedisLock
from tractatus_merge.stores.base import Examined, Shown, Verified
from tractatus_merge.stores.facts import Facts
from tractatus_merge.value import Value
from tractatus_merge.view.file import View

SKEW = 5.0
"""Seconds by which two clocks may differ."""
_TIMES = 7
"""So often the head is asked for; the middle one counts."""
_NAMED = 5
"""So many records are named where more are wrong."""


class Check(Value):
    """What one look found. It is wrong if there is a `fix`, the next command, and it is no note."""

    name: str
    what: str
    fix: str = ""
    note: bool = False

    @property
    def wrong(self) -> bool:
        """Whether something is to be done."""
        return bool(self.fix) and not self.note


def looks(repo: Repository) -> Iterator[Check]:
    """Each check of the store, in order; the first one ends it where the store is not reached."""
    try:
        version = repo.store.head()
        if version is None:
            raise NotInitialised(repo.workspace.line)
    except TractatusError as error:
        yield Check("reach", error.sentence, str(error.hint))
        return
    yield Check("reach", f"{_place(repo)} has version {version[:12]}")
    yield from _guarded("version", lambda: _facts(repo))
    yield _latency(repo)
    yield from _guarded("lock", lambda: _lock(repo))
    yield from _guarded("history", lambda: _history(repo, repo.head()))
    yield from _guarded("rows", lambda: _rows(repo))
    yield from _guarded("view", lambda: _view(repo, repo.head()))


def _guarded(name: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """What a look finds; what it cannot read is what it found."""
    try:
        yield from look()
    except TractatusError as error:
        yield Check(name, error.sentence, error.hint or "tractatus-merge doctor")


def _place(repo: Repository) -> str:
    return repo.workspace.url or f"git:{repo.workspace.branch}"


def _facts(repo: Repository) -> Iterator[Check]:
    if not isinstance(repo.store, Examined):
        return
    before = time.time()
    facts = repo.store.facts()
    after = time.time()
    yield Check("version", f"{facts.program}; schema: {facts.schema}")
    yield _clock(facts, before, after)
    if facts.may_not:
        yield Check("rights", f"this account may not {', '.join(facts.may_not)}", facts.grant)
    else:
        yield Check("rights", "this account may read and write")


def _clock(facts: Facts, before: float, after: float) -> Check:
    """The server said it somewhere between two moments: no more is known of the way."""
    if facts.clock is None:
        return Check("clock", "it has this machine's")
    skew = max(0.0, facts.clock - after) + min(0.0, facts.clock - before)
    what = f"the server's is {skew:+.1f} s from this machine's"
    return Check("clock", what, "date; set the clock that is wrong" if abs(skew) > SKEW else "")


def _latency(repo: Repository) -> Check:
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        repo.store.head()
        took.append(time.perf_counter() - began)
    worst = max(took) * 1000
    return Check(
        "latency", f"{median(took) * 1000:.1f} ms to ask for the head; {worst:.1f} at most"
    )


def _lock(repo: Repository) -> Iterator[Check]:
    """A note where Redis is away: nothing depends on a lock."""
    if not isinstance(repo.lock, RedisLock):
        yield Check("lock", repo.workspace.lock)
        return
    try:
        yield Check("lock", f"{repo.workspace.lock}: {repo.lock.asked()}")
    except TractatusError as error:
        yield Check("lock", f"{error.sentence}; nothing depends on it", str(error.hint), note=True)


def _history(repo: Repository, head: State) -> Iterator[Check]:
    """Every entry's parent, and every record of every version where it was written."""
    entries = list(repo.store.log())
    known = {entry.version for entry in entries}
    lost = [
        (entry, parent)
        for entry in entries
        for parent in entry.parents
        if parent not in known and not repo.store.has(parent)
    ]
    if head.version not in known:
        yield Check("history", f"the log has not the head, {head.version}", "tractatus-merge log")
    elif lost and not repo.is_cut():
        entry, parent = lost[0]
        what = f"version {str(entry.version)[:12]} follows {parent[:12]}, which is not there"
        yield Check("history", what, "take it from a backup, or another clone")
    else:
        cut = "; the older ones were left behind by a shallow clone" * bool(lost)
        yield Check("history", f"{len(entries)} versions, each with the one that it follows{cut}")
    wrong = sorted(set(_unreadable(repo, entries, head)))
    if wrong:
        name, version = wrong[0]
        more = f" (and {len(wrong) - 1} more)" * (len(wrong) > 1)
        what = f"{name} cannot be read in version {version[:12]}{more}"
        yield Check("records", what, f"tractatus-merge log {name.partition('/')[2]}")
    else:
        yield Check(
            "records", f"every record of every version can be read; {len(tuple(head))} are there"
        )


def _unreadable(
    repo: Repository, entries: Sequence[Entry], head: State
) -> Iterator[tuple[str, str]]:
    """`collection/id` and version of each record that is none, where it was written."""
    for entry in reversed(entries):
        version = str(entry.version)
        if isinstance(repo.store, Verified):
            repo.store.verify(version)
        state = repo.store.load(version)
        yield from _broken(state, entry.changes, version)
    yield from _broken(head, tuple(head), str(head.version))


def _broken(state: State, keys: Sequence[Key], version: str) -> Iterator[tuple[str, str]]:
    for collection, name in keys:
        text = state.get(collection, name)
        try:
            json_text.parse(text or "{}")
        except json_text.JsonError:
            yield f"{collection}/{name}", version


def _rows(repo: Repository) -> Iterator[Check]:
    """Nothing for a store that has no rows for queries."""
    if not isinstance(repo.store, Shown):
        return
    wrong = repo.store.astray()
    if wrong:
        more = f", and {len(wrong) - _NAMED} more" * (len(wrong) > _NAMED)
        what = f"they differ from the newest version: {', '.join(wrong[:_NAMED])}{more}"
        yield Check("rows", what, "tractatus-merge doctor --fix")
    else:
        yield Check("rows", "those for queries are what the newest version says")


def _view(repo: Repository, head: State) -> Iterator[Check]:
    """A note where it is behind: others published, and nothing is lost."""
    view = View(repo)
    if view.data() is None:
        yield Check("view", f"there is no {view.path.name} here")
    elif view.is_behind(head):
        what = f"{view.path.name} is not what the newest version says"
        yield Check("view", what, "tractatus-merge view --write", note=True)
    else:
        yield Check("view", f"{view.path.name} is what the newest version says")
