"""Hooks reach every worktree of a clone that asked for them, and nobody else; doctor names the rest."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, git
from tests.tool import run, tool
from tractatus_merge.agents import catalogue, plugins
from tractatus_merge.agents.guard import HISTORY, INSTALLED, guarded
from tractatus_merge.git import discovery
from tractatus_merge.git.install import trial

LOCAL, PROJECT = ".claude/settings.local.json", ".claude/settings.json"
HOMES = {"claude": PROJECT, "gemini": ".gemini/settings.json", "codex": ".codex/hooks.json"}

SHELLS = [some for some in ("sh", "bash", "zsh", "busybox sh") if shutil.which(some.split()[0])]
"""Those that are here of the shells that an agent may use."""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, a program that runs everywhere, and no throwaway merge."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr(trial, "merge", lambda _: None)
    program = tmp_path / "tractatus-merge"
    program.write_text(f"#!/bin/sh\necho tractatus-merge; cat; pwd >>{tmp_path}/started\n")
    program.chmod(0o755)
    monkeypatch.setattr("tractatus_merge.agents.installer.executable", lambda _: str(program))
    return folder


@pytest.fixture
def work(repo, tmp_path):
    """A linked worktree of the bakery's repository."""
    git(repo, "worktree", "add", "--quiet", str(tmp_path / "work"))
    return tmp_path / "work"


def started(home, agent, folder, **env):
    """Whether the hook of an agent's session in a folder starts the program, as settings have it."""
    groups = json.loads((home / HOMES[agent]).read_text("utf-8"))["hooks"]["SessionStart"]
    mark = home.parent / "started"
    mark.unlink(missing_ok=True)
    for group in groups:
        ran = subprocess.run(
            ["sh", "-c", group["hooks"][0]["command"]],
            cwd=folder, env={"PATH": "/usr/bin:/bin", **env}, input=b"{}", capture_output=True,
            check=True,
        )  # fmt: skip
        assert ran.stderr == b""
    return mark.exists()


def findings(folder, code=1, *words):
    """The codes that doctor finds, with where."""
    found = tool(folder, "doctor", *words, code=code)["findings"]
    return [(one["code"], one["where"]) for one in found]


def without_hooks(path):
    """What a session did that wrote its settings anew."""
    path.write_text('{"permissions": {"allow": ["Bash(ls:*)"]}}')


