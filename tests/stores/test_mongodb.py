"""The store in MongoDB does what every store must, and its rows can be asked."""

from __future__ import annotations

import json
import re
import sys
import threading
import warnings
from datetime import timedelta

import bson
import pymongo
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect
from pymongo.monitoring import CommandListener

from tests import services
from tests.conftest import ROOT
from tests.stores.conformance import Conformance, entry, put, texts
from tests.stores.kinds import with_database
from tractatus_merge.core.model.state import State
from tractatus_merge.errors import Missing, RequestError, StoreError, TractatusError
from tractatus_merge.stores.mongodb import chain, documents, rows
from tractatus_merge.stores.mongodb import store as store_module
from tractatus_merge.stores.mongodb.opening import open_store

ONE = {("instructions", "inst_1"): '{"id": "inst_1", "text": "Ask first", "quadrant": "SYSTEM"}'}
TWO = {("instructions", "inst_2"): '{"id": "inst_2", "title": "Later", "active": false}'}
SUMMARY = {
    "session": "s", "tag": "t1", "agent": "claude", "author": "A <a@x>",
    "publications": [{"count": 1, "published": "2025-06-01"}, {"count": 2, "published": "2025-06-02"}],
    "metrics": {"pressure_score": 61.5, "level": "HIGH", "context": 123, "peak": 2**70,
                "last": "2025-06-02T10:00:00.000Z",
                "checkpoints": [{"percentage": 25, "tokens": 50, "at": "2025"}]},
}  # fmt: skip
service = pytest.mark.services


@pytest.fixture
def made(mongodb):
    """Makes stores in databases of their own, which are gone with the test."""
    opened = []

    def make(options=""):
        opened.append(open_store(with_database(mongodb) + options))
        return opened[-1]

    yield make
    for store in opened:
        store.server.database.client.drop_database(store.server.name)
        store.close()


@pytest.fixture
def store(made):
    """A store whose database is not there yet."""
    return made()


@service
class TestMongoStore(Conformance):
    """The suite."""

    @pytest.fixture
    def store_factory(self, made):
        return made


@pytest.fixture
def again():
    """Opens the database of a store once more, as another process does."""
    opened = []

    def make(store):
        opened.append(open_store(store.server.shown))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def shown(store, name, **query):
    """The rows of a collection, by id, without what is the program's."""
    found = store.server.database[name].find(query, sort=[("_id", 1)])
    return {row.pop("_id"): row for row in found}


# What stands in documents


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["instructions", "x"]), st.text(st.characters(codec=None))),
        st.one_of(st.none(), st.text(st.characters(codec=None), max_size=40)),
    )
)
def test_records_come_back_as_they_went_in(records):
    """Any text, of any length, cut anywhere, in any number of documents."""
    with pytest.MonkeyPatch.context() as small:
        small.setattr(documents, "MOST", 7)
        found = [{"records": part} for part in documents.packed(records)]
    found = [bson.decode(bson.encode(one)) for one in found]
    assert dict(documents.unpacked(found)) == records
    assert len(found) >= 1


@given(st.lists(st.integers(0, 3 * documents.MOST), max_size=6))
def test_no_document_is_large(lengths):
    """Not half of what MongoDB takes, even where each character takes four bytes."""
    records = {("x", str(n)): "\N{GRINNING FACE}" * length for n, length in enumerate(lengths)}
    sizes = [len(bson.encode({"records": part})) for part in documents.packed(records)]
    assert max(sizes) < 6 * 2**20


@service
@pytest.mark.slow
def test_many_and_large_records_stand_in_documents_that_are_not_large(store, monkeypatch, again):
    """10,000 records, a text of 10 MB, twelve of 2 MB: read back, with a snapshot, and shown as rows."""
    monkeypatch.setattr(store_module, "_STEPS", 2)
    many = {("instructions", f"i{number}"): f'{{"n": {number}}}' for number in range(10_000)}
    large = {
        ("instructions", f"l{number}"): json.dumps({"text": "é" * 2**20}) for number in range(12)
    }
    huge = {("instructions", "huge"): json.dumps({"text": "x" * 10_000_000, "keys": [{}] * 1000})}
    one = put(store, many)
    two = put(store, large, day=2)
    three = put(store, huge, day=3)
    database = store.server.database
    for name in database.list_collection_names():
        sizes = [len(found.raw) for found in raw(database)[name].find()]
        assert max(sizes, default=0) < 10 * 2**20, name
    assert database["snapshots"].count_documents({}) > 20
    store = again(store)
    assert texts(store, one) == many
    assert texts(store, two) == {**many, **large}
    assert texts(store, three) == {**many, **large, **huge}
    assert store.astray() == []
    assert "not_shown" in shown(store, "instructions", _id="huge")["huge"]


