"""A line that version 0.1 began: it is worked on as it was, until it is turned, once and for all.

`layout_1.export` is such a line, as that program made it: three sessions' base, two of them merged,
a conflict open.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import bakery, git
from tests.git.sync.crowd import BRANCH, clone_of, head, hub_of
from tests.stores.conformance import put
from tests.tool import run, texts, tool
from tractatus_merge.core.model import needs
from tractatus_merge.core.model.state import COLLECTIONS, State
from tractatus_merge.git.tree import FEW

MADE_BY_0_1 = Path(__file__).parent / "layout_1.export"
TURN = ["migrate", "--layout"]


@pytest.fixture
def old(tmp_path):
    """A work tree whose line version 0.1 made."""
    folder = bakery(tmp_path)
    view = folder / ".claude" / "instruction-history.json"
    texts = {"inst_001": "one", "inst_002": "b", "inst_003": "c"}
    records = [{"id": name, "text": text} for name, text in texts.items()]
    view.write_text(json.dumps({"version": "1.0", "instructions": records}), "utf-8")
    git(folder, "commit", "-qam", "Another view")
    with MADE_BY_0_1.open("rb") as export:
        subprocess.run(["git", "-C", folder, "fast-import", "--quiet"], stdin=export, check=True)
    tool(folder, "init")
    return folder


def paths(folder, version=BRANCH):
    """The files of a version."""
    return git(folder, "ls-tree", "-r", "--name-only", version).splitlines()


def records(folder, version=BRANCH):
    """What a version holds, without what the layout needs: path below its collection to blob."""
    rows = (row.split() for row in git(folder, "ls-tree", "-r", version).splitlines())
    return {
        path.replace("summaries/", "sessions/"): oid
        for _, _, oid, path in rows
        if path != "document/format.json"
    }


def test_an_old_line_is_worked_on_as_it_was(old):
    """Its summaries stay where 0.1 looks for them; `doctor` says what turns it."""
    tool(old, "add", "More")
    assert not [path for path in paths(old) if path.startswith(("summaries", "document/format"))]
    assert len([path for path in paths(old) if path.startswith("sessions/")]) == 3
    found = [one for one in tool(old, "doctor", code=0)["notes"] if one["code"] == "layout"]
    assert [one["fix"] for one in found] == ["tractatus-merge migrate --layout"]


def test_turning_changes_no_record(old):
    """Instructions, conflicts, summaries, git's notes: all are as they were, and so is the past."""
    git(old, "notes", "add", "-m", "a note", BRANCH)
    before, was, log = records(old), head(old), tool(old, "log")["entries"]
    said = tool(old, *TURN)
    assert said == {"head": head(old), "turned": True} and said["head"] != was
    assert records(old) == before
    newest, *rest = tool(old, "log")["entries"]
    assert newest["changes"] == [] and rest == log
    assert git(old, "notes", "show", was) == "a note\n"
    assert len(tool(old, "conflicts")["conflicts"]) == 1
    assert tool(old, *TURN) == {"head": said["head"], "turned": False}
    assert "layout" not in [one["code"] for one in tool(old, "doctor")["notes"]]


def test_turned_in_two_clones_it_is_the_same_to_the_byte(old, tmp_path, monkeypatch):
    """Whoever turns it, and whenever: even the commit has one id, and a sync finds nothing to do."""
    hub = hub_of(tmp_path, old)
    one, two = (clone_of(tmp_path, hub, name) for name in ("ada", "bo"))
    for clone in (one, two):
        tool(clone, "init")
        monkeypatch.setenv("TZ", f"UTC{len(clone.name)}")
        tool(clone, *TURN)
    assert head(one) == head(two) != head(hub)
    assert tool(one, "sync")["sent"] == 1
    assert tool(two, "sync")["sent"] == 0


def test_a_session_that_was_open_ends_after_the_turn(old):
    """Its base is of the old layout; nothing of it is lost, and its conflict is found."""
    tool(old, "start", "--id", "s9")
    tool(old, "edit", "inst_002", "--set", "text=Of s9", "--session", "s9")
    tool(old, "edit", "inst_003", "--set", "text=Of s9", "--session", "s9")
    tool(old, "start", "--id", "s8")
    tool(old, "edit", "inst_003", "--set", "text=Of s8", "--session", "s8")
    tool(old, "end", "--session", "s8")
    tool(old, *TURN)
    ended = tool(old, "end", "--session", "s9", code=1)
    assert ended["edited"] and len(ended["conflicts"]) == 1
    assert texts(old)["inst_002"] == "Of s9"
    assert len([path for path in paths(old) if path.startswith("summaries/")]) == 4
    assert "sessions" not in git(old, "ls-tree", "--name-only", BRANCH)


