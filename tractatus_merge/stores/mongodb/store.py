"""The store in MongoDB: immutable documents, and one conditional update that moves the head.

| collection | holds |
| --- | --- |
| head | `line`: which version is the head; `rows`: up to which one `rows` has written |
| versions | one document a version: who made it, when, from which; the steps to its state |
| changes | what each version changed |
| snapshots | all records of one version in so many, from which the steps begin |

A version's documents bear the id of the attempt that wrote them. They are on the disks of a
majority before the head moves, and belong to the history only if it does.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice

from bson.errors import BSONError
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from tractatus_merge.core.model.state import Entry, Key, State, Version
from tractatus_merge.errors import Missing, StoreError
from tractatus_merge.stores.facts import Facts
from tractatus_merge.stores.mongodb import chain, documents, rows
from tractatus_merge.stores.mongodb.chain import CHANGES, HEADS, SNAPSHOTS, VERSIONS, Head
from tractatus_merge.stores.mongodb.documents import Document, as_bson, key_of
from tractatus_merge.stores.mongodb.server import Server, facts
from tractatus_merge.stores.mongodb.swap import swap

_WORDS = ("time", "session", "tag", "agent", "author", "message")
_STEPS = 64
"""After so many changes a version has a snapshot."""
_SWEEP_EVERY = 256
_PAGE = 200
"""So many versions of the log are read at once."""
_REMEMBERED = 512
"""So many versions are remembered: they never change."""
_DUPLICATE = 11000


class MongoStore:
    """One line of governance in a database. See `stores.base.Store` for the contract."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._known: dict[Version, Document] = {}
        self._was_head: Version | None = None
        self._last: tuple[str, dict[Key, str]] = ("", {})

    def close(self) -> None:
        """See Store."""
        self.server.close()

    def head(self) -> Version | None:
        """See Store."""
        found = self.server.asked(chain.head)
        self._was_head = found.version if found else None
        return self._was_head

    def load(self, version: Version) -> State:
        """See Store."""
        found = self._found(version)
        return State(self._items(found), version, found["time"])

    def has(self, version: Version) -> bool:
        """See Store."""
        return self._find(version) is not None

    def commit(self, expected: Version | None, state: State, entry: Entry) -> Version | None:
        """See Store."""
        if self.head() != expected:
            return None
        parent = self._found(expected) if expected else None
        if parent is None:
            self.server.asked(_prepare)
        before = self._items(parent) if parent else {}
        keys = state.changed if parent and state.version == expected else {*before, *state}
        changed = {
            key: text for key in sorted(keys) if (text := state.get(*key)) != before.get(key)
        }
        made = self._written(parent, before, changed, entry)
        new = Head(made["_id"], made["seq"])
        with self.server.told():
            if not swap(self.server.database, expected, new):
                return None
        self._remember(made)
        self._last = (made["attempt"], _changed(before, changed))
        # The version stands, whatever comes of these: the next commit or `rebuild` writes the rows.
        with suppress(PyMongoError, BSONError, StoreError):
            rows.keep_up(self.server.database, new, changed)
            if new.seq % _SWEEP_EVERY == 0:
                chain.sweep(self.server.database)
        return new.version

    def log(
        self,
        collection: str | None = None,
        name: str | None = None,
        *,
        since: Version | None = None,
    ) -> Iterator[Entry]:
        """See Store."""
        least = self._found(since)["seq"] + 1 if since else 1
        newest = self.server.asked(chain.head)
        while newest is not None and newest.seq >= least:
            at = newest
            page, changes = self.server.asked(lambda database: _page(database, at, least))  # noqa: B023
            for found in page:
                keys = changes.get(found["attempt"], ())
                if collection is None or any(
                    kind == collection and name in (None, key) for kind, key in keys
                ):
                    yield _entry(found, keys)
            newest = Head(page[-1]["parent"], page[-1]["seq"] - 1)

    def facts(self) -> Facts:
        """See Examined."""
        return self.server.asked(facts)

    def rebuild(self) -> None:
        """Write the rows for queries anew from the newest version, and sweep."""
        self.server.asked(chain.sweep)
        while (newest := self.server.asked(chain.head)) is not None:
            at, items = newest, self.load(newest.version).items
            self.server.asked(lambda database: rows.rebuild(database, at.seq, items))  # noqa: B023
            if self.server.asked(chain.head) == newest:
                return

    def astray(self) -> list[str]:
        """Which rows for queries are not what the newest version says."""
        while (newest := self.server.asked(chain.head)) is not None:
            items = self.load(newest.version).items
            found = self.server.asked(lambda database: rows.astray(database, items))  # noqa: B023
            if self.server.asked(chain.head) == newest:
                return found
        return []

    def _find(self, version: Version) -> Document | None:
        """The document of a version that the head leads to; None for another."""
        if version not in self._known:
            # What was the head once is in the history, and needs no walk.
            look = _named if version == self._was_head else _in_history
            found = self.server.asked(lambda database: look(database, version))
            if found is None:
                return None
            self._remember(found)
        return self._known[version]

    def _remember(self, found: Document) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[found["_id"]] = found

    def _found(self, version: Version) -> Document:
        found = self._find(version)
        if found is None:
            raise Missing(f"there is no version {version}.", hint="tractatus-merge log")
        return found

    def _items(self, version: Document) -> dict[Key, str]:
        """All records of a version: those last read, or a snapshot, and what changed since."""
        steps = version["steps"]
        done, items = self._last
        at = next((n for n, step in enumerate(steps, 1) if step["attempt"] == done), 0)
        todo = steps[at:]
        read = self.server.asked(lambda database: _read(database, todo))
        for step in todo:
            found = sorted(read.get(step["attempt"], ()), key=lambda one: one["n"])
            if [one["n"] for one in found] != list(range(step["documents"])):
                why = f"version {version['_id']}: documents of {step['attempt']} are gone."
                raise Missing(why, hint="mongorestore   (a backup has them)")
            items = _changed({} if step is steps[0] else items, dict(documents.unpacked(found)))
        self._last = (version["attempt"], items)
        return items

    def _written(
        self,
        parent: Document | None,
        before: Mapping[Key, str],
        changed: dict[Key, str | None],
        entry: Entry,
    ) -> Document:
        """Write all documents of a version that is to follow another; its own one."""
        attempt, seq = uuid.uuid4().hex, parent["seq"] + 1 if parent else 1
        steps = parent["steps"] if parent else []
        marks = {"attempt": attempt, "seq": seq, "written": datetime.now(UTC)}
        parts = self._put(CHANGES, changed, marks)
        whole = len(steps) >= _STEPS
        if whole:
            steps, parts = [], self._put(SNAPSHOTS, _changed(before, changed), marks)
        about = parent["_id"] if parent else None
        made: Document = {
            "_id": _name(about, changed, entry, "" if entry.root else attempt),
            **marks,
            "parent": about,
            **{name: _plain(getattr(entry, name)) for name in _WORDS},
            "base": entry.base,
            "conflicts": [as_bson(name) for name in entry.conflicts],
            "root": entry.root,
            "steps": [*steps, {"attempt": attempt, "documents": parts, "whole": whole}],
        }
        self.server.asked(lambda database: _insert(database[VERSIONS], [made]))
        if not entry.root:
            return made
        # Of another attempt, perhaps: the same bytes have the same name.
        there = self.server.asked(lambda database: database[VERSIONS].find_one(made["_id"]))
        return there or made

    def _put(self, name: str, records: Mapping[Key, str | None], marks: Document) -> int:
        """Write records into a collection; into how many documents."""
        found = [
            {"_id": f"{marks['attempt']}-{n}", **marks, "n": n, "records": part}
            for n, part in enumerate(documents.packed(records))
        ]
        self.server.asked(lambda database: _insert(database[name], found))
        return len(found)