def raw(database):
    """The same database, whose documents are not decoded."""
    options = database.codec_options.with_options(document_class=bson.raw_bson.RawBSONDocument)
    return database.with_options(codec_options=options)


# How the server is asked


class Commands(CommandListener):
    """Keeps what is sent."""

    def __init__(self):
        self.sent = []

    def started(self, event):
        self.sent.append(dict(event.command))

    def succeeded(self, event): ...

    def failed(self, event): ...


@service
@pytest.mark.parametrize(
    "options",
    ["", "?readPreference=secondary&readConcernLevel=local&w=0&retryWrites=true&journal=false"],
)
def test_whatever_the_url_prefers_the_primary_and_the_majority_are_asked(
    options, made, monkeypatch
):
    """Reads with the concern `majority`, writes with `majority` and the journal; none is sent twice."""
    listener = Commands()
    store = made(options)
    client = pymongo.MongoClient
    monkeypatch.setattr(
        "tractatus_merge.stores.mongodb.server.MongoClient",
        lambda *words, **more: client(*words, event_listeners=[listener], **more),
    )
    put(store, ONE)
    texts(store, put(store, TWO, day=2))
    assert len(list(store.log())) == 2
    names = [next(iter(sent)) for sent in listener.sent]
    assert {"find", "insert", "update", "createIndexes"} <= set(names)
    for sent in listener.sent:
        if "find" in sent:
            assert sent["readConcern"] == {"level": "majority"}
            assert sent.get("$readPreference", {"mode": "primary"}) == {"mode": "primary"}
        elif "insert" in sent or "update" in sent:
            assert (sent["writeConcern"]["w"], sent["writeConcern"]["j"]) == ("majority", True)
            assert "txnNumber" not in sent
    swaps = [sent for sent in listener.sent if sent.get("update") == "head"]
    first = swaps[0]["updates"][0]
    assert first["q"] == {"_id": "line", "version": None}


@service
def test_a_server_that_is_no_replica_set_will_do(monkeypatch):
    """A standalone server has no transactions; none are used."""
    if why := services.missing("mongodb"):
        pytest.skip(why)
    kind = services.SERVICES["mongodb"]._replace(server=services.Standalone)
    monkeypatch.setitem(services.SERVICES, "mongodb", kind)
    with services.running("mongodb") as server:
        store = open_store(with_database(server.url))
        assert "setName" not in store.server.database.client.admin.command("hello")
        head = put(store, ONE)
        assert store.commit(None, State(changed=TWO), entry()) is None
        assert texts(store, put(store, TWO, day=2)) == {**ONE, **TWO}
        assert store.load(head).get("instructions", "inst_2") is None
        assert store.astray() == []
        store.close()


# Rows for queries


@service
def test_the_collections_of_the_framework_s_design_can_be_asked(store):
    """Instructions, sessions, their numbers and checkpoints, as documents with all their fields."""
    put(store, {**ONE, ("sessions", "t1"): json.dumps(SUMMARY)}, root=True)
    put(store, {**TWO, ("instructions", "inst_1"): None}, day=2)
    assert shown(store, "instructions") == {
        "inst_1": {"removed": True, "seq": 2},
        "inst_2": {"id": "inst_2", "title": "Later", "active": False, "seq": 2},
    }
    about = {name: value for name, value in SUMMARY.items() if name != "metrics"}
    assert shown(store, "sessions") == {"t1": {**about, "seq": 1}}
    numbers = {"session": "s", "pressure_score": 61.5, "level": "HIGH", "context": 123,
               "peak": str(2**70), "last": "2025-06-02T10:00:00.000Z", "seq": 1}  # fmt: skip
    assert shown(store, "session_state") == {"t1": numbers}
    marks = SUMMARY["metrics"]["checkpoints"]
    assert shown(store, "token_checkpoints") == {
        "t1": {"session": "s", "checkpoints": marks, "seq": 1}
    }


