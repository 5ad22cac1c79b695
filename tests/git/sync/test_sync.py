"""`sync`: several clones, one line of governance, through a git remote."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import HISTORY, THOROUGH, bakery, git
from tests.git.sync.crowd import BRANCH, Crowd, clone_of, head, hub_of, pair_of, replaced, tree
from tests.tool import plain_edit, run, texts, tool

VIEW = ".claude/instruction-history.json"


@pytest.fixture
def pair(tmp_path):
    """A hub, and two clones that have the same history."""
    return pair_of(tmp_path)


@pytest.mark.slow
@pytest.mark.race
@pytest.mark.parametrize("seed", range(2))
def test_a_crowd_comes_to_one_history(tmp_path, seed):
    """Sessions, collisions, answers, undos and revocations in any clone: all have the same bytes."""
    crowd = Crowd(tmp_path, 20 if THOROUGH and seed == 0 else 4, seed)
    for _ in range(10 if THOROUGH and seed == 0 else 3):
        for clone in crowd.clones:
            for _ in range(crowd.random.randint(0, 3)):
                crowd.act(clone)
            if crowd.random.random() < 0.3:
                crowd.sync(clone)
        crowd.settle()
        assert {head(clone) for clone in crowd.clones} == {head(crowd.hub)}
        there = crowd.texts(crowd.clones[0])
        assert crowd.added <= there, crowd.added - there
        found = [tool(clone, "conflicts")["conflicts"] for clone in crowd.clones]
        assert all(one == found[0] for one in found)


def test_one_answer_settles_it_in_all(pair):
    """A contested field waits in both clones, the remote's value in force; one person answers once."""
    _, ada, bo = pair
    tool(ada, "edit", "inst_001", "--set", "text=Ada's")
    tool(bo, "edit", "inst_001", "--set", "text=Bo's", "--why", "moved")
    tool(ada, "sync")
    told = tool(bo, "sync", code=1)
    assert (told["outcome"], len(told["conflicts"])) == ("conflicts", 1)
    tool(ada, "sync", code=1)
    assert tool(ada, "conflicts") == tool(bo, "conflicts")
    (conflict,) = tool(ada, "conflicts")["conflicts"]
    assert texts(ada)["inst_001"] == texts(bo)["inst_001"] == "Ada's"
    assert [side["value"] for side in conflict["sides"]] == ["Ada's", "Bo's"]
    tool(bo, "resolve", conflict["id"], "--take", "2", "--why", "it moved")
    tool(bo, "sync")
    tool(ada, "sync")
    assert texts(ada)["inst_001"] == "Bo's"
    assert tool(ada, "conflicts")["conflicts"] == []
    assert tree(ada) == tree(bo)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_that_began_alone(tmp_path, order):
    """Each ran `init` on the same view: synced in any order they are one, with the same bytes."""
    hub = hub_of(tmp_path, bakery(tmp_path))
    clones = [clone_of(tmp_path, hub, name) for name in ("ada", "bo", "cy")]
    for number, clone in enumerate(clones):
        tool(clone, "init")
        tool(clone, "add", f"Rule {number}", "--id", f"inst_new_{number}")
    for number in (*order, *order):
        tool(clones[number], "sync")
    assert len({head(clone) for clone in clones}) == 1
    assert {"Rule 0", "Rule 1", "Rule 2"} <= set(texts(clones[0]).values())
    roots = git(hub, "rev-list", "--max-parents=0", BRANCH).split()
    assert len(roots) == 1, "the same view makes the same root"


def test_two_that_began_on_different_views(tmp_path):
    """Nothing of either is lost; where one id says two things a person is asked or both stay."""
    hub = hub_of(tmp_path, bakery(tmp_path))
    ada, bo = (clone_of(tmp_path, hub, name) for name in ("ada", "bo"))
    path = bo / ".claude/instruction-history.json"
    other = HISTORY.replace("5433", "5434").replace("inst_003a", "inst_004")
    path.write_text(other, "utf-8")
    for clone in (ada, bo):
        tool(clone, "init")
    tool(ada, "sync")
    run(bo, "sync")
    run(ada, "sync")
    assert head(ada) == head(bo)
    said = json.dumps(tool(ada, "conflicts")) + json.dumps(tool(ada, "list", "--all"))
    assert {"inst_003a", "inst_004"} <= texts(ada).keys()
    assert "5433" in said and "5434" in said


