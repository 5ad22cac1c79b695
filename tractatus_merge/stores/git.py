"""The default store: a branch of the repository the user is in, one file per record.

A merge is a true merge commit: parent 1 the old head, parent 2 the session's own commit, whose
parent is its base. `git log -p`, `git blame` and `git log --graph` of the branch are the audit
trail.

The head moves by `git update-ref REF NEW OLD`. Its exit code does not tell a lost race from a held
lock, so after a failure the ref is read again and believed. Objects and ref are synced to disk.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Sequence

from tractatus_merge.core.state import COLLECTIONS, Entry, Key, State, Version
from tractatus_merge.errors import StoreError
from tractatus_merge.stores.gitlog import (
    LOG,
    entry_of,
    file_of,
    message_of,
    name_of,
    seconds_of,
    time_of,
)
from tractatus_merge.stores.gittree import Texts, write_files
from tractatus_merge.stores.plumbing import Places, Plumbing, tree_entries

DEFAULT_BRANCH = "tractatus/history"
_STALE_LOCK = 5.0
"""Seconds after which a ref's lock file belongs to nobody: git holds one for milliseconds."""

_SOUND = 1.0
"""Seconds for which a tip whose objects were all there is not looked through again."""
_KEPT = 1 << 14
"""So many texts are remembered by their ids: an object never changes."""


