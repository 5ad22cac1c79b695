"""What install puts into agents' settings: run as an agent runs it, and given back byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, git
from tests.fakeagent import Agent, whole_life
from tests.tool import run, texts, tool
from tractatus_merge.agents import catalogue
from tractatus_merge.agents.catalogue import AGENTS, PLUGIN, SCOPES, hooks
from tractatus_merge.git.install import trial

LOCAL, PROJECT = ".claude/settings.local.json", ".claude/settings.json"
USER = PROJECT
"""From the home folder."""
FOREIGN = {
    "hooks": {
        "PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "fmt"}]}],
        "Stop": [],
    }
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, and no throwaway merge, which has its own tests."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(trial, "merge", lambda _: None)
    return folder


def settings(path):
    """A settings file as an agent reads it."""
    return json.loads(path.read_text("utf-8-sig"))


class Installed(Agent):
    """An agent that runs the commands of its settings, as Claude Code does."""

    def __init__(self, folder, session, home, path, program):
        super().__init__(folder, session, home)
        self.path = path
        self.environment |= {"PATH": f"{program}:{os.environ['PATH']}"}

    def hook(self, text):
        """Each handler of the event, by a shell, with the event on stdin."""
        groups = settings(self.path)["hooks"][json.loads(text)["hook_event_name"]]
        (command,) = [handler["command"] for group in groups for handler in group["hooks"]]
        return subprocess.run(
            ["sh", "-c", command], input=text, capture_output=True, text=True, cwd=self.folder,
            env=self.environment, check=False, timeout=60,
        )  # fmt: skip


@pytest.fixture
def program(tmp_path):
    """A folder with the program in it, by its name."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "tractatus-merge").write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tractatus_merge "$@"\n'
    )
    (folder / "tractatus-merge").chmod(0o755)
    return folder


@pytest.mark.parametrize(
    "scope", ["project", *(pytest.param(one, marks=pytest.mark.slow) for one in ("local", "user"))]
)
def test_a_life_by_the_installed_commands(repo, tmp_path, home, program, monkeypatch, scope):
    """After `install` alone a whole session runs itself, and is merged; uninstall leaves nothing."""
    monkeypatch.setattr(catalogue, "executable", lambda _: "tractatus-merge")
    monkeypatch.setattr("tractatus_merge.agents.installer.executable", lambda _: "tractatus-merge")
    done = tool(repo, "install", "--scope", scope)
    path = {
        "local": repo / LOCAL,
        "project": repo / PROJECT,
        "user": home / USER,
    }[scope]
    assert str(path) in done["files"]
    agent = Installed(repo, "s1", tmp_path, path, program)
    whole_life(agent)
    tool(repo, "start", "--id", "next")
    assert "inst_s1" in texts(repo)
    tool(repo, "uninstall")
    assert not path.exists()
    assert list(home.rglob("*.json")) == []