@service
def test_who_is_late_changes_no_row(store):
    """A row of a lower number takes no higher one's place, nor that of a record that was taken away."""
    put(store, ONE)
    old = texts(store, store.head())
    put(store, {("instructions", "inst_1"): '{"n": 2}'}, day=2)
    put(store, {("instructions", "inst_1"): None}, day=3)
    before = shown(store, "instructions")
    rows.keep_up(store.server.database, chain.Head("", 1), old)
    assert shown(store, "instructions") == before == {"inst_1": {"removed": True, "seq": 3}}


@service
@pytest.mark.parametrize("missed", [1, 5])
def test_rows_that_a_dead_writer_did_not_write_are_written_by_the_next(missed, store, monkeypatch):
    """Who comes next sees by the mark that they are missing."""
    put(store, ONE)
    with monkeypatch.context() as dead:
        dead.setattr(rows, "keep_up", lambda *_: None)
        for day in range(missed):
            put(
                store,
                {("instructions", f"m{day}"): "{}", ("conflicts", "c"): f'{{"n": {day}}}'},
                day=2,
            )
        assert len(store.astray()) == missed + 1
    head = put(store, TWO, day=3)
    assert store.astray() == []
    assert shown(store, "instructions")["m0"]["seq"] == 2
    assert shown(store, "head")["rows"] == {"seq": store._found(head)["seq"]}


@service
def test_rows_lag_and_nothing_else_where_too_many_are_missing(store, monkeypatch):
    """Nobody waits for a hundred versions' rows; `doctor --fix` writes them."""
    monkeypatch.setattr(rows, "_BEHIND", 2)
    with monkeypatch.context() as dead:
        dead.setattr(rows, "keep_up", lambda *_: None)
        for day in range(1, 4):
            put(store, {("instructions", f"m{day}"): "{}"}, day=day)
    put(store, TWO, day=4)
    assert store.astray() == ["instructions/m1", "instructions/m2", "instructions/m3"]
    store.rebuild()
    assert store.astray() == []
    with monkeypatch.context() as strict:
        strict.setattr(rows, "_BEHIND", 0)
        put(store, ONE, day=5)
    assert store.astray() == []


@service
def test_rows_are_never_read_and_written_anew_by_one_call(store):
    """Whatever stands in them: edited, of others, missing, of a number to come."""
    odd = ["[]", "1", "nonsense", '{"publications": [1], "metrics": [], "removed": true, "seq": "x"}',
           '{"text": "\\ud800\\u0000", "$set": {"$a.b": 1, "": 2, "a\\u0000": 3}}', "[" * 100_000,
           '{"deep": ' + "[" * 150 + "]" * 150 + "}", '{"n": [1e999, -1e999, 99999999999999999999]}']  # fmt: skip
    for day, text in enumerate(odd, 1):
        names = ("instructions", "conflicts", "resolutions", "sessions", "later")
        put(store, {(kind, f"%\0{day}\ud800"): text for kind in names}, day=day)
    put(store, {("sessions", "t1"): json.dumps(SUMMARY)}, day=9)
    assert store.astray() == []
    held = texts(store, store.head())
    before = {name: shown(store, name) for name in rows.COLLECTIONS}
    assert len(before["instructions"]) == len(odd)
    database = store.server.database
    database["sessions"].update_one({"_id": "t1"}, {"$set": {"author": "Mallory"}})
    database["session_state"].delete_many({})
    database["instructions"].insert_many(
        [{"_id": 7}, {"_id": "late", "seq": 99}, {"_id": "x", "seq": 1}]
    )
    wrong = store.astray()
    assert {
        "sessions/t1",
        "session_state/t1",
        "instructions/7",
        "instructions/late",
        "instructions/x",
    } <= {*wrong}
    assert len(wrong) == 5 + len(odd)
    assert texts(store, store.head()) == held
    store.rebuild()
    assert store.astray() == []
    for name, found in before.items():
        there = shown(store, name, removed={"$ne": True})
        assert {of: {**row, "seq": 0} for of, row in there.items()} == {
            of: {**row, "seq": 0} for of, row in found.items()
        }
    put(store, TWO, day=9)
    assert store.astray() == []


