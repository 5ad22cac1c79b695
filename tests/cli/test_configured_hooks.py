"""Hooks in git's configuration, from 2.54 on: ours, and those of others beside it.

An older git is made to list hooks as a newer one does; it does not run them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_check import codes
from tests.conftest import configures_hooks, git
from tests.standin import StandIn, installed
from tests.tool import plain_edit, run, tool
from tractatus_merge.git.gate import glance
from tractatus_merge.git.install import trial

VIEW = ".claude/instruction-history.json"
CHECK = "tractatus-merge check --staged"
GATED = ("pre-commit", "pre-merge-commit")
LISTS = """\
    for event; do :; done
    git config --get-regexp '^hook\\..*\\.event$' | while read -r key value; do
        name=${key#hook.} name=${name%.event} how=
        test "$value" = "$event" || continue
        test "$(git config --bool "hook.$name.enabled")" != false || how="disabled\t"
        test "$(git config --bool "hook.$event.enabled")" != false || how="event-disabled\t"
        printf "$how%s\\n" "$name"
    done"""
"""What `git hook list EVENT` says in 2.55."""


def before_git(folder: Path, patch: pytest.MonkeyPatch, version: str, lists: str) -> None:
    """Put a git before the real one that gives itself a version, and lists hooks in a way."""
    program = folder / version / "git"
    program.parent.mkdir()
    path = os.environ["PATH"]
    program.write_text(f"""\
#!/bin/sh
PATH={path}
case " $* " in
*" version "*) echo "git version {version}" ;;
*" hook list "*)
{lists} ;;
*) exec {shutil.which("git")} "$@" ;;
esac
""")
    program.chmod(0o755)
    patch.setenv("PATH", f"{program.parent}:{path}")


@pytest.fixture(autouse=True)
def newer(tmp_path, monkeypatch) -> None:
    """A git that reads hooks from its configuration, and no throwaway merge."""
    monkeypatch.setattr(trial, "merge", lambda _: None)
    if not configures_hooks():
        before_git(tmp_path, monkeypatch, "2.54.1", LISTS)


@pytest.fixture
def stand_in(tmp_path) -> StandIn:
    """The program that the hooks run."""
    return StandIn(tmp_path)


def configure(top: Path, name: str, command: str, *events: str) -> None:
    """Give the clone a hook, as another program does."""
    git(top, "config", f"hook.{name}.command", command)
    for event in events:
        git(top, "config", "--add", f"hook.{name}.event", event)


def found(top: Path, *words: str, code: int = 1) -> list[str]:
    """What doctor finds about the gate."""
    told = tool(top, "doctor", *words, code=code)["findings"]
    return [one["message"] for one in told if one["code"] == "gate"]


def test_there_is_no_file_and_the_commands_work_as_git_runs_them(repo, stand_in, monkeypatch):
    """`hook.NAME.command` and its events; all is gone after uninstall."""
    installed(repo, stand_in, monkeypatch, "--commit-trailer")
    assert not [p for p in (repo / ".git/hooks").iterdir() if p.suffix != ".sample"]
    assert git(repo, "config", "--get-all", "hook.tractatus.event").split() == [*GATED]
    gate = git(repo, "config", "hook.tractatus.command").removesuffix("\n")
    trailer = git(repo, "config", "hook.tractatus-trailer.command").removesuffix("\n")
    tool(repo, "init")
    (repo / "message").write_text("Bake\n")
    plain_edit(repo / VIEW, lambda document: document["instructions"][0].update(text="edited"))
    git(repo, "add", VIEW)
    stand_in.answer(1)
    message = ("sh", "-c", f'{trailer} "$@"', trailer, "message", "message")
    for words, code in ((("sh", "-c", gate), 1), (message, 0)):
        assert subprocess.run(words, cwd=repo, check=False, capture_output=True).returncode == code
    assert "Instructions-Version: " in (repo / "message").read_text()
    tool(repo, "uninstall")
    assert "hook.tractatus" not in git(repo, "config", "--list")


@pytest.mark.parametrize("lists", ["    :", "    echo not-tractatus", "    echo 'x\ttractatus'"])
def test_what_git_does_not_list_is_put_into_files(repo, tmp_path, monkeypatch, lists):
    """A gate that would never run is no gate."""
    before_git(tmp_path, monkeypatch, "2.54.2", lists)
    assert tool(repo, "install", "--agent", "none")["hooks"] == "file"
    assert (repo / ".git/hooks/pre-commit").exists()
    assert "hook.tractatus" not in git(repo, "config", "--list")
    tool(repo, "uninstall")
    assert not (repo / ".git/hooks/pre-commit").exists()


@pytest.mark.parametrize(
    ("words", "says", "mended"),
    [
        (("--remove-section", "hook.tractatus"), "is gone from git's settings", True),
        (("hook.tractatus.enabled", "false"), "is switched off in git's settings", False),
        (("hook.pre-commit.enabled", "no"), "is switched off in git's settings", False),
    ],
)
def test_a_gate_that_git_does_not_run_is_told(line, words, says, mended):
    """By doctor, with what brings it back, and by the check; a person's switch is left alone."""
    tool(line, "install", "--agent", "none")
    assert found(line, code=0) == []
    assert codes(run(line, "check", "--staged", "--json")) == [[], []]
    git(line, "config", *words)
    assert found(line) == [f"hook.tractatus {says}: no commit is judged"]
    assert codes(run(line, "check", "--staged", "--json"))[1] == ["gate"]
    assert found(line, "--fix", code=0 if mended else 1) == ([] if mended else found(line))


