"""The history file in git, in clones that sync: what came with a pull is nobody's edit."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import git
from tests.git.sync.crowd import pair_of
from tests.tool import plain_edit, run, texts, tool

VIEW = ".claude/instruction-history.json"


@pytest.fixture
def pair(tmp_path):
    """A hub and two clones; Bo has committed his file after an edit, and edits on."""
    hub, ada, bo = pair_of(tmp_path)
    tool(bo, "edit", "inst_001", "--set", "text=Bo's first", "--why", "one")
    git(bo, "commit", "-qam", "Bo's file")
    git(bo, "push", "-q")
    return hub, ada, bo


@pytest.mark.parametrize("further", [("edit", "inst_001", "--set", "text=Bo's second"),
                                     ("retire", "inst_001", "--why", "over")])  # fmt: skip
def test_a_pulled_file_is_no_edit(pair, further):
    """Published in one clone, committed, pulled in another before the sync: it is there once."""
    _, ada, bo = pair
    tool(bo, *further)
    tool(bo, "sync")
    git(ada, "pull", "-q")
    told = run(ada, "list")
    assert "inst_001" in told.err and "tractatus-merge sync" in told.err
    assert [e["version"] for e in tool(ada, "log")["entries"]] == [
        e["version"] for e in tool(bo, "log")["entries"] if not e["session"]
    ]
    assert tool(ada, "sync")["sent"] == 0
    assert tool(ada, "conflicts")["conflicts"] == []
    assert tool(ada, "show", "inst_001") == tool(bo, "show", "inst_001")
    assert run(ada, "list").err == ""


def test_what_stays_apart_is_not_written_over(pair):
    """The file of another clone stays as it is until a sync; a person may insist."""
    _, ada, _ = pair
    git(ada, "pull", "-q")
    before = (ada / VIEW).read_bytes()
    ran = run(ada, "add", "Ada's own")
    assert ran.code == 0 and (ada / VIEW).read_bytes() == before
    assert "tractatus-merge sync" in ran.err
    assert "Ada's own" in texts(ada).values() and "Bo's first" not in texts(ada).values()
    assert run(ada, "view", "--write").code == 0
    assert (ada / VIEW).read_bytes() != before


def test_a_script_s_edit_beside_it_is_taken_in(pair):
    """Only the records of the other clone wait."""
    _, ada, _ = pair
    git(ada, "pull", "-q")
    plain_edit(
        ada / VIEW,
        lambda it: it["instructions"].append({"id": "inst_900", "text": "By a script"}),
    )
    ran = run(ada, "list")
    assert "1 added" in ran.err and "not taken in: inst_001" in ran.err
    assert texts(ada)["inst_900"] == "By a script"


def test_a_shallow_clone_revives_nothing(tmp_path, pair):
    """Where nobody can tell what the file was made from, nothing of it is taken in."""
    hub, _, bo = pair
    tool(bo, "retire", "inst_002", "--why", "over")
    tool(bo, "sync")
    git(bo, "reset", "-q", "--hard", "HEAD~1")
    git(bo, "push", "-qf")
    thin = tmp_path / "thin"
    words = ["--depth", "1", "--no-single-branch"]
    subprocess.run(["git", "clone", "-q", *words, f"file://{hub}", thin], check=True)
    ran = run(thin, "init")
    assert ran.code == 0 and "git fetch --unshallow" in ran.err
    assert texts(thin) == texts(bo)
    git(thin, "fetch", "-q", "--unshallow")
    assert run(thin, "list").err == ""
    assert texts(thin) == texts(bo)


def test_a_file_that_git_stopped_tracking_comes_back(pair):
    """A pull takes it out of the work tree; the next look writes the view."""
    _, ada, bo = pair
    tool(bo, "sync")
    git(bo, "rm", "-q", "--cached", VIEW)
    (bo / ".gitignore").write_text(f"/{VIEW}\n")
    git(bo, "add", ".gitignore")
    git(bo, "commit", "-qm", "The history lives on its branch")
    git(bo, "push", "-q")
    git(ada, "pull", "-q")
    assert not (ada / VIEW).exists()
    tool(ada, "sync")
    assert "Bo's first" in (ada / VIEW).read_text("utf-8")


def test_init_rewrites_no_file(tmp_path, pair):
    """Also where it adopts the remote's history and takes in a file of one's own; it says what waits."""
    hub, _, bo = pair
    tool(bo, "sync")
    mine = tmp_path / "mine"
    subprocess.run(["git", "clone", "-q", hub, mine], check=True)
    plain_edit(mine / VIEW, lambda it: it["instructions"][1].update(text="My own words"))
    before = (mine / VIEW).read_bytes()
    assert "would adopt" in run(mine, "init", "--dry-run").out
    assert run(mine, "init").code == 0
    assert (mine / VIEW).read_bytes() == before
    assert "My own words" in texts(mine).values() and "Bo's first" in texts(mine).values()


def test_a_shallow_clone_with_a_history_of_its_own_takes_scripts_edits_in(tmp_path, pair):
    """Only the code is cut there, as in CI: what a record was made from is all here."""
    hub, _, _ = pair
    thin = tmp_path / "thin"
    words = ["--depth", "1", "--single-branch"]
    subprocess.run(["git", "clone", "-q", *words, f"file://{hub}", thin], check=True)
    tool(thin, "init")
    plain_edit(thin / VIEW, lambda it: it["instructions"][1].update(text="By a script"))
    assert "1 edited" in run(thin, "list").err
    assert texts(thin)["inst_002"] == "By a script"


def test_a_record_of_a_clone_that_is_gone_is_taken_in_without_its_stamp(pair):
    """Nobody can sync it any more: a person says that it is theirs now."""
    _, ada, _ = pair
    git(ada, "pull", "-q")
    plain_edit(ada / VIEW, lambda it: it["instructions"][0].pop("version_vector"))
    assert "not taken in" not in run(ada, "list").err
    assert texts(ada)["inst_001"] == "Bo's first"
