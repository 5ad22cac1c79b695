"""The store in an SQLite file does what every store must, and its rows can be asked in SQL."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sqlite3
import subprocess
import sys

import pytest

from tests.conftest import IN_CI, ROOT
from tests.stores.conformance import Conformance, entry, put, texts
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import RequestError, StoreBusy, StoreError
from tractatus_merge.stores.sql import schema, sqlite
from tractatus_merge.stores.sql.opening import open_store

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


class TestSqliteStore(Conformance):
    """The suite."""

    @pytest.fixture
    def store_factory(self, tmp_path):
        numbers = itertools.count()
        opened = []

        def make():
            opened.append(open_store(f"sqlite:history{next(numbers)}.db", tmp_path))
            return opened[-1]

        yield make
        for store in opened:
            store.close()


@pytest.fixture
def store(tmp_path):
    """A store in `a folder/history.db`, which is not there yet."""
    store = open_store("sqlite:a folder/history.db", tmp_path)
    yield store
    store.close()


def asked(store, query):
    """What a program without this package gets, read-only."""
    file = sqlite3.connect(f"file:{store.engine.path}?mode=ro", uri=True)
    try:
        return file.execute(query).fetchall()
    finally:
        file.close()


def test_reading_makes_no_file(store, tmp_path):
    """Only the first commit makes the file, and its folder."""
    assert store.head() is None
    assert not store.has("0" * 40)
    assert list(store.log()) == []
    with pytest.raises(StoreError):
        store.load("0" * 40)
    assert list(tmp_path.iterdir()) == []
    put(store, ONE)
    assert (tmp_path / "a folder" / "history.db").exists()


def test_people_ask_in_sql(store):
    """Who added what, open conflicts, pressure by day, answers; and what a program may not."""
    put(store, ONE, root=True)
    more = {"conflicts/c1": CONFLICT, "sessions/t1": SUMMARY, "resolutions/r1": ANSWER}
    put(
        store,
        {**TWO, **{tuple(key.split("/")): json.dumps(value) for key, value in more.items()}},
        day=2,
    )
    put(
        store,
        {("instructions", "inst_1"): ONE["instructions", "inst_1"].replace("first", "last")},
        day=3,
    )
    assert asked(
        store, "SELECT instruction, says, added, agent FROM who_added_what ORDER BY added"
    ) == [
        ("inst_1", "Ask last", "2025-06-01T10:00:00.000Z", "test"),
        ("inst_2", "Later", "2025-06-02T10:00:00.000Z", "test"),
    ]
    assert asked(
        store, "SELECT conflict, severity, instruction, says, sides, since FROM open_conflicts"
    ) == [("c1", "CRITICAL", "inst_1", "Ask last", 2, "2025-06-02")]
    assert asked(
        store, "SELECT day, session, agent, pressure_score, level, peak FROM pressure_by_day"
    ) == [("2025-06-02", "s", "claude", 61.5, "HIGH", None)]
    assert asked(store, "SELECT conflict, value, why FROM who_settled_what") == [
        ("c0", '{"a": 1}', "so")
    ]
    assert asked(store, "SELECT id, active, quadrant FROM instructions ORDER BY id") == [
        ("inst_1", 1, "SYSTEM"), ("inst_2", 0, None)]  # fmt: skip
    assert asked(store, "SELECT * FROM token_checkpoints") == [("t1", 25, 50, "2025")]
    assert asked(store, "SELECT publications, first_published, last_published FROM sessions") == [
        (2, "2025-06-01", "2025-06-02")
    ]
    revoked = {("resolutions", "r2"): '{"id": "r2", "revokes": "r1"}', ("conflicts", "c1"): None}
    put(store, revoked, day=4)
    assert asked(store, "SELECT * FROM who_settled_what") == []
    assert asked(store, "SELECT * FROM open_conflicts") == []
    with pytest.raises(sqlite3.OperationalError):
        asked(store, "DELETE FROM versions")


def test_every_query_of_the_documentation_runs(store):
    """Each statement of the page is valid, and finds something in a history that has it."""
    put(
        store,
        {("instructions", "inst_001"): '{"text": "a", "parameters": {"port": "1"}}'},
        root=True,
    )
    more = {"conflicts/c1": CONFLICT, "sessions/t1": SUMMARY, "resolutions/r1": ANSWER}
    put(store, {tuple(key.split("/")): json.dumps(value) for key, value in more.items()}, day=2)
    page = (ROOT / "docs/how-to/ask-in-sql.md").read_text("utf-8")
    found = [
        statement
        for block in re.findall(r"^```sql\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for statement in re.sub("--.*", "", block).split(";")
        if statement.strip()
    ]
    assert len(found) == 9
    assert [one for one in found if not asked(store, one) and "-7 days" not in one] == []


def rows(store):
    """All rows for queries."""
    names = (
        "instructions",
        "conflicts",
        "resolutions",
        "sessions",
        "session_state",
        "token_checkpoints",
    )
    return {name: sorted(asked(store, f"SELECT * FROM {name}"), key=repr) for name in names}


def test_the_rows_are_those_of_the_versions(store):
    """Whatever the records say, rebuilt rows are those that the commits wrote; nobody reads them."""
    odd = ["[]", "1", "nonsense", '{"sides": {}, "publications": [1], "metrics": [], "active": 3}',
           '{"text": "\\ud800\\u0000", "instruction": 7, "quadrant": {"a": 1}}', "[" * 100_000]  # fmt: skip
    for day, text in enumerate(odd, 1):
        changed = {
            (kind, f"%\0{day}\ud800"): text
            for kind in ("instructions", "conflicts", "resolutions", "sessions")
        }
        put(
            store,
            {**changed, ("conflicts", "c1"): json.dumps(CONFLICT) if day % 2 else None},
            day=day,
        )
    put(store, {("sessions", "t1"): json.dumps(SUMMARY)}, day=7)
    before, held = rows(store), texts(store, store.head())
    assert len(before["instructions"]) == len(odd)
    file = sqlite3.connect(store.engine.path)
    for name in before:
        file.execute(f"DELETE FROM {name}")
    file.commit()
    file.close()
    assert texts(store, store.head()) == held
    store.rebuild()
    assert rows(store) == before


def test_a_commit_is_on_the_disk_before_it_is_told(tmp_path):
    """By strace: after the last write to the log of the database comes its sync, then the answer."""
    if shutil.which("strace") is None:
        (pytest.fail if IN_CI else pytest.skip)("no strace")
    code = (
        "import sys; from pathlib import Path; from tests.stores.conformance import put\n"
        "from tractatus_merge.stores.sql.opening import open_store\n"
        "store = open_store('sqlite:history.db', Path(sys.argv[1]))\n"
        "for day in (1, 2): print('told', put(store, {('sessions', str(day)): '1'}, day=day), flush=True)\n"
    )
    trace = tmp_path / "trace"
    words = ["strace", "-f", "-y", "-o", trace, "-e", "trace=write,pwrite64,fsync,fdatasync"]
    subprocess.run(
        [*words, sys.executable, "-c", code, tmp_path], cwd=ROOT, check=True, capture_output=True
    )
    unsynced, told = set(), 0
    for line in trace.read_text().splitlines():
        call = re.search(r"(\w+)\(\d+<([^>]*)>(, \"told)?", line)
        if call is None:
            continue
        if call[3]:
            told += 1
            assert unsynced == set()
        elif "history.db" in call[2] and not call[2].endswith("-shm"):  # made anew from the rest
            (unsynced.discard if "sync" in call[1] else unsynced.add)(call[2])
    assert told == 2
    assert f"<{tmp_path}>" in trace.read_text()


def test_a_full_disk_loses_nothing(store):
    """The commit is a StoreError that says so and what to look at; what stood stands."""
    head = put(store, ONE)
    large = {("instructions", "large"): "1" * 500_000}
    with store.engine.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=60")
    with pytest.raises(StoreError, match="full") as error:
        put(store, large, day=2)
    assert "df " in error.value.hint
    assert store.head() == head
    assert texts(store, head) == ONE
    store.close()
    assert texts(store, put(store, large, day=2)) == {**ONE, **large}


def test_a_held_lock_is_busy_and_nothing_is_written(store, monkeypatch):
    """Exit 75, in a sentence that names the file; the same commit again goes through."""
    head = put(store, ONE)
    store.close()
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.1)
    other = sqlite3.connect(store.engine.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match=re.escape("history.db")) as error:
        put(store, TWO, day=2)
    assert error.value.exit_code == 75
    assert store.head() == head
    other.close()
    assert texts(store, put(store, TWO, day=2)) == {**ONE, **TWO}


def test_a_commit_that_fails_at_last_is_asked_for(store, monkeypatch):
    """If the answer to COMMIT is lost, the version that is there is told, not an error."""
    first = put(store, ONE)
    writing = store.engine.writing

    class Lost:
        def __enter__(self):
            self.inner = writing()
            return self.inner.__enter__()

        def __exit__(self, *error):
            self.inner.__exit__(*error)
            raise StoreError("the connection was lost.")

    monkeypatch.setattr(store.engine, "writing", Lost)
    second = put(store, TWO, day=2)
    assert store.head() == second != first


def test_a_database_of_others_is_left_alone(store):
    """Other tables, or no database at all: an error that names the file, and not a byte changed."""
    path = store.engine.path
    path.parent.mkdir()
    for make in ("CREATE TABLE versions (a)", None):
        if make:
            file = sqlite3.connect(path)
            file.execute(make)
            file.close()
        else:
            path.write_bytes(b"no database, but long enough to be looked at by one" * 9)
        before = path.read_bytes()
        for act in (store.head, lambda: store.commit(None, State(changed=ONE), entry())):
            with pytest.raises(StoreError, match=re.escape(str(path))) as error:
                act()
            assert error.value.hint
        store.close()
        assert path.read_bytes()[100:] == before[100:]
        path.unlink()


def test_a_file_that_was_replaced_is_read_anew(store, tmp_path):
    """A backup that is put back, or a file that is gone, is what the next call sees."""
    first = put(store, ONE)
    store.close()
    shutil.copy(store.engine.path, tmp_path / "backup.db")
    second = put(store, TWO, day=2)
    assert store.head() == second
    for path in store.engine.path.parent.iterdir():
        path.unlink()
    assert store.head() is None
    (tmp_path / "backup.db").rename(store.engine.path)
    assert store.head() == first
    assert texts(store, put(store, TWO, day=2)) == {**ONE, **TWO}


def test_upgrades_are_made_once_and_in_order(store, tmp_path, monkeypatch):
    """An older file is brought up step by step when it is read; a newer one is refused."""
    head = put(store, ONE)
    store.close()
    steps = [
        lambda connection: connection.exec_driver_sql("CREATE TABLE later (a)"),
        lambda connection: connection.exec_driver_sql("ALTER TABLE later ADD COLUMN b"),
    ]
    with monkeypatch.context() as later:
        later.setattr(schema, "UPGRADES", tuple(steps))
        for _ in range(2):
            reopened = open_store("sqlite:a folder/history.db", tmp_path)
            assert reopened.head() == head
            assert texts(reopened, put(reopened, {}, day=2)) == ONE
            head = reopened.head()
            reopened.close()
        assert asked(store, "SELECT value FROM meta WHERE name = 'schema'") == [("3",)]
    for act in (store.head, lambda: put(store, TWO, expected=head)):
        with pytest.raises(StoreError, match="schema 3, and this version knows 1") as error:
            act()
        assert "upgrade" in error.value.hint


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(store, monkeypatch):
    """All steps are one transaction with the number."""
    head = put(store, ONE)
    store.close()
    steps = [
        lambda connection: connection.exec_driver_sql("CREATE TABLE later (a)"),
        lambda connection: connection.exec_driver_sql("CREATE TABLE later (a)"),
    ]
    with monkeypatch.context() as later:
        later.setattr(schema, "UPGRADES", tuple(steps))
        with pytest.raises(StoreError):
            store.head()
        store.close()
    assert store.head() == head
    assert asked(store, "SELECT name FROM sqlite_master WHERE name = 'later'") == []


@pytest.mark.parametrize(
    "url", ["sqlite:", "sqlite", "postgres:x", "sqlite:///x.db", "sqlite:a\0b", ""]
)
def test_what_is_no_file_is_refused(url, tmp_path):
    """Bad usage, with the right form as the next command."""
    with pytest.raises(RequestError) as error:
        open_store(url, tmp_path)
    assert "sqlite:" in error.value.hint


def test_without_the_extra_the_error_says_what_to_install(tmp_path, monkeypatch):
    """No traceback of an import."""
    for name in [name for name in sys.modules if name.startswith("tractatus_merge.stores.sql.s")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(RequestError, match="SQLAlchemy") as error:
        open_store("sqlite:x.db", tmp_path)
    assert "pip install" in error.value.hint