def test_dry_run_shows_what_would_leave(pair):
    """Who, in which session, what; nothing moves here or there; then `status` counts it."""
    hub, ada, bo = pair
    tool(bo, "add", "From Bo")
    tool(bo, "sync")
    assert "version" not in run(ada, "status").out
    tool(ada, "add", "From Ada", "--why", "asked for")
    before = head(ada), head(hub)
    shown = run(ada, "sync", "--dry-run").out
    assert "would send 1 version" in shown and "Ada: Merge session" in shown
    assert "From Ada" in shown and "why: asked for" in shown
    assert shown.index("would send") < shown.index("would receive") < shown.index("  added")
    (one,) = tool(ada, "sync", "--dry-run")["versions"]
    assert (list(one["instructions"].values()), one["reasons"]) == (["From Ada"], ["asked for"])
    assert (head(ada), head(hub)) == before
    assert tool(ada, "status")["unshared"] == 1
    assert "1 version not shared with origin" in run(ada, "status").out
    tool(ada, "sync")
    assert tool(ada, "status")["unshared"] == 0


def test_the_first_sync_shows_all_that_would_leave(pair):
    """Every instruction, with its words."""
    hub, ada, _ = pair
    git(hub, "update-ref", "-d", f"refs/heads/{BRANCH}")
    shown = run(ada, "sync", "--dry-run").out
    assert all(text[:60] in shown for text in texts(ada).values())


def test_an_answer_that_came_is_told(pair):
    """Also one that changes nothing here: the conflict is gone."""
    _, ada, bo = pair
    tool(ada, "edit", "inst_001", "--set", "text=Ada's")
    tool(ada, "sync")
    tool(bo, "edit", "inst_001", "--set", "text=Bo's")
    shown = run(bo, "sync")
    (conflict,) = tool(bo, "conflicts")["conflicts"]
    assert shown.code == 1 and f"conflict {conflict['id']}" in shown.out
    tool(ada, "sync", code=1)
    tool(bo, "resolve", conflict["id"], "--take", "1", "--why", "asked her")
    tool(bo, "sync")
    shown = run(ada, "sync").out
    assert "settled" in shown and "asked her" in shown


def test_status_says_what_was_fetched_and_not_taken_in(pair):
    """A plain `git fetch` brings the branch: it is said where one looks."""
    _, ada, bo = pair
    tool(bo, "add", "From Bo")
    tool(bo, "sync")
    assert "not taken in" not in run(ada, "status").out
    git(ada, "fetch", "-q")
    assert "1 version of origin not taken in: tractatus-merge sync" in run(ada, "status").out
    assert "unreceived" in [note["code"] for note in tool(ada, "doctor")["notes"]]


def test_contradictions_meet_between_clones(pair):
    """Each clone alone saw nothing; where they meet a person is asked, once, in all."""
    _, ada, bo = pair
    tool(ada, "add", "Always use tabs in source files")
    tool(bo, "add", "Never use tabs in source files")
    tool(ada, "sync")
    tool(bo, "sync", code=1)
    tool(ada, "sync", code=1)
    (conflict,) = tool(ada, "conflicts")["conflicts"]
    assert conflict["kind"] == "meaning"
    assert tool(bo, "conflicts")["conflicts"] == [conflict]


def test_no_answer_takes_the_words_from_an_instruction(tmp_path):
    """Of two that began by themselves there is no base to take; a value of one's own must say something."""
    hub = hub_of(tmp_path, bakery(tmp_path))
    ada, bo = (clone_of(tmp_path, hub, name) for name in ("ada", "bo"))
    plain_edit(bo / VIEW, lambda it: it["instructions"][0].update(text="Bo's own words"))
    for clone in (ada, bo):
        tool(clone, "init")
    tool(ada, "sync")
    tool(bo, "sync", code=1)
    (conflict,) = tool(bo, "conflicts")["conflicts"]
    refused = run(bo, "resolve", conflict["id"], "--take", "base")
    assert refused.code == 2 and "1, 2, both, retire" in refused.err
    refused = run(bo, "resolve", conflict["id"], "--value", '" "')
    assert refused.code == 2 and "would be no instruction" in refused.err, refused.err
    tool(bo, "resolve", conflict["id"], "--take", "1")