@service
def test_rows_are_written_anew_while_others_commit(store, again):
    """No newer row is lost."""
    put(store, ONE)
    other, stop = again(store), threading.Event()

    def work():
        number = 0
        while not stop.is_set():
            number += 1
            put(
                other,
                {("instructions", f"i{number % 7}"): f'{{"n": {number}}}' if number % 3 else None},
            )

    thread = threading.Thread(target=work)
    thread.start()
    calls = []
    before = chain.head

    def head(database):
        calls.append(1)
        if len(calls) > 40:
            stop.set()
        return before(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "head", head)
        store.rebuild()
    stop.set()
    thread.join()
    assert store.astray() == []


# What is there, and what is not


@service
def test_only_what_the_head_leads_to_is_there(store, again):
    """An orphan, of a writer that died or lost, is no version: not for `has`, `load`, or the log."""
    first = put(store, ONE)
    loser = again(store)
    parent = loser._found(first)
    orphan = loser._written(parent, loser._items(parent), TWO, entry())["_id"]
    other = loser._written(None, {}, TWO, entry())["_id"]
    second = put(store, TWO, day=2)
    for found in (store, again(store)):
        assert not found.has(orphan)
        assert not found.has(other)
        with pytest.raises(StoreError):
            found.load(orphan)
        assert [one.version for one in found.log()] == [second, first]


@service
def test_what_is_swept_is_old_and_can_never_become_the_head(store, monkeypatch, again):
    """Nothing whose parent is the head; of the rest what an hour has passed by."""
    monkeypatch.setattr(store_module, "_STEPS", 1)
    first = put(store, ONE)
    parent = store._found(first)
    for changed in (TWO, {**TWO, ("sessions", "s"): "{}"}):
        store._written(parent, ONE, changed, entry())
    database = store.server.database
    with monkeypatch.context() as old:
        old.setattr(chain, "_LEFT", timedelta(days=-1))
        assert chain.sweep(database) == 0
    put(store, TWO, day=2)
    assert chain.sweep(database) == 0
    before = database["changes"].count_documents({})
    monkeypatch.setattr(chain, "_LEFT", timedelta(days=-1))
    assert chain.sweep(database) == 2
    assert before - database["changes"].count_documents({}) == 2
    assert database["versions"].count_documents({}) == 2
    assert database["snapshots"].count_documents({}) == 1
    assert texts(again(store), store.head()) == {**ONE, **TWO}


@service
def test_the_same_first_version_may_be_begun_by_two(store, again):
    """One of them died before its head moved; the other's documents are others', and it comes through."""
    changed = State(changed=ONE)
    dead = again(store)
    dead._written(None, {}, ONE, entry(root=True))
    version = store.commit(None, changed, entry(root=True))
    assert store.head() == version
    assert texts(dead, version) == ONE
    assert dead.commit(None, changed, entry(root=True)) is None
    assert len(list(dead.log())) == 1


@service
@pytest.mark.parametrize("name", ["instructions", "versions", "sessions", "head"])
def test_a_database_of_others_is_left_alone(name, store):
    """What the framework or an application keeps under one of these names is not touched."""
    database = store.server.database
    database[name].insert_one({"_id": "mine"})
    with pytest.raises(StoreError, match=f"'{name}' of another program") as error:
        put(store, ONE)
    assert "another database" in error.value.hint
    assert database.list_collection_names() == [name]
    assert list(database[name].find()) == [{"_id": "mine"}]


@service
def test_a_newer_schema_is_refused(store):
    """With what to install; nothing is read or written."""
    head = put(store, ONE)
    store.server.database["head"].update_one({"_id": "line"}, {"$set": {"schema": 2}})
    for act in (
        store.head,
        lambda: store.commit(head, State(), entry()),
        lambda: list(store.log()),
    ):
        with pytest.raises(StoreError, match="schema 2, and this version knows 1") as error:
            act()
        assert "pip install" in error.value.hint


