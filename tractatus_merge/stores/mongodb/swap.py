"""The one write that moves the head, and what became of it when the answer is lost.

It is one conditional update of one document: it takes effect whole, or not at all, and only while
the head is the version that was expected.
"""

from __future__ import annotations

import time

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError, ServerSelectionTimeoutError

from tractatus_merge.core.model.state import Version
from tractatus_merge.stores.mongodb import chain, server
from tractatus_merge.stores.mongodb.chain import HEADS, LINE, SCHEMA, Head
from tractatus_merge.stores.mongodb.documents import Document


def swap(database: Database[Document], expected: Version | None, new: Head) -> bool:
    """Make a version the head if the head still is `expected`; whether it is, or was, the head.

    PyMongoError only where that cannot be found out in time: it may still become the head.
    """
    give_up = time.monotonic() + server.PATIENCE
    failed: PyMongoError | None = None
    while True:
        try:
            if _update(database, expected, new):
                return True
            if failed is None:
                return False  # the only attempt, and answered
        except ServerSelectionTimeoutError as error:
            raise failed or error from None
        except PyMongoError as error:
            failed = error
        # An update had no answer. The head itself says whether it was made, or still can be.
        found = _became(database, expected, new)
        if found is not None:
            return found
        if time.monotonic() > give_up:
            raise failed
        time.sleep(0.05)


def _update(database: Database[Document], expected: Version | None, new: Head) -> bool:
    words = {"$set": {"version": new.version, "seq": new.seq, "schema": SCHEMA}}
    where = {"_id": LINE, "version": expected}
    try:
        done = database[HEADS].update_one(where, words, upsert=expected is None)
    except DuplicateKeyError:  # an upsert, and there is a head
        return False
    return done.matched_count == 1 or done.upserted_id is not None


def _became(database: Database[Document], expected: Version | None, new: Head) -> bool | None:
    """Whether a version is in the head's history; None while the head is still the expected one."""
    try:
        head = chain.head(database)
        if head is None or head.version == expected:
            return None
        return any(one["_id"] == new.version for one in chain.down(database, head, new.seq))
    except PyMongoError:  # it is asked again
        return None