@pytest.mark.parametrize("scope", [*SCOPES, PLUGIN])
@pytest.mark.parametrize("name", AGENTS)
def test_without_the_program_nothing_happens(name, scope):
    """What a teammate without it runs: exit code 0, and not a word."""
    for group in hooks(AGENTS[name], "tractatus-merge", scope).values():
        command = group["hooks"][0]["command"]
        ran = subprocess.run(
            ["sh", "-c", command],
            input=b"{}",
            capture_output=True,
            env={"PATH": "/nowhere"},
            executable="/bin/sh",
            check=False,
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


CORPUS = {
    "nothing": b"",
    "blank": b"\n",
    "empty object": b"{}",
    "tabs": json.dumps(FOREIGN, indent="\t").encode(),
    "four spaces": json.dumps(
        FOREIGN | {"z": 1, "a": [1.50, "\u00fc"]}, indent=4, ensure_ascii=False
    ).encode(),
    "one line": json.dumps(FOREIGN | {"model": "opus"}).encode(),
    "tight": json.dumps(FOREIGN, separators=(",", ":")).encode() + b"\n",
    "crlf": json.dumps(FOREIGN, indent=2).replace("\n", "\r\n").encode(),
    "bom": b"\xef\xbb\xbf" + json.dumps(FOREIGN, indent=2).encode(),
    "empty hooks": b'{"hooks": {}, "statusLine": {"type": "command", "command": "mine"}}',
    "odd spelling": b'{ "a" : 1.0e2 ,\n"b":"\\u00fc" }\n\n',
    "no hooks": b'{\n  "permissions": {\n    "allow": []\n  }\n}\n',
}


@pytest.mark.parametrize("state", CORPUS)
def test_bytes_are_given_back(repo, home, state):
    """Whatever the file was; twice installed is once installed; what was there keeps its place."""
    path = home / USER
    path.parent.mkdir()
    path.write_bytes(CORPUS[state])
    path.chmod(0o640)
    tool(repo, "install")
    once = path.read_bytes()
    found = settings(path)
    before = json.loads(CORPUS[state].decode("utf-8-sig").strip() or "{}")
    assert [key for key in found if key in before] == list(before)
    for event, groups in before.get("hooks", {}).items():
        assert found["hooks"][event][: len(groups)] == groups
    assert found["hooks"]["SessionEnd"][-1]["hooks"][0]["timeout"] == 30
    assert "statusline" in found["statusLine"]["command"] or state == "empty hooks"
    assert (b"\r\n" in once) == (state == "crlf") and once.count(b"\n") == once.count(b"\r\n") * (
        state == "crlf"
    ) + once.count(b"\n") * (state != "crlf")
    tool(repo, "install")
    assert path.read_bytes() == once
    tool(repo, "uninstall")
    assert path.read_bytes() == CORPUS[state]
    assert path.stat().st_mode & 0o777 == 0o640


def test_edits_since_stay(repo, home):
    """A file that was edited since keeps its edits; only our part goes."""
    path = home / USER
    path.parent.mkdir()
    path.write_text(json.dumps(FOREIGN, indent=2), "utf-8")
    tool(repo, "install")
    found = settings(path)
    found["model"] = "opus"
    found["hooks"]["Stop"][0]["hooks"].append({"type": "command", "command": "bell"})
    path.write_text(json.dumps(found, indent=4), "utf-8")
    assert "only our part was taken away" in tool(repo, "uninstall")["notes"][0]
    wanted = {**FOREIGN, "model": "opus"}
    wanted["hooks"] = {
        **FOREIGN["hooks"],
        "Stop": [{"hooks": [{"type": "command", "command": "bell"}]}],
    }
    assert settings(path) == wanted


@pytest.mark.parametrize(
    "bad", [b"{", b"[]", b'{"hooks": []}', b'{"hooks": {"Stop": {}}}', b"// no\n{}", b"\xff{}"]
)
def test_settings_that_are_none_are_refused(repo, home, bad):
    """With file and reason, before anything is written anywhere."""
    path = home / USER
    path.parent.mkdir()
    path.write_bytes(bad)
    refused = run(repo, "install")
    assert refused.code == 2 and USER in refused.err and "nothing was written" in refused.err
    assert path.read_bytes() == bad
    assert not list((repo / ".git/hooks").glob("pre-commit"))
    assert git(repo, "branch", "--list", "tractatus/history") == ""


def test_old_entries_are_replaced(repo, home):
    """Those of another place or timeout go, wherever they stand; foreign ones beside them stay."""
    path = home / USER
    path.parent.mkdir()
    old = {
        "type": "command",
        "command": "command -v /old/tractatus-merge >/dev/null 2>&1 || exit 0; exec /old/tractatus-merge hook",
        "timeout": 1,
    }
    path.write_text(
        json.dumps(
            {
                "hooks": {
                    "Stop": [{"hooks": [{"type": "command", "command": "bell"}, old]}],
                    "Notification": [{"hooks": [old]}],
                }
            }
        ),
        "utf-8",
    )
    tool(repo, "install")
    found = settings(path)["hooks"]
    assert found["Stop"][0] == {"hooks": [{"type": "command", "command": "bell"}]}
    assert "/old/" not in path.read_text("utf-8") and "Notification" not in found


def test_one_settings_file_at_a_time(repo, home):
    """Where a committed file has our hooks, a second one would count each event twice."""
    tool(repo, "install", "--scope", "project")
    done = tool(repo, "install")
    assert not (home / USER).exists()
    assert any("count twice" in note for note in done["notes"])


def test_a_status_line_of_anybody_stays(repo, home):
    """Ours is not set where a scope has one: it would take the other's place."""
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").write_text(
        '{"statusLine": {"type": "command", "command": "x"}}'
    )
    tool(repo, "install")
    assert settings(home / USER)["statusLine"]["command"] == "x"


