"""The store on a real PostgreSQL does what every store must: cut off, struck, killed and restarted."""

from __future__ import annotations

import functools
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import services
from tests.conftest import PACE, ROOT
from tests.proxy import Do, Proxy
from tests.stores.conformance import Conformance, entry, put, texts
from tests.stores.kinds import with_line
from tests.stores.linearizability import COUNT
from tests.stores.sql_rows import ONE, TWO, Database, SqlRows
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import RequestError, StoreBusy, StoreError
from tractatus_merge.stores.sql import postgresql as engine
from tractatus_merge.stores.sql import store as sql_store
from tractatus_merge.stores.sql.opening import open_store

pytestmark = pytest.mark.services


@pytest.fixture
def store_factory(postgresql, tmp_path):
    """New lines on the server, or a line by its URL."""
    opened = []

    def make(url=""):
        opened.append(open_store(url or with_line(postgresql), tmp_path))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(store_factory):
    """A store of a new line."""
    return store_factory()


class TestPostgresqlStore(Conformance):
    """The suite."""


def psql(store, statement, **more):
    """What another program gets."""
    url = store.engine.url.partition("?")[0]
    options = f"-c search_path={store.engine.line}"
    with psycopg.connect(url, options=options, autocommit=True, **more) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


@pytest.fixture
def database(store, store_factory):
    """The same, and what other programs do with the tables."""
    act = functools.partial(psql, store)
    return Database(store, act, act, lambda: store_factory(store.engine.url))


class TestRowsInPostgresql(SqlRows):
    """The suite."""


def test_lines_of_one_database_know_nothing_of_each_other(store_factory, postgresql):
    """Each has its own head and log, and a URL that names none means the line `tractatus`."""
    one, two = store_factory(), store_factory()
    put(one, ONE)
    assert two.head() is None
    head = put(two, TWO)
    assert texts(two, head) == TWO
    assert set(texts(one, one.head())) == set(ONE)
    assert store_factory(f"{postgresql}").engine.line == "tractatus"


def test_reading_makes_nothing(store):
    """Only the first commit makes the schema."""
    assert store.head() is None
    assert not store.has("0" * 40)
    assert list(store.log()) == []
    with pytest.raises(StoreError):
        store.load("0" * 40)
    assert psql(store, "SELECT current_schema()") == [(None,)]


