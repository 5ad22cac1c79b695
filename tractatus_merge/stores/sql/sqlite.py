"""What only SQLite does: a file that is connected to, one writer at a time, and its errors.

WAL: who reads waits for nobody. `synchronous=FULL`: a commit is on the disk when it returns.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from shlex import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from tractatus_merge.errors import StoreBusy, StoreError
from tractatus_merge.stores.facts import Facts, on_disk
from tractatus_merge.stores.sql import schema
from tractatus_merge.system import files

_PATIENCE = 8.0
"""Seconds for which a lock of another process is waited for."""
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
"""The last is said after ten seconds, where a process stopped that was opening the file."""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BEGIN = "begin"


class Sqlite:
    """One file. It is connected to when it is first needed, and made by the first write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine: Engine | None = None
        self._file: tuple[int, int] | None = None
        self._up_to_date = False

    def close(self) -> None:
        """Let go of the file."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
            self._up_to_date = False

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A transaction that reads one state of the database; None where there is none yet."""
        with self._told():
            if not self._is_there():
                yield None
                return
            with self._opened().begin() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one transaction that writes at a time. On the disk when the block is left."""
        with self._told():
            writer = self._opened().execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
            with writer.begin() as connection:
                schema.bring_up(connection)
                yield connection

    def settled(self) -> AbstractContextManager[Connection | None]:
        """As reading: when a commit has failed, the file has no trace of it."""
        return self.reading()

    def together(self, connection: Connection) -> AbstractContextManager[Connection]:
        """Nothing is waited for here."""
        return nullcontext(connection)

    def facts(self, connection: Connection | None) -> Facts:
        """See Engine: the log beside the file is written into its folder."""
        there = str(schema.number_in(connection)) if connection is not None else "none yet"
        program = f"SQLite {sqlite3.sqlite_version}"
        return on_disk(program, there, self.path, self.path.parent)

    def _is_there(self) -> bool:
        """Whether there are tables to read; those of an older schema are brought up first."""
        if self._found() is None:
            return False
        engine = self._opened()
        if not self._up_to_date:
            with engine.begin() as connection:
                there = schema.found(connection)
            if there and there < schema.number():
                with self.writing():
                    pass
            self._up_to_date = bool(there)
        return self._up_to_date

    def _found(self) -> tuple[int, int] | None:
        """Which file stands at the path."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _opened(self) -> Engine:
        """The connected file, made if there is none; the one at the path, if it was replaced."""
        there = self._found()
        if self._engine is not None and there != self._file:
            self.close()
        if self._engine is None:
            if there is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine("sqlite://", creator=self._connect, poolclass=StaticPool)
            event.listen(self._engine, "begin", _begin)
            with self._engine.connect():
                self._file = self._found()
            if there is None:
                files.sync([self.path.parent])
        return self._engine

    def _connect(self) -> sqlite3.Connection:
        """A connection that begins transactions when it is told to, and not by itself."""
        connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        try:
            _prepare(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the database or the disk refuses is a StoreError that names the file."""
        try:
            yield
        except StoreError as error:
            if str(self.path) in error.sentence:
                raise
            raise type(error)(f"{self.path}: {error.sentence}", hint=error.hint) from error
        except DBAPIError as error:
            raise self._error(error.orig) from error
        except (sqlite3.Error, OSError) as error:
            raise self._error(error) from error

    def _error(self, error: BaseException | None) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more of the same
        if code in _BUSY:
            why = f"{self.path}: another process has held a lock for too long."
            return StoreBusy(why, hint="the same command again")
        said = error.strerror if isinstance(error, OSError) else error
        if code == sqlite3.SQLITE_IOERR and _is_full(self.path.parent):
            said = "the disk is full"  # the file beside it for the log could not grow
        where = quote(str(self.path))
        hint = f"ls -ld {quote(str(self.path.parent))} {where}; df {quote(str(self.path.parent))}"
        if code in _DAMAGED:
            hint = f"sqlite3 {where} 'PRAGMA integrity_check'"
        return StoreError(f"{self.path}: {said}.", hint=hint)


def _is_full(folder: Path) -> bool:
    try:
        return os.statvfs(folder).f_bavail == 0
    except OSError:  # it is gone: another error, which is told
        return False


def _prepare(connection: sqlite3.Connection) -> None:
    """Settings of a connection; WAL is one of the file, and is set once."""
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    give_up = time.monotonic() + _PATIENCE
    while True:  # SQLite does not wait by itself for the lock that this change needs
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
