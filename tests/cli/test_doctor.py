"""`doctor`: each thing that can be wrong is found with what to type, and mended where it can be."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, git
from tests.fakeagent import Agent
from tests.tool import run, texts, tool
from tractatus_merge.agents.catalogue import command
from tractatus_merge.doctor import agent_checks, checks
from tractatus_merge.git.install import trial

USER = ".claude/settings.json"
"""From the home folder."""
ELSEWHERE = command("/gone/tractatus-merge", "hook", "user")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr(trial, "merge", lambda _: None)
    return folder


@pytest.fixture
def line(repo, home, tmp_path, monkeypatch):
    """A repository where everything is installed, with a program that runs without a PATH."""
    program = tmp_path / "tractatus-merge"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tractatus_merge "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr("tractatus_merge.agents.installer.executable", lambda _: str(program))
    home.joinpath(USER).parent.mkdir()
    tool(repo, "install")
    return repo


def codes(folder, *words, code=1):
    """The codes that are found."""
    return [one["code"] for one in tool(folder, "doctor", *words, code=code)["findings"]]


def change(path, edit):
    """Edit a JSON file."""
    found = json.loads(path.read_text("utf-8"))
    edit(found)
    path.write_text(json.dumps(found), "utf-8")


def test_all_is_well(line):
    """After install there is nothing to tell."""
    assert run(line, "doctor").out == "all is well\n"


def test_nothing_installed_is_no_fault(repo):
    """It is a note with the command; a missing history is a fault."""
    assert codes(repo) == ["history"]
    tool(repo, "init")
    shown = run(repo, "doctor")
    assert shown.code == 0 and "tractatus-merge install" in shown.out


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda found: found["hooks"].pop("SessionEnd"), "events"),
        (lambda found: found["hooks"]["SessionStart"][0]["hooks"][0].update(timeout=1), "timeout"),
        (lambda found: found["hooks"]["SessionStart"][0]["hooks"][0].update(timeout=30_000), "timeout"),
        (lambda found: found["hooks"]["Stop"][0]["hooks"][0].pop("timeout"), "timeout"),
        (lambda found: found["hooks"]["Stop"][0]["hooks"][0].update(command=ELSEWHERE), "program"),
    ],
)  # fmt: skip
def test_hooks_that_are_not_right(line, home, edit, code):
    """Missing ones, timeouts too small or in milliseconds, a program that is gone: mended."""
    change(home / USER, edit)
    assert codes(line) == [code]
    assert "tractatus-merge install" in run(line, "doctor").out
    told = tool(line, "doctor", "--fix")
    assert ([one["code"] for one in told["mended"]], told["findings"]) == ([code], [])
    assert run(line, "doctor").code == 0


def test_a_program_that_only_a_shell_finds(line, home, monkeypatch):
    """By its bare name it runs in no environment without its folder on the PATH."""
    monkeypatch.setattr(agent_checks, "BARE", "/usr/bin:/bin")
    change(
        home / USER,
        lambda found: found["hooks"]["Stop"][0]["hooks"][0].update(
            command=ELSEWHERE.replace("/gone/", "")
        ),
    )
    assert codes(line) == ["program"]


def test_hooks_switched_off_and_settings_that_are_none(line, home):
    """Are for a person to mend: nothing is changed."""
    change(home / USER, lambda found: found.update(disableAllHooks=True))
    (line / ".claude/settings.local.json").write_text("{,}")
    assert codes(line, "--fix") == ["settings", "disabled"]
    assert "take disableAllHooks out" in run(line, "doctor").out


def test_a_session_whose_process_is_gone_is_merged(line, tmp_path):
    """Found as stale, and swept; `check --sweep` does the same."""
    for name, words in (("s1", ("doctor", "--fix")), ("s2", ("check", "--sweep"))):
        agent = Agent(line, name, tmp_path)
        agent.fire("SessionStart", source="startup")
        agent.command("add", "x", "--id", f"inst_{name}")
        change(
            line / f".git/tractatus/sessions/{name}/session.json",
            lambda facts: facts["process"].update(started="1"),
        )
        assert codes(line) == ["stale"]
        assert run(line, *words).code == 0
        assert f"inst_{name}" in texts(line)
    assert run(line, "doctor").code == 0


def test_a_silent_session_is_a_person_s_to_end(line):
    """It is a note, with the command."""
    tool(line, "start", "--id", "quiet")
    for path in (line / ".git/tractatus/sessions/quiet").iterdir():
        os.utime(path, (0, time.time() - 2 * 24 * 3600))
    shown = run(line, "doctor")
    assert shown.code == 0 and "tractatus-merge end --session quiet" in shown.out


def test_damaged_journal_lines(line):
    """Are kept beside; the whole ones stay in order."""
    tool(line, "start", "--id", "s1")
    path = line / ".git/tractatus/sessions/s1/journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(b'{"event": "to' + b"\n" + whole + b"\xff\n")
    assert codes(line) == ["journal"]
    tool(line, "doctor", "--fix")
    assert path.read_bytes() == whole
    assert (path.parent / "journal.damaged").read_bytes() == b'{"event": "to\n\xff\n'


def test_session_folders(line):
    """One whose facts cannot be read, one that everybody may write into."""
    for name in ("s1", "s2"):
        tool(line, "start", "--id", name)
    folder = line / ".git/tractatus/sessions"
    (folder / "s1/session.json").write_text("{")
    (folder / "s2").chmod(0o777)
    assert codes(line, "--fix") == ["session"]
    assert (folder / "s2").stat().st_mode & 0o777 == 0o775
    assert f"mv {folder / 's1'}" in run(line, "doctor").out


def test_clocks_and_disks(line, monkeypatch):
    """A disk with another time, and one that other machines write on."""
    monkeypatch.setattr(checks, "_file_system", lambda _: "nfs4")
    assert "nfs4 is a network file system" in run(line, "doctor").out
    real = time.time
    monkeypatch.setattr("tractatus_merge.doctor.checks.time.time", lambda: real() - 3600)
    assert codes(line) == ["clock"]


def test_events_from_the_future_and_the_log(line):
    """Are told, and stop nobody."""
    tool(line, "start", "--id", "s1")
    with (line / ".git/tractatus/sessions/s1/journal.jsonl").open("a") as file:
        file.write('{"event": "tool", "at": "2999-01-01T00:00:00.000Z"}\n')
    (line / ".git/tractatus/hook.log").write_text("then: it broke\x1b[2J\n")
    shown = run(line, "doctor")
    assert (
        shown.code == 0
        and "2999" in shown.out
        and "it broke" in shown.out
        and "\x1b" not in shown.out
    )


def test_the_file_system_is_looked_up(line):
    """As `stat` says it."""
    told = subprocess.run(
        ["stat", "-f", "-c", "%T", str(line)], capture_output=True, text=True, check=True
    )
    kind = checks._file_system(line)
    assert kind and (
        kind in told.stdout
        or told.stdout.strip() in (kind, "ext2/ext3", "UNKNOWN", "overlayfs", "tmpfs")
    )


def test_the_history_s_branch_is_checked_out(line, tmp_path):
    """Doctor says so, and every command that moves it; what a commit there took out is named."""
    tool(line, "add", "First", "--id", "inst_1", "--why", "x")
    seen = tmp_path / "seen"
    git(line, "worktree", "add", "--quiet", str(seen), "tractatus/history")
    assert codes(line) == ["checked-out"]
    added = run(line, "add", "Second", "--id", "inst_2", "--why", "x")
    assert f"git -C {seen} switch --detach" in added.err and added.code == 0
    assert "checked out" not in run(line, "list").err
    git(seen, "commit", "--quiet", "--all", "--message=A note")
    told = tool(line, "doctor", code=1)["findings"]
    assert [one["code"] for one in told] == ["checked-out", "removed"]
    assert "took out inst_2" in told[1]["message"]
    git(seen, "switch", "--quiet", "--detach")
    assert run(line, *told[1]["fix"].split("   ")[0].split()[1:]).code == 0
    assert codes(line, code=0) == [] and "inst_2" in texts(line)


@pytest.mark.parametrize("text", ["[\n<<<<<<< a\n]", '{"instructions": [', "\xff"])
def test_a_torn_view_is_found_in_every_worktree(repo, text):
    """With its line, and a command that brings back what the history says, the torn file beside."""
    tool(repo, "init")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--allow-empty", "--message=view")
    git(repo, "worktree", "add", "--quiet", "../linked")
    for top in (repo, repo.parent / "linked"):
        path = top / ".claude/instruction-history.json"
        path.write_bytes(text.encode("latin-1"))
        ran = run(repo, "doctor", "--json")
        (found,) = [one for one in ran.json["findings"] if one["code"] == "torn"]
        assert ran.code == 1 and found["where"].startswith(str(path))
        aside, _, write = found["fix"].partition(" && ")
        _, old, new = shlex.split(aside)
        Path(old).rename(new)
        assert run(repo, *shlex.split(write)[1:]).code == 0
        assert run(repo, "doctor").code == 0