def test_install_begins_a_history(repo):
    """Sessions need one; where it is there already, it stays."""
    assert "took the history in" in run(repo, "install").out
    head = git(repo, "rev-parse", "tractatus/history")
    assert "took the history in" not in run(repo, "install").out
    assert git(repo, "rev-parse", "tractatus/history") == head


def test_dry_run_and_print_write_nothing(repo, tmp_path):
    """The one shows every text, the other what to paste; printing needs no repository."""
    before = sorted(repo.rglob("*"))
    shown = run(repo, "install", "--dry-run").out
    assert '"SessionStart"' in shown and "merge.tractatus" in shown
    assert sorted(repo.rglob("*")) == before
    printed = run(tmp_path, "install", "--print", "--scope", "project")
    assert json.loads(printed.out)["hooks"]["PostToolUse"][0]["matcher"] == "*"
    assert "/" not in json.loads(printed.out)["statusLine"]["command"].replace("/dev/null", "")


def test_other_agents(repo, home):
    """Gemini CLI counts milliseconds; Codex has a file of its own; both are given back."""
    done = tool(repo, "install", "--agent", "gemini", "--agent", "codex")
    found = settings(home / ".gemini/settings.json")
    assert found["hooks"]["BeforeAgent"][0]["hooks"][0]["timeout"] == 15_000
    codex = settings(home / ".codex/hooks.json")["hooks"]
    assert codex["SessionEnd"][0]["hooks"][0]["timeout"] == 3
    assert any("/hooks" in note for note in done["notes"])
    tool(repo, "uninstall")
    assert not (home / ".gemini").exists() and not (home / ".codex").exists()
    refused = run(repo, "install", "--agent", "gemini", "--scope", "local")
    assert refused.code == 2 and "--scope user" in refused.err
    assert run(repo, "install", "--agent", "emacs").code == 2


def test_what_git_tracks_is_not_one_worktree_s(repo):
    """A local file that was committed is everybody's: it stays, is named, and the gate goes on."""
    (repo / LOCAL).write_text("{}")
    git(repo, "add", "--force", LOCAL)
    done = run(repo, "install", "--scope", "local")
    assert done.code == 0 and "git tracks it" in done.out and LOCAL in done.out
    assert "--scope user|project" in done.out
    assert (repo / LOCAL).read_text() == "{}"
    assert git(repo, "hook", "run", "pre-commit") == ""
    assert "merge-driver" in git(repo, "config", "merge.tractatus.driver")


def test_a_program_in_the_work_tree_is_warned_of(repo, monkeypatch):
    """An agent that can write there could change what its own hooks run."""
    monkeypatch.setattr(
        "tractatus_merge.agents.installer.executable",
        lambda _: str(repo / ".venv/bin/tractatus-merge"),
    )
    assert any("inside the work tree" in note for note in tool(repo, "install")["notes"])


def test_settings_that_cannot_be_read(repo, home):
    """Are told of by name, before anything is written."""
    (home / USER).mkdir(parents=True)
    refused = run(repo, "install")
    assert refused.code == 3 and USER in refused.err
    assert git(repo, "branch", "--list", "tractatus/history") == ""


def test_the_plugin_has_the_same_hooks():
    """By their name alone, and in the form that `claude plugin validate` asks for."""
    manifest = json.loads((ROOT / "plugin/.claude-plugin/plugin.json").read_text("utf-8"))
    assert manifest["name"] == "tractatus-merge"
    assert manifest.keys() <= {
        "name",
        "version",
        "description",
        "author",
        "homepage",
        "repository",
        "license",
        "keywords",
    }
    found = json.loads((ROOT / "plugin/hooks/hooks.json").read_text("utf-8"))
    assert found.keys() <= {"description", "hooks"}
    assert found["hooks"] == {
        event: [group]
        for event, group in hooks(AGENTS["claude"], "tractatus-merge", PLUGIN).items()
    }
    assert Path(ROOT / "plugin/README.md").exists()
