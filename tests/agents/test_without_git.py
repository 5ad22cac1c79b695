"""Agents' hooks where the history is not kept in git: found without it, at the same cost."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import HISTORY, ROOT, bakery
from tests.tool import run, tool
from tractatus_merge.agents.guard import INSTALLED, guarded
from tractatus_merge.errors import TractatusError
from tractatus_merge.factory import find_workspace, open_repository
from tractatus_merge.git import discovery


@pytest.fixture(params=["file:", "sqlite:"])
def folder(tmp_path, request):
    """A folder without git, whose history is kept in files, or in a database."""
    top = tmp_path / "bakery"
    (top / ".claude").mkdir(parents=True)
    (top / ".claude/instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    tool(top, "init", "--store", request.param)
    return top


def heard(folder, name, session, verb=("hook", "--agent", "claude"), **more):
    """What an agent hears in answer to one event, by a process that finds no git."""
    said = {"hook_event_name": name, "session_id": session, "cwd": str(folder), **more}
    done = subprocess.run(
        [sys.executable, "-m", "tractatus_merge", *verb],
        cwd=folder, input=json.dumps(said), capture_output=True, text=True, check=True,
        env={"HOME": os.environ["HOME"], "PATH": "/nowhere", "PYTHONPATH": str(ROOT), "USER": "jo"},
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


def test_a_session_runs_itself_by_hooks_without_git(folder):
    """Start, news of another's work, the status line, and an end that is merged."""
    below = folder / "src"
    below.mkdir()
    assert "inst_001" in heard(below, "SessionStart", "s1", source="startup")
    assert (folder / ".claude/sessions/s1/session.json").exists()
    assert heard(below, "UserPromptSubmit", "s1", prompt="go") == ""
    tool(folder, "add", "Ovens are preheated.", "--id", "inst_900")
    assert "inst_900" in heard(below, "UserPromptSubmit", "s1", prompt="on")
    assert heard(below, "UserPromptSubmit", "s1", prompt="on") == ""
    tool(folder, "edit", "inst_002", "--set", "notes=cents", "--session", "s1")
    line = heard(below, "", "s1", verb=("statusline",))
    assert "1 unmerged" in line
    heard(below, "Stop", "s1")
    assert (folder / ".claude/sessions/s1/state.json").exists()
    heard(below, "SessionEnd", "s1", reason="exit")
    ends = time.monotonic() + 30
    while tool(folder, "show", "inst_002").get("notes") != "cents":
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert not (folder / ".claude/tractatus/hook.log").exists()


def test_the_head_is_known_without_a_child(tmp_path):
    """What the hook takes for the newest version in files is what the store says, wherever it is."""
    for name, line in (("a", "file:"), ("b", "file:../common/here"), ("c", "file:~/common")):
        place = tmp_path / name
        place.mkdir()
        tool(place, "init", "--store", line)
        for _ in range(2):
            repo = open_repository(place)
            assert discovery.head_in(str(repo.workspace.state), line) == repo.store.head()
            repo.close()
            tool(place, "add", "Ovens are preheated.")
    assert discovery.head_in(str(tmp_path / "a/.claude/tractatus"), "file:nowhere") == ""


@pytest.mark.parametrize("line", ["sqlite:", "sqlite:../common/here.db", "sqlite:~/common.db"])
@pytest.mark.parametrize("held", [False, True, "by a link"])
def test_a_database_that_has_changed_looks_otherwise(tmp_path, line, held):
    """Each commit changes what a hook sees of it, reading does not; also while another has it open."""
    place = tmp_path / "a"
    place.mkdir()
    tool(place, "init", "--store", line)
    state = str(place / ".claude/tractatus")
    if held == "by a link":
        path = place / Path(line.partition(":")[2] or ".claude/history/history.db").expanduser()
        (tmp_path / "real.db").symlink_to(path.rename(tmp_path / "apart.db"))
        path.symlink_to(tmp_path / "real.db")
    other = open_repository(place)
    seen = []
    for number in range(2):
        if held:
            assert other.store.head()
        else:
            other.close()
        seen.append(looks(state, line))
        assert tool(place, "list") and looks(state, line) == seen[-1]
        tool(place, "add", f"Rule {number}")
    other.close()
    assert len({*seen, looks(state, line)}) == 3