@pytest.mark.parametrize("turned", ["here", "there", "both"])
def test_a_turned_and_an_unturned_clone_are_united(old, tmp_path, turned):
    """The turn stays, nothing is lost; who is turned by a sync hears what older programs need."""
    hub = hub_of(tmp_path, old)
    here, there = (clone_of(tmp_path, hub, name) for name in ("ada", "bo"))
    for clone in (here, there):
        tool(clone, "init")
        tool(clone, "add", f"Of {clone.name}")
    for clone, where in ((here, "here"), (there, "there")):
        if turned in (where, "both"):
            tool(clone, *TURN)
    tool(there, "sync")
    ran = run(here, "sync")
    assert ran.code in (0, 1), ran
    told = "pip install --upgrade 'tractatus-merge>=0.2.0'" in ran.out + ran.err
    assert told == (turned == "there")
    tool(there, "sync")
    assert head(here) == head(there) == head(hub)
    assert {"Of ada", "Of bo"} <= {*texts(here).values()}
    assert "document/format.json" in paths(here)
    assert not [path for path in paths(here) if path.startswith("sessions/")]
    assert len([path for path in paths(here) if path.startswith("summaries/")]) == 4


@pytest.mark.parametrize("sessions", [0, 1])
def test_version_0_1_takes_a_new_line_for_nothing_of_its_own(tmp_path, sessions):
    """It knew five folders and the page, and refused a branch with others; so nothing was dropped.

    The program before layout 2 knew needs, and says what to install.
    """
    folder = bakery(tmp_path)
    tool(folder, "init")
    for number in range(sessions):
        tool(folder, "add", f"Number {number}")
    tops = {*git(folder, "ls-tree", "--name-only", BRANCH).splitlines()}
    assert tops - {*COLLECTIONS, "README.md"} == {"summaries"}
    text = git(folder, "show", f"{BRANCH}:document/format.json")
    asked = needs.needs_of(State({("document", "format"): text}))
    assert asked.reader == {"git layout 2": "0.2.0"}


def test_another_store_cannot_be_turned(tmp_path):
    """It has no layout; and TO and --layout together are refused."""
    folder = bakery(tmp_path)
    tool(folder, "init", "--store", "file:")
    ran = run(folder, *TURN)
    assert ran.code == 2 and "only one in git can do that" in ran.err
    for words in (["file:", "sqlite:", "--layout"], ["file:"], []):
        ran = run(folder, "migrate", *words)
        assert ran.code == 2 and "name FROM and TO, or --layout alone" in ran.err


def test_a_line_begins_in_the_newest_layout_wherever_it_comes_from(tmp_path):
    """Also one that is moved to git from another store; and its format is not moved along."""
    folder = bakery(tmp_path)
    tool(folder, "init", "--store", "file:")
    tool(folder, "add", "One")
    tool(folder, "migrate", "file:", "git:other")
    assert "summaries" in git(folder, "ls-tree", "--name-only", "other")
    tool(folder, "migrate", "git:other", "sqlite:")
    assert "One" in texts(folder).values()
    assert not [
        one for one in tool(folder, "log")["entries"] if "document/format" in one["changes"]
    ]


def test_what_others_put_into_a_folder_is_left_behind(tmp_path):
    """A tree that is not as ours are is written anew, whole: no clone would take it."""
    folder = bakery(tmp_path)
    tool(folder, "init")
    blob = git(folder, "rev-parse", f"{BRANCH}:instructions/inst_001.json").strip()
    subprocess.run(
        ["git", "-C", folder, "read-tree", "--index-output=.git/other", BRANCH], check=True
    )
    env = ["git", "-C", str(folder)]
    entry = f"120000,{blob},instructions/no-record"
    script = {"GIT_INDEX_FILE": str(folder / ".git/other"), "PATH": "/usr/bin:/bin"}
    subprocess.run([*env, "update-index", "--add", "--cacheinfo", entry], env=script, check=True)
    tree = subprocess.run(
        [*env, "write-tree"], env=script, check=True, capture_output=True, text=True
    ).stdout.strip()
    made = git(folder, "commit-tree", "-p", BRANCH, "-m", "by hand", tree).strip()
    git(folder, "update-ref", f"refs/heads/{BRANCH}", made)
    tool(folder, "add", "After")
    assert "instructions/no-record" not in paths(folder)
    assert "After" in texts(folder).values()


def test_the_log_of_a_folder_that_is_divided_names_what_changed_alone(new_repository, open_store):
    """One commit moves all of its files; no record of them is another for that."""
    line = open_store(new_repository())
    put(line, {("instructions", f"inst_{n}"): "{}" for n in range(FEW)})
    put(line, {("instructions", "one more"): "{}"}, day=2)
    newest, first = line.log()
    assert newest.changes == (("instructions", "one more"),)
    assert len(first.changes) == FEW
    tops = git(
        line.git.places.common_dir.parent, "ls-tree", "--name-only", f"{BRANCH}:instructions"
    )
    assert len(tops.split()) == 16
    put(line, {("instructions", f"inst_{n}"): None for n in range(10)}, day=3)
    assert [one.changes for one in line.log("instructions", "inst_77")] == [first.changes]
