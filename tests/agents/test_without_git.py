"""Agents' hooks where the history is kept in files: found without git, at the same cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import HISTORY, ROOT, bakery
from tests.tool import run, tool
from tractatus_merge.errors import TractatusError
from tractatus_merge.factory import find_workspace, open_repository
from tractatus_merge.git import discovery


@pytest.fixture
def folder(tmp_path):
    """A folder without git, whose history is kept in files."""
    top = tmp_path / "bakery"
    (top / ".claude").mkdir(parents=True)
    (top / ".claude/instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    tool(top, "init", "--store", "file:")
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


def test_the_head_is_known_without_a_child(folder, tmp_path):
    """What the hook takes for the newest version is what the store says, wherever it lies."""
    other = tmp_path / "other"
    other.mkdir()
    tool(other, "init", "--store", "file:../common/here")
    home = tmp_path / "of home"
    home.mkdir()
    tool(home, "init", "--store", "file:~/common")
    places = ((folder, "file:"), (other, "file:../common/here"), (home, "file:~/common"))
    for place, line in places:
        for _ in range(2):
            repo = open_repository(place)
            assert discovery.head_in(str(repo.workspace.state), line) == repo.store.head()
            repo.close()
            tool(place, "add", "Ovens are preheated.")
    assert discovery.head_in(str(folder / ".claude/tractatus"), "file:nowhere") == ""
    assert discovery.head_in(str(folder / ".claude/tractatus"), "sqlite:x") == ""


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


def test_a_person_s_settings_are_for_git_s_repositories(folder, monkeypatch, tmp_path):
    """The guard in them looks for git's folder: here `install` wants another scope, and says so."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    ran = run(folder, "install")
    assert ran.code == 2
    assert "--scope local" in ran.err
    for option in ("--sync", "--commit-trailer"):
        assert "kept in git" in run(folder, "install", "--scope", "local", option).err
    done = tool(folder, "install", "--scope", "local")
    path = folder / ".claude/settings.local.json"
    assert str(path) in done["files"]
    assert done["hooks"] == "none"
    assert any("git" in note for note in done["notes"])
    assert "hook --agent claude" in path.read_text()
    assert tool(folder, "doctor")["ok"]
    tool(folder, "uninstall")
    assert not path.exists()
    assert not list(Path(tmp_path, "home").rglob("*.json"))


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
