"""The store in an SQLite file does what every store must, and its rows can be asked in SQL."""

from __future__ import annotations

import contextlib
import functools
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
from tests.stores.sql_rows import ANSWER, CONFLICT, ONE, SUMMARY, TWO, Database, SqlRows
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import RequestError, StoreBusy, StoreError
from tractatus_merge.stores.sql import sqlite
from tractatus_merge.stores.sql.opening import open_store


@pytest.fixture
def database(store):
    """The same, and what other programs do with the file."""

    def do(statement):
        with contextlib.closing(sqlite3.connect(store.engine.path)) as file:
            file.execute(statement)
            file.commit()

    return Database(
        store,
        functools.partial(asked, store),
        do,
        lambda: open_store(f"sqlite:{store.engine.path}", store.engine.path),
    )


class TestRowsInSqlite(SqlRows):
    """The suite."""


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
