"""The versions of one file, commit by commit: each content read and parsed once, held for a while.

Only what is asked for is read. What a version that is not valid says is not guessed: the last valid
one stands for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from tractatus_merge.git import path_log
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.record_versions import Change, Rows, Version
from tractatus_merge.git.audit.shapes import Shape
from tractatus_merge.git.audit.version_reader import Reader
from tractatus_merge.git.path_log import Commit
from tractatus_merge.git.plumbing import Plumbing

_HELD, _MANY = 1 << 26, 256
"""How many bytes of versions, and how many versions, are held at once, about."""
_AHEAD = 1 << 23
"""How many bytes are read ahead, about."""
_FAR = 64
"""Over so many versions the names that changed are put together."""
_SAMPLES = 9
"""In so many versions it is looked what the records of the file are."""


class Walk:
    """The commits of a file's history, oldest first, and what each version says.

    `judged` are those that will be asked for, in their order. `faults` tells why a blob is not
    valid.
    """

    def __init__(
        self,
        git: Plumbing,
        commits: Sequence[Commit],
        key: str,
        form: str | None,
        judged: Sequence[Commit] | None = None,
    ) -> None:
        self.git, self.commits, self.key, self.form = git, commits, key, form
        self.judged = commits if judged is None else judged
        self.order = {commit.oid: number for number, commit in enumerate(commits)}
        self.faults: dict[str, str] = {}
        self._absent: set[str | None] = set()
        self._deltas: dict[str, dict[str, Change]] = {}
        self._past: dict[str, Commit | None] = {}
        self._valid: dict[str, str | None] = {}
        self._held: OrderedDict[str, tuple[Rows, int]] = OrderedDict()
        self._ahead = list(dict.fromkeys(commit.blob for commit in self.judged if commit.blob))
        self._next = 0
        self._read_as: dict[str, int] = {}
        self._new: list[dict[str, None] | None] = []
        self._size = 0
        self.shape = self._shape()
        self._reader = Reader(key, form, self.shape)

    def delta(self, commit: Commit) -> dict[str, Change]:
        """What a commit changed against its first parent."""
        if commit.oid not in self._deltas:
            parents = self.parents(commit)
            self._deltas[commit.oid] = self.change(parents[0] if parents else None, commit)
        return self._deltas[commit.oid]

    def change(self, one: Commit | None, other: Commit) -> dict[str, Change]:
        """What is different between two versions; None is that without records."""
        before, after = self.rows(one) if one else {}, self.rows(other)
        if before is after:  # as for most merges
            return {}
        return record_versions.change(before, after, self._names(one, other))

    def _names(self, one: Commit | None, other: Commit) -> dict[str, None] | None:
        """The names that may differ, by what was new in each version that was read between."""
        first = self._read_as.get(self._version(one) or "") if one else None
        last = self._read_as.get(self._version(other) or "")
        if first is None or last is None or abs(first - last) > _FAR:
            return None
        found: dict[str, None] = {}
        for names in self._new[min(first, last) + 1 : max(first, last) + 1]:
            if names is None:
                return None
            found |= names
        return found

    def is_valid(self, commit: Commit) -> bool:
        """Whether the commit's own version can be read; no file is valid."""
        return self._version(commit) == commit.blob

    def is_absent(self, commit: Commit) -> bool:
        """Whether this repository lacks the commit's content: nothing is told by comparing it."""
        return self._version(commit) != commit.blob and commit.blob in self._absent

    def parents(self, commit: Commit) -> list[Commit]:
        """The commit's parents."""
        return [self.commits[self.order[oid]] for oid in commit.parents]

    def bases(self, sides: Sequence[Commit]) -> list[Commit]:
        """The best common ancestors of the first side and each other one."""
        numbers = path_log.bases(self.commits, self.order, [side.oid for side in sides])
        return [self.commits[number] for number in numbers]

    def rows(self, commit: Commit) -> Rows:
        """The newest valid records at a commit."""
        blob = self._version(commit)
        return {} if blob is None else self._read(blob)

    def is_one(self, commits: Sequence[Commit]) -> bool:
        """Whether all these commits have the same valid version."""
        return len({self._version(commit) for commit in commits}) == 1

    def past(self, commit: Commit) -> Iterator[Commit]:
        """The commits before that changed the records, newest first, but not the file's first."""
        before = self._previous(commit)
        while before is not None:
            yield before
            before = self._previous(before)

    def _previous(self, commit: Commit) -> Commit | None:
        if commit.oid not in self._past:
            self._past[commit.oid] = next(self._changes_before(commit), None)
        return self._past[commit.oid]

    def _changes_before(self, commit: Commit) -> Iterator[Commit]:
        while commit.parents:
            commit = self.commits[self.order[commit.parents[0]]]
            if not commit.parents or self.is_absent(commit):
                return
            before = self.commits[self.order[commit.parents[0]]]
            if self._version(before) is None:
                return
            if self.delta(commit):
                yield commit

    def _version(self, commit: Commit) -> str | None:
        """The commit's blob; where it is not valid, that of the newest one before that is."""
        unread = []
        while commit.oid not in self._valid:
            unread.append(commit)
            if commit.blob is None or self._is_readable(commit.blob):
                self._valid[commit.oid] = commit.blob
            elif not commit.parents:
                self._valid[commit.oid] = None
            else:
                commit = self.commits[self.order[commit.parents[0]]]
        found = self._valid[commit.oid]
        for one in unread:
            self._valid[one.oid] = found
        return found

    def _is_readable(self, blob: str) -> bool:
        if blob not in self.faults:
            self._read(blob)
        return blob not in self.faults

    def _shape(self) -> Shape:
        """What the records of the file are, by a few of its versions."""
        step = max(1, len(self._ahead) // (_SAMPLES - 1))
        asked = list(dict.fromkeys([*self._ahead[::-step], *self._ahead[:1]]))
        if self.form == record_versions.JSONL or not asked:
            return Shape()
        samples = (data for _, data in path_log.contents(self.git, asked) if data is not None)
        return record_versions.shape_of(samples, self.key, self.form)

    def _read(self, blob: str) -> Rows:
        if blob in self._held:
            self._held.move_to_end(blob)
            return self._held[blob][0]
        asked = [blob]
        if self._ahead[self._next : self._next + 1] == asked:
            usual = self._size // len(self._held) if self._held else _AHEAD
            asked = self._ahead[self._next : self._next + 1 + min(31, _AHEAD // (usual + 1))]
            self._next += len(asked)
        for name, data in path_log.contents(self.git, asked):
            if data is None:
                self._absent.add(name)
                version = Version(fault=f"this repository lacks the content {name[:12]}")
            else:
                version = self._reader.read(data)
            if version.fault is not None:
                self.faults[name] = version.fault
            self._read_as[name] = len(self._new)
            self._new.append(self._reader.new if data is not None else None)
            self._held[name] = version.rows, len(data or b"")
            self._size += len(data or b"")
        rows = self._held[blob][0]
        while len(self._held) > len(asked) + 2 and (self._size > _HELD or len(self._held) > _MANY):
            self._size -= self._held.popitem(last=False)[1][1]
        return rows