def test_end_sync(pair):
    """The session is merged and shared; a remote that is gone takes nothing away from the merge."""
    hub, ada, bo = pair
    for name in ("s1", "s2"):
        tool(ada, "start", "--id", name)
        tool(ada, "add", f"Of {name}", "--session", name)
    tool(ada, "end", "--session", "s1", "--sync")
    assert head(hub) == head(ada)
    hub.rename(hub.with_name("away"))
    ran = run(ada, "end", "--session", "s2", "--sync")
    assert ran.code == 3 and "session s2: clean" in ran.out and "origin" in ran.err
    assert "Of s2" in texts(ada).values()
    hub.with_name("away").rename(hub)
    tool(ada, "sync")
    tool(bo, "sync")
    assert {"Of s1", "Of s2"} <= set(texts(bo).values())


def test_a_page_for_the_forge(pair):
    """What is in force and what waits, of the state alone; written anew, never read, never a conflict."""
    hub, ada, bo = pair
    tool(
        ada,
        "add",
        "Never <script>alert(1)</script> [x](http://evil) @team #1",
        "--set",
        "persistence=HIGH",
    )
    tool(ada, "edit", "inst_001", "--set", "text=Ada's")
    tool(bo, "edit", "inst_001", "--set", "text=Bo's")
    tool(ada, "sync")
    run(bo, "sync")
    page = git(hub, "show", f"{BRANCH}:README.md")
    assert "1 conflict waits" in page and "tractatus-merge review" in page
    assert "<script>" not in page and "[x](" not in page and "@team" not in page
    for message in git(hub, "log", "--format=%B%x00", BRANCH).split("\0")[:-1]:
        assert message.rstrip().endswith("[skip ci]")
    mine = tree(bo)
    git(bo, "update-ref", f"refs/heads/{BRANCH}", edited_page(bo))
    tool(bo, "add", "One more")
    page = git(bo, "show", f"{BRANCH}:README.md")
    assert "edited by hand" not in page and "One more" in page
    assert tree(bo) != mine


def edited_page(folder):
    """A version whose page somebody edited on the forge."""
    made = replaced(folder, "README.md", b"edited by hand")
    return git(folder, "commit-tree", "-p", BRANCH, "-m", "on the forge", made).strip()


def test_the_log_has_what_both_clones_did(pair):
    """After a union the log, blame and `behind` know the versions of either clone, each once."""
    _, ada, bo = pair
    tool(ada, "start", "--id", "live")
    for clone, name in ((ada, "Ada"), (bo, "Bo")):
        tool(clone, "start", "--id", name)
        words = ("--session", name)
        tool(clone, "add", f"First of {name}", "--id", f"inst_{name.lower()}", *words)
        tool(clone, "merge", *words)
        tool(clone, "edit", f"inst_{name.lower()}", "--set", f"text=Second of {name}", *words)
        tool(clone, "end", *words)
    tool(ada, "sync")
    tool(bo, "sync")
    tool(ada, "sync")
    for clone in (ada, bo):
        told = [entry["message"] for entry in tool(clone, "log")["entries"]]
        assert sum("Merge session" in text for text in told) == 4
        assert sum("Unite" in text for text in told) == 1
        assert len(tool(clone, "log", "inst_bo")["entries"]) == 2
        (field,) = [f for f in tool(clone, "blame", "inst_ada")["fields"] if f["field"] == "text"]
        assert field["writers"][0]["author"].startswith("Ada")
    rows = {row["session"]: row for row in tool(ada, "sessions")["sessions"]}
    assert rows["live"]["behind"] == 5
    union = next(entry for entry in tool(ada, "log")["entries"] if "Unite" in entry["message"])
    assert "nobody's change" in run(ada, "undo", union["version"]).err


