"""What the history of a record file lost, merge by merge and write by write. Nothing is written.

Every commit is compared with its parents: a merge with its bases and sides, any other commit with
the older versions that its writer may have known. What a version that is not valid hides shows in
the next valid one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tractatus_merge.core.values.equality import MISSING, Json, same
from tractatus_merge.core.values.places import get
from tractatus_merge.errors import RequestError
from tractatus_merge.git import path_log
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.losses import (
    BROUGHT_BACK,
    DROPPED,
    DUPLICATE,
    Loss,
    Overwrite,
    content,
    find_losses,
    find_overwrite,
    is_restored,
)
from tractatus_merge.git.audit.record_versions import Change, Rows
from tractatus_merge.git.audit.walk import Walk
from tractatus_merge.git.path_log import Commit
from tractatus_merge.git.plumbing import Plumbing

INVALID = "invalid"
MERGE, OVERWRITE, WRITE = "merge", "overwrite", "write"
GONE, RESTORED, CHANGED, STANDS = "missing", "restored", "changed since", "stands"
_BACK = 50
"""How many versions an old copy is looked for."""
_REVERT = re.compile(r"\ARevert |^This reverts commit ", re.MULTILINE)

Progress = Callable[[Sequence[Commit]], Iterable[Commit]]


@dataclass(frozen=True, slots=True)
class Found:
    """One loss: in which commit, by which kind of commit, and what has become of it.

    `today` is `missing`, `changed since`, `stands` (a thing that should not be there) or
    `restored`, where known in `restored`. `row` are the bytes of a record that was dropped.
    """

    commit: Commit
    loss: Loss
    today: str = STANDS
    restored: Commit | None = None
    row: bytes = b""


@dataclass(frozen=True, slots=True)
class Event:
    """A merge, an overwrite (of how many versions), or a write with something wrong in it."""

    commit: Commit
    what: str
    added: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
    older: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The audit of one file: the commits that changed it, oldest first, and the events in them.

    `rows` are the records of the last commit, `known` the newest version of every record there was.
    """

    commits: Sequence[Commit]
    events: Sequence[Event]
    rows: Rows
    known: Mapping[str, tuple[Commit, bytes]]

    def since(self, seconds: int) -> Report:
        """Only what was committed at a time or later."""
        commits = [commit for commit in self.commits if commit.seconds >= seconds]
        events = [event for event in self.events if event.commit.seconds >= seconds]
        return Report(commits, events, self.rows, self.known)

    def losses(self) -> list[Found]:
        """Everything that was lost, oldest first."""
        return [found for event in self.events for found in event.found]

    def committed(self) -> Iterator[Found]:
        """Every record that a commit has, each as what a file that lacks it has lost."""
        for name, (commit, row) in self.known.items():
            yield Found(
                commit, Loss(DROPPED, name, record=record_versions.value(row)), GONE, row=row
            )


def audit(
    git: Plumbing,
    path: str,
    key: str = "id",
    form: str | None = None,
    *,
    present: bytes | None = None,
    progress: Progress = iter,
    at: str = "HEAD",
) -> Report:
    """Look through all of a commit's history of a path; `progress` hands the commits on one by one.

    `present` is the file as it is, for a HEAD that has it no more. RequestError where no version
    has a record with the key, or no commit the file; StoreError where the history is cut off.
    """
    commits = path_log.commits(git, path, at)
    walk = Walk(git, commits, key, form)
    judge = _Judge(walk)
    events = [event for commit in progress(commits) for event in judge.step(commit)]
    if not any(walk.deltas.values()):
        if walk.faults:
            raise RequestError(f"no version of {path} is JSON or JSONL.", hint="git log -- FILE")
        raise RequestError(f"no record of {path} has the key '{key}'.", hint="--key FIELD")
    changed = [
        commit
        for commit in commits
        if any(one.blob != commit.blob for one in walk.parents(commit))
        or (commit.blob and not commit.parents)
    ]
    last = walk.rows(commits[-1])
    if commits[-1].blob is None and present is not None:
        last = record_versions.read(present, key, form).rows
    known = {
        name: (commit, after[-1])
        for commit in commits
        for name, (_, after) in walk.deltas[commit.oid].items()
        if after
    }
    return Report(changed, _with_today(events, walk, last), last, known)