def test_a_database_that_was_just_written_looks_like_nothing(tmp_path, monkeypatch):
    """A second write in the same tick of the file's clock would look the same: so it is asked."""
    path = tmp_path / ".claude/history/history.db"
    path.parent.mkdir(parents=True)
    state = str(tmp_path / ".claude/tractatus")
    path.write_bytes(b"x")
    at = path.stat().st_mtime
    for later, said in ((0.0, False), (0.05, False), (0.2, True), (-3600, True)):
        monkeypatch.setattr("time.time", lambda later=later: at + later)
        assert bool(discovery.head_in(state, "sqlite:")) == said


def looks(state, line):
    """What a hook sees of a head that nobody writes."""
    ends = time.monotonic() + 10
    while not (found := discovery.head_in(state, line)):
        assert time.monotonic() < ends
        time.sleep(0.02)
    return found


def test_a_store_behind_a_network_is_asked_now_and_then(monkeypatch):
    """What the hook sees of its head changes by time alone: no server is asked by it."""
    at = 1_900_000_000.0
    monkeypatch.setattr("time.time", lambda: at)
    first = discovery.head_in("/x/.claude/tractatus", "postgresql://db/x")
    assert first == discovery.head_in("/x/.claude/tractatus", "postgresql://db/x")
    at += 60
    assert discovery.head_in("/x/.claude/tractatus", "postgresql://db/x") not in ("", first)


def test_where_nothing_is_new_no_child_is_asked(folder, monkeypatch):
    """At the second prompt at the latest, and not before somebody publishes."""
    heard(folder, "SessionStart", "s1", source="startup")
    time.sleep(0.2)
    heard(folder, "UserPromptSubmit", "s1", prompt="go")
    asked = folder / ".claude/sessions/s1/asked"
    state = str(folder / ".claude/tractatus")
    line = open_repository(folder).workspace.line
    assert asked.read_text() == looks(state, line)
    before = asked.stat().st_ino
    heard(folder, "UserPromptSubmit", "s1", prompt="on")
    assert asked.stat().st_ino == before
    tool(folder, "add", "Ovens are preheated.", "--id", "inst_900")
    assert "inst_900" in heard(folder, "UserPromptSubmit", "s1", prompt="on")


SETTINGS = (
    '[store]\nurl = "file:"\n',
    '# mine\n\n [store]   # here\n  url="file:"\n[view]\nwrite = "never"\n',
    'store.url = "file:"\n',
    '[view]\nwrite = "never"\n[store]\r\nurl = "file:x"\n',
    '[store]\nbranch = "url"\n',
    '[documents."a"]\nurl = "max"\n',
    '[store]\n# url = "file:"\n',
    "",
)