def test_a_git_that_does_not_read_them_is_told_and_gets_files(line, tmp_path, monkeypatch):
    """As in a container, or in an editor that brings its own; a newer git runs files too."""
    tool(line, "install", "--agent", "none", "--commit-trailer")
    with monkeypatch.context() as older:
        before_git(tmp_path, older, "2.53.0", "    exit 129")
        (what,) = found(line)
        assert what.startswith("git version 2.53.0 reads no hooks from git's settings")
        assert found(line, "--fix", code=0) == []
    assert found(line, code=0) == []
    assert (line / ".git/hooks/commit-msg").exists()
    assert "hook.tractatus" not in git(line, "config", "--list")


def test_a_broken_hook_of_others_is_told_in_git_s_words(line, tmp_path, monkeypatch):
    """Git refuses every commit then; nothing of ours mends it."""
    tool(line, "install", "--agent", "none")
    says = "fatal: 'hook.lint.command' must be configured or 'hook.lint.event' must be removed"
    before_git(tmp_path, monkeypatch, "2.55.0", f'    echo "{says}" >&2; exit 128')
    for words in ((), ("--fix",)):
        assert found(line, *words) == [f"git runs no hook here ({says}): no commit is judged"]


def test_hooks_of_others_stay_as_they_are(line):
    """Ours stands beside; every byte is back."""
    configure(line, "lint", "true", "pre-commit")
    before = (line / ".git/config").read_bytes()
    assert tool(line, "install", "--agent", "none")["hooks"] == "config"
    words = ("git", "hook", "list", "pre-commit")
    asked = subprocess.run(words, cwd=line, capture_output=True, check=False)
    assert asked.stdout.split() == [b"lint", b"tractatus"]
    tool(line, "install", "--agent", "none")
    tool(line, "uninstall")
    assert (line / ".git/config").read_bytes() == before


@pytest.mark.parametrize("how", ["a command", "a script", "a manager"])
def test_a_gate_by_others_is_seen(line, how):
    """It is not run twice; where it goes, doctor says so and puts ours there."""
    command = {"a command": f"cd . && {CHECK}", "a script": "tools/gate '$x'"}.get(how, "hk run x")
    if how == "a script":
        (line / "tools").mkdir()
        (line / "tools/gate").write_text(f"#!/bin/sh\n{CHECK}\n")
    elif how == "a manager":
        steps = "".join(f'["{event}"] {{ check = "{CHECK}" }}\n' for event in GATED)
        (line / "hk.pkl").write_text(f"hooks {{\n{steps}}}\n")
    configure(line, "theirs", command, *GATED)
    done = tool(line, "install", "--agent", "none")
    assert done["hooks"] == ("lines" if how == "a manager" else "config")
    assert done["lines"] == []
    assert "hook.tractatus.command" not in git(line, "config", "--list")
    assert found(line, code=0) == []
    assert codes(run(line, "check", "--staged", "--json")) == [[], []]
    for broken in ("it's no shell", "/bin/true", " "):
        git(line, "config", "hook.theirs.command", broken)
        (what,) = found(line)
        assert "pre-commit and pre-merge-commit do not run the gate" in what
    assert found(line, "--fix", code=0) == []
    assert "hook.tractatus.command" in git(line, "config", "--list")


def test_a_folder_of_hooks_for_everything_does_not_matter(line, tmp_path, monkeypatch):
    """Where an older git could only be given lines; doctor then mends it."""
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {tmp_path / 'all'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with monkeypatch.context() as older:
        before_git(tmp_path, older, "2.53.0", "    exit 129")
        assert tool(line, "install", "--agent", "none")["hooks"] == "lines"
        assert "holds the hooks of other repositories too" in found(line)[0]
        assert found(line, "--fix") == found(line)
    assert len(found(line)) == 1
    assert found(line, "--fix", code=0) == []
    assert not (tmp_path / "all").exists()


def test_the_quick_look_knows_them_too(line, monkeypatch):
    """Whether the gate runs is one question to git for each event."""
    tool(line, "install", "--agent", "none")
    tool(line, "view", "--write")
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--allow-empty", "--message=shown", "--no-verify")
    plain_edit(line / VIEW, lambda document: document["instructions"][0].update(notes="edited"))
    git(line, "add", VIEW)
    monkeypatch.chdir(line)
    assert glance.is_whole()
    git(line, "config", "hook.tractatus.enabled", "false")
    assert not glance.is_whole()