def _prepare(database: Database[Document]) -> None:
    """Make the indexes; StoreError for a database in which there is something else."""
    names = (HEADS, VERSIONS, CHANGES, SNAPSHOTS, *rows.COLLECTIONS)
    for name in names:
        if database[name].find_one({"attempt": {"$exists": False}}) and not chain.head(database):
            why = f"the database has a collection '{name}' of another program"
            raise StoreError(f"{why}.", hint="name another database in [store] url")
    database[VERSIONS].create_index([("seq", -1)])
    for name in (CHANGES, SNAPSHOTS):
        database[name].create_index([("attempt", 1), ("n", 1)])


def _insert(collection: Collection[Document], found: Sequence[Document]) -> None:
    """Write documents with ids of ours; those that an earlier try has written are there already."""
    try:
        collection.insert_many(found, ordered=False)
    except BulkWriteError as error:
        failed = error.details["writeErrors"]
        concern = error.details.get("writeConcernErrors")
        if concern or any(one["code"] != _DUPLICATE for one in failed):
            raise
        # Where another wrote them, they may be on its disk alone until this is answered.
        collection.update_one({"_id": found[0]["_id"]}, {"$setOnInsert": found[0]}, upsert=True)


def _named(database: Database[Document], version: Version) -> Document | None:
    return database[VERSIONS].find_one(version)