@service
@pytest.mark.parametrize("name", ["versions", "changes"])
def test_a_document_that_somebody_deleted_is_missed(name, store, again):
    """By loading it and by the log, never taken for an empty one."""
    head = put(store, ONE)
    put(store, TWO, day=2)
    store.server.database[name].delete_one({"seq": 1})
    fresh = again(store)
    with pytest.raises(Missing, match=r"gone|missing|no version") as error:
        fresh.load(head)
    assert error.value.hint
    if name == "versions":
        with pytest.raises(Missing, match="missing"):
            list(fresh.log())


# Errors


def test_a_server_that_is_down_is_told_so():
    """In a sentence with the address, and what to type; the rest of the URL is nobody's business."""
    port = services.free_port()
    store = open_store(f"mongodb://127.0.0.1:{port}/x?serverSelectionTimeoutMS=200&appname=mine")
    with pytest.raises(
        StoreError, match=f"mongodb://127.0.0.1:{port}/x: no server answers"
    ) as error:
        store.head()
    assert error.value.exit_code == 3
    assert "mongosh" in error.value.hint
    assert "mine" not in str(error.value) + error.value.hint
    store.close()


@service
@pytest.mark.slow
def test_users_and_rights_are_the_server_s(monkeypatch):
    """A password from the environment lets in; a wrong one, none, and a missing right are told, with what to type."""
    if why := services.missing("mongodb"):
        pytest.skip(why)
    with services.running("mongodb") as own:
        with pymongo.MongoClient(own.url) as client:
            for name, role in (("jo", "readWrite"), ("reader", "read")):
                client.admin.command(
                    "createUser", name, pwd="s3cret", roles=[{"role": role, "db": "x"}]
                )
        own.kill()
        monkeypatch.setattr(own, "words", lambda: [*type(own).words(own), "--auth"])
        own.start()

        def tried(user, password):
            if password:
                monkeypatch.setenv("TRACTATUS_MONGODB_PASSWORD", password)
            else:
                monkeypatch.delenv("TRACTATUS_MONGODB_PASSWORD", raising=False)
            url = with_database(own.url, "x").replace("://", f"://{user}") + "?authSource=admin"
            store = open_store(url)
            try:
                return texts(store, put(store, ONE)), ""
            except TractatusError as error:
                assert "s3" not in f"{error} {error.hint}"
                return str(error), error.hint
            finally:
                store.close()

        assert tried("jo@", "s3cret") == (ONE, "")
        for user, password in (("jo@", "s3no"), ("jo@", ""), ("", "")):
            why, hint = tried(user, password)
            assert re.search("does not let this user in|password is required", why)
            assert hint.startswith("export TRACTATUS_MONGODB_PASSWORD=...")
        why, hint = tried("reader@", "s3cret")
        assert "does not let this user do this" in why
        assert "db.getSiblingDB('x').grantRolesToUser('USER', ['readWrite'])" in hint


@service
def test_an_id_that_no_document_takes_is_told_and_changes_nothing(store):
    """17 MB of it: an error of the store, no traceback; what stood stands."""
    head = put(store, ONE)
    with pytest.raises(StoreError, match=r"too large|does not take this"):
        put(store, {("instructions", "x" * 17_000_000): "{}"}, day=2)
    assert store.head() == head


@service
def test_nothing_fails_any_more_when_the_head_has_moved(store, monkeypatch):
    """Rows that cannot be written, of records nested deep or by a server that is gone, fail no commit."""
    deep = "[" * 900 + "]" * 900
    for day, text in enumerate((f'{{"a": {deep}}}', f'{{"a": {{"b": {deep}}}}}'), 1):
        head = put(store, {("instructions", "deep"): text, ("sessions", "s"): text}, day=day)
        assert store.head() == head
    assert store.astray() == []

    def gone(*_, **__):
        raise AutoReconnect("connection closed")

    monkeypatch.setattr(rows, "_put", gone)
    head = put(store, TWO, day=3)
    assert store.head() == head


@pytest.mark.parametrize(
    "url",
    ["mongodb:", "mongodb://", "mongodb:///x", "mongodb://host", "mongodb://host/", "mongodb://@host/x",
     "mongodb://host/a b", "mongodb://host/a.b", "mongodb://host/a/b", "mongodb://host/" + "x" * 64, "mongodb://host/$x",
     "mongodb+srv://host/x", "postgresql://host/x", "mongodb://host/x#y", ""],
)  # fmt: skip
def test_what_names_no_database_is_refused(url):
    """Bad usage, with the right form as the next command."""
    with pytest.raises(RequestError) as error:
        open_store(url)
    assert "mongodb://HOST" in error.value.hint


