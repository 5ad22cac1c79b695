"""The whole schema: its number, the views that people ask, and the upgrades in order."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect

from tractatus_merge.errors import StoreError
from tractatus_merge.stores.sql import newest  # noqa: F401 (its tables are among TABLES)
from tractatus_merge.stores.sql.tables import HEAD, META, TABLES

VIEWS = {
    "records": (
        "SELECT collection, id, text, seq FROM changes WHERE until IS NULL AND text IS NOT NULL"
    ),
    "who_added_what": (
        "SELECT c.id AS instruction, i.says, v.time AS added, v.session, v.agent, v.author,"
        " v.version FROM changes c JOIN versions v ON v.seq = c.seq"
        " JOIN instructions i ON i.id = c.id WHERE c.collection = 'instructions'"
        " AND c.seq = (SELECT MIN(f.seq) FROM changes f"
        " WHERE f.collection = c.collection AND f.id = c.id)"
    ),
    "pressure_by_day": (
        "SELECT SUBSTR(m.last, 1, 10) AS day, m.session, s.agent, m.pressure_score, m.level,"
        " m.peak, m.budget FROM session_state m JOIN sessions s ON s.id = m.id"
    ),
    "open_conflicts": (
        "SELECT c.id AS conflict, c.severity, c.kind, c.instruction, c.field, i.says, c.sides,"
        " c.since FROM conflicts c LEFT JOIN instructions i ON i.id = c.instruction"
    ),
    "who_settled_what": (
        "SELECT r.conflict, r.instruction, r.field, r.value, r.why, r.author, r.published,"
        " r.id AS resolution FROM resolutions r WHERE r.revokes IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM resolutions t WHERE t.revokes = r.id)"
    ),
}
"""A view for each question that people ask; `records` has each newest text, of any collection."""

UPGRADES: tuple[Callable[[Connection], None], ...] = ()
"""The n-th makes schema n + 2 of schema n + 1. New files have the newest schema at once."""

_ELSEWHERE = "tractatus-merge init --store URL   (with another name at its end)"


def number() -> int:
    """The number of the schema that this version writes."""
    return 1 + len(UPGRADES)


def found(connection: Connection) -> int:
    """The number of the schema in a database; 0 in an empty one.

    StoreError for a newer one, and for a database that holds something else.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return 0
    if not {"meta", "versions", "changes", "head"} <= set(names):
        raise StoreError("the database holds other tables.", hint=_ELSEWHERE)
    return number_in(connection)


def number_in(connection: Connection) -> int:
    """The number of the schema whose tables are there. StoreError for a newer one."""
    row = connection.execute(META.select().where(META.c.name == "schema")).one_or_none()
    if row is None or not str(row.value).isdecimal():
        raise StoreError("the database does not say which schema it has.", hint=_ELSEWHERE)
    if int(row.value) > number():
        why = f"the database has schema {row.value}, and this version knows {number()}."
        raise StoreError(why, hint="pip install --upgrade tractatus-merge")
    return int(row.value)


def bring_up(connection: Connection) -> None:
    """Make the tables, or upgrade them step by step; for a transaction that writes."""
    there = found(connection)
    if there == 0:
        TABLES.create_all(connection)
        for name, query in VIEWS.items():
            connection.exec_driver_sql(f"CREATE VIEW {name} AS {query}")
        connection.execute(HEAD.insert().values(one=1, seq=0, version=None))
        connection.execute(META.insert().values(name="schema", value=str(number())))
        return
    for upgrade in UPGRADES[there - 1 :]:
        upgrade(connection)
        there += 1
        changed = META.update().where(META.c.name == "schema").values(value=str(there))
        connection.execute(changed)
