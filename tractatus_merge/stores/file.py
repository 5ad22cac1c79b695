"""A store that needs no other program: a folder with one file a version, each put by link(2).

| in the folder | what |
| --- | --- |
| `versions/<n>` | version n, whole and synced before it has its name; never written again |
| `staged/` | files that have no name yet; what a killed process left goes after a while |

The head is the highest number. Whoever links `versions/<n+1>` first has moved it: the kernel, or
the server of a network file system, lets one do so, and no number is given twice. No lock is used.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tractatus_merge.core.model.state import Entry, Key, State, Version
from tractatus_merge.errors import Missing, StoreError
from tractatus_merge.stores import newest, version_file
from tractatus_merge.stores.facts import Facts, on_disk
from tractatus_merge.stores.version_file import VersionFile
from tractatus_merge.system import files, plain_file
from tractatus_merge.value import replace

WHOLE_EVERY = 64
"""Version 1, and one in so many after it, are kept whole; the others are what changed."""
_REMEMBERED = 2 * WHOLE_EVERY
"""So many files are remembered: a version's file never changes."""
_LEFT = 3600.0
"""Seconds after which a file without a name is nobody's."""


class FileStore:
    """One line of governance, kept in one folder. See `stores.base.Store` for the contract."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions, self._staged = folder / "versions", folder / "staged"
        self._known: dict[int, VersionFile] = {}

    def head(self) -> Version | None:
        """See Store."""
        number = self._newest()
        return self._name(number) if number else None

    def load(self, version: Version) -> State:
        """See Store: the nearest whole version before it, and what changed since."""
        number = version_file.number_of(version)
        if number is None or not self.has(version):
            raise Missing(f"there is no version {version}.", hint="tractatus-merge log")
        steps = [self._read(number)]
        while not steps[-1].whole:
            steps.append(self._before(steps[-1]))
        items: dict[Key, str] = {}
        for step in reversed(steps):
            for key, text in step.records.items():
                if text is None:
                    items.pop(key, None)
                else:
                    items[key] = text
        return State(items, version, steps[0].entry.time)

    def has(self, version: Version) -> bool:
        """See Store."""
        number = version_file.number_of(version)
        there = number and self._path(number).exists()
        return bool(there) and self._name(number or 0) == version

    def close(self) -> None:
        """See Store: there is nothing to let go of."""

    def commit(self, expected: Version | None, state: State, entry: Entry) -> Version | None:
        """See Store."""
        if self.head() != expected:
            return None
        before = self.load(expected).items if expected else {}
        after = {key: text for key in state if (text := state.get(*key)) is not None}
        number = ((expected and version_file.number_of(expected)) or 0) + 1
        changed = {
            key: after.get(key) for key in {**before, **after} if before.get(key) != after.get(key)
        }
        whole = number % WHOLE_EVERY == 1
        line = replace(
            entry, parents=(expected,) if expected else (), changes=tuple(changed), own=None
        )
        version, data = version_file.write(number, line, after if whole else changed, whole=whole)
        return version if self._put(number, data) else None

    def log(
        self,
        collection: str | None = None,
        name: str | None = None,
        *,
        since: Version | None = None,
    ) -> Iterator[Entry]:
        """See Store."""
        number = self._newest()
        found = self._read(number) if number else None
        while found is not None and found.entry.version != since:
            entry = found.entry
            if collection is None or any(
                kind == collection and name in (None, key) for kind, key in entry.changes
            ):
                yield entry
            found = self._before(found) if entry.parents else None

    def facts(self) -> Facts:
        """See Examined."""
        form = newest.NEWEST_FORM.decode("ascii")
        return on_disk("files, a version each", form, self._versions, self._staged)

    def _newest(self) -> int:
        """The highest number that a version has; 0 for none."""
        try:
            return newest.number(str(self._versions))
        except OSError as error:
            raise _refused(error) from None

    def _path(self, number: int) -> Path:
        return self._versions / str(number)

    def _name(self, number: int) -> Version:
        """The name of the version that has a number."""
        if number in self._known:
            return self._known[number].entry.version
        path = self._path(number)
        try:
            return newest.name(plain_file.read_start(path, newest.HEAD_SIZE), number)
        except (OSError, ValueError) as error:
            raise self._damaged(path, error) from None

    def _read(self, number: int) -> VersionFile:
        found = self._known.get(number)
        if found is None:
            path = self._path(number)
            try:
                found = version_file.read(plain_file.read(path), number)
            except (OSError, ValueError, LookupError, TypeError) as error:
                raise self._damaged(path, error) from None
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[number] = found
        return found

    def _before(self, later: VersionFile) -> VersionFile:
        """The version that another one follows."""
        found = self._read(later.number - 1)
        if (found.entry.version,) != later.entry.parents:
            why = ValueError(f"version {later.number} does not follow it: it was exchanged")
            raise self._damaged(self._path(found.number), why)
        return found

    def _damaged(self, path: Path, error: Exception) -> StoreError:
        why = error.strerror if isinstance(error, OSError) else error
        newer = "a newer" in str(why)
        hint = (
            "pip install -U tractatus-merge" if newer else f"ls -l {path}   (a backup has it whole)"
        )
        unread = isinstance(error, OSError) and not isinstance(error, FileNotFoundError)
        return (StoreError if newer or unread else Missing)(f"{path}: {why}.", hint=hint)

    def _put(self, number: int, data: bytes) -> bool:
        """Give a version its number, durable before it is visible; False if another has it."""
        try:
            self._versions.mkdir(parents=True, exist_ok=True)
            if number == 1:
                files.sync([self.folder, self.folder.parent])
            self._sweep()
            return files.create(self._path(number), data, self._staged)
        except OSError as error:
            raise _refused(error) from None

    def _sweep(self) -> None:
        """Take away what killed processes left: whoever only sleeps begins again without it."""
        with suppress(FileNotFoundError):
            for path in self._staged.iterdir():
                with suppress(OSError):  # its process has just finished
                    if time.time() - path.stat().st_mtime > _LEFT:
                        path.unlink()


def _refused(error: OSError) -> StoreError:
    where = error.filename or "the store"
    return StoreError(f"{where}: {error.strerror}.", hint=f"ls -ld {where}; df {where}")
