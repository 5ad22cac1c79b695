"""What only PostgreSQL does: a server that is connected to, a schema of its own, and its errors.

Each line is one schema of the database. Who reads sees what was committed and waits for nobody:
each statement is of one moment, and versions never change. A writer works by `READ COMMITTED`: the
conditional update of the head's row lets one through. A shared advisory lock keeps writers and an
upgrade of the tables apart. What the server would do otherwise by its settings is said here.
"""

from __future__ import annotations

import hashlib
import logging
import re
import select as polling
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from shlex import quote
from typing import Any
from urllib.parse import parse_qsl, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import QueuePool

from tractatus_merge.errors import RequestError, StoreBusy, StoreError
from tractatus_merge.stores.facts import Facts
from tractatus_merge.stores.sql import newest, schema
from tractatus_merge.stores.sql.store import Again
from tractatus_merge.stores.sql.tables import HEAD

_URL = re.compile(r"postgresql://[^/?#]*(?:/(?P<database>[^/?#@]*))?(?:\?(?P<options>[^#]*))?")
_LINE = re.compile(r"(?!pg_|public$|information_schema$)[a-z][a-z0-9_]{0,62}")
_USUAL = "tractatus"
"""The line of a URL that names none."""
_USAGE = "tractatus-merge init --store 'postgresql://HOST/DATABASE?line=NAME'"
_PATIENCE = 8.0
"""Seconds for which a lock of another process is waited for."""
_ASLEEP = 6.0
"""Seconds after which the server ends a transaction whose process says nothing more."""
_TO_CONNECT = {
    "connect_timeout": "10",
    "target_session_attrs": "primary",  # a standby may lack the newest versions
    "tcp_user_timeout": "10000",
    "application_name": "tractatus-merge",
}
"""How a server is connected to, where the URL does not say otherwise."""
_BUSY = "too many", "starting up", "shutting down", "in recovery mode", "remaining connection slots"
_BEGIN = "begin"
logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it would print, we raise


