"""The tables that are the history, and how an id stands in a column.

| table | holds |
| --- | --- |
| meta | `schema`, the number of the schema |
| head | one row: which version is the head |
| versions | one row a version: who made it, when, from which |
| changes | each text of each record, of known collections and of others, and how long it stood |

The tables that are made from these stand in `newest`.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

TABLES = MetaData()

META = Table("meta", TABLES, Column("name", String, primary_key=True), Column("value", Text))
HEAD = Table(
    "head",
    TABLES,
    Column("one", Integer, CheckConstraint("one = 1"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("version", String),
)
"""A row that is there from the start: the swap is one conditional update of it."""
VERSIONS = Table(
    "versions",
    TABLES,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("version", String, nullable=False, unique=True),
    Column("parent", String),
    *(
        Column(name, Text, nullable=False)
        for name in ("time", "session", "tag", "agent", "author", "message")
    ),
    Column("base", String),
    Column("conflicts", Text, nullable=False),
    Column("root", Boolean, nullable=False),
)
CHANGES = Table(
    "changes",
    TABLES,
    Column("collection", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("seq", Integer, ForeignKey(VERSIONS.c.seq), primary_key=True, autoincrement=False),
    Column("until", Integer),
    Column("text", Text),
    Index("changes_of_a_version", "seq"),
    Index("changes_that_stood", "until", "seq"),
)
"""`text` is the record's from version `seq` until before version `until`; NULL: it was taken away.

Where `until` is NULL, it stands still.
"""


_ODD = re.compile("[%\0\ud800-\udfff]")


def column_of(name: str) -> str:
    """An id as a column holds it: what no database takes (NUL, half a pair) is percent-encoded."""
    return _ODD.sub(lambda odd: quote(odd[0], safe="", errors="surrogatepass"), name)


def name_of(column: str) -> str:
    """The id that `column_of` wrote."""
    return unquote(column, errors="surrogatepass") if "%" in column else column
