"""One branch, read and moved by compare-and-swap: git's ref files as this tool trusts them.

`git update-ref REF NEW OLD` has one exit code for a lost race and a held lock, so after a failure
the ref is read again and believed.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from tractatus_merge.core.model.state import Version
from tractatus_merge.errors import Missing, StoreError
from tractatus_merge.git.plumbing import DURABLE, Plumbing
from tractatus_merge.system import files, plain_file

_LINE = 4096
"""Bytes that hold the last line of a reflog."""
_STALE_LOCK = 5.0
"""Seconds after which a ref's lock file belongs to nobody: git holds one for milliseconds."""
_SWAP = ("update-ref", "--create-reflog", "-m", "tractatus-merge", "--stdin")


class Ref:
    """One branch of a repository. `moved`: whether it was moved here."""

    def __init__(self, git: Plumbing, branch: str) -> None:
        self.git, self.branch = git, branch
        self.name = f"refs/heads/{branch}"
        self.moved = False

    def tip(self) -> str | None:
        """What the branch names; None if there is none, StoreError if its file names nothing."""
        with contextlib.suppress(Missing):  # what it names is not whole, and it names it still
            found = self.git.read(self.name)
            if found is not None:
                return found.oid
        file = self.git.places.common_dir / self.name
        named = self._named()
        if not named and file.is_file():  # made a moment ago, or damaged
            named = self._named()
            if not named and file.is_file():
                raise self._broken(file)
        return named or None

    def _named(self) -> str:
        return self.git.run("rev-parse", "--verify", "--quiet", self.name).out.decode().strip()

    def _broken(self, file: Path) -> StoreError:
        """That a loss of power, or a program, left no version in the ref's file."""
        from shlex import quote  # rarely needed

        last = next((oid for oid in self.tips() if re.fullmatch("[0-9a-f]{40,64}", oid)), "")
        mend = f"rm {quote(str(file))} && git update-ref {quote(self.name)} {last}"
        why = f"the branch '{self.branch}' is damaged: {file} names no version."
        return StoreError(why, hint=mend if last else "git fsck --lost-found")

    def before(self, version: Version) -> Version | None:
        """What the branch named before a version, if the last line of its reflog tells of that."""
        log = self.git.places.common_dir / "logs" / self.name
        try:
            descriptor = plain_file.opened(log)
        except OSError:  # there is none, or git keeps it elsewhere
            return None
        try:
            size = os.fstat(descriptor).st_size
            line = os.pread(descriptor, _LINE, max(0, size - _LINE)).rstrip(b"\n")
        finally:
            os.close(descriptor)
        old, new, *_ = [*line.rpartition(b"\n")[2].split(), b"", b""]
        return old.decode("ascii", "replace") if new.decode("ascii", "replace") == version else None

    def tips(self) -> Iterator[Version]:
        """What the branch named, newest first, as its reflog has it."""
        log = self.git.places.common_dir / "logs" / self.name
        lines = plain_file.read_text(log).splitlines() if log.exists() else []
        for line in reversed(lines):
            yield from (oid for oid in reversed(line.split()[:2]) if set(oid) != {"0"})

    def expect_swap(self) -> None:
        """Have git make ready to move the ref, beside what is done until it is told where to."""
        self.git.expect(*DURABLE, *_SWAP)

    def swap(self, expected: Version | None, version: Version) -> bool:
        """Move the ref; False means it is no longer `expected`.

        What was written is on the disk before it moves, and so is the ref when this returns.
        """
        self.git.sync()
        moved = self._swap(expected, version)
        self.moved = self.moved or moved
        file = self.git.places.common_dir / self.name
        files.sync(file.parents[: self.name.count("/") - 1])  # up to refs/heads
        return moved

    def _swap(self, expected: Version | None, version: Version) -> bool:
        old = expected or "0" * len(version)
        give_up = time.monotonic() + _STALE_LOCK + 3
        while True:
            try:
                self.git.must(*_SWAP, stdin=f"update {self.name} {version} {old}\n".encode())
                return self.holds(version)
            except StoreError as error:
                refused = error
            tip = self.tip()
            if tip != expected and self.holds(version):
                return True
            if tip != expected:
                return False
            self._explain(refused)
            if time.monotonic() > give_up or self.git.read(version) is None:
                raise refused  # waiting does not bring back a commit that was pruned
            self._clear_stale_lock()
            time.sleep(0.05)

    def holds(self, version: Version) -> bool:
        """Whether the head is the version, or was made from it: what was said is not believed."""
        tip = self.tip()
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
        lock = self.git.places.common_dir / f"{self.name}.lock"
        with contextlib.suppress(FileNotFoundError):
            if time.time() - lock.stat().st_mtime > _STALE_LOCK:
                lock.unlink()
