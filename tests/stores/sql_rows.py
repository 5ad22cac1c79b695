"""What every store in a database does besides: rows to ask in SQL, and upgrades of its tables.

`database` has a new store, `store`, and what another program does with the same tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.stores.conformance import put, texts
from tractatus_merge.errors import StoreError
from tractatus_merge.stores.sql import schema
from tractatus_merge.stores.sql.store import SqlStore


class Database(NamedTuple):
    """A store; how a program without this package asks it, and writes past it; how to open it again."""

    store: SqlStore
    asked: Callable[[str], list[Any]]
    do: Callable[[str], object]
    again: Callable[[], SqlStore]


ONE = {("instructions", "inst_1"): '{"id": "inst_1", "text": "Ask first", "quadrant": "SYSTEM"}'}
TWO = {("instructions", "inst_2"): '{"id": "inst_2", "title": "Later", "active": false}'}
WRITER = {"session": "s", "author": "A <a@x>", "at": "2025-06-01", "published": "2025-06-02"}
CONFLICT = {
    "id": "c1", "kind": "field", "severity": "CRITICAL", "instruction": "inst_1", "field": "text",
    "sides": [{"value": 1, "in_force": True, "writers": [{**WRITER, "published": "2025-01-01"}]},
              {"value": 2, "in_force": False, "writers": [WRITER]}],
}  # fmt: skip
SUMMARY = {
    "session": "s", "tag": "t1", "agent": "claude", "author": "A <a@x>",
    "publications": [{"count": 1, "published": "2025-06-01"}, {"count": 2, "published": "2025-06-02"}],
    "metrics": {"pressure_score": 61.5, "level": "HIGH", "context": 123, "peak": 2**70,
                "last": "2025-06-02T10:00:00.000Z",
                "checkpoints": [{"percentage": 25, "tokens": 50, "at": "2025"}, {"percentage": None}, 7]},
}  # fmt: skip
ANSWER = {"id": "r1", "conflict": "c0", "instruction": "inst_1", "value": {"a": 1}, "why": "so"}


def rows(database):
    """All rows for queries."""
    names = (
        "instructions",
        "conflicts",
        "resolutions",
        "sessions",
        "session_state",
        "token_checkpoints",
    )
    return {name: sorted(database.asked(f"SELECT * FROM {name}"), key=repr) for name in names}


class SqlRows:
    """The suite."""

    def test_people_ask_in_sql(self, database):
        """Who added what, open conflicts, pressure by day, answers."""
        put(database.store, ONE, root=True)
        more = {"conflicts/c1": CONFLICT, "sessions/t1": SUMMARY, "resolutions/r1": ANSWER}
        put(
            database.store,
            {**TWO, **{tuple(key.split("/")): json.dumps(value) for key, value in more.items()}},
            day=2,
        )
        put(
            database.store,
            {("instructions", "inst_1"): ONE["instructions", "inst_1"].replace("first", "last")},
            day=3,
        )
        assert database.asked(
            "SELECT instruction, says, added, agent FROM who_added_what ORDER BY added"
        ) == [
            ("inst_1", "Ask last", "2025-06-01T10:00:00.000Z", "test"),
            ("inst_2", "Later", "2025-06-02T10:00:00.000Z", "test"),
        ]
        assert database.asked(
            "SELECT conflict, severity, instruction, says, sides, since FROM open_conflicts"
        ) == [("c1", "CRITICAL", "inst_1", "Ask last", 2, "2025-06-02")]
        assert database.asked(
            "SELECT day, session, agent, pressure_score, level, peak FROM pressure_by_day"
        ) == [("2025-06-02", "s", "claude", 61.5, "HIGH", None)]
        assert database.asked("SELECT conflict, value, why FROM who_settled_what") == [
            ("c0", '{"a": 1}', "so")
        ]
        assert database.asked("SELECT id, active, quadrant FROM instructions ORDER BY id") == [
            ("inst_1", 1, "SYSTEM"), ("inst_2", 0, None)]  # fmt: skip
        assert database.asked("SELECT * FROM token_checkpoints") == [("t1", 25, 50, "2025")]
        assert database.asked(
            "SELECT publications, first_published, last_published FROM sessions"
        ) == [(2, "2025-06-01", "2025-06-02")]
        revoked = {
            ("resolutions", "r2"): '{"id": "r2", "revokes": "r1"}',
            ("conflicts", "c1"): None,
        }
        put(database.store, revoked, day=4)
        assert database.asked("SELECT * FROM who_settled_what") == []
        assert database.asked("SELECT * FROM open_conflicts") == []

    def test_the_rows_are_those_of_the_versions(self, database):
        """Whatever the records say, rebuilt rows are those that the commits wrote; nobody reads them."""
        odd = ["[]", "1", "nonsense", '{"sides": {}, "publications": [1], "metrics": [], "active": 3}',
               '{"text": "\\ud800\\u0000", "instruction": 7, "quadrant": {"a": 1}}', "[" * 100_000]  # fmt: skip
        for day, text in enumerate(odd, 1):
            changed = {
                (kind, f"%\0{day}\ud800"): text
                for kind in ("instructions", "conflicts", "resolutions", "sessions")
            }
            put(
                database.store,
                {**changed, ("conflicts", "c1"): json.dumps(CONFLICT) if day % 2 else None},
                day=day,
            )
        put(database.store, {("sessions", "t1"): json.dumps(SUMMARY)}, day=7)
        before, held = rows(database), texts(database.store, database.store.head())
        assert len(before["instructions"]) == len(odd)
        for name in before:
            database.do(f"DELETE FROM {name}")
        assert texts(database.store, database.store.head()) == held
        database.store.rebuild()
        assert rows(database) == before

    def test_upgrades_are_made_once_and_in_order(self, database, monkeypatch):
        """An older file is brought up step by step when it is read; a newer one is refused."""
        head = put(database.store, ONE)
        database.store.close()
        steps = [
            lambda connection: connection.exec_driver_sql("CREATE TABLE later (a int)"),
            lambda connection: connection.exec_driver_sql("ALTER TABLE later ADD COLUMN b int"),
        ]
        with monkeypatch.context() as later:
            later.setattr(schema, "UPGRADES", tuple(steps))
            for _ in range(2):
                reopened = database.again()
                assert reopened.head() == head
                assert texts(reopened, put(reopened, {}, day=2)) == ONE
                head = reopened.head()
                reopened.close()
            assert database.asked("SELECT value FROM meta WHERE name = 'schema'") == [("3",)]
        for act in (database.store.head, lambda: put(database.store, TWO, expected=head)):
            with pytest.raises(StoreError, match="schema 3, and this version knows 1") as error:
                act()
            assert "upgrade" in error.value.hint

    def test_an_upgrade_that_fails_leaves_everything_as_it_was(self, database, monkeypatch):
        """All steps are one transaction with the number."""
        head = put(database.store, ONE)
        database.store.close()
        steps = [
            lambda connection: connection.exec_driver_sql("CREATE TABLE later (a int)"),
            lambda connection: connection.exec_driver_sql("CREATE TABLE later (a int)"),
        ]
        with monkeypatch.context() as later:
            later.setattr(schema, "UPGRADES", tuple(steps))
            with pytest.raises(StoreError):
                database.store.head()
            database.store.close()
        assert database.store.head() == head
        with pytest.raises(Exception, match="later"):
            database.asked("SELECT * FROM later")
