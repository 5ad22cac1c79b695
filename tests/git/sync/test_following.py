"""A record that gave way to another clone's of the same id: whoever meant it still means it."""

from __future__ import annotations

import pytest

from tests.git.sync.crowd import head, pair_of
from tests.tool import plain_edit, run, tool

VIEW = ".claude/instruction-history.json"


@pytest.fixture
def scene(tmp_path):
    """Ada and Bo each add an inst_092; Ada has a session that knows hers; then she syncs."""
    _, ada, bo = pair_of(tmp_path)
    tool(bo, "add", "Bo's rule", "--id", "inst_092")
    tool(bo, "sync")
    tool(ada, "add", "Ada's rule", "--id", "inst_092")
    added = head(ada)
    tool(ada, "start", "--id", "s1")
    return ada, bo, added


def rules(clone):
    """The two rules, by who wrote them."""
    found = {row["id"]: row for row in tool(clone, "list", "--all")["instructions"]}
    told = {row["text"].split("'")[0]: row for row in found.values() if "'s rule" in row["text"]}
    assert len(told) == 2 and told["Bo"]["id"] == "inst_092"
    return told


@pytest.mark.parametrize("early", [True, False])
def test_a_session_s_edit_follows_the_record(scene, early):
    """Written before or after the sync, with its reason; also what mentions it."""
    ada, bo, _ = scene

    def write():
        tool(ada, "edit", "inst_092", "--set", "notes=meant", "--why", "so", "--session", "s1")
        tool(ada, "add", "See inst_092", "--session", "s1")

    if early:
        write()
    tool(ada, "sync")
    if not early:
        write()
    tool(ada, "end", "--session", "s1")
    tool(ada, "sync")
    tool(bo, "sync")
    for clone in (ada, bo):
        told = rules(clone)
        assert (told["Ada"]["notes"], told["Bo"]["notes"]) == ("meant", "")
        mine = told["Ada"]["id"]
        assert any(row["text"] == f"See {mine}" for row in tool(clone, "list")["instructions"])
        assert "so" in run(clone, "blame", mine).out
        assert tool(clone, "conflicts")["conflicts"] == []


def test_a_session_goes_on_after_it_followed(scene):
    """Its copy has both records after a merge, each under its own id, and a second edit lands well."""
    ada, _, _ = scene
    tool(ada, "edit", "inst_092", "--set", "notes=one", "--session", "s1")
    tool(ada, "sync")
    tool(ada, "merge", "--session", "s1")
    mine = rules(ada)["Ada"]["id"]
    copy = {r["id"]: r["text"] for r in tool(ada, "list", "--session", "s1")["instructions"]}
    assert (copy["inst_092"], copy[mine]) == ("Bo's rule", "Ada's rule")
    tool(ada, "edit", mine, "--set", "notes=two", "--session", "s1")
    tool(ada, "end", "--session", "s1")
    told = rules(ada)
    assert (told["Ada"]["notes"], told["Bo"]["notes"]) == ("two", "")


def test_retiring_and_undoing_follow_too(scene):
    """Neither touches the other person's rule."""
    ada, _, added = scene
    tool(ada, "edit", "inst_092", "--set", "notes=n", "--session", "s1")
    tool(ada, "merge", "--session", "s1")
    edited = head(ada)
    tool(ada, "sync")
    tool(ada, "undo", edited)
    assert rules(ada)["Ada"]["notes"] == ""
    tool(ada, "undo", added)
    told = rules(ada)
    assert (told["Ada"]["active"], told["Bo"].get("active", True)) == (False, True)
    assert tool(ada, "conflicts")["conflicts"] == []


def test_an_old_file_means_it_too(scene):
    """The file of before the sync is no edit; a script's edit in it is one of the right rule."""
    ada, _, _ = scene
    tool(ada, "view", "--write")
    before = (ada / VIEW).read_bytes()
    tool(ada, "sync")
    (ada / VIEW).write_bytes(before)
    assert run(ada, "list").err == ""
    plain_edit(ada / VIEW, lambda it: it["instructions"][-1].update(notes="by a script"))
    tool(ada, "list")
    told = rules(ada)
    assert (told["Ada"]["notes"], told["Bo"]["notes"]) == ("by a script", "")
