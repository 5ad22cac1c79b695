"""One database of a MongoDB server: the client, its settings, and what its errors mean.

Whatever the URL prefers, all is read from the primary with the concern `majority`, and written with
`majority` and the journal. The driver repeats no write by itself: `swap` asks what became of it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from bson.errors import BSONError
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern

from tractatus_merge.errors import RequestError, StoreBusy, StoreError
from tractatus_merge.stores.facts import Facts
from tractatus_merge.stores.mongodb.documents import Document
from tractatus_merge.stores.mongodb.opening import PASSWORD

PATIENCE = 8.0
"""Seconds for which a server that went away is waited for."""
_DEFAULTS = {"serverSelectionTimeoutMS": 5000, "connectTimeoutMS": 2000, "socketTimeoutMS": 20_000}
_WRITTEN = WriteConcern("majority", j=True, wtimeout=10_000)
_NOBODY, _NOT_ALLOWED = 18, {13, 8000}
"""AuthenticationFailed; Unauthorized, and what a hosted service says for it."""
_LET_IN = f"export {PASSWORD}=...   (and mongodb://USER@HOST/DATABASE?authSource=admin)"
_PASSING = {64, 100, 112, 91, 189, 10107, 11600, 11602, 13435, 13436}
"""Write concern not met, or not yet; a write conflict; and a primary that steps down."""
_Done = TypeVar("_Done")


class Server:
    """One database. It is connected to when it is first needed."""

    def __init__(self, url: str, name: str, password: str | None) -> None:
        self.name = name
        self.shown = url.partition("?")[0]  # options may hold what is nobody's business
        self._url, self._password = url, password
        self._client: MongoClient[Document] | None = None
        self._database: Database[Document] | None = None

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()
        self._client = self._database = None

    @property
    def database(self) -> Database[Document]:
        """The database, on the primary, with the concerns that this program relies on."""
        if self._database is None:
            words: dict[str, Any] = {"password": self._password} if self._password else {}
            said = self._url.partition("?")[2].casefold()
            words |= {word: n for word, n in _DEFAULTS.items() if word.casefold() not in said}
            with (
                warnings.catch_warnings()
            ):  # of an option, without which it would go on: `tls`, too
                warnings.simplefilter("error")
                self._client = MongoClient(
                    self._url, retryWrites=False, tz_aware=True, appname="tractatus-merge", **words
                )
            self._database = self._client.get_database(
                self.name,
                read_preference=ReadPreference.PRIMARY,
                read_concern=ReadConcern("majority"),
                write_concern=_WRITTEN,
            )
        return self._database

    def asked(self, question: Callable[[Database[Document]], _Done]) -> _Done:
        """The answer to what may be asked, or written, twice.

        A server that went away is waited for. StoreError where it stays away, or refuses.
        """
        give_up = time.monotonic() + PATIENCE
        with self.told():
            while True:
                try:
                    return question(self.database)
                except ServerSelectionTimeoutError:
                    raise
                except PyMongoError as error:
                    if not is_passing(error) or time.monotonic() > give_up:
                        raise
                time.sleep(0.05)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Whatever the server refuses is a StoreError that names the database."""
        try:
            yield
        except UserWarning as error:
            why = f"{self.shown}: an option of the URL is wrong: {error}."
            raise RequestError(why, hint="edit [store] url") from error
        except PyMongoError as error:
            raise self.error(error) from error
        except BSONError as error:  # nothing was sent
            why = f"{self.shown}: MongoDB does not take this: {error}."
            raise StoreError(why, hint="keep this line in another store") from error

    def error(self, error: PyMongoError) -> StoreError | RequestError:
        """What an error of the driver means, and what to type."""
        if isinstance(error, InvalidURI | ConfigurationError):
            hint = _LET_IN if "password" in str(error) else "edit [store] url"
            return RequestError(f"{self.shown}: {_first(error)}.", hint=hint)
        code = error.code if isinstance(error, OperationFailure) else None
        if code == _NOBODY or "requires authentication" in str(error):
            why = f"{self.shown}: the server does not let this user in: {_first(error)}."
            return StoreError(why, hint=_LET_IN)
        if code in _NOT_ALLOWED:
            why = f"{self.shown}: the server does not let this user do this"
            grant = f"mongosh, as its administrator: db.getSiblingDB('{self.name}')"
            hint = f"{grant}.grantRolesToUser('USER', ['readWrite'])"
            return StoreError(f"{why}: {_first(error)}.", hint=hint)
        if isinstance(error, ServerSelectionTimeoutError):
            why = f"{self.shown}: no server answers, or none that may write: {_first(error)}."
            return StoreError(why, hint=f"mongosh '{self.shown}' --eval 'db.hello()'")
        if isinstance(error, ConnectionFailure) or is_passing(error):
            why = f"{self.shown}: the server went away in the middle: {_first(error)}."
            return StoreBusy(why, hint="the same command again")
        hint = f"mongosh '{self.shown}' --eval 'db.stats()'"
        return StoreError(f"{self.shown}: {_first(error)}.", hint=hint)


def facts(database: Database[Document]) -> Facts:
    """What the server says of itself, its clock, and what this user may not do."""
    found = database["head"].find_one({"_id": "line"})
    admin = database.client.admin
    kind = "MongoDB" if "gitVersion" in (built := admin.command("buildInfo")) else "like MongoDB"
    program = f"{kind} {built['version']}"
    clock = admin.command("hello")["localTime"].timestamp()
    schema = str(found["schema"]) if found else "none yet"
    lacks = _lacking(admin.command("connectionStatus", showPrivileges=True), database.name)
    grant = f"mongosh, as its administrator: db.getSiblingDB('{database.name}')"
    return Facts(program, schema, clock, lacks, f"{grant}.grantRolesToUser('USER', ['readWrite'])")


def _lacking(status: Document, name: str) -> list[str]:
    """Which of the rights on a database a user lacks; none where nobody has to say who he is."""
    said = status.get("authInfo", {})
    if not said.get("authenticatedUsers"):
        return []
    allowed: set[str] = set()
    for one in said.get("authenticatedUserPrivileges", []):
        where = one.get("resource", {})
        if where.get("anyResource") or (where.get("db") in (name, "") and not where["collection"]):
            allowed |= set(one["actions"])
    rights = "find", "insert", "update", "remove", "createIndex"
    return [right for right in rights if not allowed & {right, "anyAction"}]


def is_passing(error: PyMongoError) -> bool:
    """Whether the same may succeed a moment later."""
    if isinstance(error, AutoReconnect | NetworkTimeout):
        return True
    return isinstance(error, OperationFailure) and error.code in _PASSING


def _first(error: PyMongoError) -> str:
    """What an error says, without the state of every server that the driver adds."""
    said = str(error)
    if isinstance(error, BulkWriteError):
        failed = [*error.details["writeErrors"], *error.details["writeConcernErrors"]]
        said = next((str(one["errmsg"]) for one in failed), said)
    said = said.partition(", full error")[0].partition(", Timeout:")[0]
    return said.partition(" (configured timeouts")[0].rstrip(".")
