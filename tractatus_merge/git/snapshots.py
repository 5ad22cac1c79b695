"""What stands in the index, in a commit, or in what would land: governed files, as bytes.

Only looked at: nothing is written, neither to the index nor to the object store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from tractatus_merge.errors import Missing, RequestError, StoreError
from tractatus_merge.git.governed_files import Governing
from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.system import plain_file
from tractatus_merge.value import Value


class Snapshot(Value):
    """A tree that is judged: its name for people, its parents, and the governed files it changed.

    `changed` maps a path to the id of its content, None where it was deleted.
    """

    name: str
    parents: tuple[str, ...]
    changed: Mapping[str, str | None]


class Snapshots:
    """The snapshots of one repository, as seen from one worktree."""

    def __init__(self, git: Plumbing, environment: Mapping[str, str] | None = None) -> None:
        self._git, self._environment = git, environment or {}
        self._governing = Governing(git.places.top or git.places.git_dir)
        self._index = self._environment.get("GIT_INDEX_FILE")

    def staged(self) -> Snapshot:
        """The index, beside HEAD and what is being merged into it."""
        parents = [oid for name in ("HEAD", *self._merging()) if (oid := self._oid(name))]
        changed: dict[str, str | None] = {}
        words = ("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev")
        for parent in parents:
            changed |= self._governed(self._raw(*words, parent))
        if not parents:
            changed = self._indexed()
        return Snapshot("the index", tuple(parents), changed)

    def standing(self, paths: Sequence[str] | None = None) -> Snapshot:
        """Governed files of the index as they stand, changed or not: all, or these."""
        found = self._indexed()
        changed = {path: oid for path, oid in found.items() if paths is None or path in paths}
        return Snapshot("the index", tuple(filter(None, [self._oid("HEAD")])), changed)

    def commit(self, name: str) -> Snapshot:
        """A commit, beside its parents; StoreError where it or a parent is not here."""
        oid = self.resolved(name)
        parents = tuple(self._look("rev-parse", f"{oid}^@").decode().split())
        if oid in self._shallow():
            raise StoreError(f"the parents of {name} are not here.", hint="git fetch --deepen=1")
        changed: dict[str, str | None] = {}
        words = ("diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--root")
        for parent in parents:
            changed |= self._governed(self._raw(*words, parent, oid))
        if not parents:
            changed = self._governed(self._raw(*words, "--no-commit-id", oid))
        return Snapshot(f"commit {oid[:10]}", parents, changed)

    def merges(self, base: str, head: str) -> list[Snapshot]:
        """The merge commits that `head` has and `base` has not, oldest first."""
        out = self._look("rev-list", "--merges", "--reverse", f"{base}..{head}", "--")
        return [self.commit(oid) for oid in out.decode().split()]

    def landing(self, base: str, head: str) -> tuple[Snapshot, dict[str, bytes | None], list[str]]:
        """What a forge's button would make of `head` on `base`, squashed, rebased or merged.

        The snapshot (its parents: where they parted, base, head), the contents of its governed
        files, and those files that git cannot merge by lines: they are as `head` has them.
        """
        one, other = self.resolved(base), self.resolved(head)
        root = self.parting(one, other)
        words = ("diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev")
        ours = self._governed(self._raw(*words, root, one))
        theirs = self._governed(self._raw(*words, root, other))
        contents: dict[str, bytes | None] = {}
        clashes = []
        for path in dict.fromkeys((*ours, *theirs)):
            sides = [self.content(f"{commit}:{path}") for commit in (root, one, other)]
            merged, clean = self._by_lines(sides)
            contents[path] = merged if clean else sides[2]
            clashes += [] if clean else [path]
        changed = dict.fromkeys(contents, "")
        return Snapshot(f"{base}..{head}", (root, one, other), changed), contents, clashes

    def parting(self, one: str, other: str) -> str:
        """Where two commits parted; StoreError where that is not here."""
        found = self._git.in_worktree("merge-base", one, other)
        if found.status != 0:
            why = f"{one[:10]} and {other[:10]} have no commit in common here (a shallow clone?)"
            raise StoreError(f"{why}.", hint="git fetch --unshallow")
        return found.out.decode().strip()

    def content(self, name: str) -> bytes | None:
        """A blob by id or `COMMIT:PATH`; None if there is none."""
        if "\n" not in name:
            known = self._git.read(name)
            return known.content if known and known.kind == "blob" else None
        found = self._git.in_worktree("cat-file", "blob", name)
        return found.out if found.status == 0 else None

    def resolved(self, name: str) -> str:
        """The id of a commit; Missing with the line that fetches it where it is not here."""
        if name.startswith("-"):
            raise RequestError(f"'{name}' is no commit.", hint="tractatus-merge check HEAD")
        oid = self._oid(name)
        if oid is None:
            raise Missing(f"there is no commit '{name}' here.", hint=f"git fetch origin {name}")
        return oid

    def added_by(self, path: str, name: str, commits: Sequence[str]) -> str:
        """Who first wrote this into a file, in the history of the commits: `author in commit`."""
        words = ("log", "--topo-order", "--reverse", "--format=%an in %h", f"-S{name}", *commits)
        words = (*words, "--", path)
        found = self._git.in_worktree(*words).out.decode("utf-8", "replace").splitlines()
        return found[0] if found else ""

    def _oid(self, name: str) -> str | None:
        found = self._git.in_worktree("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return found.out.decode().strip() or None

    def _indexed(self) -> dict[str, str | None]:
        out = self._look("ls-files", "--stage", "-z")
        entries = (entry.split(b"\t", 1) for entry in out.split(b"\0") if entry)
        return self._governed((meta.decode().split()[1], name) for meta, name in entries)

    def _merging(self) -> list[str]:
        """What is being merged: as git keeps it, or as `git merge` tells its first hook."""
        path = self._git.places.git_dir / "MERGE_HEAD"
        if path.exists():
            return plain_file.read_text(path).split()
        told = [name for name in self._environment if name.startswith("GITHEAD_")]
        return sorted(name.removeprefix("GITHEAD_") for name in told)

    def is_anything_staged(self) -> bool:
        """Whether the index differs from HEAD, in any file, or a merge is on its way."""
        words = ("diff-index", "--cached", "--quiet", "HEAD")
        return self._git.in_worktree(*words, index=self._index).status != 0 or bool(self._merging())

    def is_head_there(self) -> bool:
        """Whether there is a commit yet."""
        return self._oid("HEAD") is not None

    def is_cut(self, name: str) -> bool:
        """Whether the parents of a commit are not here (a shallow clone)."""
        return self.resolved(name) in self._shallow()

    def _shallow(self) -> set[str]:
        path = self._git.places.common_dir / "shallow"
        return set(plain_file.read_text(path).split()) if path.exists() else set()

    def _look(self, *words: str) -> bytes:
        done = self._git.in_worktree(*words, index=self._index)
        if done.status != 0:
            raise StoreError(f"git {words[0]} failed: {done.err.strip()}", hint="git status")
        return done.out

    def _raw(self, *words: str) -> Iterator[tuple[str, bytes]]:
        """The (new id, path) of a raw difference."""
        fields = self._look(*words).split(b"\0")
        for meta, path in zip(fields[::2], fields[1::2], strict=False):
            yield meta.decode().split()[3], path

    def _governed(self, entries: Iterable[tuple[str, bytes]]) -> dict[str, str | None]:
        names = ((oid, path.decode("utf-8", "surrogateescape")) for oid, path in entries)
        return {
            path: None if set(oid) == {"0"} else oid
            for oid, path in names
            if PurePosixPath(path) in self._governing
        }

    def _by_lines(self, sides: list[bytes | None]) -> tuple[bytes | None, bool]:
        """Three versions of a file merged as a forge does: by lines, or one side as it is."""
        base, ours, theirs = sides
        if theirs in (base, ours):
            return ours, True
        if ours == base:
            return theirs, True
        if base is None or ours is None or theirs is None:
            return ours if theirs is None else theirs, False
        with tempfile.TemporaryDirectory(prefix="tractatus-") as folder:
            paths = [Path(folder, str(number)) for number in range(3)]
            for path, data in zip(paths, (ours, base, theirs), strict=True):
                path.write_bytes(data)
            done = self._git.run("merge-file", "-p", "--quiet", *map(str, paths))
        return done.out, done.status == 0