def places(main: Path, tmp_path: Path) -> dict[str, Path]:
    """Folders of every kind of repository, and the top of none."""
    bare = tmp_path / "proj"
    git(main, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked worktree"))
    bare.mkdir()
    git(tmp_path, "clone", "--quiet", "--bare", str(main), str(bare / ".bare"))
    (bare / ".git").write_text("gitdir: ./.bare\n")
    git(bare, "worktree", "add", "--quiet", "--detach", "feat")
    git(
        tmp_path,
        "init",
        "--quiet",
        "--separate-git-dir",
        str(tmp_path / "git"),
        str(tmp_path / "s"),
    )
    for name in ("deep/er", "nested"):
        (main / name).mkdir(parents=True, exist_ok=True)
    git(main / "nested", "init", "--quiet")
    (tmp_path / "link").symlink_to(main / "deep")
    (tmp_path / "plain").mkdir(exist_ok=True)
    return {
        "main": main, "below": main / "deep/er", "nested": main / "nested", "bare": bare,
        "linked": tmp_path / "linked worktree", "of bare": bare / "feat", "apart": tmp_path / "s",
        "link": tmp_path / "link", "plain": tmp_path / "plain", "root": Path("/"),
    }  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_finds_the_repository_that_python_finds(repo, tmp_path, shell):
    """In every kind of worktree, by every shell that an agent may use; without git, and silently."""
    line = guarded('printf %s "$s"; exit', "-e", "")
    for name, folder in places(repo, tmp_path).items():
        found = shell_says(shell, line, folder)
        expected = discovery.common_dir(str(folder))
        assert (found and str(Path(found).resolve())) == (expected or ""), name


def shell_says(shell, line, folder, **env):
    """What a line prints, run by a shell that finds no program."""
    ran = subprocess.run(
        [*shell.split(), "-c", line],
        cwd=folder, env={"PATH": "/nowhere", **env}, capture_output=True, text=True, check=True,
        executable=shutil.which(shell.split()[0]), timeout=10,
    )  # fmt: skip
    assert ran.stderr == "", folder
    return ran.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_finds_every_history_that_python_finds(repo, tmp_path, shell):
    """Kept in git or not, here or in the main worktree, at the top or below: where one is, it asks."""
    settings = '[store]\nurl = "file:"\n'
    for folder in (repo / "deep", repo / "deep/er/most", tmp_path / "plain"):
        (folder / ".claude").mkdir(parents=True)
        (folder / ".claude/tractatus.toml").write_text(settings)
    git(repo, "add", "--all", "--force")
    git(repo, "commit", "--quiet", "--message", "Some")
    found = places(repo, tmp_path)
    for name, top in (("linked", "linked"), ("of bare", "of bare")):
        found |= {f"{name} deep": found[top] / "deep", f"{name} most": found[top] / "deep/er/most"}
    (tmp_path / "plain/below/it").mkdir(parents=True)
    found |= {"plain below": tmp_path / "plain/below/it", "main most": repo / "deep/er/most"}
    line = guarded("printf yes; exit", "-s", INSTALLED)
    states = {name: discovery.state_of(str(folder)) for name, folder in found.items()}
    assert len({*states.values()} - {None}) > 8
    for state in {*states.values()} - {None}:
        mark = Path(state).parent / INSTALLED
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text("claude\n")
        above = Path(state).parent.parent  # whose folders below it are its own as well
        for name, folder in found.items():
            said = shell_says(shell, line, folder)
            if states[name] == state:
                assert said == "yes", (name, state)
                assert shell_says(shell, line, "/", CLAUDE_PROJECT_DIR=str(folder.resolve()))
            elif states[name] is None or above not in Path(states[name]).parents:
                assert said == "", (name, state)
        shutil.rmtree(mark.parent)


@pytest.mark.parametrize("project", ["", "relative", "/", "/nowhere/at all", "a/b"])
def test_the_guard_ends_whatever_the_environment_says(tmp_path, project):
    """A folder that is none, or is not absolute, is no repository."""
    ran = subprocess.run(
        ["sh", "-c", guarded("echo yes", "-e", HISTORY)],
        cwd=tmp_path, env={"CLAUDE_PROJECT_DIR": project}, capture_output=True, text=True,
        check=True, timeout=5,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("", "")


@pytest.mark.parametrize("agent", HOMES)
def test_one_install_reaches_every_worktree_and_no_other_repository(repo, work, home, agent):
    """Also worktrees that come later, and a session that went into a nested clone."""
    tool(repo, "install", "--agent", agent)
    git(repo, "worktree", "add", "--quiet", "--detach", "--no-checkout", str(home / "later"))
    (repo / "below").mkdir()
    foreign = home / "foreign"
    git(home, "init", "--quiet", str(foreign))
    for folder in (repo, repo / "below", work, home / "later"):
        assert started(home, agent, folder)
    assert not started(home, agent, foreign)
    assert started(home, agent, foreign, CLAUDE_PROJECT_DIR=str(work))
    for folder in (repo, work):
        assert run(folder, "doctor").out == "all is well\n"
        assert not list(folder.glob(".claude/settings*"))


def test_a_bare_clone_with_worktrees(repo, tmp_path, home):
    """Each of its worktrees has the hooks, whichever install was typed in."""
    folder = tmp_path / "proj"
    git(tmp_path, "clone", "--quiet", "--bare", str(repo), str(folder / ".bare"))
    (folder / ".git").write_text("gitdir: ./.bare\n")
    for name in ("one", "two"):
        git(folder, "worktree", "add", "--quiet", "--detach", name)
    tool(folder / "one", "install")
    for name in ("one", "two"):
        assert started(home, "claude", folder / name)
        assert findings(folder / name, 0) == []
    tool(folder / "two", "install", "--scope", "local")
    assert all((folder / name / LOCAL).exists() for name in ("one", "two"))
    tool(folder / "one", "uninstall")
    assert not any((folder / name / LOCAL).exists() for name in ("one", "two"))


def test_what_one_clone_takes_out_another_keeps(repo, tmp_path, home):
    """A person's settings are given back byte for byte when the last clone no longer asks."""
    path = home / PROJECT
    path.parent.mkdir()
    path.write_text('{"model":"opus"}')
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(repo), str(other))
    for folder in (repo, other):
        tool(folder, "install")
        assert started(home, "claude", folder)
    assert "settings.json" not in run(repo, "uninstall").out
    assert not started(home, "claude", repo) and started(home, "claude", other)
    assert any("install" in one["fix"] for one in tool(repo, "doctor")["notes"])
    assert findings(other, 0) == []
    done = tool(other, "uninstall")
    assert str(path) in done["files"] and path.read_text() == '{"model":"opus"}'
    assert not (repo / ".git" / INSTALLED).exists() and not (other / ".git" / INSTALLED).exists()


def test_a_clone_that_was_deleted_asks_for_nothing(repo, tmp_path, home):
    """Its mark is gone with it."""
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(repo), str(other))
    for folder in (repo, other):
        tool(folder, "install")
    shutil.rmtree(other)
    tool(repo, "uninstall")
    assert not (home / ".claude").exists() and not (home / ".local/state/tractatus-merge").exists()