class _Judge:
    """The commits one after the other, each compared with those before."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self._open: dict[str, Commit] = {}

    def step(self, commit: Commit) -> Iterator[Event]:
        """The events of one commit; all commits before it have been stepped through."""
        walk, parents = self.walk, self.walk.parents(commit)
        valid = walk.step(commit)
        merge = commit if len(parents) > 1 else None
        if merge is None and parents:
            merge = self._open.get(parents[0].oid)
        if not valid:
            if merge is not None:
                self._open[commit.oid] = merge
            if commit.blob not in [parent.blob for parent in parents]:
                fault = Loss(INVALID, "", found=walk.faults[commit.blob or ""])
                yield Event(commit, WRITE, found=(Found(commit, fault),))
        elif merge is not None:
            yield from self._merged(commit, merge)
        elif parents:
            yield from self._written(commit, walk.deltas[commit.oid])

    def _merged(self, commit: Commit, merge: Commit) -> Iterator[Event]:
        """What a merge lost; `commit` is the merge, or the first valid version after it."""
        walk, sides = self.walk, self.walk.parents(merge)
        if walk.is_one([*sides, commit]):
            return
        ancestors = walk.bases(sides)
        at = [*ancestors, *sides, commit]
        *known, result = record_versions.differing([walk.rows(one) for one in at])
        bases, brought = known[: len(ancestors)], known[len(ancestors) :]
        new = dict.fromkeys(name for side in brought for name in side)
        added = tuple(name for name in new if not any(name in base for base in bases))
        found = [
            Found(commit, loss, row=self._row(loss, sides))
            for loss in find_losses(bases, brought, result, self.walk.key)
        ]
        yield Event(commit, MERGE, added, tuple(found))

    def _written(self, commit: Commit, delta: dict[str, Change]) -> Iterator[Event]:
        """What a commit that is no merge overwrote, and the ids that it doubled."""
        added = tuple(name for name, (before, _) in delta.items() if not before)
        doubled = [
            Found(commit, Loss(DUPLICATE, name, found=record_versions.value(after[-1])))
            for name, (before, after) in delta.items()
            if len(after) > max(1, len(before))
        ]
        over = self._overwritten(commit, delta)
        if over is not None:
            parents = self.walk.parents(commit)
            found = [Found(commit, loss, row=self._row(loss, parents)) for loss in over.losses]
            yield Event(commit, OVERWRITE, added, (*found, *doubled), over.depth)
        elif doubled:
            yield Event(commit, WRITE, added, tuple(doubled))

    def _overwritten(self, commit: Commit, delta: dict[str, Change]) -> Overwrite | None:
        """The overwrite that a commit is; None where it may be meant.

        It is meant where it says that it reverts, where it only puts back what was, and where its
        author takes back the one commit before, which is the author's own.
        """
        past = list(itertools.islice(self.walk.past(commit), _BACK))
        if not past or _REVERT.search(commit.message):
            return None
        if any(name not in delta for name in self.walk.deltas[past[0].oid]):
            return None  # it knew the version before: nothing need be parsed
        changes = (record_versions.values(self.walk.deltas[one.oid]) for one in past)
        over = find_overwrite(record_versions.values(delta), changes, self.walk.key)
        if over is None or not over.brings:
            return None
        others = any(one.author != commit.author for one in past[: over.depth])
        return over if others or over.depth > 1 else None

    def _row(self, loss: Loss, sides: Sequence[Commit]) -> bytes:
        """The bytes of a record that was dropped whole."""
        if loss.kind != DROPPED or loss.fields:
            return b""
        having = [sides[loss.side]] if loss.side is not None else sides
        return next(
            rows[loss.name][-1] for rows in map(self.walk.rows, having) if loss.name in rows
        )


def _with_today(events: list[Event], walk: Walk, last: Rows) -> list[Event]:
    """The events, with what has become of each loss since."""
    names = {found.loss.name for event in events for found in event.found}
    later: dict[str, list[tuple[int, Change]]] = {}
    for number, commit in enumerate(walk.commits):
        for name in walk.deltas[commit.oid].keys() & names:
            later.setdefault(name, []).append((number, walk.deltas[commit.oid][name]))
    told = _Today(walk, later, last)
    return [replace(event, found=tuple(map(told.of, event.found))) for event in events]


class _Today:
    """What stands at the end of the history."""

    def __init__(
        self, walk: Walk, later: Mapping[str, list[tuple[int, Change]]], last: Rows
    ) -> None:
        self.walk, self.later, self.last = walk, later, last

    @cached_property
    def contents(self) -> set[str]:
        """What the last version's records say, whatever their ids."""
        values = (record_versions.value(row) for rows in self.last.values() for row in rows)
        return {content(value, self.walk.key) for value in values} - {""}

    def of(self, found: Found) -> Found:
        """The loss with what has become of it."""
        loss, key = found.loss, self.walk.key
        rows = self.last.get(loss.name, ())
        if loss.kind in (INVALID, DUPLICATE):
            stands = self.walk.commits[-1].blob in self.walk.faults
            if loss.kind == DUPLICATE:
                stands = len(rows) > 1
            return replace(found, today=STANDS if stands else RESTORED)
        start = self.walk.order[found.commit.oid]
        for number, (_, after) in self.later.get(loss.name, ()):
            if number > start and is_restored(loss, _last(after), key):
                return replace(found, today=RESTORED, restored=self.walk.commits[number])
        if is_restored(loss, _last(rows), key):
            return replace(found, today=RESTORED)
        if not loss.fields and loss.kind == DROPPED:
            moved = content(loss.record, key) in self.contents
            return replace(found, today=RESTORED if moved else GONE)
        if loss.kind == BROUGHT_BACK:
            return replace(found, today=STANDS)
        return replace(found, today=GONE if self._as_left(loss, rows) else CHANGED)

    def _as_left(self, loss: Loss, rows: tuple[bytes, ...]) -> bool:
        """Whether the places still say what the losing commit left there."""
        now = _last(rows)
        return all(same(get(now, path), get(loss.found, path)) for path in loss.fields or ((),))


def _last(rows: tuple[bytes, ...]) -> Json:
    return record_versions.value(rows[-1]) if rows else MISSING
