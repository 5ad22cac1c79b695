"""A line in MongoDB from the command line: made, worked on, looked after; and refused where it must be."""

from __future__ import annotations

import pytest

from tests.conftest import HISTORY
from tests.stores.kinds import with_database
from tests.tool import run, texts, tool
from tractatus_merge.stores.mongodb.opening import open_store

pytestmark = pytest.mark.services


@pytest.fixture
def url(mongodb):
    """A database that is not there yet, and gone with the test."""
    found = with_database(mongodb)
    yield found
    store = open_store(found)
    store.server.database.client.drop_database(store.server.name)
    store.close()


def folder(path):
    """A folder with a history, which nothing governs yet."""
    (path / ".claude").mkdir(parents=True)
    (path / ".claude/instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    return path


def test_two_machines_share_a_line(url, tmp_path):
    """What one publishes is in force for the other; each has its own sessions."""
    one, two = folder(tmp_path / "one"), folder(tmp_path / "two")
    assert tool(one, "init", "--store", url)["store"] == url
    assert f'url = "{url}"' in (one / ".claude/tractatus.toml").read_text()
    tool(two, "init", "--store", url)
    tool(two, "start", "--id", "s")
    tool(one, "add", "Ovens are preheated.", "--id", "inst_900")
    tool(two, "edit", "inst_002", "--set", "notes=cents", "--session", "s")
    assert tool(two, "end", "--session", "s")["outcome"] == "clean"
    assert texts(two)["inst_900"] == "Ovens are preheated."
    assert tool(one, "show", "inst_002")["notes"] == "cents"
    assert len(tool(one, "log")["entries"]) == 3
    assert not (one / ".claude/history").exists()


def test_a_url_of_any_length_will_do(url, tmp_path):
    """A replica set is named by many hosts and options; no file's name becomes too long."""
    url += f"?appName={'x' * 120}&maxPoolSize=10&heartbeatFrequencyMS=10000&zlibCompressionLevel=1"
    assert len(url) > 230
    top = folder(tmp_path)
    tool(top, "init", "--store", url)
    tool(top, "add", "Ovens are preheated.", "--id", "inst_900")
    assert texts(top)["inst_900"] == "Ovens are preheated."


def test_doctor_finds_rows_that_differ_and_writes_them_anew(url, tmp_path):
    """Exit 1 with the next command, which mends it; then all is well."""
    top = folder(tmp_path)
    tool(top, "init", "--store", url)
    store = open_store(url)
    store.server.database["instructions"].update_one(
        {"_id": "inst_001"}, {"$set": {"active": False}}
    )
    ran = run(top, "doctor")
    assert ran.code == 1
    assert "rows for queries differ from the newest version: instructions/inst_001" in ran.out
    assert "tractatus-merge doctor --fix" in ran.out
    assert tool(top, "list")["instructions"][0]["active"] is True
    found = tool(top, "doctor", "--fix")
    assert [one["code"] for one in found["mended"]] == ["rows"]
    assert store.astray() == []
    store.close()


@pytest.mark.parametrize("where", ["argument", "settings"])
def test_a_password_is_never_taken_nor_shown(where, url, tmp_path):
    """Bad usage (2), with the variable to use; nothing is written."""
    top, bad = folder(tmp_path), url.replace("://", "://jo:s3cret@")
    if where == "settings":
        (top / ".claude/tractatus.toml").write_text(f'[store]\nurl = "{bad}"\n')
    ran = run(top, *(("init", "--store", bad) if where == "argument" else ("list",)))
    assert ran.code == 2
    assert "s3cret" not in ran.out + ran.err
    assert "TRACTATUS_MONGODB_PASSWORD" in ran.err
    assert (top / ".claude/tractatus.toml").exists() == (where == "settings")