@pytest.mark.parametrize("how", ["rewritten", "deleted", "emptied"])
def test_hooks_taken_out_of_a_person_s_settings(repo, work, home, how):
    """Are named from any worktree, and put back by `--fix`; what was written meanwhile stays."""
    tool(repo, "install")
    path = home / PROJECT
    if how == "deleted":
        path.unlink()
    elif how == "emptied":
        path.write_text("")
    else:
        without_hooks(path)
    before = path.read_bytes() if path.exists() else None
    assert findings(work) == [("gone", str(path))]
    assert "what install wrote there is gone" in run(work, "doctor").out
    assert findings(work, 0, "--fix") == []
    assert started(home, "claude", work)
    tool(work, "uninstall")
    assert (path.read_bytes() if path.exists() else None) == before


def test_hooks_taken_out_of_one_worktree(repo, work):
    """With settings for each worktree: the file that lost them is named, and mended."""
    tool(repo, "install", "--scope", "local")
    without_hooks(work / LOCAL)
    assert findings(repo) == [("gone", str(work / LOCAL))]
    assert findings(repo, 0, "--fix") == []
    assert "hook" in (work / LOCAL).read_text() and "Bash(ls:*)" in (work / LOCAL).read_text()
    tool(repo, "uninstall")
    assert "hook" not in (work / LOCAL).read_text() and not (repo / LOCAL).exists()


def test_a_worktree_that_came_after_local_settings(repo, work, tmp_path):
    """It is named, with the command that reaches all; `--fix` does what install had done."""
    tool(work, "install", "--scope", "local")
    assert (repo / LOCAL).exists() and (work / LOCAL).exists()
    git(repo, "worktree", "add", "--quiet", "--detach", str(tmp_path / "late"))
    assert findings(work) == [("worktree", str(tmp_path / "late"))]
    assert findings(work, 0, "--fix") == []
    assert (tmp_path / "late" / LOCAL).exists()
    git(repo, "worktree", "remove", "--force", str(tmp_path / "late"))
    assert findings(repo, 0) == []


def test_an_older_install_is_moved_to_where_all_worktrees_read_it(repo, work, home):
    """What stood in one worktree goes byte for byte, and what an agent copied elsewhere goes too."""
    (repo / LOCAL).write_text('{"model": "opus"}')
    tool(repo, "install", "--scope", "local")
    (work / LOCAL).unlink()
    git(repo, "worktree", "add", "--quiet", "--detach", str(home / "made"))
    (home / "made" / LOCAL).write_bytes((repo / LOCAL).read_bytes())  # as Claude Code copies it
    tool(work, "install")
    assert (repo / LOCAL).read_text() == '{"model": "opus"}'
    assert json.loads((home / "made" / LOCAL).read_text()) == {"model": "opus"}
    assert started(home, "claude", work) and run(work, "doctor").out == "all is well\n"
    tool(work, "uninstall")
    assert not (home / PROJECT).exists()


def test_hooks_of_the_team_in_a_branch_that_has_them_not(repo, work):
    """The worktree is named; no command can bring a commit to a branch."""
    tool(repo, "install", "--scope", "project")
    assert findings(repo) == [("worktree", str(work))]
    (work / PROJECT).write_bytes((repo / PROJECT).read_bytes())  # as a merge does
    assert findings(repo, 0) == []
    (repo / PROJECT).unlink()
    assert findings(repo) == [("gone", str(repo / PROJECT))]
    assert findings(repo, 0, "--fix") == []


