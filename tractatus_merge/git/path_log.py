"""The history of one path in any repository: its commits, oldest first, and its contents.

Git simplifies the history to the commits that changed the path and all merges, and rewrites their
parents; renames are followed where git sees them. Nothing is written, and no policy is here.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tractatus_merge.errors import RequestError, StoreError
from tractatus_merge.git.plumbing import Plumbing

_LOG = (
    "-c", "log.showRoot=true", "-c", "log.follow=false", "-c", "log.showSignature=false",
    "log", "--full-history", "--parents", "--topo-order", "--reverse", "--encoding=UTF-8",
    "--no-notes", "-z", "--format=%H%n%P%n%ct%n%at%n%aN <%aE>%n%B",
)  # fmt: skip
"""Everything that a person's configuration could change is said."""

_NAMES = 20
_RECORD_FILES = (b".json", b".jsonl", b".ndjson")


class Commit(NamedTuple):
    """One commit of a path's history: its parents there, and the path's content (None: no file).

    It was committed at `seconds`; what a rebase moved was `written` earlier.
    """

    oid: str
    parents: tuple[str, ...]
    seconds: int
    written: int
    author: str
    message: str
    blob: str | None

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.strip().partition("\n")[0]


def commits(git: Plumbing, path: str, at: str = "HEAD") -> list[Commit]:
    """Every commit of a history that changed the path, and every merge; oldest first.

    RequestError where no commit has the file; StoreError where the history is cut off.
    """
    if "\n" in path:
        raise RequestError("a file name with a line end in it cannot be looked up.")
    shallow = git.in_worktree("rev-parse", "--is-shallow-repository")
    if shallow.out.strip() == b"true":
        raise StoreError(
            "this clone is shallow: older commits are missing.", hint="git fetch --unshallow"
        )
    if git.in_worktree("rev-parse", "--verify", "--quiet", "HEAD").status != 0:
        raise RequestError("there is no commit yet.", hint="git commit")
    names = _names(git, path)
    out = _log(git, names, at)
    heads = [_parts(entry) for entry in out.split("\0") if entry]
    blobs = git.blobs([f"{head[0]}:{name}" for head in heads for name in names])
    found = []
    for number, (oid, parents, seconds, written, author, message) in enumerate(heads):
        here = blobs[number * len(names) : (number + 1) * len(names)]
        blob = next(filter(None, here), None)
        times = int(seconds), int(written)
        found.append(Commit(oid, tuple(parents.split()), *times, author, message, blob))
    found = _with_absent(git, found, names)
    if not any(commit.blob for commit in found):
        raise RequestError(f"no commit of this history has a file {path}.", hint="git ls-files")
    return found


def contents(git: Plumbing, blobs: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    """The contents of a few blobs, read together; None for one that this repository lacks."""
    for blob, found in zip(blobs, git.read_all(blobs), strict=True):
        yield blob, None if found is None else found.content


def other_files(git: Plumbing, commit: Commit) -> Iterator[bytes]:
    """The contents of the other JSON and JSONL files that a commit added or changed."""
    words = ("diff-tree", "-r", "-z", "--no-commit-id", "--no-renames", "--diff-filter=AM")
    fields = git.run(*words, commit.oid).out.split(b"\0")
    heads, names = fields[:-1:2], fields[1::2]
    blobs = [head.split()[3].decode() for head, name in zip(heads, names, strict=True)
             if name.lower().endswith(_RECORD_FILES)]  # fmt: skip
    for _, data in contents(git, [blob for blob in blobs if blob != commit.blob]):
        if data is not None:
            yield data


def bases(commits: Sequence[Commit], order: Mapping[str, int], sides: Sequence[str]) -> list[int]:
    """The best common ancestors of the first side and each other one, by their numbers."""
    found: dict[int, None] = {}
    for side in sides[1:]:
        found.update(dict.fromkeys(_bases(commits, order, sides[0], side)))
    return list(found)


def _bases(
    commits: Sequence[Commit], order: Mapping[str, int], one: str, other: str
) -> Iterator[int]:
    """Newest first: whoever is reached from both sides, and from no base found before."""
    flags: dict[int, int] = {}
    ahead: list[int] = []
    live = 0  # how many of those ahead are not below a base

    def reach(number: int, flag: int) -> int:
        was = flags.get(number)
        flags[number] = (was or 0) | flag
        if was is None:
            heapq.heappush(ahead, -number)
        before = was is not None and not was & 4
        return int(not flags[number] & 4) - int(before)

    live += reach(order[one], 1)
    live += reach(order[other], 2)
    while live:
        number = -heapq.heappop(ahead)
        flag = flags[number]
        live -= not flag & 4
        if flag == 3:
            yield number
            flag |= 4
        for parent in commits[number].parents:
            live += reach(order[parent], flag)


def _with_absent(git: Plumbing, commits: list[Commit], names: Sequence[str]) -> list[Commit]:
    """The commits with the contents that they have, and that this repository lacks."""
    having = {commit.oid for commit in commits if commit.blob}
    found = []
    for commit in commits:
        blob = commit.blob
        # other merges are there whether they change the file or not
        if not blob and (len(commit.parents) < 2 or not having.isdisjoint(commit.parents)):
            named = [("rev-parse", "--verify", "--quiet", f"{commit.oid}:{name}") for name in names]
            there = (git.in_worktree(*words) for words in named)
            blob = next((one.out.decode().strip() for one in there if one.status == 0), None)
        found.append(commit._replace(blob=blob))
    return found


def _names(git: Plumbing, path: str) -> list[str]:
    """The path and the names it had before, newest first."""
    names = [path]
    for name in names:
        added = git.in_worktree(
            *("log", "--full-history", "--diff-filter=A", "--no-renames", "--format=%H"),
            *("--", name),
        )
        for commit in added.out.decode().split():
            words = ("show", "--format=", "--name-status", "--find-renames", "-z", commit)
            out = git.in_worktree("-c", "diff.renameLimit=2000", *words).out
            fields = out.decode("utf-8", "surrogateescape").split("\0")
            for at, field in enumerate(fields[:-2]):
                renamed = field.startswith("R") and fields[at + 2] == name
                if renamed and fields[at + 1] not in names and len(names) < _NAMES:
                    names.append(fields[at + 1])
    return names


def _log(git: Plumbing, names: Sequence[str], at: str) -> str:
    result = git.in_worktree(*_LOG, at, "--", *names)
    if result.status != 0:
        raise StoreError(f"git log failed: {result.err.strip()}", hint="git fsck")
    return result.out.decode("utf-8", "replace")


def _parts(entry: str) -> tuple[str, str, str, str, str, str]:
    oid, parents, seconds, written, author, message = entry.lstrip("\n").split("\n", 5)
    return oid, parents, seconds, written, author, message
