"""`doctor --store`: each check of each store is a line, with the next command where one is wrong."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid

import pytest

from tests.stores.kinds import with_database, with_line
from tests.tool import run, tool
from tractatus_merge.doctor import store_checks
from tractatus_merge.factory import open_repository
from tractatus_merge.stores.facts import Facts
from tractatus_merge.stores.mongodb import server

STORES = [
    "git",
    "file",
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.services),
    pytest.param("mongodb", marks=pytest.mark.services),
]
PROGRAMS = {
    "git": "git version 2",
    "file": "files, a version each",
    "sqlite": "SQLite 3",
    "postgresql": "PostgreSQL 1",
    "mongodb": "MongoDB",
}


def url_of(name, request):
    """A new place of a store."""
    if name == "git":
        return "git:tractatus/history"
    if name in ("file", "sqlite"):
        return f"{name}:"
    return {"postgresql": with_line, "mongodb": with_database}[name](request.getfixturevalue(name))


@pytest.fixture
def made(request, repo):
    """A folder whose history is in the store that the test names, with three publications."""

    def make(name):
        assert run(repo, "init", "--store", url_of(name, request)).code == 0
        for text in ("Ovens are preheated.", "Loaves are weighed."):
            assert run(repo, "add", text).code == 0
        run(repo, "view", "--write")
        return repo

    return make


def looked(folder, code=0):
    """What each check said, by its name."""
    checks = tool(folder, "doctor", "--store", code=code)["checks"]
    return {check["check"]: check for check in checks}


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_is_well_has_a_line_for_each_check_and_nothing_to_type(name, made):
    """Reach, versions, clock, rights, latency, lock, history, records, rows for queries, view."""
    folder = made(name)
    ran = run(folder, "doctor", "--store")
    assert ran.code == 0, ran.out + ran.err
    told = dict(line.split(": ", 1) for line in ran.out.splitlines())
    shown = ["rows"] * (name in ("sqlite", "postgresql", "mongodb"))
    assert list(told) == [
        *("reach", "version", "clock", "rights", "latency", "lock", "history", "records"),
        *shown, "view",
    ]  # fmt: skip
    assert PROGRAMS[name] in told["version"]
    assert "schema: " in told["version"]
    count = len(tool(folder, "log")["entries"]) if name != "git" else None
    assert count is None or told["history"].startswith(f"{count} versions")


def test_a_history_that_is_not_there_ends_it(repo):
    """One line, with what makes it; exit 1."""
    ran = run(repo, "doctor", "--store")
    assert ran.code == 1
    assert ran.out.splitlines()[1:] == ["  tractatus-merge init"]


@pytest.mark.parametrize(
    "url", ["postgresql://127.0.0.1:1/db", "mongodb://127.0.0.1:1/db?serverSelectionTimeoutMS=200"]
)
def test_a_server_that_is_away_ends_it_with_what_to_type(repo, url):
    """The first check says so."""
    (repo / ".claude/tractatus.toml").write_text(f'[store]\nurl = "{url}"\n')
    checks = looked(repo, code=1)
    assert list(checks) == ["reach"]
    assert checks["reach"]["fix"]


def test_it_only_looks(repo):
    """`--fix` beside it is refused."""
    assert run(repo, "doctor", "--store", "--fix").code == 2


@pytest.mark.parametrize("damage", ["torn", "gone"])
def test_a_version_file_that_is_torn_or_gone_is_named(made, damage):
    """An older one, which no day's work would read."""
    folder = made("file")
    path = folder / ".claude/history/versions/2"
    if damage == "torn":
        path.write_bytes(path.read_bytes()[:-5])
    else:
        path.unlink()
    found = looked(folder, code=1)["history"]
    assert str(path) in found["message"]
    assert found["fix"]


def struck_database(folder, *statements):
    """Change the database past the program."""
    database = sqlite3.connect(folder / ".claude/history/history.db")
    with database:
        for statement in statements:
            assert database.execute(statement).rowcount > 0
    database.close()


def test_a_record_that_is_none_is_named_with_its_version(made):
    """In an older version too: somebody wrote over it in SQL."""
    folder = made("sqlite")
    run(folder, "edit", "inst_001", "--set", "notes=new")
    struck_database(
        folder,
        "UPDATE changes SET text = '{' WHERE collection = 'instructions' AND id = 'inst_001'"
        " AND until IS NOT NULL",
    )
    found = looked(folder, code=1)["records"]
    assert found["message"].startswith("instructions/inst_001 cannot be read in version")


def test_an_entry_whose_parent_is_gone_is_named(made):
    """A row of the log was deleted."""
    folder = made("sqlite")
    struck_database(folder, "DELETE FROM versions WHERE seq = 2")
    found = looked(folder, code=1)["history"]
    assert "which is not there" in found["message"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE instructions SET quadrant = 'x' WHERE id = 'inst_001'",
        "DELETE FROM instructions WHERE id = 'inst_001'",
        "INSERT INTO instructions (id) VALUES ('inst_001 ')",
        "INSERT INTO token_checkpoints (id, percentage) VALUES ('inst_001', 25)",
        "UPDATE sessions SET publications = 77",
    ],
)
def test_rows_that_somebody_edited_are_named_and_mended(made, statement):
    """By `doctor` and `doctor --store`, and mended by `doctor --fix`: the history is the truth."""
    folder = made("sqlite")
    struck_database(folder, statement)
    found = looked(folder, code=1)["rows"]
    assert "/" in found["message"]
    assert found["fix"] == "tractatus-merge doctor --fix"
    assert any(line.startswith("rows: ") for line in run(folder, "doctor").out.splitlines())
    run(folder, "doctor", "--fix")
    assert looked(folder)["rows"]["ok"]


