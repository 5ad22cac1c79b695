"""Which versions the head leads to: those are the history, and no other document is.

A document whose version lost its race, or whose writer died, is an orphan: it leads nowhere. The
head never goes back. So what has a number up to the head's and is not in the chain never will be.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pymongo.database import Database

from tractatus_merge.core.model.state import Version
from tractatus_merge.errors import Missing, StoreError
from tractatus_merge.stores.mongodb.documents import Document

HEADS, VERSIONS, CHANGES, SNAPSHOTS = "head", "versions", "changes", "snapshots"
"""The collections that are the history."""
LINE = "line"
"""The one document of `head`."""
SCHEMA = 1
_LEFT = timedelta(hours=1)
"""An orphan younger than this may still have a writer, who would be puzzled."""


class Head(NamedTuple):
    """The newest version, and its number."""

    version: Version
    seq: int


def head(database: Database[Document]) -> Head | None:
    """The head; None before the first commit. StoreError if a newer program moved it."""
    found = database[HEADS].find_one({"_id": LINE})
    if found is None:
        return None
    if found.get("schema") != SCHEMA or not isinstance(found.get("version"), str):
        why = f"the database has schema {found.get('schema')}, and this version knows {SCHEMA}."
        raise StoreError(why, hint="pip install --upgrade tractatus-merge")
    return Head(found["version"], found["seq"])


def down(
    database: Database[Document], newest: Head, least: int = 1, *, size: int = 500
) -> Iterator[Document]:
    """The versions that a head leads to, newest first, to a number; `size` at a time."""
    query = {"seq": {"$gte": least, "$lte": newest.seq}}
    wanted: Version | None = newest.version
    for found in database[VERSIONS].find(query, {"steps": 0}, sort=[("seq", -1)], batch_size=size):
        if found["_id"] == wanted:
            wanted = found["parent"]
            yield found
    if wanted is not None and (least == 1 or wanted == newest.version):
        raise Missing(
            f"version {wanted} is missing: somebody deleted it.",
            hint="mongorestore   (a backup has it)",
        )


def sweep(database: Database[Document]) -> int:
    """Delete orphans that can never become the head; how many versions they were meant for."""
    newest = head(database)
    if newest is None:
        return 0
    query = {"seq": {"$lte": newest.seq}, "written": {"$lt": datetime.now(UTC) - _LEFT}}
    mine = {found["attempt"] for found in down(database, newest)}
    gone: set[str] = set()
    for name in (CHANGES, SNAPSHOTS):
        gone.update(
            found["attempt"] for found in database[name].find({**query, "n": 0}, ["attempt"])
        )
    gone.update(found["attempt"] for found in database[VERSIONS].find(query, ["attempt"]))
    gone -= mine
    for name in (CHANGES, SNAPSHOTS, VERSIONS) if gone else ():
        database[name].delete_many({"attempt": {"$in": sorted(gone)}})
    return len(gone)
