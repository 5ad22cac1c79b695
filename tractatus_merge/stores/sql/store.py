"""The store in a database. Head and version move in one transaction; versions are a chain.

Each text of a record stands once, with the versions between which it stood. So every version is
one query, and what is read of the newest one does not grow with the history.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping, bindparam, exists, or_, select

from tractatus_merge.core.model.state import Entry, Key, State, Version
from tractatus_merge.errors import Missing, StoreBusy, StoreError
from tractatus_merge.stores.facts import Facts
from tractatus_merge.stores.sql import newest
from tractatus_merge.stores.sql.tables import CHANGES, HEAD, VERSIONS, column_of, name_of

_PAGE = 200
"""So many versions of the log are read at once."""
_MANY = 500
"""So many records are asked for at once."""
_ATTEMPTS = 5
"""So often is a transaction begun that the database could not fit in with others."""
_PATIENCE = 5.0
"""Seconds for which a database is asked again whether it has a version."""
_WORDS = ("time", "session", "tag", "agent", "author", "message")


class Again(StoreBusy):
    """The database ended a transaction that it could not fit in with others: it wants it again."""


class Engine(Protocol):
    """One database: its transactions, whose failures are StoreErrors. See `sqlite.Sqlite`."""

    def reading(self) -> AbstractContextManager[Connection | None]:
        """A connection that reads what was committed; None before the first commit."""
        ...

    def settled(self) -> AbstractContextManager[Connection | None]:
        """The same, when no commit is on its way."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes, with the tables there; durable when it is left."""
        ...

    def together(self, connection: Connection) -> AbstractContextManager[Any]:
        """In the block, statements may wait for each other's answers; none is asked for one."""
        ...

    def facts(self, connection: Connection | None) -> Facts:
        """What the database says of itself; without a connection there is no line in it yet."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class SqlStore:
    """One line of governance in a database. See `stores.base.Store` for the contract."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        """See Store."""
        self.engine.close()

    def head(self) -> Version | None:
        """See Store."""
        with self.engine.reading() as connection:
            return None if connection is None else _head(connection)

    def load(self, version: Version) -> State:
        """See Store."""
        with self.engine.reading() as connection:
            found = _known(connection, version)
            assert connection is not None
            return State(_items(connection, found["seq"]), version, found["time"])

    def has(self, version: Version) -> bool:
        """See Store."""
        with self.engine.reading() as connection:
            return connection is not None and _find(connection, version) is not None

    def commit(self, expected: Version | None, state: State, entry: Entry) -> Version | None:
        """See Store."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._swap(expected, state, entry)
            except Again:
                if attempt == _ATTEMPTS:
                    raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 (jitter)
        raise AssertionError

    def _swap(self, expected: Version | None, state: State, entry: Entry) -> Version | None:
        """One attempt of a commit."""
        version = ""
        try:
            with self.engine.writing() as connection:
                seq, head = connection.execute(select(HEAD.c.seq, HEAD.c.version)).one()
                if head != expected:
                    return None
                changed = _differing(connection, state)
                version = _name(expected, changed, entry)
                swap = HEAD.update().where(HEAD.c.seq == seq).values(seq=seq + 1, version=version)
                if connection.execute(swap).rowcount != 1:
                    return None  # where an engine lets two write at once
                with self.engine.together(connection):
                    _write(connection, changed, _row(seq + 1, version, expected, entry))
        except StoreError:
            if not version or not self._came_to_be(version):
                raise
        return version

    def _came_to_be(self, version: Version) -> bool:
        """Whether a version is there although its commit failed: the answer may have been lost."""
        found, began = None, time.monotonic()
        while found is None and time.monotonic() - began < _PATIENCE:
            with suppress(StoreError), self.engine.settled() as connection:
                found = connection is not None and _find(connection, version) is not None
            if found is None:
                time.sleep(0.1)  # a server that died comes back
        return bool(found)

    def log(
        self,
        collection: str | None = None,
        name: str | None = None,
        *,
        since: Version | None = None,
    ) -> Iterator[Entry]:
        """See Store."""
        below: int | None = None
        while True:
            with self.engine.reading() as connection:
                if connection is None:
                    return
                after = _known(connection, since)["seq"] if since else 0
                page = _page(connection, (collection, name), after, below)
            yield from page.values()
            if len(page) < _PAGE:
                return
            below = min(page)

    def astray(self) -> list[str]:
        """Which rows for queries are not what the newest version says."""
        while True:
            with self.engine.reading() as connection:
                if connection is None:
                    return []
                before, found = _head(connection), newest.astray(connection)
                if _head(connection) == before:
                    return found

    def facts(self) -> Facts:
        """See Examined."""
        with self.engine.reading() as connection:
            return self.engine.facts(connection)

    def rebuild(self) -> None:
        """Write the rows for queries anew from the versions."""
        with self.engine.writing() as connection:
            connection.execute(select(HEAD.c.seq).with_for_update())  # no commit comes between
            newest.rebuild(connection)