@pytest.mark.parametrize(
    "url",
    ["mongodb://jo:s3cret@host/x", "mongodb://jo:s3%40cret@a,b:1/x", "mongodb://:s3cret@host/x",
     "mongodb://host/x?tlsCertificateKeyFilePassword=s3cret", "mongodb://jo%3As3cret@host/x"],
)  # fmt: skip
def test_a_password_in_the_url_is_refused_and_not_repeated(url):
    """With the variable that it belongs in."""
    with pytest.raises(RequestError) as error:
        open_store(url)
    assert "s3" not in str(error.value) + error.value.hint
    assert "TRACTATUS_MONGODB_PASSWORD" in error.value.hint


def test_the_password_comes_from_the_environment(monkeypatch):
    """And is used only for a user that the URL names."""
    monkeypatch.setenv("TRACTATUS_MONGODB_PASSWORD", "s3cret")
    for url, used in (("mongodb://jo@127.0.0.1:1/x", True), ("mongodb://127.0.0.1:1/x", False)):
        store = open_store(url)
        found = store.server.database.client.options.pool_options._credentials
        assert (found is not None) == used
        if found:
            assert (found.username, found.password, found.source) == ("jo", "s3cret", "x")
        store.close()


@pytest.mark.parametrize(
    "url", ["mongodb://jo@127.0.0.1:1/x", "mongodb://127.0.0.1:1/x?w=nonsense&tls=7"]
)
def test_what_the_driver_refuses_is_bad_usage(url):
    """A user without a password, options that are none: no traceback, and where to mend it."""
    store = open_store(url)
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # as outside of the tests
        with pytest.raises(RequestError) as error:
            store.head()
    assert error.value.hint
    store.close()


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    """No traceback of an import."""
    for name in [
        name for name in sys.modules if name.startswith("tractatus_merge.stores.mongodb.s")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymongo", None)
    with pytest.raises(RequestError, match="PyMongo") as error:
        open_store("mongodb://host/x")
    assert "pip install" in error.value.hint


# Documentation

QUERY = re.compile(
    r"db\.(\w+)\.(find|aggregate)\((.*?)\)(?:\.sort\((.*?)\))?\s*(?=//|\Z)", re.DOTALL
)


@service
def test_every_query_of_the_documentation_finds_something(store):
    """Each is valid as it stands, and finds what is there; none finds what was taken away."""
    port = '{"text": "a", "persistence": "HIGH", "parameters": {"port": "1"}}'
    put(store, {("instructions", "inst_001"): port, ("instructions", "gone"): port}, root=True)
    conflict = '{"severity": "CRITICAL", "kind": "field", "instruction": "inst_001"}'
    answer = '{"conflict": "c0", "author": "A", "why": "so"}'
    more = {("conflicts", "c1"): conflict, ("conflicts", "c0"): conflict,
            ("resolutions", "r1"): answer, ("sessions", "t1"): json.dumps(SUMMARY),
            ("sessions", "t0"): json.dumps(SUMMARY)}  # fmt: skip
    put(store, more, day=2)
    gone = {("instructions", "gone"): None, ("conflicts", "c0"): None, ("sessions", "t0"): None}
    put(store, {**gone, ("instructions", "inst_001"): port.replace("HIGH", "LOW")}, day=3)
    page = (ROOT / "docs/how-to/ask-in-mongodb.md").read_text("utf-8")
    found = [
        query
        for block in re.findall(r"^```js\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for query in QUERY.findall(block)
    ]
    assert len(found) == page.count("\ndb.") == 9
    database, answers = store.server.database, []
    for name, verb, words, order in found:
        cursor = getattr(database[name], verb)(*json.loads(f"[{words}]"))
        answers.append(list(cursor.sort(json.loads(order)) if order else cursor))
    assert [len(answer) for answer in answers] == [1, 1, 1, 1, 1, 1, 1, 3, 2]
    assert answers[0] == [{"_id": "LOW", "count": 1}]
    assert answers[5] == [{"_id": 25, "sessions": 1}]
    assert [one["text"] for one in answers[8]] == [port, port.replace("HIGH", "LOW")]
