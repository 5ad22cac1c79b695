"""What the history of a record file lost, merge by merge and write by write. Nothing is written.

Every commit is compared with its parents: a merge with its bases and sides, any other commit with
the older versions that its writer may have known. What a version that is not valid hides shows in
the next valid one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.places import get
from tractatus_merge.errors import RequestError
from tractatus_merge.git import path_log
from tractatus_merge.git.audit import record_versions, writes
from tractatus_merge.git.audit.losses import (
    BROUGHT_BACK,
    DROPPED,
    DUPLICATE,
    REVERTED,
    Loss,
    content,
    find_losses,
    is_restored,
)
from tractatus_merge.git.audit.record_versions import Change, Rows
from tractatus_merge.git.audit.restore import Lost
from tractatus_merge.git.audit.shapes import LISTS, Shape
from tractatus_merge.git.audit.walk import Walk
from tractatus_merge.git.path_log import Commit
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.value import Value, replace

INVALID = "invalid"
MERGE, OVERWRITE, TRUNCATION, WRITE = "merge", "overwrite", "truncation", "write"
GONE, RESTORED, CHANGED, STANDS = "missing", "restored", "changed since", "stands"

Progress = Callable[[Sequence[Commit]], Iterable[Commit]]


class Found(Value):
    """One loss: in which commit, by which kind of commit, and what has become of it.

    `today` is `missing`, `changed since`, `stands` (a thing that should not be there) or
    `restored`, where known in `restored`. `row` are the bytes of a record that was dropped.
    """

    commit: Commit
    loss: Loss
    today: str = STANDS
    restored: Commit | None = None
    row: bytes = b""

    @property
    def is_whole(self) -> bool:
        """Whether a whole record was dropped."""
        return self.loss.kind == DROPPED and not self.loss.fields

    @property
    def is_edit(self) -> bool:
        """Whether a record that stands has lost what an edit had made of it."""
        return self.loss.kind == REVERTED or (self.loss.kind == DROPPED and not self.is_whole)

    def as_lost(self) -> Lost:
        """It, for whoever puts it back."""
        values = [(path, get(self.loss.record, path)) for path in self.loss.fields or ((),)]
        fields = () if self.is_whole else tuple(values)
        return Lost(self.loss.name, self.commit.oid, self.row, fields)


class Event(Value):
    """A merge, an overwrite, a truncation, or another write with something wrong in it.

    `older`: how many versions an overwrite undid. `shrank`: how many records there were and are.
    """

    commit: Commit
    what: str
    added: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
    older: int = 0
    shrank: tuple[int, int] | None = None


class Report(Value):
    """The audit of one file: the commits that changed it, oldest first, and the events in them.

    `rows` are the records of the last commit, `known` the newest version of every record that the
    commits looked at have, `shape` what the records are.
    """

    commits: Sequence[Commit]
    events: Sequence[Event]
    rows: Rows
    known: Mapping[str, tuple[Commit, bytes]]
    shape: Shape = LISTS

    def losses(self) -> list[Found]:
        """Everything that was lost, oldest first."""
        return [found for event in self.events for found in event.found]

    def left(self) -> list[Found]:
        """What is lost today and can come back: of each record its last loss, or its edits.

        Where one commit lost what two sides had written at one place, no one of them comes back.
        """
        whole = {f.loss.name: f for f in self.losses() if f.today == GONE and f.is_whole}
        edits: dict[tuple[str, Path], list[Found]] = {}
        for found in self.losses():
            loss = found.loss
            if found.today == GONE and found.is_edit and loss.name not in whole:
                for path in loss.fields or ((),):
                    there = edits.setdefault((loss.name, path), [])
                    if there and there[0].commit is not found.commit:
                        there.clear()
                    there.append(found)
        one = {key: there[0] for key, there in edits.items() if len(there) == 1}
        return [
            *whole.values(),
            *(replace(f, loss=replace(f.loss, fields=(path,))) for (_, path), f in one.items()),
        ]

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
    start: int | None = None,
    progress: Progress = iter,
    at: str = "HEAD",
) -> Report:
    """Look through all of a commit's history of a path; `progress` hands the commits on one by one.

    With a `start` only what was committed then or later is looked at, and of what was before only
    what these commits are compared with is read. `present` is the file as it is, for a HEAD that
    has it no more. RequestError where no version has a record with the key, or no commit the file;
    StoreError where the history is cut off.
    """
    commits = path_log.commits(git, path, at)
    judged = commits if start is None else [one for one in commits if one.seconds >= start]
    walk = Walk(git, commits, key, form, judged)
    judge = _Judge(walk)
    events = [event for commit in progress(judged) for event in judge.step(commit)]
    _check_is_read(walk, path)
    changed = [
        commit
        for commit in judged
        if any(one.blob != commit.blob for one in walk.parents(commit))
        or (commit.blob and not commit.parents)
    ]
    last = walk.rows(commits[-1])
    if commits[-1].blob is None and present is not None:
        last = record_versions.read(present, key, form, walk.shape).rows
    known = {
        name: (commit, after[-1])
        for commit in judged
        for name, (_, after) in walk.delta(commit).items()
        if after
    }
    return Report(changed, _with_today(events, walk, last), last, known, walk.shape)


def _check_is_read(walk: Walk, path: str) -> None:
    """RequestError where nothing that was looked at has a record, and something should."""
    blobs = {commit.blob for commit in walk.judged if commit.blob}
    if not blobs or any(walk.delta(commit) or walk.rows(commit) for commit in walk.judged):
        return
    if blobs <= walk.faults.keys():
        why = walk.faults[min(blobs)]
        raise RequestError(
            f"no version of {path} is JSON or JSONL (of one: {why}).", hint="git log -- FILE"
        )
    raise RequestError(f"no record of {path} has the key '{walk.key}'.", hint="--key FIELD")


class _Judge:
    """Commits, each compared with those before."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def step(self, commit: Commit) -> Iterator[Event]:
        """The events of one commit."""
        walk, parents = self.walk, self.walk.parents(commit)
        if not walk.is_valid(commit):
            if commit.blob not in [parent.blob for parent in parents]:
                fault = Loss(INVALID, "", found=walk.faults[commit.blob or ""])
                yield Event(commit, WRITE, found=(Found(commit, fault),))
        elif any(map(walk.is_absent, parents)):
            return
        elif (merge := self._merge_of(commit)) is not None:
            yield from self._merged(commit, merge)
        elif parents and commit.blob is not None:  # a file that is gone was removed, or moved
            yield from self._written(commit, walk.delta(commit))

    def _merge_of(self, commit: Commit) -> Commit | None:
        """The merge that a commit shows: itself, or one that it is the first valid version of."""
        while len(commit.parents) == 1:
            commit = self.walk.parents(commit)[0]
            if self.walk.is_valid(commit):
                return None
        return commit if commit.parents else None

    def _merged(self, commit: Commit, merge: Commit) -> Iterator[Event]:
        """What a merge lost; `commit` is the merge, or the first valid version after it."""
        walk, sides = self.walk, self.walk.parents(merge)
        if walk.is_one([*sides, commit]):
            return
        if commit.blob is None and None in [side.blob for side in sides]:
            return  # one side had removed the file
        ancestors = walk.bases(sides)
        if any(map(walk.is_absent, ancestors)):
            return
        at = [*ancestors, *sides, commit]
        names = dict.fromkeys(name for one in at[1:] for name in walk.change(at[0], one))
        *known, result = record_versions.picked([walk.rows(one) for one in at], names)
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
        judged = writes.judge(self.walk, commit, delta)
        if judged is not None:
            losses, older, shrank = judged
            parents = self.walk.parents(commit)
            found = [Found(commit, loss, row=self._row(loss, parents)) for loss in losses]
            what = TRUNCATION if shrank else OVERWRITE
            yield Event(commit, what, added, (*found, *doubled), older, shrank)
        elif doubled:
            yield Event(commit, WRITE, added, tuple(doubled))

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
    for commit in walk.judged:
        number = walk.order[commit.oid]
        if names:
            delta = walk.delta(commit)
            for name in delta.keys() & names:
                later.setdefault(name, []).append((number, delta[name]))
    told = _Today(walk, later, last)
    return [replace(event, found=tuple(map(told.of, event.found))) for event in events]


class _Today:
    """What stands at the end of the history."""

    def __init__(
        self, walk: Walk, later: Mapping[str, list[tuple[int, Change]]], last: Rows
    ) -> None:
        self.walk, self.later, self.last = walk, later, last

    @cached_property
    def contents(self) -> dict[str, int]:
        """What the last version's records say, and by which commit the newest of them came."""
        came = {
            name: self.walk.order[commit.oid]
            for commit in self.walk.judged
            for name, (before, _) in self.walk.delta(commit).items()
            if not before
        }
        found: dict[str, int] = {}
        for name, rows in self.last.items():
            said = content(record_versions.value(rows[-1]), self.walk.key)
            found[said] = max(came.get(name, -1), found.get(said, -1))
        return found

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
        if found.is_whole:
            said = content(loss.record, key)
            moved = bool(said) and self.contents.get(said, -1) >= start
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
