"""From a URL to a store. SQLAlchemy is loaded here, when it is needed, and nowhere before."""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import join

from tractatus_merge.errors import RequestError
from tractatus_merge.stores.address import must_have_no_secret
from tractatus_merge.stores.base import Store

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
_PACKAGES = {
    "sqlalchemy": ("SQLAlchemy", "SQLAlchemy>=2.0.30"),
    "psycopg": ("psycopg", "psycopg[binary]>=3.2"),
}


def open_store(url: str, folder: Path) -> Store:
    """The store that `sqlite:PATH` or `postgresql://HOST/DATABASE?line=NAME` means.

    A relative path starts at the folder. Nothing is made or asked here: a file or tables are made
    by the first commit, never by reading. RequestError for another URL, for one with a password,
    or if a package is missing.
    """
    must_have_no_secret(url)
    scheme, _, rest = url.partition(":")
    try:
        if scheme == SQLITE and rest and not rest.startswith("//") and "\0" not in rest:
            return _sqlite(folder / rest)
        if scheme == POSTGRESQL:
            return _postgresql(url)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        name, wanted = _PACKAGES[package]
        how = join((sys.executable, "-m", "pip", "install", wanted))
        raise RequestError(f"a store in a database needs {name}.", hint=how) from None
    raise RequestError(
        f"'{url}' names no database.",
        hint="tractatus-merge init --store sqlite:.claude/history/history.db",
    )


def _sqlite(path: Path) -> Store:
    from tractatus_merge.stores.sql.sqlite import Sqlite
    from tractatus_merge.stores.sql.store import SqlStore

    return SqlStore(Sqlite(path))


def _postgresql(url: str) -> Store:
    from tractatus_merge.stores.sql.postgresql import PostgreSQL
    from tractatus_merge.stores.sql.store import SqlStore

    return SqlStore(PostgreSQL(url))