def test_hooks_without_the_guard_are_replaced(repo, home):
    """As they were written once: they start Python in every repository."""
    path = home / PROJECT
    path.parent.mkdir()
    line = catalogue.command("tractatus-merge", "hook", "project")
    group = {"hooks": [{"type": "command", "command": line, "timeout": 30}]}
    path.write_text(json.dumps({"hooks": {"SessionStart": [group]}}))
    tool(repo, "init")
    assert ("unguarded", str(path)) in findings(repo)
    assert findings(repo, 0, "--fix") == []
    assert INSTALLED in path.read_text()


SWITCHED = {
    "local": (True, {"local": True}),
    "project": (True, {"project": True}),
    "user": (True, {"user": True}),
    "off nearer": (False, {"local": False, "user": True}),
    "off": (False, {"project": False}),
    "managed": (True, {"managed": True, "local": False}),
}


@pytest.mark.parametrize("case", SWITCHED)
def test_a_plugin_that_is_switched_on_is_not_doubled(repo, home, tmp_path, monkeypatch, case):
    """Whichever settings switch it on; install says so, and writes nothing."""
    monkeypatch.setattr(plugins, "MANAGED", (tmp_path / "managed.json",))
    on, scopes = SWITCHED[case]
    files = {
        "local": repo / LOCAL, "project": repo / PROJECT, "user": home / PROJECT,
        "managed": tmp_path / "managed.json",
    }  # fmt: skip
    for scope, value in scopes.items():
        files[scope].parent.mkdir(exist_ok=True)
        files[scope].write_text(json.dumps({"enabledPlugins": {"tractatus-merge@local": value}}))
    done = tool(repo, "install")
    notes = [note for note in done["notes"] if "the plugin tractatus-merge@local" in note]
    assert bool(notes) == on
    written = json.loads((home / PROJECT).read_text()) if (home / PROJECT).exists() else {}
    assert ("hooks" in written) != on
    assert ("is switched on, and not installed" in run(repo, "doctor").out) == on
    path = home / ".claude/plugins/installed_plugins.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 2, "plugins": {"tractatus-merge@local": [{}]}}))
    assert run(repo, "doctor").out == "all is well\n"


def test_a_plugin_that_was_switched_on_later_is_told_of(repo, home):
    """With what takes one of the two out."""
    tool(repo, "install")
    (repo / PROJECT).write_text('{"enabledPlugins": {"tractatus-merge@local": true}}')
    told = run(repo, "doctor")
    assert told.code == 0 and "tractatus-merge@local" in told.out and "twice" in told.out


def test_a_plugin_for_one_worktree_alone(repo, work):
    """The other worktrees are named, with the command that reaches them."""
    tool(repo, "init")
    (repo / LOCAL).write_text('{"enabledPlugins": {"tractatus-merge@x": true}}')
    assert findings(repo) == [("worktree", str(work))]
    assert "claude plugin install tractatus-merge@x --scope user" in run(repo, "doctor").out


def test_the_marketplace_names_the_plugin():
    """In the form that `claude plugin marketplace add` reads: an owner, and where the plugin is."""
    found = json.loads((ROOT / ".claude-plugin/marketplace.json").read_text("utf-8"))
    (plugin,) = found["plugins"]
    manifest = ROOT / plugin["source"] / ".claude-plugin/plugin.json"
    described = json.loads(manifest.read_text("utf-8"))
    assert found["owner"]["name"] and plugin["name"] == described["name"]
    assert described["author"]["name"] and described["description"]