@pytest.mark.parametrize("text", SETTINGS)
def test_hooks_and_commands_agree_where_a_history_is(tmp_path, text):
    """By the settings nearest to a folder: in git's worktrees, in nested clones, without git."""
    top = bakery(tmp_path)
    (top / ".claude/tractatus.toml").write_text(text)
    (top / "package/.claude").mkdir(parents=True)
    (top / "package/.claude/tractatus.toml").write_text('[store]\nurl = "file:"\n')
    for words in (["add", "-Af"], ["commit", "-qm", "x"], ["worktree", "add", "-q", "../two"],
                  ["clone", "-q", ".", "../plain/nested"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=top, check=True)
    (tmp_path / "plain/.claude").mkdir()
    (tmp_path / "plain/.claude/tractatus.toml").write_text(text)
    places = (top, top / "package", top.parent / "two", top.parent / "two/package",
              tmp_path / "plain", tmp_path / "plain/nested", tmp_path / "plain/nested/package")  # fmt: skip
    for place in places:
        try:
            workspace, checkout = find_workspace(place)
        except TractatusError:
            assert discovery.state_of(str(place)) is None, place
            continue
        checkout.close()
        state = str(workspace.state)
        assert discovery.state_of(str(place)) == state, place
        assert discovery.sessions_of(state) == str(workspace.sessions)


def test_a_copy_of_a_session_is_no_view(folder):
    """What the tool of an agent writes into its copy is not taken for the rendering."""
    from tractatus_merge.agents import edits

    copy = f"{folder}/.claude/sessions/one/instruction-history.json"
    for path, found in ((copy, []), (view := f"{folder}/.claude/instruction-history.json", [view])):
        assert edits.views({"tool_name": "Write", "tool_input": {"file_path": path}}) == found


@pytest.mark.parametrize("scope", ["user", "local"])
def test_install_reaches_a_folder_without_git(folder, monkeypatch, tmp_path, scope):
    """Whosever settings it writes; its hooks run there and below, and nowhere else; all is given back."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for option in ("--sync", "--commit-trailer"):
        assert "kept in git" in run(folder, "install", "--scope", scope, option).err
    before = sorted(path for path in tmp_path.rglob("*") if "tractatus/queue" not in str(path))
    done = tool(folder, "install", "--scope", scope)
    name = ".claude/settings.local.json" if scope == "local" else ".claude/settings.json"
    path = (home if scope == "user" else folder) / name
    assert str(path) in done["files"]
    assert done["hooks"] == "none"
    assert any("git" in note for note in done["notes"])
    assert tool(folder, "doctor")["ok"]
    (folder / "below").mkdir()
    (group,) = json.loads(path.read_text("utf-8"))["hooks"]["SessionStart"]
    program = tmp_path / "bin/tractatus-merge"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    line = re.sub(r"\S*/tractatus-merge(?= )", str(program), group["hooks"][0]["command"])
    for place, runs in ((folder, True), (folder / "below", True), (tmp_path, scope != "user")):
        env = {"PATH": str(program.parent)}
        ran = subprocess.run(["/bin/sh", "-c", line], cwd=place, env=env, capture_output=True,
                             text=True, check=True)  # fmt: skip
        assert (ran.stdout, ran.stderr) == ("hook --agent claude\n" * runs, "")
    for thing in (program, program.parent, folder / "below"):
        (thing.rmdir if thing.is_dir() else thing.unlink)()
    tool(folder, "uninstall")
    left = sorted(path for path in tmp_path.rglob("*") if "tractatus/queue" not in str(path))
    assert [path for path in left if path not in before] == []


def test_a_worktree_of_git_runs_the_hooks_of_a_history_that_is_not_in_git(tmp_path, monkeypatch):
    """The mark is in the main worktree's `.claude`: a linked worktree and a folder below find it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    top = bakery(tmp_path / "x")
    tool(top, "init", "--store", "sqlite:")
    for words in (["add", "-A"], ["commit", "-qm", "x"], ["worktree", "add", "-q", "../two"]):
        subprocess.run(["git", *words], cwd=top, check=True)
    two = top.parent / "two"
    tool(two, "install")
    mark = top / ".claude/tractatus/user-hooks"
    assert mark.read_text() == "claude\n"
    assert tool(two, "doctor")["findings"] == tool(top, "doctor")["findings"] == []
    line = guarded("echo yes; exit", "-s", INSTALLED)
    for place in (top, two, top / ".claude", two / ".claude"):
        ran = subprocess.run(
            ["sh", "-c", line], cwd=place, capture_output=True, text=True, check=True
        )
        assert (ran.stdout, ran.stderr) == ("yes\n", "")
    tool(top, "uninstall")
    assert not mark.exists()


def test_a_hook_waits_for_no_server(tmp_path):
    """With the history on a server that never answers, a prompt is answered from what lies here."""
    with socket.create_server(
        ("127.0.0.1", 0)
    ) as deaf:  # a child may ask it, behind the hook's back
        url = f"postgresql://jo@127.0.0.1:{deaf.getsockname()[1]}/db?connect_timeout=100"
        (tmp_path / ".claude/tractatus").mkdir(parents=True)
        (tmp_path / ".claude/sessions/s1").mkdir(parents=True)
        (tmp_path / ".claude/tractatus.toml").write_text(f'[store]\nurl = "{url}"\n')
        began = time.monotonic()
        heard(tmp_path, "UserPromptSubmit", "s1", prompt="go on")
        assert time.monotonic() - began < 60