class PostgreSQL:
    """One line in a database. It is connected to when it is first needed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._conninfo, self.line = _parts(url)
        self._engine: Engine | None = None
        self._up_to_date = False

    def close(self) -> None:
        """Let go of the connection."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
            self._up_to_date = False

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection that reads, each statement by itself; None where there is no line yet."""
        with self._told():
            if not self._is_there():
                yield None
                return
            with self._opened().connect() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes. On the server's disk when the block is left."""
        with self._told():
            if not self._is_there():
                self._bring_up()
            with self._begun("pg_advisory_xact_lock_shared") as connection:
                if schema.number_in(connection) != schema.number():
                    self._up_to_date = False
                    raise Again("the tables were changed meanwhile.", hint=_AGAIN)
                yield connection

    @contextmanager
    def settled(self) -> Iterator[Connection | None]:
        """A transaction that begins when none that moves the head is on its way."""
        with self.writing() as connection:
            connection.execute(select(HEAD.c.seq).with_for_update())
            yield connection

    def together(self, connection: Connection) -> AbstractContextManager[Any]:
        """In the block, statements are sent without waiting for what each one answers."""
        driver = connection.connection.driver_connection
        return driver.pipeline() if driver is not None else nullcontext()

    def facts(self, connection: Connection | None) -> Facts:
        """See Engine."""
        if connection is None:
            with self._told(), self._opened().connect() as bare:
                return Facts(*_program(bare))
        tables = ("head", "versions", "changes", *newest.names())
        asked = " UNION ALL ".join(
            f"SELECT '{right} on {table}' WHERE NOT has_table_privilege('{table}', '{right}')"
            for table in tables
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
        )
        program, _, clock = _program(connection)
        lacks = connection.exec_driver_sql(asked).scalars().all()
        there = str(schema.number_in(connection))
        return Facts(program, there, clock, lacks, self._rights("SELECT, INSERT, UPDATE, DELETE"))

    def _begun(self, lock: str) -> AbstractContextManager[Connection]:
        """A transaction that holds a lock of the line's schema."""
        number = int.from_bytes(hashlib.sha256(self.line.encode()).digest()[:8], signed=True)
        begin = (
            "BEGIN ISOLATION LEVEL READ COMMITTED;"
            " SELECT set_config('synchronous_commit', 'on', true)"
            " WHERE current_setting('synchronous_commit') = 'off';"
            f" SELECT {lock}({number})"
        )
        return self._opened().execution_options(**{_BEGIN: begin}).begin()

    def _is_there(self) -> bool:
        """Whether there are tables to read; those of an older schema are brought up first."""
        if not self._up_to_date:
            with self._opened().connect() as connection:
                may = self._may_use(connection)
                there = schema.found(connection) if may else 0
            if may is False:
                why = f"permission denied for schema {self.line}."
                raise StoreError(why, hint=self._rights("USAGE"))
            if there and there < schema.number():
                self._bring_up()
            self._up_to_date = bool(there)
        return self._up_to_date

    def _bring_up(self) -> None:
        """Make the schema and its tables, or upgrade them, while nobody writes."""
        with self._begun("pg_advisory_xact_lock") as connection:
            _must_be_utf8(connection)
            if self._may_use(connection) is None:
                connection.exec_driver_sql(f'CREATE SCHEMA "{self.line}"')
            schema.bring_up(connection)
        self._up_to_date = True

    def _may_use(self, connection: Connection) -> bool | None:
        """Whether the schema may be used; None where there is none."""
        query = "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = "
        found: bool | None = connection.exec_driver_sql(f"{query}'{self.line}'").scalar()
        return found

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = create_engine(
                "postgresql+psycopg://",
                creator=self._connect,
                poolclass=QueuePool,  # one connection: a command is one thread, and soon over
                pool_size=1,
                max_overflow=1,
                use_native_hstore=False,  # it would be asked for
            )
            event.listen(self._engine, "begin", _begin)
            event.listen(self._engine, "checkout", _must_be_open)
        return self._engine

    def _connect(self) -> psycopg.Connection[Any]:
        """A connection that begins transactions when it is told to, and not by itself."""
        settings = {
            "search_path": self.line,
            "default_transaction_isolation": "read\\ committed",
            "lock_timeout": f"{_PATIENCE:g}s",
            "idle_in_transaction_session_timeout": f"{_ASLEEP:g}s",
            "tcp_keepalives_idle": "4",  # a machine that is gone is known after ten seconds
            "tcp_keepalives_interval": "2",
            "tcp_keepalives_count": "3",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        options = f"{self._conninfo.get('options', '')} {options}".strip()
        words: dict[str, Any] = {
            **_TO_CONNECT,
            **self._conninfo,
            "options": options,
            "client_encoding": "utf8",
        }
        return psycopg.connect(autocommit=True, prepare_threshold=None, **words)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the server or the network refuses is a StoreError that names the line."""
        try:
            yield
        except StoreError as error:
            if error.sentence.startswith(self.url):
                raise
            raise type(error)(f"{self.url}: {error.sentence}", hint=error.hint) from error
        except DBAPIError as error:
            raise self._error(error.orig) from error
        except psycopg.Error as error:
            raise self._error(error) from error

    def _error(self, error: BaseException | None) -> StoreError:
        code = getattr(error, "sqlstate", None) or ""
        said = " ".join(_words(error).split()) or "the connection is lost"
        why = f"{self.url}: {said.rstrip('.')}."
        if code in _MEANT:
            kind, hint = _MEANT[code]
            return kind(why, hint=hint)
        if code == "42501":
            return StoreError(why, hint=self._rights("SELECT, INSERT, UPDATE, DELETE"))
        if any(word in said for word in _BUSY):
            return StoreBusy(why, hint=_AGAIN)
        return StoreError(why, hint=self._look(said))

    def _rights(self, what: str) -> str:
        where = f"SCHEMA {self.line}" if what == "USAGE" else f"ALL TABLES IN SCHEMA {self.line}"
        return (
            f"as the owner, in psql: GRANT {what} ON {where} TO the role   (all of them, and who"
            " may make a line: docs/how-to/keep-the-history-on-a-server.md)"
        )

    def _look(self, said: str) -> str:
        """What to type where the server was not reached, or did not let us in."""
        words = {**self._conninfo}
        place = [f"-h {quote(words['host'])}"] if "host" in words else []
        place += [f"-p {quote(words['port'])}"] if "port" in words else []
        who = [f"-U {quote(words['user'])}"] if "user" in words else []
        if "does not exist" in said and "database" in said:
            return " ".join(["createdb", *place, quote(words.get("dbname", "NAME"))])
        if "password" in said or "authentication" in said or "role " in said:
            named = " ".join(["psql", *place, *who, quote(words.get("dbname", "postgres"))])
            return f"{named}   (a password belongs into ~/.pgpass or PGPASSWORD)"
        return " ".join(["pg_isready", *place]) + "   (then the same command again)"


_AGAIN = "the same command again"
_MEANT: dict[str, tuple[type[StoreError], str]] = {
    "40001": (Again, _AGAIN),  # could not serialize
    "40P01": (Again, _AGAIN),  # deadlock
    "55P03": (StoreBusy, _AGAIN),  # a lock was not to be had in time
    "53300": (StoreBusy, _AGAIN),  # too many connections
    "25P03": (StoreBusy, _AGAIN),  # it slept in its transaction, which was ended
    "57P01": (StoreBusy, _AGAIN),  # the server is being stopped
    "57P03": (StoreBusy, _AGAIN),  # the server is being started
}
"""What the server's codes mean for us."""


def _words(error: BaseException | None) -> str:
    """The first line of what was said, without what every such line begins with."""
    text = str(error or "").strip().partition("\n")[0]
    return re.sub(r"^connection failed: |^connection is bad: |FATAL:  ", "", text)


def _parts(url: str) -> tuple[dict[str, str], str]:
    """What a URL says to the driver, and the line; RequestError for what is none."""
    found = _URL.fullmatch(url)
    if found is None:
        raise RequestError("the URL of the store names no database.", hint=_USAGE)
    options = parse_qsl(found["options"] or "", keep_blank_values=True)
    line = dict(options).get("line", _USUAL)
    if not _LINE.fullmatch(line):
        raise RequestError(f"'{line}' is no name of a line: a-z, 0-9 and _.", hint=_USAGE)
    rest = urlencode([pair for pair in options if pair[0] != "line"])
    try:
        words = conninfo_to_dict(url.partition("?")[0] + (f"?{rest}" if rest else ""))
    except psycopg.ProgrammingError as error:
        raise RequestError(f"{url}: {_words(error)}.", hint=_USAGE) from None
    if "dbname" not in words and "service" not in words:
        raise RequestError(f"{url} names no database.", hint=_USAGE)
    return {name: str(value) for name, value in words.items()}, line


def _program(connection: Connection) -> tuple[str, str, float]:
    """Which server answers, that there is no schema yet, and its clock."""
    query = "SELECT current_setting('server_version'), extract(epoch FROM clock_timestamp())"
    version, clock = connection.exec_driver_sql(query).one()
    return f"PostgreSQL {version}", "none yet", float(clock)


def _must_be_utf8(connection: Connection) -> None:
    """A database in another encoding would refuse some records."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError(
            f"the database is in {encoding}, which has not every letter.",
            hint="createdb --encoding=UTF8 --template=template0 ANOTHER-NAME",
        )


def _begin(connection: Connection) -> None:
    words = connection.get_execution_options().get(_BEGIN)
    if words:
        connection.exec_driver_sql(words)


def _must_be_open(driver: psycopg.Connection[Any], *_: object) -> None:
    """A connection that the server has closed meanwhile is replaced, without asking the server."""
    poll = polling.poll()
    try:
        poll.register(driver.fileno(), polling.POLLIN)
        while poll.poll(0):
            driver.pgconn.consume_input()
    except psycopg.Error:  # it is closed, and says so where it is read
        raise DisconnectionError from None