@pytest.mark.services
def test_rows_of_a_server_that_somebody_edited_are_named(made, mongodb):
    """The documents for queries are looked at too."""
    folder = made("mongodb")
    store = open_repository(folder).store
    store.server.database["instructions"].update_one({"_id": "inst_001"}, {"$set": {"text": "x"}})
    store.close()
    assert "instructions/inst_001" in looked(folder, code=1)["rows"]["message"]


@pytest.mark.services
def test_rights_that_a_role_lacks_on_postgresql_are_named_with_the_grant(made, postgresql):
    """One that may only read."""
    import psycopg

    folder = made("postgresql")
    path = folder / ".claude/tractatus.toml"
    line, role = path.read_text().rpartition("line=")[2].strip('"\n'), f"r{uuid.uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as server:
        server.execute(f"CREATE ROLE {role} LOGIN")
        server.execute(f"GRANT USAGE ON SCHEMA {line} TO {role}")
        server.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {line} TO {role}")
        path.write_text(path.read_text().replace("postgres@", f"{role}@"))
        found = looked(folder, code=1)["rights"]
        assert "INSERT on versions" in found["message"]
        assert "SELECT" not in found["message"]
        assert "GRANT" in found["fix"]
        server.execute(f"DROP OWNED BY {role}")
        server.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("name", "place"),
    [("file", ".claude/history/versions"), ("sqlite", ".claude/history"), ("git", ".git/objects")],
)
def test_a_folder_that_may_not_be_written_is_named(made, monkeypatch, name, place):
    """Of a store on a disk; root may write everywhere, so the answer is given here."""
    closed = made(name) / place
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, how: path != closed and access(path, how))
    found = looked(closed.parents[place.count("/")], code=1)["rights"]
    assert f"write {closed}" in found["message"]
    assert found["fix"] == f"ls -ld {closed}"


@pytest.mark.parametrize(
    ("clock", "wrong"), [(100.5, False), (96.0, False), (94.0, True), (106.1, True), (None, False)]
)
def test_a_servers_clock_is_compared_with_the_moments_around_the_question(clock, wrong):
    """It was asked between second 100 and 101: five seconds beside that are too many."""
    assert store_checks._clock(Facts("", "", clock), 100.0, 101.0).wrong is wrong


def test_a_view_that_is_behind_is_a_note(made):
    """Nothing is lost: exit 0, with what brings it up."""
    folder = made("file")
    path = folder / ".claude/instruction-history.json"
    before = path.read_bytes()
    run(folder, "add", "Trays are cooled.")
    run(folder, "view", "--write")
    assert looked(folder)["view"]["fix"] == ""
    path.write_bytes(before)
    found = looked(folder)["view"]
    assert (found["ok"], found["fix"]) == (True, "tractatus-merge view --write")


def test_a_redis_that_is_away_is_a_note(repo):
    """Nothing depends on it: exit 0, with what asks it."""
    run(repo, "init", "--store", "file:", "--lock", "redis://127.0.0.1:1")
    found = looked(repo)["lock"]
    assert found["ok"]
    assert found["fix"].startswith("redis-cli")


@pytest.mark.services
def test_a_redis_that_answers_says_its_version(repo, redis):
    """As the store's server does."""
    run(repo, "init", "--store", "file:", "--lock", redis)
    found = looked(repo)["lock"]
    assert ": Redis " in found["message"]
    assert json.dumps(found)


USER = [{"user": "jo", "db": "admin"}]
READS, WRITES = ["find"], ["insert", "update", "remove", "createIndex"]


@pytest.mark.parametrize(
    ("users", "privileges", "lacks"),
    [
        ([], [], []),  # nobody has to say who he is
        (USER, [({"db": "rules", "collection": ""}, READS + WRITES)], []),
        (USER, [({"db": "rules", "collection": ""}, READS)], WRITES),
        (USER, [({"db": "", "collection": ""}, READS + WRITES)], []),  # of every database
        (USER, [({"anyResource": True}, ["anyAction"])], []),
        (USER, [({"db": "other", "collection": ""}, READS + WRITES)], READS + WRITES),
        (USER, [({"db": "rules", "collection": "head"}, WRITES)], READS + WRITES),
        (USER, [({"cluster": True}, ["find"])], READS + WRITES),
    ],
)
def test_rights_that_a_user_of_mongodb_lacks_are_those_that_no_privilege_gives(
    users, privileges, lacks
):
    """As `connectionStatus` tells them: of this database, of every one, or of anything."""
    told = [{"resource": where, "actions": actions} for where, actions in privileges]
    status = {"authInfo": {"authenticatedUsers": users, "authenticatedUserPrivileges": told}}
    assert server._lacking(status, "rules") == lacks