@pytest.mark.parametrize("whose", ["one worktree's", "the clone's", "husky's"])
@pytest.mark.usefixtures("hooks_in_files")
def test_hooks_that_git_takes_from_elsewhere(repo, work, whose):
    """The gate is off, and doctor says where; `--fix` puts it there, and every byte comes back."""
    tool(repo, "init")
    tool(repo, "install", "--agent", "none")
    assert findings(work, 0) == []
    folder = {
        "one worktree's": work / "githooks",
        "the clone's": repo / "a b",
        "husky's": repo / ".husky",
    }[whose]
    if whose == "one worktree's":
        git(repo, "config", "extensions.worktreeConfig", "true")
        git(work, "config", "--worktree", "core.hooksPath", str(folder))
    else:
        git(repo, "config", "core.hooksPath", str(folder))
    if whose == "husky's":
        folder.mkdir()
    assert ("gate", str(folder)) in findings(repo)
    assert findings(repo, 0, "--fix") == []
    for name in ("pre-commit", "pre-merge-commit"):
        text = (folder / name).read_text()
        assert "check --staged" in text and ("bin/python" in text) == (whose != "husky's")
    before = (folder / "pre-commit").read_bytes()
    tool(work, "install", "--agent", "none")
    assert findings(work, 0) == [] and (folder / "pre-commit").read_bytes() == before
    tool(work, "uninstall")
    assert not list(folder.glob("*")) and not list((repo / ".git/hooks").glob("pre-*[!e]"))


@pytest.mark.usefixtures("hooks_in_files")
def test_what_a_hook_manager_writes_anew_is_mended_until_its_own_file_has_the_lines(repo):
    """This clone's hooks name this machine's program; with the lines nothing of ours is needed."""
    tool(repo, "init")
    tool(repo, "install", "--agent", "none")
    folder = repo / ".husky/_"
    folder.mkdir(parents=True)
    git(repo, "config", "core.hooksPath", ".husky/_")
    names = ("pre-commit", "pre-merge-commit")
    for name in names:
        (folder / name).write_text('#!/usr/bin/env sh\n. "$(dirname "$0")/h"')
        (folder / name).chmod(0o755)
    before = (folder / "pre-commit").read_bytes()
    assert findings(repo) == [("gate", str(folder))]
    assert "tractatus-merge check --staged" in run(repo, "doctor").out
    assert findings(repo, 0, "--fix") == []
    assert "bin/python" in (folder / "pre-commit").read_text()
    for name in names:
        (folder / name).write_bytes(before)
        assert findings(repo) == [("gate", str(folder))]
        (repo / ".husky" / name).write_text("tractatus-merge check --staged\n")
    assert findings(repo, 0) == []
    (repo / ".husky/pre-commit").write_text("# tractatus-merge check --staged\n")
    assert "no commit is judged" in run(repo, "doctor").out


@pytest.mark.usefixtures("hooks_in_files")
def test_what_was_asked_for_is_put_back(repo):
    """The trailer too, where install wrote it."""
    tool(repo, "init")
    tool(repo, "install", "--agent", "none", "--commit-trailer")
    git(repo, "config", "core.hooksPath", "elsewhere")
    assert findings(repo, 0, "--fix") == []
    assert (repo / "elsewhere/commit-msg").exists()


def test_a_home_that_cannot_be_written(repo, monkeypatch):
    """As in a sandbox: it is said what was not written, and who can; the mark is not set."""
    monkeypatch.setenv("HOME", "/proc/nowhere")
    refused = run(repo, "install")
    assert refused.code == 3 and "agents' settings were not written" in refused.err
    assert "a person types: tractatus-merge install" in refused.err
    assert not (repo / ".git" / INSTALLED).exists()
    tool(repo, "install", "--scope", "local")
    assert (repo / LOCAL).exists()


def test_from_a_person_s_settings_to_the_team_s(repo, home):
    """The mark goes, and with it what no clone asks for any more; uninstall leaves nothing."""
    tool(repo, "install", "--agent", "claude", "--agent", "codex")
    tool(repo, "install", "--scope", "project")
    assert not (home / PROJECT).exists() and started(home, "codex", repo)
    assert findings(repo, 0) == []
    tool(repo, "install", "--agent", "codex", "--scope", "project")
    assert not (home / ".codex").exists() and not (repo / ".git" / INSTALLED).read_bytes()
    tool(repo, "uninstall")
    assert not (repo / ".git" / INSTALLED).exists() and not (repo / ".codex").exists()
    assert not list(home.iterdir())


def test_nothing_is_asked_for_where_nothing_was_written(repo):
    """Where the team's settings have the hooks, a person's are not asked for."""
    tool(repo, "install", "--scope", "project")
    tool(repo, "install")
    assert not (repo / ".git" / INSTALLED).exists() and findings(repo, 0) == []