class GitStore:
    """One line of governance, kept on one branch. See `stores.base.Store` for the contract."""

    def __init__(self, places: Places, branch: str = DEFAULT_BRANCH) -> None:
        self.branch = branch
        self.ref = f"refs/heads/{branch}"
        self.git = Plumbing(places)
        self._trees: dict[Version, dict[Key, str]] = {}
        self._texts: dict[str, str] = {}
        self._sound: tuple[Version, float] = ("", 0.0)

    def close(self) -> None:
        """End the git process that reads."""
        self.git.close()

    def head(self) -> Version | None:
        """See Store. A tip whose objects are gone is stepped back from along the reflog."""
        oid = self._tip()
        if oid is None:
            return None
        if self._sound[0] == oid and time.monotonic() - self._sound[1] < _SOUND:
            return oid
        self._is_history(oid)
        if not self._whole(oid):
            return self._step_back(oid)
        self._sound = (oid, time.monotonic())
        return oid

    def _is_history(self, version: Version) -> None:
        """StoreError for a branch that holds something else: it is somebody's work."""
        found = self.git.read(f"{version}^{{tree}}")
        entries = tree_entries(found.content, len(found.oid) // 2) if found else ()
        if any(mode != "040000" or name not in COLLECTIONS for mode, _, name in entries):
            raise StoreError(
                f"the branch '{self.branch}' holds other files: it is no instruction history.",
                hint="tractatus-merge init --store git:ANOTHER-NAME",
            )

    def _tip(self) -> str | None:
        found = self.git.read(self.ref)
        if found is not None:
            return found.oid
        named = self.git.run("rev-parse", "--verify", "--quiet", self.ref)
        return named.out.decode().strip() or None

    def load(self, version: Version) -> State:
        """See Store. Texts are read when they are looked at."""
        commit = self._commit(version)
        files = self._files(version)
        return State(Texts(self.texts, files), version, time_of(commit))

    def _commit(self, version: Version) -> bytes:
        found = self.git.read(version)
        if found is None or found.kind != "commit":
            why = f"version {version} is not in this repository"
            raise StoreError(f"{why} (a shallow clone?).", hint="git fetch --unshallow")
        return found.content

    def _files(self, version: Version) -> dict[Key, str]:
        """The blob of each record of a version."""
        if version not in self._trees:
            files: dict[Key, str] = {}
            for _, oid, collection in self._tree(f"{version}^{{tree}}"):
                for _, blob, name in self._tree(oid):
                    files[collection, name_of(name)] = blob
            self._trees[version] = files
        return self._trees[version]

    def _tree(self, name: str) -> list[tuple[str, str, str]]:
        found = self.git.read(name)
        if found is None:
            raise StoreError(f"the tree {name} is missing.", hint="git fsck")
        return list(tree_entries(found.content, len(found.oid) // 2))

    def texts(self, oids: Sequence[str]) -> list[str]:
        """The texts of some records; what was read a moment ago is known still."""
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._texts]
        if len(self._texts) + len(wanted) > _KEPT:
            self._texts.clear()
            wanted = list(dict.fromkeys(oids))
        for oid, item in zip(wanted, self.git.read_all(wanted), strict=True):
            if item is None:
                raise StoreError(f"the object {oid} is missing.", hint="git fsck")
            self._texts[oid] = item.content.decode("utf-8").removesuffix("\n")
        return [self._texts[oid] for oid in oids]

    def commit(self, expected: Version | None, state: State, entry: Entry) -> Version | None:
        """See Store."""
        changed = [(key, text) for key, text in state.changed.items() if text is not None]
        own = list(entry.own.changed.items()) if entry.own else []
        texts = dict.fromkeys(text for _, text in (*changed, *own) if text is not None)
        blobs = self.git.write_blobs([f"{text}\n".encode() for text in texts])
        oids = dict(zip(texts, blobs, strict=True))
        files = dict(self._files(expected)) if expected else {}
        for key, text in state.changed.items():
            if text is None:
                files.pop(key, None)
            else:
                files[key] = oids[text]
        with self.git.trees() as writer:
            tree = write_files(writer, files)
            own_tree = None
            if entry.own is not None and entry.base and self.has(entry.base):
                mine = {key: oids[text] for key, text in own if text is not None}
                own_tree = write_files(writer, {**self._files(entry.base), **mine})
        parents = [expected] if expected else []
        if own_tree is not None and entry.base:
            parents.append(self._write(own_tree, [entry.base], entry, own=True))
        version = self._write(tree, parents, entry)
        self._trees[version] = files
        if not self._swap(expected, version):
            return None
        if not self._whole(version):  # pruned at the very moment: the caller still holds it all
            return self.commit(self.head(), state, entry) if self.head() == expected else None
        return version

    def _write(self, tree: str, parents: list[str], entry: Entry, *, own: bool = False) -> str:
        message = f"Session {entry.session}: its own changes" if own else entry.message
        seconds, text = seconds_of(entry.time), message_of(message, entry)
        return self.git.commit_tree(tree, parents, text, who=entry.author, seconds=seconds)

    def _swap(self, expected: Version | None, version: Version) -> bool:
        """Move the ref; False means it is no longer `expected`."""
        old = expected or "0" * len(version)
        give_up = time.monotonic() + _STALE_LOCK + 3
        while True:
            words = (
                "update-ref",
                "--create-reflog",
                "-m",
                "tractatus-merge",
                self.ref,
                version,
                old,
            )
            try:
                self.git.must(*words)
                return self._holds(version)
            except StoreError as error:
                refused = error
            tip = self._tip()
            if tip != expected and self._holds(version):
                return True
            if tip != expected:
                return False
            self._explain(refused)
            if time.monotonic() > give_up or not self.has(version):
                raise refused  # waiting does not bring back a commit that was pruned
            self._clear_stale_lock()
            time.sleep(0.05)

    def _holds(self, version: Version) -> bool:
        """Whether the head is the version, or was made from it: what was said is not believed."""
        tip = self._tip()
        if tip is None or tip == version:
            return tip == version
        return self.git.run("merge-base", "--is-ancestor", version, tip).status == 0

    def _explain(self, refused: StoreError) -> None:
        """Name the clash when another branch stands in the way: waiting does not cure it."""
        clash = re.search(r"'refs/heads/([^']+)' exists; cannot create", refused.sentence)
        if clash is None:
            return
        other = self.branch.replace("/", "-") if "/" in self.branch else f"{self.branch}-history"
        raise StoreError(
            f"the branch '{clash[1]}' is in the way of '{self.branch}': git cannot have both.",
            hint=f"tractatus-merge init --store git:{other}   (or: git branch -m {clash[1]} NEW)",
        )

    def _clear_stale_lock(self) -> None:
        """Take away the ref's lock file when its writer was killed before it could."""
        lock = self.git.places.common_dir / f"{self.ref}.lock"
        with contextlib.suppress(FileNotFoundError):
            if time.time() - lock.stat().st_mtime > _STALE_LOCK:
                lock.unlink()

    def log(self, collection: str | None = None, name: str | None = None) -> Iterator[Entry]:
        """See Store: along first parents, one entry a merge."""
        if self._tip() is None:
            return
        paths = [file_of((collection, name)) if name else collection] if collection else []
        out = self.git.must(*LOG, self.ref, "--", *paths)
        for record in out.decode("utf-8", "replace").split("\x01")[1:]:
            yield entry_of(record)

    def remotes(self) -> list[tuple[str, Version]]:
        """Remote-tracking branches of this line: (ref, version)."""
        words = (
            "for-each-ref",
            "--format=%(refname) %(objectname)",
            f"refs/remotes/*/{self.branch}",
        )
        lines = self.git.must(*words).decode().splitlines()
        return [(line.split()[0], line.split()[1]) for line in lines]

    def adopt(self, version: Version) -> bool:
        """Make a version that another clone published the head; False if there is one already."""
        self._commit(version)
        return self._swap(None, version)

    def has(self, version: Version) -> bool:
        """Whether a version is (still) there."""
        return self.git.read(version) is not None

    def _whole(self, version: Version) -> bool:
        """Whether every object of a version, and of the session's own commit in it, is there."""
        blobs: set[str] = set()
        try:
            own = self._parents(version)[1:] if version not in self._shallow() else []
            for commit in (version, *own):
                self._commit(commit)
                self._trees.pop(commit, None)  # what is known of the trees says not that they stand
                blobs.update(self._files(commit).values())
        except StoreError:
            return False
        return self.git.all_there(sorted(blobs))

    def _step_back(self, broken: Version) -> Version:
        """Move the head from a broken tip to the newest whole version before it."""
        for version in self._before(broken):
            self._trees.pop(version, None)
            if version != broken and self._whole(version):
                if not self._swap(broken, version):
                    return self.head() or version  # another was faster: to here, or beyond
                words = ("--stale-fix", "--expire=never", "--expire-unreachable=never", self.ref)
                self.git.run("reflog", "expire", *words)  # else git gc and fsck stumble for ever
                return version
        raise StoreError(
            f"objects of {self.branch} are missing, and so are those of every version before.",
            hint="git fsck --full",
        )

    def _before(self, broken: Version) -> Iterator[Version]:
        """Versions before a broken tip: as the reflog has them, then along first parents."""
        log = self.git.places.common_dir / "logs" / self.ref
        lines = log.read_text().splitlines() if log.exists() else []
        for line in reversed(lines):
            yield from (oid for oid in reversed(line.split()[:2]) if set(oid) != {"0"})
        while self.has(broken) and (parents := self._parents(broken)):
            broken = parents[0]
            yield broken

    def _parents(self, version: Version) -> list[Version]:
        head = self._commit(version).partition(b"\n\n")[0]
        return [oid.decode() for oid in re.findall(rb"^parent (\w+)$", head, re.MULTILINE)]

    def _shallow(self) -> set[Version]:
        """The versions whose parents a shallow clone left behind."""
        try:
            return set((self.git.places.common_dir / "shallow").read_text().split())
        except FileNotFoundError:
            return set()