def _head(connection: Connection) -> Version | None:
    version: Version | None = connection.execute(select(HEAD.c.version)).scalar_one()
    return version


def _find(connection: Connection, version: Version) -> RowMapping | None:
    query = select(VERSIONS.c.seq, VERSIONS.c.time).where(VERSIONS.c.version == version)
    return connection.execute(query).mappings().one_or_none()


def _known(connection: Connection | None, version: Version) -> RowMapping:
    found = _find(connection, version) if connection is not None else None
    if found is None:
        raise Missing(f"there is no version {version}.", hint="tractatus-merge log")
    return found


def _items(connection: Connection, seq: int) -> dict[Key, str]:
    """Every record of a version."""
    query = select(CHANGES.c.collection, CHANGES.c.id, CHANGES.c.text).where(
        CHANGES.c.seq <= seq,
        or_(CHANGES.c.until.is_(None), CHANGES.c.until > seq),
        CHANGES.c.text.is_not(None),
    )
    return {(kind, name_of(column)): text for kind, column, text in connection.execute(query)}


def _differing(connection: Connection, state: State) -> dict[Key, str | None]:
    """What a state has otherwise than the head, in order."""
    stands: dict[Key, str | None] = {}
    for kind, names in itertools.groupby(sorted(state.changed), key=itemgetter(0)):
        columns = [column_of(name) for _, name in names]
        for start in range(0, len(columns), _MANY):
            query = select(CHANGES.c.id, CHANGES.c.text).where(
                CHANGES.c.collection == kind,
                CHANGES.c.id.in_(columns[start : start + _MANY]),
                CHANGES.c.until.is_(None),
            )
            found = connection.execute(query)
            stands |= {(kind, name_of(column)): text for column, text in found}
    changed = sorted(state.changed.items())
    return {key: text for key, text in changed if stands.get(key) != text}


def _name(parent: Version | None, changed: dict[Key, str | None], entry: Entry) -> Version:
    """A version's name: a digest of its parent, of what it changed, and of who made it."""
    words = [getattr(entry, name) for name in _WORDS]
    about = [parent, *words, entry.base, entry.conflicts, [*map(list, changed.items())]]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:40]


def _row(seq: int, version: Version, parent: Version | None, entry: Entry) -> dict[str, Any]:
    return {
        "seq": seq,
        "version": version,
        "parent": parent,
        **{name: _plain(getattr(entry, name)) for name in _WORDS},
        "base": entry.base,
        "conflicts": json.dumps(entry.conflicts),
        "root": entry.root,
    }


def _plain(text: str) -> str:
    """A text that every database takes."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


def _write(connection: Connection, changed: dict[Key, str | None], version: dict[str, Any]) -> None:
    seq = version["seq"]
    connection.execute(VERSIONS.insert(), version)
    if not changed:
        return
    keys = [{"kind": kind, "name": column_of(name)} for kind, name in changed]
    stood = CHANGES.update().where(
        CHANGES.c.collection == bindparam("kind"),
        CHANGES.c.id == bindparam("name"),
        CHANGES.c.until.is_(None),
    )
    connection.execute(stood.values(until=seq), keys)
    rows = [
        {"collection": kind, "id": column_of(name), "seq": seq, "until": None, "text": text}
        for (kind, name), text in changed.items()
    ]
    connection.execute(CHANGES.insert(), rows)
    newest.refresh(connection, changed.items())


def _page(
    connection: Connection, about: tuple[str | None, str | None], after: int, below: int | None
) -> dict[int, Entry]:
    """The next entries of the log, newest first, by their numbers."""
    query = select(VERSIONS).where(VERSIONS.c.seq > after)
    if below is not None:
        query = query.where(VERSIONS.c.seq < below)
    collection, name = about
    if collection is not None:
        touched = exists().where(CHANGES.c.seq == VERSIONS.c.seq)
        touched = touched.where(CHANGES.c.collection == collection)
        if name is not None:
            touched = touched.where(CHANGES.c.id == column_of(name))
        query = query.where(touched)
    rows = connection.execute(query.order_by(VERSIONS.c.seq.desc()).limit(_PAGE)).mappings().all()
    changes = _changes(connection, [row["seq"] for row in rows])
    return {row["seq"]: _entry(row, changes.get(row["seq"], ())) for row in rows}


def _changes(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[Key, ...]]:
    """Which records each version changed."""
    query = select(CHANGES.c.seq, CHANGES.c.collection, CHANGES.c.id)
    found: dict[int, list[Key]] = {}
    for seq, kind, column in connection.execute(query.where(CHANGES.c.seq.in_(numbers))):
        found.setdefault(seq, []).append((kind, name_of(column)))
    return {seq: tuple(sorted(keys)) for seq, keys in found.items()}


def _entry(row: RowMapping, changes: tuple[Key, ...]) -> Entry:
    return Entry(
        **{name: row[name] for name in _WORDS},
        base=row["base"],
        conflicts=tuple(json.loads(row["conflicts"])),
        root=row["root"],
        version=row["version"],
        parents=(row["parent"],) if row["parent"] else (),
        changes=changes,
    )