@pytest.mark.race
def test_sixteen_first_commits_make_one_line(store_factory, postgresql):
    """Whoever comes first makes the tables; the others see them, and one commit is the first."""
    url, done = with_line(postgresql), []
    begin = threading.Barrier(16)

    def first(number):
        with closing(open_store(url, None)) as store:
            begin.wait()
            state = State(changed={("sessions", str(number)): "1"})
            done.append(store.commit(None, state, entry(day=1)))

    threads = [threading.Thread(target=first, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [version for version in done if version]
    assert len(done) == 16
    assert [found.version for found in store_factory(url).log()] == made


# What is cut, lost or killed


def where(url):
    """Host and port of a server."""
    parts = urlsplit(url)
    return parts.hostname, parts.port


def through(url, port):
    """The same line by a proxy."""
    host, real = where(url)
    return url.replace(f"{host}:{real}", f"127.0.0.1:{port}")


def counted(store, mark, attempts=1):
    """Add one to a counter, as the loop of the program does; the version, or None if it failed."""
    for attempt in range(attempts):
        try:
            head = store.head()
            state = store.load(head) if head else State()
            count = int(state.get(*COUNT) or 0) + 1
            more = {("instructions", mark): '{"text": "x"}', ("conflicts", mark): "{}"}
            new = state.with_({COUNT: str(count), **more})
            said = entry(mark)
            if version := store.commit(head, new, said):
                return version
        except StoreError:
            if attempt == attempts - 1:
                return None
    return None


def marks(store):
    """Who made the versions, oldest first; the counter and the records agree with them."""
    made = [found.message for found in store.log()][::-1]
    for number, found in enumerate(list(store.log())[::-1], 1):
        state = store.load(found.version)
        assert state.get(*COUNT) == str(number)
        assert state.names("conflicts") == sorted(made[:number])
    return made


@pytest.mark.slow
@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("what", [Do.CUT, Do.REPLY_LOST, Do.LATE], ids=lambda what: what.name)
def test_a_connection_cut_at_any_packet_loses_nothing_and_does_nothing_twice(
    what, before, store_factory, postgresql
):
    """Whoever was told a version has it, once; whoever was told of a failure has none, ever.

    Packets of a commit upon another, and fewer of a first one, which makes the tables: lost, their
    answer lost, or late at the server. The same store then commits again.
    """
    host, port = where(postgresql)
    with Proxy(host, port) as proxy:
        for step in itertools.count(1, PACE if before else 3 * PACE):
            url = with_line(postgresql)
            straight = store_factory(url)
            if before:
                counted(straight, "before")
            cut = open_store(through(url, proxy.port), None)
            proxy.on(step, what)
            version = counted(cut, "struck")
            came = proxy.packets >= step
            proxy.on(0, Do.PASS)
            assert counted(cut, "after")
            cut.close()
            wanted = ["before"] * before + ["struck"] * bool(version) + ["after"]
            assert marks(straight) == wanted, step
            straight.close()
            if not came:
                break
    print(f"{what.name}: {step - 1} packets")
    assert step > 12


@pytest.mark.parametrize("what", [Do.CUT, Do.REPLY_LOST, Do.LATE], ids=lambda what: what.name)
def test_who_is_cut_off_while_committing_is_told_what_came_of_it(what, store_factory, postgresql):
    """The very packet that commits: lost, it is an error; answered to nobody, or late, a version."""
    host, port = where(postgresql)
    url = with_line(postgresql)
    straight = store_factory(url)
    counted(straight, "before")
    with Proxy(host, port) as proxy, closing(open_store(through(url, proxy.port), None)) as cut:
        cut.head()
        proxy.plan = lambda _, data: what if b"COMMIT\0" in data else Do.PASS
        version = counted(cut, "struck")
        assert bool(version) == (what is not Do.CUT)
        assert marks(straight) == ["before"] + ["struck"] * bool(version)


@pytest.fixture
def own_server():
    """A server that the test may kill."""
    if why := services.missing("postgresql"):
        pytest.skip(why)
    with services.running("postgresql") as server:
        yield server


@pytest.mark.slow
def test_a_server_killed_at_any_packet_loses_nothing_and_does_nothing_twice(own_server):
    """Kill -9 of all its processes before each packet of a commit, and a restart: the answer is right.

    While it is down the commit asks on; it comes back in time, so that every answer is known.
    """
    host, port = where(own_server.url)
    made = ["before"]
    url = with_line(own_server.url, "killed")
    straight = open_store(url, None)
    counted(straight, "before")

    starts = []

    def strike():
        own_server.kill()
        starts.append(threading.Thread(target=own_server.start))
        starts[-1].start()

    with Proxy(host, port) as proxy:
        for step in itertools.count(1):
            cut = open_store(through(url, proxy.port), None)
            proxy.on(step, strike)
            mark = f"struck{step}"
            version = counted(cut, mark)
            came = proxy.packets >= step
            proxy.on(0, Do.PASS)  # the goodbye is a packet too
            cut.close()
            for start in starts:
                start.join()
            made += [mark] * bool(version)
            for _ in range(400):
                try:
                    found = marks(straight)
                except StoreError:  # it is not up again yet
                    time.sleep(0.05)
                else:
                    break
            assert found == made, step
            if not came:
                break
    assert counted(straight, "after")
    straight.close()
    assert step > 8


@pytest.mark.slow
def test_sixteen_writers_outlive_a_server_that_is_killed_again_and_again(own_server):
    """Four kills in the middle of commits: every version that was told is there once, in one chain."""
    url = with_line(own_server.url, "storm")
    straight = open_store(url, None)
    counted(straight, "begin")
    told = []

    def write(name):
        with closing(open_store(url, None)) as store:
            for number in range(6):
                mark = f"{name}{number}"
                for _ in range(400):
                    if counted(store, mark):
                        told.append(mark)
                        break
                    time.sleep(0.01)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcdefghijklmnop"]
    for thread in threads:
        thread.start()
    for _ in range(4):
        time.sleep(0.4)
        own_server.kill()
        own_server.start()
    for thread in threads:
        thread.join()
    found = marks(straight)
    straight.close()
    assert len(told) == 96
    assert sorted(found) == sorted(["begin", *told])


ASLEEP = """
import sys
from tests.stores.test_postgresql import counted
from tractatus_merge.stores.sql import postgresql
from tractatus_merge.stores.sql.opening import open_store
postgresql._ASLEEP = 0.3
print(counted(open_store(sys.argv[1], None), "asleep") is not None)
"""


@pytest.mark.slow
def test_a_writer_that_is_stopped_at_any_packet_lets_the_others_go_on(
    store_factory, postgresql, monkeypatch
):
    """SIGSTOP, and its transaction is ended: a rival commits, and the sleeper is told the truth.

    Where it had not yet asked for an answer, the server waits for the rest of what it was asked: the
    rival is told that the store is busy, and comes in when the sleeper goes on.
    """
    host, port = where(postgresql)
    monkeypatch.setattr(engine, "_PATIENCE", 1)
    held = 0
    with Proxy(host, port) as proxy:
        for step in itertools.count(9, 3 * PACE):  # the ones before it only connect
            url = with_line(postgresql)
            straight = store_factory(url)
            counted(straight, "before")
            stopped = threading.Event()

            def stop():
                os.kill(asleep.pid, signal.SIGSTOP)
                stopped.set()  # noqa: B023

            proxy.on(step, stop)
            words = [sys.executable, "-c", ASLEEP, through(url, proxy.port)]
            with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as asleep:
                while asleep.poll() is None and not stopped.wait(0.02):
                    pass
                came = counted(straight, "rival", attempts=2)
                asleep.send_signal(signal.SIGCONT)
                told = asleep.communicate()[0] == "True\n"
            assert asleep.returncode == 0
            held += not came
            assert came or counted(straight, "rival")
            found = marks(straight)
            assert found[0] == "before"
            assert sorted(found[1:]) == sorted(["asleep"] * told + ["rival"])
            straight.close()
            if not stopped.is_set():
                break
    print(f"{step - 9} steps; {held} held the rival up")
    assert step > 15


def test_a_connection_that_the_server_ended_is_replaced(store):
    """Between two commands of one process: nobody notices."""
    first = put(store, ONE)
    psql(store, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
         " application_name = 'tractatus-merge' AND query LIKE '%' AND pid <> pg_backend_pid()")  # fmt: skip
    time.sleep(0.1)
    assert store.head() == first
    assert put(store, TWO, day=2)


# What the database refuses


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_transaction_that_is_to_be_begun_again_is(store, code):
    """Serialization failures and deadlocks, twice in a row: the commit goes through, once."""
    put(store, ONE)
    psql(store, "CREATE SEQUENCE tries")
    psql(store, f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('tries') < 3"
                f" THEN RAISE EXCEPTION 'again' USING ERRCODE = '{code}'; END IF; RETURN NEW; END $$")  # fmt: skip
    psql(store, "CREATE TRIGGER refuse BEFORE INSERT ON versions FOR EACH ROW EXECUTE FUNCTION refuse()")  # fmt: skip
    assert texts(store, put(store, TWO, day=2)) == {**ONE, **TWO}
    assert psql(store, "SELECT last_value FROM tries") == [(3,)]
    psql(store, "ALTER SEQUENCE tries MINVALUE -100 RESTART WITH -100")
    with pytest.raises(StoreBusy) as error:
        put(store, {("sessions", "s"): "1"}, day=3)
    assert error.value.exit_code == 75
    assert len(list(store.log())) == 2


def test_what_the_server_does_by_default_is_not_relied_on(store_factory, postgresql):
    """`serializable`, `synchronous_commit = off`, a search path of its own: the role's settings."""
    name = f"odd{os.getpid()}"
    first = store_factory()
    psql(first, f"CREATE ROLE {name} SUPERUSER LOGIN")
    try:
        for setting in ("default_transaction_isolation = 'serializable'", "synchronous_commit = off",
                        "search_path = 'nowhere'", "bytea_output = 'escape'", "lock_timeout = 1"):  # fmt: skip
            psql(first, f"ALTER ROLE {name} SET {setting}")
        odd = store_factory(with_line(postgresql.replace("postgres@", f"{name}@")))
        put(odd, ONE)
        with odd.engine.writing() as connection:
            shown = ("synchronous_commit", "transaction_isolation", "search_path")
            found = [connection.exec_driver_sql(f"SHOW {one}").scalar() for one in shown]
        assert found == ["on", "read committed", odd.engine.line]
        psql(odd, f"DROP SCHEMA {odd.engine.line} CASCADE")
    finally:
        psql(first, f"DROP ROLE {name}")


@pytest.fixture
def role(store):
    """A role without rights, and the line's URL in its name."""
    name = f"role{os.getpid()}"
    psql(store, f"CREATE ROLE {name} LOGIN")
    yield name, store.engine.url.replace("postgres@", f"{name}@")
    psql(store, f"DROP OWNED BY {name}")
    psql(store, f"DROP ROLE {name}")


def test_the_rights_that_the_page_lists_are_those_that_are_needed(store, store_factory, role):
    """Without them the error says which, and what to type; with those to read, nothing is written."""
    name, url = role
    line = store.engine.line
    with pytest.raises(StoreError, match="permission denied") as error:
        put(store_factory(url), ONE)
    assert "keep-the-history-on-a-server" in error.value.hint
    head = put(store, ONE)
    mine = store_factory(url)
    with pytest.raises(StoreError, match=f"permission denied for schema {line}") as error:
        mine.head()
    assert f"GRANT USAGE ON SCHEMA {line}" in error.value.hint
    psql(store, f"GRANT USAGE ON SCHEMA {line} TO {name}")
    with pytest.raises(StoreError, match="permission denied") as error:
        mine.head()
    assert "GRANT SELECT" in error.value.hint
    psql(store, f"GRANT SELECT ON ALL TABLES IN SCHEMA {line} TO {name}")
    assert mine.head() == head
    assert [found.version for found in mine.log()] == [head]
    with pytest.raises(StoreError, match="permission denied"):
        put(mine, TWO, day=2)
    assert store.head() == head
    psql(store, f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {line} TO {name}")
    assert texts(mine, put(mine, TWO, day=2)) == {**ONE, **TWO}
    mine.rebuild()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        psql(store, "SELECT 1", user=name) and psql(store, "DROP TABLE versions", user=name)


def test_a_held_lock_is_busy_and_nothing_is_written(store, monkeypatch):
    """Exit 75, in a sentence that names the line; the same commit again goes through."""
    head = put(store, ONE)
    store.close()
    monkeypatch.setattr(engine, "_PATIENCE", 0.2)
    url, options = store.engine.url.partition("?")[0], f"-c search_path={store.engine.line}"
    with psycopg.connect(url, options=options) as other:
        other.execute("SELECT * FROM head FOR UPDATE")
        with pytest.raises(StoreBusy) as error:
            put(store, TWO, day=2)
        assert store.engine.line in error.value.sentence
        assert store.head() == head
    assert texts(store, put(store, TWO, day=2)) == {**ONE, **TWO}


def in_database(url, name):
    """Another database of the same server."""
    return f"{url.rpartition('/')[0]}/{name}"


def nowhere():
    """A port at which nobody listens."""
    return f"postgresql://jo@127.0.0.1:{services.free_port()}/line"


@pytest.mark.parametrize(
    ("change", "says", "hint"),
    [
        (lambda url: nowhere(), "Connection refused", "pg_isready -h 127.0.0.1"),
        (lambda url: in_database(url, "absent"), "absent.*does not exist", "createdb -h 127.0.0.1"),
        (lambda url: url.replace("postgres@", "nobody@"), "nobody.*does not exist", "psql -h 127.0.0.1"),
        (lambda url: url.replace("127.0.0.1", "no-host.invalid"), "no-host.invalid", "pg_isready"),
    ],
    ids=["down", "no database", "no role", "no host"],
)  # fmt: skip
def test_a_server_that_does_not_let_us_in_is_an_error(
    change, says, hint, store_factory, postgresql
):
    """For reading and for writing: which line, why, and what to type; exit 3."""
    url = change(postgresql)
    for act in (lambda store: store.head(), lambda store: put(store, ONE, expected="x")):
        with pytest.raises(StoreError, match=says) as error:
            act(store_factory(url))
        assert error.value.sentence.startswith(url)
        assert hint in error.value.hint
        assert error.value.exit_code == 3


def test_a_database_in_another_encoding_is_refused(store_factory, postgresql):
    """Before anything is written: it would refuse some records later."""
    admin, name = store_factory(), f"latin{os.getpid()}"
    psql(admin, f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        store = store_factory(in_database(postgresql, name))
        with pytest.raises(StoreError, match="LATIN1") as error:
            put(store, ONE)
        assert "createdb" in error.value.hint
        assert store.head() is None
        store.close()
    finally:
        psql(admin, f"DROP DATABASE {name}")


def test_tables_of_others_are_left_alone(store):
    """A schema that holds something else: an error, and nothing changed."""
    psql(store, f"CREATE SCHEMA {store.engine.line}")
    psql(store, "CREATE TABLE versions (a int)")
    for act in (store.head, lambda: store.commit(None, State(changed=ONE), entry())):
        with pytest.raises(StoreError, match="other tables") as error:
            act()
        assert error.value.hint
    assert psql(store, "SELECT count(*) FROM versions") == [(0,)]


# URLs; these need no server


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:x", "postgresql://", "postgresql://host", "postgresql://host/db?line=A", "postgresql://host/db?line=public",
        "postgresql://host/db?line=pg_x", "postgresql://host/db?line=", "postgresql://host/db?nonsense=1", "postgresql://host/db#x",
        "postgresql://host/db?line=a;b", "postgres://host/db", 'postgresql://host/db?line=a"b',
    ],
)  # fmt: skip
def test_what_names_no_line_is_refused(url, tmp_path):
    """Bad usage, with the right form as the next command."""
    with pytest.raises(RequestError) as error:
        open_store(url, tmp_path)
    assert "init --store" in error.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://jo:hunter2@host/db", "postgresql://jo:hunter2/x@host/db", "postgresql://jo:hunter2?@host/db",
        "postgresql://jo:@hunter2@host/db", "postgresql://jo@host/db?password=hunter2", "postgresql://host/db?a=b&p%61ssword=hunter2",
        "postgresql://jo%3Ahunter2@host/db", "postgresql://host/db?sslpassword=hunter2", "postgres://jo:hunter2@host/db",
        "postgresql://jo:hunter2#@host/db", "POSTGRESQL://jo:hunter2@host/db", "postgresql://:hunter2@/db",
        "postgresql+psycopg://jo:hunter2@host/db", "mongodb://jo:hunter2@host/db", "redis://:hunter2@host/0",
    ],
)  # fmt: skip
def test_a_url_with_a_password_is_refused_and_not_repeated(url, tmp_path):
    """Neither the sentence nor the hint says it, and the hint says where it belongs."""
    with pytest.raises(RequestError, match="password") as error:
        open_store(url, tmp_path)
    assert "hunter2" not in f"{error.value} {error.value.hint}"
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://host:5432/db?line=a", "postgresql://jo@h1:5432,h2:5433/db", "postgresql:///db?host=/run/postgresql&port=5433",
        "postgresql://?service=team&line=a", "postgresql://jo@[::1]:5432/db?passfile=/etc/jo.pass", "postgresql://jo%40x@host/db",
    ],
)  # fmt: skip
def test_what_the_engine_s_own_clients_take_is_taken(url, tmp_path):
    """Several hosts, a socket, a service, a file of passwords."""
    store = open_store(url, tmp_path)
    assert store.engine.url == url
    store.close()


def test_a_server_that_never_answers_is_given_up(tmp_path):
    """Within the time that the URL allows, in one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"postgresql://jo@127.0.0.1:{deaf.getsockname()[1]}/db?connect_timeout=2"
        began = time.monotonic()
        with (
            closing(open_store(url, tmp_path)) as store,
            pytest.raises(StoreError, match="timeout"),
        ):
            store.head()
        assert time.monotonic() - began < 30


def test_a_server_that_never_comes_back_is_told_as_what_failed(
    store_factory, postgresql, monkeypatch
):
    """The commit whose fate nobody knows is an error, not a version and not a lost race."""
    monkeypatch.setattr(sql_store, "_PATIENCE", 0.3)
    host, port = where(postgresql)
    url = with_line(postgresql)
    straight = store_factory(url)
    head = put(straight, ONE)
    with Proxy(host, port) as proxy:
        cut = open_store(through(url, proxy.port), None)
        state = cut.load(head).with_(TWO)
        proxy.packets, proxy.plan = 0, lambda number, _: Do.CUT if number > 4 else Do.PASS
        with pytest.raises(StoreError):
            cut.commit(head, state, entry(day=2))
        cut.close()
    assert straight.head() == head
