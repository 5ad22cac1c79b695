"""`init --store file:` and a whole life after it, by real processes that find no git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HISTORY, ROOT, bakery, git
from tests.tool import plain_edit, run, tool
from tractatus_merge.cli.verbs import GROUPS


@pytest.fixture
def folder(tmp_path):
    """A folder with a history file, which no version control looks at."""
    top = tmp_path / "bakery"
    (top / ".claude").mkdir(parents=True)
    (top / ".claude/instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    (tmp_path / "bin").mkdir()
    return top


@pytest.fixture
def without(folder):
    """Runs a command in a process of its own, with a PATH that has no program at all."""

    def do(*words, code=0, cwd=folder, **more):
        place = {"PATH": str(folder.parent / "bin"), "PYTHONPATH": str(ROOT), "USER": "jo", **more}
        done = subprocess.run(
            [sys.executable, "-m", "tractatus_merge", *words],
            cwd=cwd, env={"HOME": os.environ["HOME"], **place}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return json.loads(done.stdout) if "--json" in words else done.stdout + done.stderr

    return do


@pytest.mark.slow
def test_a_whole_life_on_a_machine_without_git(folder, without):
    """Two sessions, a conflict, its answer and revocation, log, blame, diff, undo: all work."""
    assert "init --store file:" in without("status", code=3)
    assert "file: begins at" in without("init", "--store", "file:")
    assert (folder / ".claude/tractatus.toml").read_text() == '[store]\nurl = "file:"\n'
    for one, quadrant in (("one", "STRATEGIC"), ("two", "TACTICAL")):
        without("start", "--id", one)
        words = ("edit", "--session", one, "inst_001", "--set", f"quadrant={quadrant}")
        without(*words, "--why", f"so says {one}")
    assert (folder / ".claude/sessions/one/session.json").exists()
    without("end", "--session", "one")
    (conflict,) = without("end", "--session", "two", "--json", code=1)["conflicts"]
    shown = without("show", "inst_001", "--json")
    assert shown["quadrant"] == "STRATEGIC"
    assert "TACTICAL" in without("conflicts")
    without("resolve", conflict, "--take", "two", "--why", "it is tactical")
    view = json.loads((folder / ".claude/instruction-history.json").read_text("utf-8"))
    assert view["instructions"][0]["quadrant"] == "TACTICAL"
    assert "so says two" in without("blame", "inst_001")
    entries = without("log", "--json")["entries"]
    assert [entry["session"] for entry in entries[1:]] == ["two", "one", None]
    without("edit", "inst_002", "--set", "persistence=LOW", "--why", "a slip")
    newest = without("log", "-n", "1", "--json")["entries"][0]["version"]
    assert "LOW" in without("diff", entries[0]["version"][:12], newest[:12])
    assert "persistence" in without("show", newest[:12])
    without("undo", newest[:12], "--why", "money is grave")
    assert without("show", "inst_002", "--json")["persistence"] == "HIGH"
    assert without("check", "--all", "--json")["ok"]
    assert without("doctor", "--json")["ok"]
    assert without("metrics", "--json")
    assert without("sessions", "--json")["sessions"] is not None


NEEDS_GIT = {
    ("sync",): "keep it in git",
    ("check", "--staged"): "check --all",
    ("check", "HEAD"): "check --all",
    ("audit",): "tractatus-merge log",
    ("import",): "tractatus-merge init",
    ("diff", "HEAD"): "tractatus-merge log",
}


@pytest.mark.parametrize("words", NEEDS_GIT, ids=" ".join)
def test_what_needs_git_says_so_and_what_serves_instead(folder, words):
    """One line why not, and the next command; the exit code of a request that cannot be met."""
    tool(folder, "init", "--store", "file:")
    ran = run(folder, *words)
    assert ran.code == 2
    why, instead = ran.err.strip().split("\n")
    assert "git" in why or "no version" in why
    assert NEEDS_GIT[words] in instead


def test_init_says_where_it_is_kept_and_is_idempotent(folder):
    """The URL stands in the settings and in the answer; a second `init` finds the history."""
    done = tool(folder, "init", "--store", "file:")
    assert (done["store"], done["instructions"]) == ("file:", 3)
    assert tool(folder, "init")["head"] == done["head"]
    assert tool(folder, "init", "--store", "file:")["head"] == done["head"]
    assert (folder / ".claude/instruction-history.json").read_text("utf-8") == HISTORY


def test_a_dry_run_writes_nothing(folder):
    """`init --store file: --dry-run` counts, and no file is made."""
    before = sorted(folder.rglob("*"))
    assert tool(folder, "init", "--store", "file:", "--dry-run")["instructions"] == 3
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("inside", ["", "src/deep"])
def test_commands_work_from_any_folder_below(folder, inside):
    """The nearest settings name the store, as `.git` names a repository."""
    tool(folder, "init", "--store", "file:")
    (folder / inside).mkdir(parents=True, exist_ok=True)
    assert len(tool(folder / inside, "list", "--all")["instructions"]) == 3
    tool(folder / inside, "add", "Ovens are preheated.")
    assert tool(folder, "log")["entries"][0]["changes"]


def test_a_path_names_a_folder_that_several_share(folder, tmp_path):
    """`file:PATH`: sessions of two folders, say of two accounts on one server, are of one line."""
    other = tmp_path / "other"
    other.mkdir()
    shared = f"file:{tmp_path}/shared"
    tool(folder, "init", "--store", shared)
    tool(other, "init", "--store", shared)
    tool(other, "add", "Ovens are preheated.", "--id", "inst_900")
    assert tool(folder, "show", "inst_900")["text"] == "Ovens are preheated."
    assert (tmp_path / "shared/versions/2").exists()


SETTINGS = {
    '[store]\nurl = "couchdb:x"\n': "is no store this version knows",
    '[store]\nurl = "file"\n': "is no store this version knows",
    '[store]\nurl = ""\n': "is no store this version knows",
    '[store]\nurl = "git:x"\n': "is no store this version knows",
    "[store]\nurl = 7\n": "is not possible",
    '[store]\nurl = "file:"\nbranch = "x"\n': "a url and a branch",
}


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_that_name_no_store_are_told(folder, text):
    """What is wrong, in which file, and what to write there instead."""
    (folder / ".claude/tractatus.toml").write_text(text)
    ran = run(folder, "status")
    assert ran.code == 2
    assert SETTINGS[text] in ran.err
    assert "tractatus.toml" in ran.err


def test_settings_that_are_there_are_not_overwritten(folder):
    """Another store than the settings name is refused, with the line to write."""
    path = folder / ".claude/tractatus.toml"
    path.write_text('[view]\nwrite = "always"\n')
    ran = run(folder, "init", "--store", "file:")
    assert ran.code == 2
    assert 'url = "file:"' in ran.err
    assert path.read_text() == '[view]\nwrite = "always"\n'


def test_within_git_the_worktrees_share_one_history_and_git_ignores_it(tmp_path):
    """All that is this machine's alone ignores itself; a linked worktree uses the main one's."""
    top = bakery(tmp_path)
    tool(top, "init", "--store", "file:")
    told = subprocess.run(["git", "status", "--short"], cwd=top, capture_output=True, text=True,
                          check=True).stdout  # fmt: skip
    assert told.split() == ["??", ".claude/tractatus.toml"]
    for words in (["add", "-A"], ["commit", "-qm", "Follow"], ["worktree", "add", "-q", "../two"]):
        subprocess.run(["git", *words], cwd=top, check=True)
    two = top.parent / "two"
    tool(two, "start", "--id", "there")
    tool(two, "add", "Ovens are preheated.", "--id", "inst_900", "--session", "there")
    tool(two, "end", "--session", "there")
    assert tool(top, "show", "inst_900")["text"] == "Ovens are preheated."
    assert (top / ".claude/sessions/there/session.json").exists()
    assert not (two / ".claude/history").exists()
    assert run(top, "check", "--staged").code == 0


def test_the_gate_judges_commits_beside_a_history_in_files(tmp_path):
    """In a git repository a commit that loses an instruction is refused, whatever the store.

    In a clone, which has none of these versions, what lands is judged beside its parents alone.
    """
    top = bakery(tmp_path)
    tool(top, "init", "--store", "file:")
    tool(top, "add", "Ovens are preheated.")
    for words in (["add", "-A"], ["commit", "-qm", "Stamped"]):
        subprocess.run(["git", *words], cwd=top, check=True)
    path = top / ".claude/instruction-history.json"
    plain_edit(path, lambda document: document["instructions"].pop(1))
    subprocess.run(["git", "add", "-A"], cwd=top, check=True)
    ran = run(top, "check", "--staged")
    assert (ran.code, "inst_002" in ran.err) == (1, True)
    words = ["git", "commit", "-qm", "Lost", "--no-verify"]
    subprocess.run(words, cwd=top, check=True)
    subprocess.run(["git", "clone", "-q", top, tmp_path / "clone"], check=True)
    ran = run(tmp_path / "clone", "check", "--range", "HEAD~1..HEAD")
    assert (ran.code, "inst_002" in ran.err) == (1, True)


def test_a_history_that_is_set_back_gets_back_what_sessions_published(folder):
    """The newest version is gone (an older backup): a session that published it does so again."""
    tool(folder, "init", "--store", "file:")
    tool(folder, "start", "--id", "one")
    tool(folder, "edit", "inst_001", "--set", "notes=first", "--session", "one")
    tool(folder, "end", "--session", "one")
    (folder / ".claude/history/versions/2").unlink()
    tool(folder, "start", "--id", "one")
    tool(folder, "edit", "inst_002", "--set", "notes=second", "--session", "one")
    tool(folder, "end", "--session", "one")
    assert tool(folder, "show", "inst_001")["notes"] == "first"
    assert tool(folder, "show", "inst_002")["notes"] == "second"


def test_what_a_script_writes_into_the_rendering_is_taken_in(folder):
    """The seed's file is a view: an edit of it is a version, and the answer is shown in it."""
    tool(folder, "init", "--store", "file:")
    path = folder / ".claude/instruction-history.json"

    def change(document):
        document["instructions"][1]["notes"] = "by a script"

    plain_edit(path, change)
    assert tool(folder, "show", "inst_002")["notes"] == "by a script"
    assert "instructions/inst_002" in tool(folder, "log")["entries"][0]["changes"]


