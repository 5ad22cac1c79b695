"""The versions of one file, commit by commit: each content read and parsed once, held for a while.

What a version that is not valid says is not guessed: the last valid one stands for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from tractatus_merge.git import path_log
from tractatus_merge.git.audit import record_versions
from tractatus_merge.git.audit.record_versions import Change, Rows
from tractatus_merge.git.path_log import Commit
from tractatus_merge.git.plumbing import Plumbing

_HELD, _MANY = 1 << 26, 256
"""How many bytes of versions, and how many versions, are held at once, about."""
_AHEAD = 1 << 23
"""How many bytes are read ahead, about."""


class Walk:
    """The commits of a file's history, oldest first, as far as they have been stepped to.

    `deltas` tells what each changed against its first parent, `faults` why a blob is not valid.
    """

    def __init__(
        self, git: Plumbing, commits: Sequence[Commit], key: str, form: str | None
    ) -> None:
        self.git, self.commits, self.key, self.form = git, commits, key, form
        self.order = {commit.oid: number for number, commit in enumerate(commits)}
        self.deltas: dict[str, dict[str, Change]] = {}
        self.faults: dict[str, str] = {}
        self._valid: dict[str, str | None] = {}
        self._held: OrderedDict[str, tuple[Rows, int]] = OrderedDict()
        self._ahead = list(dict.fromkeys(commit.blob for commit in commits if commit.blob))
        self._next = 0
        self._size = 0

    def step(self, commit: Commit) -> bool:
        """Read a commit after all before it; whether its version is valid."""
        parents = self.parents(commit)
        valid = self._is_valid(commit, parents)
        before, after = self.rows(parents[0]) if parents else {}, self.rows(commit)
        alike = before is after  # as for most merges
        self.deltas[commit.oid] = {} if alike else record_versions.change(before, after)
        return valid

    def parents(self, commit: Commit) -> list[Commit]:
        """The commit's parents."""
        return [self.commits[self.order[oid]] for oid in commit.parents]

    def bases(self, sides: Sequence[Commit]) -> list[Commit]:
        """The best common ancestors of the first side and each other one."""
        numbers = path_log.bases(self.commits, self.order, [side.oid for side in sides])
        return [self.commits[number] for number in numbers]

    def rows(self, commit: Commit) -> Rows:
        """The newest valid records at a commit."""
        blob = self._valid[commit.oid]
        return {} if blob is None else self._read(blob)

    def is_one(self, commits: Sequence[Commit]) -> bool:
        """Whether all these commits have the same valid version."""
        return len({self._valid[commit.oid] for commit in commits}) == 1

    def past(self, commit: Commit) -> Iterator[Commit]:
        """The commits before that changed the records, newest first, but not the file's first."""
        while commit.parents:
            commit = self.commits[self.order[commit.parents[0]]]
            before = commit.parents and self._valid[commit.parents[0]]
            if not before:
                return
            if self.deltas[commit.oid]:
                yield commit

    def _is_valid(self, commit: Commit, parents: list[Commit]) -> bool:
        """Read the commit's version; where it is not valid, a parent's stands for it."""
        self._valid[commit.oid] = commit.blob
        if commit.blob is None:
            return True
        if commit.blob not in self.faults:
            self._read(commit.blob)
        if commit.blob not in self.faults:
            return True
        self._valid[commit.oid] = self._valid[parents[0].oid] if parents else None
        return False

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
            version = record_versions.read(data, self.key, self.form)
            if version.fault is not None:
                self.faults[name] = version.fault
            self._held[name] = version.rows, len(data)
            self._size += len(data)
        rows = self._held[blob][0]
        while len(self._held) > len(asked) + 2 and (self._size > _HELD or len(self._held) > _MANY):
            self._size -= self._held.popitem(last=False)[1][1]
        return rows
