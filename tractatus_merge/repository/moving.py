"""A whole history moved to another store: copied, read back, and the old store frozen.

Killed at any step, it goes on when it is run again: what stands in the two stores says how far it
was. Whoever publishes in the old store before it is frozen is copied, too; after it, is refused.
A clone that had not heard of the move is united with what came to the new store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from tractatus_merge import __version__
from tractatus_merge.core.model import moves
from tractatus_merge.core.model.moves import Move
from tractatus_merge.core.model.needs import moved, must_be_writable
from tractatus_merge.core.model.state import Entry, State, Version
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.plans.unite import plan_unite
from tractatus_merge.errors import ContentionError, NotInitialised, RequestError
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.repository.line import Repository
from tractatus_merge.stores import copying
from tractatus_merge.stores.base import Store
from tractatus_merge.stores.copying import Step
from tractatus_merge.system import files, locks
from tractatus_merge.value import replace

_ATTEMPTS = 100
"""So often may others be faster, in the old store or in the new one."""

Progress = Callable[[Sequence[Step], str], Iterable[Step]]
"""Gives the steps of a stage back, one by one, and may tell how far it is."""


class Moved(NamedTuple):
    """How many versions moved, whether just now, and their new names by the old."""

    versions: int
    now: bool
    names: Mapping[Version, Version]


def move(
    source: Repository, target: Repository, now: str, command: str, progress: Progress
) -> Moved:
    """Move one line's history to another line, which is empty, or was begun by the same move.

    `command` goes on with it. While it is at work, other commands find no history in the target.

    Raises:
        RequestError: the target has a history of its own, or the source lacks some of its own.
        NewerNeeded: this program may not write in the source; HistoryMoved: it went elsewhere.
        ContentionError: another move is at work, or others write without a pause.
    """
    about = Move(source.workspace.store, target.workspace.store)
    marker = target.workspace.importing
    marker.parent.mkdir(parents=True, exist_ok=True)
    with locks.locked(marker.with_name(f"{marker.name}.lock"), 0) as alone:
        if not alone:
            raise ContentionError(f"another move into '{about.target}' is at work.", hint=command)
        head = _head(source)
        if moved(head) != about:
            must_be_writable(head)
        anew = not _has_come(target, about)
        if anew:
            copying.copied(target.store, _without_tombstone(source.store, about)[0])
            files.replace(marker, command.encode())
            todo, names = _copy_and_freeze(source, target, (about, now), progress)
            _name_versions(source, target, (about, now), todo, names)
        marker.unlink(missing_ok=True)
        if moved(head) is None and not anew:
            _unite_and_freeze(source, target, (about, now))
    count = sum(1 for _ in source.store.log()) - 1
    return Moved(count, anew, moves.names(target.head()))


def _head(source: Repository) -> State:
    version = source.store.head()
    if version is None:
        raise NotInitialised(source.workspace.line)
    if source.is_cut():
        why = "this clone is shallow: it has not the whole history."
        raise RequestError(why, hint="git fetch --unshallow")
    return source.store.load(version)


def _has_come(target: Repository, about: Move) -> bool:
    head = target.store.head()
    return head is not None and moves.has_come(target.store.load(head), about.source)


def _copy_and_freeze(
    source: Repository, target: Repository, by: tuple[Move, str], progress: Progress
) -> tuple[list[Step], dict[Version, Version]]:
    """Copy and read back until nothing is missing, and freeze; what was copied, and its new names.

    The tombstone is written by compare-and-swap: what another published meanwhile is copied first.
    """
    verified = 0
    for _ in range(_ATTEMPTS):
        todo, newest = _without_tombstone(source.store, by[0])
        frozen = moved(newest) == by[0]
        names = copying.copy(
            source.store, target.store, todo, lambda steps: progress(steps, "versions")
        )
        copying.verify(
            source.store,
            target.store,
            todo,
            names,
            lambda steps: progress(steps, "read back"),
            skipped=verified,
        )
        verified = len(todo)
        if frozen or _freeze(source, newest, by):
            return todo, names
    raise ContentionError("others publish without a pause.", hint="the same command again")


def _unite_and_freeze(source: Repository, target: Repository, by: tuple[Move, str]) -> None:
    """Take in what a clone has that did not hear of the move, as two heads are united.

    RequestError where the history that came to the target is none of this one.
    """
    for _ in range(_ATTEMPTS):
        theirs = _head(source)
        _, at = target.publish(lambda ours: _union(source, ours, theirs, by))  # noqa: B023
        if _freeze(source, theirs, (by[0], max(by[1], at.time))):
            return
    raise ContentionError("others publish without a pause.", hint="the same command again")


def _union(source: Repository, ours: State, theirs: State, by: tuple[Move, str]) -> Plan:
    """The head of the new store with all that a head of the old one says besides."""
    about, now = by
    names, at = moves.names(ours), theirs.version
    parents = {entry.version: entry.parents for entry in source.store.log()}
    while at is not None and at not in names:
        at = next(iter(parents.get(at, ())), None)
    if at is None:
        why = f"{about.target} has another history of {about.source}: nothing was written."
        raise RequestError(why, hint=f"tractatus-merge log   (what is in {about.source} alone)")
    if at == theirs.version:
        return Plan(ours, None)
    plan = plan_unite(source.store.load(at), ours, theirs, HISTORY, remote=False)
    if plan.entry is None or not plan.state.changed:
        return Plan(ours, None)
    entry = replace(
        plan.entry,
        message=f"Take in what a clone had in {about.source} besides",
        author=source.author,
        time=max(now, ours.time, theirs.time),
        parents=(),
        base=None,
    )
    return replace(plan, entry=entry)


def _without_tombstone(store: Store, about: Move) -> tuple[list[Step], State]:
    """The versions that are to be copied, and the newest state, be it the tombstone's."""
    todo = copying.steps(store)
    newest = store.load(todo[-1].entry.version)
    return (todo[:-1] if moved(newest) == about else todo), newest


def _freeze(source: Repository, newest: State, by: tuple[Move, str]) -> bool:
    about, now = by
    must_be_writable(newest)
    changed = moves.tombstone(newest, about, __version__)
    entry = Entry(
        f"Move to {about.target}",
        author=source.author,
        time=max(now, newest.time),
        changes=tuple(changed),
    )
    return source.store.commit(newest.version, newest.with_(changed), entry) is not None


def _name_versions(
    source: Repository,
    target: Repository,
    by: tuple[Move, str],
    todo: Sequence[Step],
    names: Mapping[Version, Version],
) -> None:
    """Tell in the new store what its versions were called in the old one."""
    about, now = by
    exact = {step.entry.version for step in todo if step.exact}
    same = {old: new for old, new in names.items() if old in exact}
    frozen = source.store.head()
    if frozen is not None and todo:
        same[frozen] = names[todo[-1].entry.version]
    alike = {old: new for old, new in names.items() if old not in exact}
    changed = moves.aliases(about.source, same, alike)
    for _ in range(_ATTEMPTS):
        version = target.store.head()
        state = target.store.load(version) if version else State()
        entry = Entry(
            f"Move here from {about.source}",
            author=target.author,
            time=max(now, state.time),
            changes=tuple(changed),
        )
        if target.store.commit(version, state.with_(changed), entry) is not None:
            return
    raise ContentionError("others publish without a pause.", hint="the same command again")