def _in_history(database: Database[Document], version: Version) -> Document | None:
    found = _named(database, version)
    newest = chain.head(database) if found else None
    if found is None or newest is None or newest.seq < found["seq"]:
        return None
    if newest.version == version:
        return found
    below = chain.down(database, newest, found["seq"])
    return found if any(one["_id"] == version for one in below) else None


def _read(database: Database[Document], steps: Sequence[Document]) -> dict[str, list[Document]]:
    """The documents of some steps, by their attempts."""
    found: dict[str, list[Document]] = {}
    snapshot = [step["attempt"] for step in steps[:1] if step["whole"]]
    others = [step["attempt"] for step in steps if step["attempt"] not in snapshot]
    for name, attempts in ((SNAPSHOTS, snapshot), (CHANGES, others)):
        if attempts:
            for one in database[name].find({"attempt": {"$in": attempts}}):
                found.setdefault(one["attempt"], []).append(one)
    return found


def _page(
    database: Database[Document], newest: Head, least: int
) -> tuple[list[Document], dict[str, tuple[Key, ...]]]:
    """The next versions of the log, newest first, and which records each attempt changed."""
    page = list(islice(chain.down(database, newest, least, size=_PAGE), _PAGE))
    query = {"attempt": {"$in": [one["attempt"] for one in page]}}
    keys: dict[str, set[Key]] = {}
    for one in database[CHANGES].find(query, {"records.text": 0}):
        keys.setdefault(one["attempt"], set()).update(map(key_of, one["records"]))
    return page, {attempt: tuple(sorted(found)) for attempt, found in keys.items()}


def _changed(items: Mapping[Key, str], changed: Mapping[Key, str | None]) -> dict[Key, str]:
    """Some records with others put or taken away."""
    both = {**items, **changed}
    return {key: text for key, text in both.items() if text is not None}


def _name(parent: Version | None, changed: dict[Key, str | None], entry: Entry, by: str) -> Version:
    """A digest of the version before, of what is changed, by whom, and in which attempt."""
    words = [getattr(entry, name) for name in _WORDS]
    about = [parent, *words, entry.base, entry.conflicts, [*map(list, changed.items())], by]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:40]


def _plain(text: str) -> str:
    """A text that a database takes."""
    return text.encode("utf-8", "replace").decode()


def _entry(found: Document, changes: tuple[Key, ...]) -> Entry:
    return Entry(
        **{name: found[name] for name in _WORDS},
        base=found["base"],
        conflicts=tuple(documents.as_text(name) for name in found["conflicts"]),
        root=found["root"],
        version=found["_id"],
        parents=(found["parent"],) if found["parent"] else (),
        changes=changes,
    )
