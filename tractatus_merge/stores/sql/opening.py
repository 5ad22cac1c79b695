"""From a URL to a store. SQLAlchemy is loaded here, when it is needed, and nowhere before."""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import join

from tractatus_merge.errors import RequestError
from tractatus_merge.stores.base import Store

SQLITE = "sqlite"


def open_store(url: str, folder: Path) -> Store:
    """The store that `sqlite:PATH` means; a relative path starts at the folder.

    The file is made by the first commit, never by reading. RequestError for another URL, or if
    SQLAlchemy is missing.
    """
    scheme, _, path = url.partition(":")
    if scheme != SQLITE or not path or path.startswith("//") or "\0" in path:
        raise RequestError(
            f"'{url}' names no database.",
            hint="tractatus-merge init --store sqlite:.claude/history/history.db",
        )
    try:
        from tractatus_merge.stores.sql.sqlite import Sqlite
        from tractatus_merge.stores.sql.store import SqlStore
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tractatus_merge"):
            raise
        how = join((sys.executable, "-m", "pip", "install", "SQLAlchemy>=2.0.30"))
        raise RequestError("a store in a database needs SQLAlchemy.", hint=how) from None
    return SqlStore(Sqlite(folder / path))