@pytest.mark.parametrize("what", ["gone", "back", "rewritten"])
def test_a_remote_that_lost_something_gets_it_back(pair, what):
    """Its branch deleted, moved back, or rewritten by force: told by doctor and put back by sync."""
    hub, ada, bo = pair
    tool(bo, "add", "Precious")
    tool(bo, "sync")
    root = git(hub, "rev-list", "--max-parents=0", BRANCH).strip()
    if what == "gone":
        git(hub, "update-ref", "-d", f"refs/heads/{BRANCH}")
        git(bo, "fetch", "-q", "--prune")
    elif what == "back":
        git(hub, "update-ref", f"refs/heads/{BRANCH}", root)
    else:
        tool(ada, "add", "By force")
        git(ada, "push", "-q", "--force", "origin", BRANCH)
    if what != "gone":
        git(bo, "fetch", "-q")
    assert "remote" in [one["code"] for one in tool(bo, "doctor", code=1)["findings"]]
    told = tool(bo, "sync")
    assert "puts it back" in told["notes"][0]
    assert tool(bo, "doctor")["findings"] == []
    tool(ada, "sync")
    assert "Precious" in texts(ada).values()
    assert head(ada) == head(bo) == head(hub)


def test_which_remote(pair, tmp_path):
    """The one that is named, else the branch's own, else origin, else the only one; else it asks."""
    _, ada, _ = pair
    spare = tmp_path / "spare.git"
    subprocess.run(["git", "init", "-q", "--bare", spare], check=True)
    git(ada, "remote", "add", "spare", str(spare))
    assert tool(ada, "sync")["remote"] == "origin"
    assert tool(ada, "sync", "spare")["sent"] == 1
    assert head(spare) == head(ada)
    git(ada, "remote", "rename", "origin", "hub")
    refused = run(ada, "sync")
    assert refused.code == 2 and "hub | spare" in refused.err
    git(ada, "config", f"branch.{BRANCH}.remote", "spare")
    assert tool(ada, "sync")["remote"] == "spare"
    assert run(ada, "sync", "nowhere").code == 2
    assert "git remote add NAME" in run(ada, "sync", "https://x.example/y.git").err
    for name in ("hub", "spare"):
        git(ada, "remote", "remove", name)
    assert "git remote add origin URL" in run(ada, "sync").err


def test_from_a_worktree_and_with_a_relative_address(pair, tmp_path):
    """The address is meant from the main worktree, as git takes it there."""
    hub, ada, bo = pair
    git(ada, "remote", "set-url", "origin", f"../{hub.name}")
    git(ada, "worktree", "add", "-q", str(tmp_path / "deep" / "w"), "-b", "w")
    tool(tmp_path / "deep" / "w", "add", "From the worktree")
    tool(tmp_path / "deep" / "w", "sync")
    tool(bo, "sync")
    assert "From the worktree" in texts(bo).values()


@pytest.mark.parametrize(
    "words",
    [
        ["--single-branch"],
        ["--depth", "1"],
        ["--depth", "1", "--no-single-branch"],
        ["--filter=blob:none"],
    ],
    ids=str,
)
def test_clones_of_other_kinds(pair, tmp_path, words):
    """Of one branch, shallow or partial: `init` begins alone where it must, and sync joins it in."""
    hub, ada, _ = pair
    tool(ada, "add", "Before")
    tool(ada, "sync")
    place = tmp_path / "odd"
    subprocess.run(["git", "clone", "-q", *words, f"file://{hub}", place], check=True)
    git(place, "config", "user.name", "Odd")
    git(place, "config", "user.email", "odd@x")
    tool(place, "init")
    tool(place, "add", "From the odd one")
    tool(place, "sync")
    tool(ada, "sync")
    assert {"Before", "From the odd one"} <= set(texts(ada).values())
    assert {"Before", "From the odd one"} <= set(texts(place).values())
    assert head(place) == head(ada)