def test_a_torn_version_is_an_error_that_names_it(folder):
    """Exit code 3, the file, and what to look at; the older versions can be read all the same."""
    tool(folder, "init", "--store", "file:")
    tool(folder, "add", "Ovens are preheated.")
    path = Path(folder, ".claude/history/versions/2")
    path.write_bytes(path.read_bytes()[:-9])
    ran = run(folder, "list")
    assert ran.code == 3
    assert str(path) in ran.err


@pytest.mark.slow
def test_doctor_looks_through_all_versions(folder):
    """A version that nobody needs at the moment, and that was edited, is found and named."""
    tool(folder, "init", "--store", "file:")
    for number in range(70):
        tool(folder, "add", f"Rule {number}.")
    path = folder / ".claude/history/versions/9"
    path.write_bytes(path.read_bytes().replace(b"Rule 7.", b"Rule 8."))
    assert len(tool(folder, "list", "--all")["instructions"]) == 73
    (found,) = tool(folder, "doctor", code=1)["findings"]
    assert (found["code"], str(path) in found["message"]) == ("damaged", True)


def test_undo_without_a_name_is_of_one_s_own_last_version(folder, without):
    """Where nobody told a mail address: the person is known by the name alone, as in git's log."""
    without("init", "--store", "file:")
    without("edit", "inst_002", "--set", "persistence=LOW")
    assert without("log", "--json")["entries"][0]["author"] == "jo"
    assert "jo <>" not in without("log", "-n", "1")
    without("undo")
    assert without("show", "inst_002", "--json")["persistence"] == "HIGH"
    assert "published by jo is left" in without("undo", cwd=_other(folder, without), code=2)


