"""The newest state as rows to query: what is in force, who waits, who settled what, each session.

Written in the transaction that moves the head, and never read by this program. What a record says
otherwise than expected stands as NULL here; its text is in the view `records` in any case.

| table | one row for |
| --- | --- |
| instructions, conflicts, resolutions | each record |
| sessions | each session's summary, by its tag |
| session_state | each session that published its numbers (`[publish] metrics = true`) |
| token_checkpoints | each checkpoint of those |
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    select,
)

from tractatus_merge.core.model import state
from tractatus_merge.core.model.state import Key
from tractatus_merge.stores.sql.tables import CHANGES, TABLES, column_of, name_of


def _newest(name: str, *columns: Column[str] | Column[int] | Column[float] | Column[bool]) -> Table:
    return Table(name, TABLES, Column("id", String, primary_key=True), *columns)


INSTRUCTIONS = _newest(
    "instructions",
    Column("says", Text),
    Column("title", Text),
    Column("active", Boolean),
    Column("quadrant", Text),
    Column("persistence", Text),
    Column("temporal_scope", Text),
    Column("source", Text),
    Column("session_id", Text),
    Column("timestamp", Text),
)
CONFLICTS = _newest(
    "conflicts",
    Column("kind", Text),
    Column("severity", Text),
    Column("instruction", Text),
    Column("field", Text),
    Column("sides", Integer),
    Column("since", Text),
)
RESOLUTIONS = _newest(
    "resolutions",
    Column("conflict", Text),
    Column("instruction", Text),
    Column("field", Text),
    Column("value", Text),
    Column("why", Text),
    Column("author", Text),
    Column("session", Text),
    Column("published", Text),
    Column("revokes", Text),
)
SESSIONS = _newest(
    "sessions",
    Column("session", Text),
    Column("agent", Text),
    Column("author", Text),
    Column("publications", Integer),
    Column("first_published", Text),
    Column("last_published", Text),
)
SESSION_STATE = _newest(
    "session_state",
    Column("session", Text),
    Column("pressure_score", Float),
    Column("level", Text),
    Column("context", Integer),
    Column("peak", Integer),
    Column("budget", Integer),
    Column("messages", Integer),
    Column("tool_calls", Integer),
    Column("tool_errors", Integer),
    Column("compactions", Integer),
    Column("seconds", Float),
    Column("last", Text),
)
TOKEN_CHECKPOINTS = _newest(
    "token_checkpoints",
    Column("percentage", Integer, primary_key=True, autoincrement=False),
    Column("tokens", Integer),
    Column("at", Text),
)

_TABLES = {
    state.INSTRUCTIONS: (INSTRUCTIONS,),
    state.CONFLICTS: (CONFLICTS,),
    state.RESOLUTIONS: (RESOLUTIONS,),
    state.SESSIONS: (SESSIONS, SESSION_STATE, TOKEN_CHECKPOINTS),
}
_WORDS = ("text", "description", "title", "action")
_LARGEST = 2**31 - 1
"""The largest number that an INTEGER column of every engine holds."""
Row = dict[str, Any]


def names() -> list[str]:
    """The tables that have rows for queries."""
    return [table.name for tables in _TABLES.values() for table in tables]


def refresh(connection: Connection, changed: Iterable[tuple[Key, str | None]]) -> None:
    """Bring the rows of some records up to their new texts; None: the record was taken away."""
    gone: dict[Table, list[Row]] = {}
    new: dict[Table, list[Row]] = {}
    for (collection, name), text in changed:
        for table in _TABLES.get(collection, ()):
            gone.setdefault(table, []).append({"gone": column_of(name)})
        if text is not None and collection in _TABLES:
            for table, row in _rows(collection, name, _read(text)):
                new.setdefault(table, []).append(_fitting(table, row))
    for table, keys in gone.items():
        connection.execute(table.delete().where(table.c.id == bindparam("gone")), keys)
    for table, rows in new.items():
        connection.execute(table.insert(), rows)


def rebuild(connection: Connection) -> None:
    """Write all rows anew from the newest version."""
    for tables in _TABLES.values():
        for table in tables:
            connection.execute(table.delete())
    query = select(CHANGES.c.collection, CHANGES.c.id, CHANGES.c.text).where(
        CHANGES.c.until.is_(None)
    )
    rows = connection.execute(query).all()
    refresh(connection, (((kind, name_of(column)), text) for kind, column, text in rows))


def astray(connection: Connection) -> list[str]:
    """`table/id` of each row that is not what the newest version says, sorted."""
    wanted: dict[Table, dict[Any, Row]] = {
        table: {} for tables in _TABLES.values() for table in tables
    }
    query = select(CHANGES.c.collection, CHANGES.c.id, CHANGES.c.text).where(
        CHANGES.c.until.is_(None), CHANGES.c.text.is_not(None), CHANGES.c.collection.in_(_TABLES)
    )
    for collection, column, text in connection.execute(query):
        for table, row in _rows(collection, name_of(column), _read(text)):
            fitting = _fitting(table, row)
            wanted[table][_key(table, fitting)] = fitting
    wrong = set()
    for table, rows in wanted.items():
        found = (dict(row) for row in connection.execute(select(table)).mappings())
        there = {_key(table, row): row for row in found}
        differ = (key for key in {**rows, **there} if rows.get(key) != there.get(key))
        wrong |= {f"{table.name}/{key[0]}" for key in differ}
    return sorted(wrong)


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _rows(collection: str, name: str, record: Row) -> Iterator[tuple[Table, Row]]:
    key = {"id": column_of(name)}
    if collection == state.INSTRUCTIONS:
        says = next((record[word] for word in _WORDS if isinstance(record.get(word), str)), None)
        yield (
            INSTRUCTIONS,
            {**record, "says": says, "active": record.get("active") is not False, **key},
        )
    elif collection == state.CONFLICTS:
        yield CONFLICTS, {**record, **_about(record), **_waiting(record), **key}
    elif collection == state.RESOLUTIONS:
        yield RESOLUTIONS, {**record, **_about(record), **key}
    else:
        yield from _session_rows(record, key)


def _about(record: Row) -> Row:
    """The instruction that a conflict or an answer is about, as the other tables call it."""
    name = record.get("instruction")
    return {"instruction": column_of(name) if isinstance(name, str) else None}


def _waiting(record: Row) -> Row:
    """How many sides a conflict has, and since when one of them waits."""
    sides = _dicts(record, "sides")
    waiting = (side for side in sides if side.get("in_force") is not True)
    times = (writer.get("published") for side in waiting for writer in _dicts(side, "writers"))
    since = min((time for time in times if isinstance(time, str)), default=None)
    return {"sides": len(sides), "since": since}


def _session_rows(record: Row, key: Row) -> Iterator[tuple[Table, Row]]:
    done = _dicts(record, "publications")
    ends = {"first_published": done[0], "last_published": done[-1]} if done else {}
    times = {column: item.get("published") for column, item in ends.items()}
    yield SESSIONS, {**record, "publications": len(done), **times, **key}
    numbers = record.get("metrics")
    if not isinstance(numbers, dict):
        return
    yield SESSION_STATE, {**numbers, "session": record.get("session"), **key}
    marks = {str(mark.get("percentage")): mark for mark in _dicts(numbers, "checkpoints")}
    for mark in marks.values():
        if _value(TOKEN_CHECKPOINTS.c.percentage, mark.get("percentage")) is not None:
            yield TOKEN_CHECKPOINTS, {**mark, **key}


def _read(text: str) -> Row:
    """A record's text as an object; an empty one where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _dicts(record: Row, name: str) -> list[Row]:
    found = record.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _fitting(table: Table, row: Row) -> Row:
    """The values of the table's columns, each as its column takes it."""
    return {column.name: _value(column, row.get(column.name)) for column in table.columns}


def _value(column: Column[Any], value: Any) -> str | float | bool | None:
    """A value as its column takes it; None where it has another type."""
    if value is None:
        return None
    if isinstance(column.type, Boolean):
        return value if isinstance(value, bool) else None
    if isinstance(column.type, Integer):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value if is_number and abs(value) <= _LARGEST else None
    if isinstance(column.type, Float):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and abs(value) <= _LARGEST else None
    if column.primary_key:
        return str(value)
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    assert isinstance(value, str)
    return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