def test_nothing_else_uses_the_network(pair):
    """With a remote that would hang or fail, every other verb works as ever."""
    _, ada, _ = pair
    git(ada, "remote", "set-url", "origin", "ext::false %S")
    git(ada, "config", "protocol.ext.allow", "always")
    tool(ada, "start", "--id", "s1")
    tool(ada, "add", "x", "--session", "s1")
    for words in (
        ["status"],
        ["list"],
        ["log"],
        ["sessions"],
        ["conflicts"],
        ["end", "--session", "s1"],
        ["doctor"],
    ):
        assert run(ada, *words).code == 0, words
    assert run(ada, "sync").code == 3


def test_a_damaged_remote_is_not_taken_in(pair):
    """A branch that holds something else, or a record that is no JSON: told, and ours stands."""
    hub, ada, bo = pair
    tool(ada, "add", "Mine")
    before = head(ada)
    made = replaced(bo, "inst_001.json", b"{ torn", inside="instructions")
    for tree_ in (made, git(bo, "rev-parse", "main^{tree}").strip()):
        torn = git(bo, "commit-tree", "-p", BRANCH, "-m", "by hand", tree_).strip()
        git(bo, "push", "-q", "--force", "origin", f"{torn}:refs/heads/{BRANCH}")
        refused = run(ada, "sync")
        assert refused.code == 3 and "damaged" in refused.err, refused.err
        assert head(ada) == before and "Mine" in texts(ada).values()
    assert shutil.which("git") and Path(hub).exists()


def test_a_clone_without_a_history_takes_the_remote_s(pair, tmp_path):
    """Also a clone of one branch, which `init` cannot see it in; where neither has one it says so."""
    hub, ada, _ = pair
    place = tmp_path / "new"
    subprocess.run(["git", "clone", "-q", "--single-branch", f"file://{hub}", place], check=True)
    assert tool(place, "sync")["received"] == 1
    assert head(place) == head(ada)
    git(hub, "update-ref", "-d", f"refs/heads/{BRANCH}")
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "-q", f"file://{hub}", other], check=True)
    ran = run(other, "sync")
    assert ran.code == 2 and "tractatus-merge init" in ran.err


def test_what_is_withdrawn_stays_so(pair):
    """An undo that takes back a waiting side is not undone by an edit of another clone."""
    _, ada, bo = pair
    tool(bo, "start", "--id", "s1")
    tool(bo, "edit", "inst_001", "--set", "text=Bo's", "--session", "s1")
    tool(ada, "edit", "inst_001", "--set", "text=Ada's")
    tool(ada, "sync")
    tool(bo, "sync")
    tool(bo, "end", "--session", "s1", code=1)
    tool(bo, "sync")
    tool(ada, "sync", code=1)
    tool(bo, "undo", tool(bo, "log")["entries"][0]["version"])
    assert tool(bo, "conflicts")["conflicts"] == []
    tool(ada, "edit", "inst_001", "--param", "port=9")
    for clone in (bo, ada, bo):
        tool(clone, "sync")
    for clone in (ada, bo):
        assert tool(clone, "conflicts")["conflicts"] == []
        assert texts(clone)["inst_001"] == "Ada's"
    assert head(ada) == head(bo)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12 if THOROUGH else 2))
def test_two_remotes(tmp_path, seed):
    """Clones that sync now with one hub, now with another, then each with both, are soon one."""
    crowd = Crowd(tmp_path, 4, 50 + seed)
    other = tmp_path / "other.git"
    subprocess.run(["git", "init", "-q", "--bare", other], check=True)
    hubs = ["origin", "second"]
    for clone in crowd.clones:
        git(clone, "remote", "add", "second", str(other))
    for _ in range(3):
        for clone in crowd.clones:
            for _ in range(crowd.random.randint(0, 2)):
                crowd.act(clone)
            crowd.sync(clone, crowd.random.choice(hubs))
    for _ in range(4):
        told = [crowd.sync(clone, name)["outcome"] for clone in crowd.clones for name in hubs]
    assert set(told) == {"nothing"}
    assert {head(clone) for clone in crowd.clones} == {head(crowd.hub)} == {head(other)}
    assert crowd.added <= crowd.texts(crowd.clones[0])