def _other(folder, without):
    """A history in which nobody has published anything."""
    other = folder.parent / "other"
    other.mkdir()
    without("init", "--store", "file:", cwd=other)
    return other


def test_a_machine_without_git_says_what_serves(folder, without):
    """Not that git is to be installed, where this folder's history has no need of it."""
    without("init", "--store", "file:")
    for words in (("audit",), ("import",), ("sync",), ("check", "--staged"), ("diff", "HEAD")):
        said = without(*words, code=2)
        assert "apt-get" not in said
        assert "\n  tractatus-merge " in said


@pytest.mark.slow
def test_the_demo_plays_without_git(folder, without):
    """The same two sessions, on a history in files; and the way in is the one that works there."""
    said = without("demo")
    assert "LOST, silently" in said
    assert "waits for a person: conflict" in said
    assert "$ tractatus-merge log" in said
    assert "tractatus-merge init --store file:" in said


@pytest.mark.slow
@pytest.mark.parametrize("url", ["file:", "sqlite:"])
def test_every_verb_works_or_says_what_serves(folder, without, url):
    """Each once, with a history that is not in git, on a machine that has none."""
    without("init", "--store", url)
    without("start", "--id", "one")
    without("add", "Rolls are counted", "--session", "one", "--id", "inst_900")
    (folder / "a.json").write_text("[]")
    three = ("a.json", "a.json", "a.json")
    newest = without("log", "--json")["entries"][0]["version"][:12]
    works = (
        ("status", "--session", "one"), ("list",), ("list", "--session", "one"), ("diff", "--session", "one"),
        ("refresh", "--session", "one"), ("merge", "--session", "one"), ("end", "--session", "one"),
        ("show", "inst_900"), ("show", newest), ("log",), ("log", "inst_900"), ("blame", "inst_900"),
        ("edit", "inst_900", "--set", "persistence=LOW"), ("retire", "inst_900"), ("undo",), ("redo",),
        ("sessions",), ("sessions", "--all"), ("metrics",), ("conflicts",), ("conflicts", "--settled"),
        ("check", "--all"), ("doctor",), ("doctor", "--fix"), ("install",), ("install", "--scope", "local"),
        ("uninstall",), ("start", "--id", "two"), ("env", "--session", "two"), ("export", "--session", "two"),
        ("run", "--session", "two", "--", sys.executable, "-c", ""), ("abandon", "--session", "two"),
        ("start", "--resume", "two"), ("view",), ("view", "--write"), ("merge-file", *three),
        ("textconv", "a.json"), ("review",), ("hook",), ("statusline",), ("help",), ("help", "undo"),
        ("completion", "bash"), ("config",), ("config", "get", "store.url"),
        ("migrate", url, "sqlite:" if url == "file:" else "file:"), ("list",),
    )  # fmt: skip
    for words in works:
        said = without(*words)
        assert "Traceback" not in said, words
    known = {words[0] for words in works} | {
        "init",
        "add",
        "resolve",
        "demo",
        "mcp",
        "merge-driver",
    }
    refused = {"sync", "audit", "import"}
    assert known | refused >= {verb for verbs in GROUPS.values() for verb in verbs}


def test_a_worktree_begins_no_second_history(tmp_path):
    """The main one's settings are not committed yet: `init` names them, and the line that helps."""
    top = bakery(tmp_path / "x")
    tool(top, "init", "--store", "file:")
    git(top, "worktree", "add", "-q", "../two")
    two = top.parent / "two"
    for words in (("init",), ("import",)):
        refused = run(two, *words)
        assert (refused.code, str(top / ".claude/tractatus.toml") in refused.err) == (2, True)
    assert "tractatus" not in git(top, "branch", "--all")
    subprocess.run(["sh", "-c", refused.err.strip().splitlines()[-1]], cwd=two, check=True)
    assert tool(two, "list") == tool(top, "list")
