"""The shared state: collections of JSON texts keyed by id, under one version. No I/O.

| collection | record |
| --- | --- |
| instructions | an instruction, open dict |
| conflicts, resolutions | open conflicts; settled ones |
| sessions | one summary per merged session, by its tag |
| document | `header` and `layout` of the history file; `format`, see `needs` |

Other collections, and other records of `document`, are a later program's: they are kept as is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values.equality import Json
from tractatus_merge.value import Value, field

INSTRUCTIONS = "instructions"
CONFLICTS = "conflicts"
RESOLUTIONS = "resolutions"
SESSIONS = "sessions"
DOCUMENT = "document"
COLLECTIONS = (INSTRUCTIONS, CONFLICTS, RESOLUTIONS, SESSIONS, DOCUMENT)

HEADER = "header"
LAYOUT = "layout"
FORMAT = "format"
"""The records of DOCUMENT: what stands around the instructions, how the file is laid out, and what
the history asks of programs."""

ROOT_TIME = "2000-01-01T00:00:00.000Z"
"""The time of the first version, which nobody decided: the same in every clone."""

Version = str
"""What a store calls one state: for git, a commit id."""

Key = tuple[str, str]
"""(collection, id)"""


class ByCollection(Mapping[Key, str]):
    """The records of a state where a collection can be looked through without the others."""

    @abstractmethod
    def names(self, collection: str) -> Iterable[str]:
        """The ids of one collection, in any order."""

    def texts(self, collection: str) -> Mapping[str, str]:
        """The texts of one collection by id, sorted."""
        return {name: self[collection, name] for name in sorted(self.names(collection))}


class State(Value):
    """A state as a store gave it (`version`, `time`, `items`) and what was changed in it since.

    Invariants: 1. `items` is never written to; 2. in `changed` None means taken away;
    3. `time` is the version's publication (ISO 8601, UTC), never before its parents'.
    """

    items: Mapping[Key, str] = field(default_factory=dict)
    version: Version | None = None
    time: str = ""
    changed: Mapping[Key, str | None] = field(default_factory=dict)

    def get(self, collection: str, name: str) -> str | None:
        """The text of one record, or None."""
        key = (collection, name)
        return self.changed[key] if key in self.changed else self.items.get(key)

    def names(self, collection: str) -> list[str]:
        """The ids of one collection, sorted."""
        if not isinstance(self.items, ByCollection):
            return sorted(name for kind, name in self if kind == collection)
        changed = {name: text for (kind, name), text in self.changed.items() if kind == collection}
        if not changed:
            return sorted(self.items.names(collection))
        found = (name for name in self.items.names(collection) if name not in changed)
        return sorted([*found, *(name for name, text in changed.items() if text is not None)])

    def texts(self, collection: str) -> dict[str, str]:
        """The texts of one collection by id, sorted."""
        if isinstance(self.items, ByCollection):
            known = self.items.texts(collection)
        else:
            there = (
                (name, text) for (kind, name), text in self.items.items() if kind == collection
            )
            known = dict(sorted(there))
        changed = {name: text for (kind, name), text in self.changed.items() if kind == collection}
        found = {**known, **{name: text for name, text in changed.items() if text is not None}}
        gone = {name for name, text in changed.items() if text is None}
        if gone or len(found) > len(known):
            found = {name: found[name] for name in sorted(found.keys() - gone)}
        return found

    def record(self, instruction: str) -> Record | None:
        """The record of an instruction, or None."""
        text = self.get(INSTRUCTIONS, instruction)
        return None if text is None else Record(text)

    def content(self, instruction: str) -> dict[str, Json]:
        """What an instruction says, without its stamp; empty if there is none of that id."""
        record = self.record(instruction)
        return record.content if record else {}

    def contents(self) -> dict[str, dict[str, Json]]:
        """What every instruction says, by id, sorted."""
        return {name: self.content(name) for name in self.names(INSTRUCTIONS)}

    def __iter__(self) -> Iterator[Key]:
        yield from (key for key in self.items if key not in self.changed)
        yield from (key for key, text in self.changed.items() if text is not None)

    def __contains__(self, key: Key) -> bool:
        return self.changed[key] is not None if key in self.changed else key in self.items

    def with_(self, changed: Mapping[Key, str | None]) -> State:
        """This state with some records put or taken away."""
        return State(self.items, self.version, self.time, {**self.changed, **changed})


class Entry(Value):
    """One line of the log: who made a version out of which, when, and what changed.

    `own` is the session's own state and `base` the version it was made from: a store that knows
    history keeps them as the second parent. `root` marks the version that depends on nothing.
    """

    message: str
    session: str = ""
    tag: str = ""
    agent: str = ""
    author: str = ""
    time: str = ""
    base: Version | None = None
    own: State | None = None
    conflicts: tuple[str, ...] = ()
    root: bool = False
    version: Version = ""
    parents: tuple[Version, ...] = ()
    changes: tuple[Key, ...] = ()
