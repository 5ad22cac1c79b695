"""The store in memory: the naive twin that tests compare every other store against. Not durable."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator

from tractatus_merge.core.model.state import Entry, State, Version
from tractatus_merge.errors import Missing
from tractatus_merge.value import replace


class MemoryStore:
    """Versions in a dict, the head in a variable, compare-and-swap under a lock."""

    def __init__(self) -> None:
        self._states: dict[Version, State] = {}
        self._log: list[Entry] = []
        self._head: Version | None = None
        self._lock = threading.Lock()

    def head(self) -> Version | None:
        """See Store."""
        return self._head

    def load(self, version: Version) -> State:
        """See Store."""
        try:
            return self._states[version]
        except KeyError:
            raise Missing(f"there is no version {version}.", hint="tractatus-merge log") from None

    def has(self, version: Version) -> bool:
        """See Store."""
        return version in self._states

    def close(self) -> None:
        """See Store: there is nothing to let go of."""

    def commit(self, expected: Version | None, state: State, entry: Entry) -> Version | None:
        """See Store."""
        items = {key: text for key in state if (text := state.get(*key)) is not None}
        parents = (expected,) if expected else ()
        name = repr((sorted(items.items()), parents, entry.message, entry.session, entry.time))
        version = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        with self._lock:
            if self._head != expected:
                return None
            before = self._states[expected].items if expected else {}
            differ = sorted(k for k in {**before, **items} if before.get(k) != items.get(k))
            self._states[version] = State(items, version, entry.time)
            line = replace(entry, version=version, parents=parents, own=None)
            self._log.insert(0, replace(line, changes=tuple(differ)))
            self._head = version
        return version

    def log(
        self,
        collection: str | None = None,
        name: str | None = None,
        *,
        since: Version | None = None,
    ) -> Iterator[Entry]:
        """See Store."""
        for entry in list(self._log):
            if entry.version == since:
                return
            touched = [key for key in entry.changes if collection in (None, key[0])]
            if collection is None or any(name in (None, key[1]) for key in touched):
                yield entry
