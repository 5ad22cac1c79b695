"""The past of a history file as its commits have it: version by version, with who wrote what.

The line is that of first parents: each of its commits that changed the file is a version, which is
the file as it stood there. What a merge brought was written by the commits that it brought, and
they are named for it. Nothing is written, and no store is known here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tractatus_merge.core.model import imported
from tractatus_merge.errors import DocumentError, RequestError, StoreError
from tractatus_merge.git import log, path_log
from tractatus_merge.git.path_log import Commit
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.instructions import commits, history_file
from tractatus_merge.instructions.commits import Edit
from tractatus_merge.instructions.history_file import Document

_HELD = 32
"""So many versions are held at once: merges go back to where they parted."""
_LAST_SECOND = 4_102_444_800
"""The year 2100: a later date is nobody's clock."""
_NO_MESSAGE = "(no message)"


class Version(NamedTuple):
    """The file as a commit of the line has it, and who wrote what of it."""

    by: commits.Commit
    document: Document
    edits: tuple[Edit, ...]


class PassedOver(NamedTuple):
    """A commit whose file is no version, and why."""

    oid: str
    subject: str
    why: str


class Past:
    """The commits of one file, read once from the oldest to the newest.

    Raises:
        RequestError: no commit has the file, or none one that can be read.
        StoreError: the history is cut off, or a content is missing.
    """

    def __init__(self, git: Plumbing, path: str) -> None:
        self._git, self._path = git, path
        self._commits = path_log.commits(git, path)
        self._order = {commit.oid: number for number, commit in enumerate(self._commits)}
        self._valid: list[str | None] = []
        self._faults: dict[str, str] = {}
        self._held: OrderedDict[str, Document] = OrderedDict()
        self.passed_over: list[PassedOver] = []
        if all(self._fault(commit.blob) for commit in self._commits if commit.blob):
            why = self._fault(next(c.blob for c in reversed(self._commits) if c.blob))
            raise RequestError(
                f"no commit has a {path} that can be read; the newest: {why}.",
                hint=f"tractatus-merge check --all   (when {path} is mended)",
            )

    def versions(
        self, progress: Callable[[Sequence[Commit]], Iterable[Commit]] = iter
    ) -> Iterator[Version]:
        """The versions, oldest first; `passed_over` grows on the way."""
        line = set(self._line())
        behind: set[int] = set()
        for number, commit in enumerate(progress(self._commits)):
            self._valid.append(self._read(commit))
            if number not in line:
                continue
            brought = self._ancestors(number, behind)
            behind |= {*brought, number}
            before, here = self._before(commit), self._valid[number]
            if here is not None and here != before:
                wrote = self._edits(commit, brought)
                yield Version(self._told(commit), self._document(here), tuple(wrote))

    def _line(self) -> Iterator[int]:
        """The numbers of the newest commit and of those before it, along first parents."""
        number: int | None = len(self._commits) - 1
        while number is not None:
            yield number
            number = self._first_parent(self._commits[number])

    def _first_parent(self, commit: Commit) -> int | None:
        return self._order[commit.parents[0]] if commit.parents else None

    def _ancestors(self, number: int, but: set[int]) -> list[int]:
        """The numbers of what a commit brings beside its first parent, oldest first."""
        first = self._first_parent(self._commits[number])
        found: set[int] = set()
        ahead = [self._order[oid] for oid in self._commits[number].parents[1:]]
        while ahead:
            one = ahead.pop()
            if one not in found and one not in but and one != first:
                found.add(one)
                ahead += [self._order[oid] for oid in self._commits[one].parents]
        return sorted(found)

    def _read(self, commit: Commit) -> str | None:
        """The content that stands for a commit: its own, else what stood before it."""
        first = self._first_parent(commit)
        before = None if first is None else self._valid[first]
        there = None if first is None else self._commits[first].blob
        why = "the file is not there" if commit.blob is None else self._fault(commit.blob)
        if why and commit.blob != there:
            self.passed_over.append(PassedOver(commit.oid, commit.subject, why))
        return before if why else commit.blob

    def _fault(self, blob: str) -> str:
        """Why a content is no history; nothing where it is one."""
        if blob not in self._faults:
            try:
                self._document(blob)
                self._faults[blob] = ""
            except DocumentError as error:
                self._faults[blob] = str(error)
        return self._faults[blob]

    def _document(self, blob: str) -> Document:
        if blob not in self._held:
            ((_, data),) = path_log.contents(self._git, [blob])
            if data is None:
                why = f"the content {blob} of {self._path} is missing from this repository"
                raise StoreError(f"{why}: nothing was imported.", hint="git fetch --refetch")
            self._held[blob] = history_file.read(data, self._path)
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(blob)
        return self._held[blob]

    def _edits(self, commit: Commit, brought: Sequence[int]) -> list[Edit]:
        """Who wrote what the commit changed: those it brought, and what is left, itself."""
        own = list(self._own_edits(commit))
        changed = {edit["instruction"] for edit in own}
        found: list[Edit] = []
        for one in (self._commits[number] for number in brought):
            wrote = (edit for edit in self._own_edits(one) if edit["instruction"] in changed)
            known = found if len(one.parents) > 1 else ()
            new = commits.without_known(wrote, known)
            found += ({**edit, imported.COMMIT: one.oid} for edit in new)
        return [*found, *commits.without_known(iter(own), found)]

    def _own_edits(self, commit: Commit) -> Iterator[Edit]:
        before, here = self._before(commit), self._valid[self._order[commit.oid]]
        if here is not None and here != before:
            old = None if before is None else self._document(before)
            yield from commits.edits(old, self._document(here), self._told(commit))

    def _before(self, commit: Commit) -> str | None:
        first = self._first_parent(commit)
        return None if first is None else self._valid[first]

    def _told(self, commit: Commit) -> commits.Commit:
        newest = self._commits[-1].seconds  # one clock that was ahead does not date all after it
        committed = moment(min(commit.seconds, newest))
        written = moment(commit.written)
        message = log.one_line(commit.subject) or _NO_MESSAGE
        return commits.Commit(commit.oid, commit.author, written, committed, message)


def moment(seconds: int) -> str:
    """A second of git's as the state writes moments."""
    at = datetime.fromtimestamp(max(0, min(seconds, _LAST_SECOND)), UTC)
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
