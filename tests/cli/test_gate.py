"""The gate as a whole: installed, with the real program, and git's own commits and merges."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_check import VIEW, add, commit, drop
from tests.conftest import ROOT, configures_hooks, git
from tests.tool import plain_edit, run, tool


@pytest.fixture
def gated(line: Path, monkeypatch) -> Path:
    """A repository whose history was taken in, with the gate and the driver installed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    tool(line, "install", "--agent", "none")
    git(line, "add", "--all")
    git(line, "commit", "--quiet", "--message=Install the gate")
    return line


def tried(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What git did, whatever its exit code."""
    return subprocess.run(
        ["git", "-C", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def ids(folder: Path, commit_: str = "HEAD") -> list[str]:
    """The instructions that a commit has."""
    return [
        item["id"] for item in json.loads(git(folder, "show", f"{commit_}:{VIEW}"))["instructions"]
    ]


def test_the_lost_update_is_refused_mended_by_the_printed_line_and_committed(gated):
    """T4: inst_019 was there, and the file that is to be committed has inst_020 only."""
    read = (gated / VIEW).read_bytes()
    commit(gated, add("inst_019"), "A's session")
    (gated / VIEW).write_bytes(read)
    plain_edit(gated / VIEW, add("inst_020"))
    git(gated, "add", VIEW)
    refused = tried(gated, "commit", "--message=B's session")
    assert refused.returncode == 1
    assert "lost: inst_019, which Jo Baker in" in refused.stderr
    line = next(line for line in refused.stderr.splitlines() if "--restore" in line).strip()
    program, *words = shlex.split(line.split(" && ")[0])
    assert program == "tractatus-merge"
    assert run(gated, *words).code == 0
    git(gated, *shlex.split(line.split(" && ")[1])[1:])
    done = tried(gated, "commit", "--message=B's session")
    assert (done.returncode, done.stderr) == (0, "")
    assert {"inst_019", "inst_020"} <= set(ids(gated))
    assert git(gated, "status", "--porcelain") == ""


@pytest.mark.slow
def test_a_merge_that_takes_one_side_whole_is_refused(gated):
    """Nothing is staged beside HEAD, and the other side's instruction is gone."""
    git(gated, "switch", "--quiet", "--create", "feature")
    commit(gated, add("inst_080"))
    git(gated, "switch", "--quiet", "main")
    commit(gated, add("inst_090"))
    refused = tried(gated, "merge", "--strategy=ours", "--no-edit", "feature")
    assert refused.returncode != 0
    assert "lost: inst_080" in refused.stderr
    git(gated, "reset", "--quiet", "--merge")
    merged = tried(gated, "merge", "--no-edit", "feature")
    assert merged.returncode == 0, merged.stderr
    assert {"inst_080", "inst_090"} <= set(ids(gated))


def test_a_merge_that_stopped_is_judged_when_it_is_committed(gated):
    """A field is contested; whoever settles it by taking the whole of one side is refused."""
    git(gated, "switch", "--quiet", "--create", "feature")
    commit(gated, lambda d: (d["instructions"][0].update(quadrant="TACTICAL"), add("inst_080")(d)))
    git(gated, "switch", "--quiet", "main")
    commit(gated, lambda d: d["instructions"][0].update(quadrant="STRATEGIC"))
    assert tried(gated, "merge", "--no-edit", "feature").returncode == 1
    git(gated, "checkout", "--quiet", "--ours", "--", VIEW)
    git(gated, "add", VIEW)
    refused = tried(gated, "commit", "--no-edit")
    assert refused.returncode == 1
    assert "lost: inst_080" in refused.stderr


@pytest.mark.slow
def test_what_no_hook_can_stop_is_told_when_it_is_done(gated):
    """A clean revert and pick, a rebase that was settled by hand, a fast-forward."""
    commit(gated, add("inst_080"))
    reverted = tried(gated, "revert", "--no-edit", "HEAD")
    assert (reverted.returncode, "lost: inst_080" in reverted.stderr) == (0, True)
    git(gated, "reset", "--quiet", "--hard", "HEAD~1")
    git(gated, "switch", "--quiet", "--create", "feature")
    plain_edit(gated / VIEW, drop("inst_002"))
    git(gated, "commit", "--quiet", "--all", "--no-verify", "--message=drop")
    git(gated, "switch", "--quiet", "main")
    picked = tried(gated, "cherry-pick", "feature")
    assert (picked.returncode, "lost: inst_002" in picked.stderr) == (0, True)
    git(gated, "reset", "--quiet", "--hard", "HEAD~1")
    merged = tried(gated, "merge", "feature")
    assert (merged.returncode, "lost: inst_002" in merged.stderr) == (0, True)
    (gated / "code.py").write_text("1\n")
    git(gated, "add", "--all")
    assert tried(gated, "commit", "--message=code").stderr == ""


def test_a_rebase_that_took_one_side_whole_is_told(gated):
    """`checkout --theirs` in the middle of it: the other side's new instruction is gone."""
    git(gated, "switch", "--quiet", "--create", "mine")
    commit(gated, lambda d: d["instructions"][0].update(text="mine"))
    git(gated, "switch", "--quiet", "main")
    commit(gated, lambda d: (d["instructions"][0].update(text="team"), add("inst_020")(d)))
    git(gated, "switch", "--quiet", "mine")
    assert tried(gated, "rebase", "main").returncode != 0
    git(gated, "checkout", "--theirs", "--", VIEW)
    git(gated, "add", VIEW)
    done = tried(gated, "rebase", "--continue", GIT_EDITOR="true")
    assert (done.returncode, "lost: inst_020" in done.stderr) == (0, True)


@pytest.mark.slow
def test_while_others_publish_commits_of_code_pass_in_a_stale_worktree(gated):
    """19 other sessions, one of them in a grave conflict; amended, in part, with `-a`, too."""
    worktree = gated.parent / "other"
    git(gated, "worktree", "add", "--quiet", "-b", "stale", str(worktree))
    for number in range(19):
        name = f"session{number:02d}"
        tool(gated, "start", "--id", name)
        tool(gated, "edit", "inst_002", "--set", f"source=Q{number}", "--session", name)
    for number in range(19):
        run(gated, "end", "--session", f"session{number:02d}")
        (worktree / "code.py").write_text(f"{number}\n")
        git(worktree, "add", "--all")
        ways = [("--message=code",), ("--amend", "--no-edit"), ("-a", "--message=all")]
        done = tried(worktree, "commit", "--allow-empty", *ways[number % 3], CLAUDECODE="1")
        assert done.returncode == 0, done.stderr
    assert tool(gated, "conflicts")["conflicts"][0]["severity"] == "CRITICAL"


def test_the_gate_costs_a_commit_of_code_no_python(gated, tmp_path):
    """The shell alone decides: an interpreter that cannot run does not matter."""
    hook = gated / ".git" / ("config" if configures_hooks() else "hooks/pre-commit")
    text = hook.read_text()
    assert sys.executable in text
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nexit 9\n")
    trap.chmod(0o755)
    hook.write_text(text.replace(sys.executable, str(trap)))
    (gated / "code.py").write_text("1\n")
    git(gated, "add", "--all")
    assert tried(gated, "commit", "--message=code").returncode == 0
    assert not (tmp_path / "started").exists()
    plain_edit(gated / VIEW, add("inst_070"))
    assert tried(gated, "commit", "-a", "--message=instruction").returncode != 0
    assert (tmp_path / "started").exists()


def typed(folder: Path, said: str, word: str) -> None:
    """Type the lines that the gate has printed and that begin so."""
    lines = [one.strip() for one in said.splitlines() if one.strip().startswith(word)]
    assert lines, said
    for line in dict.fromkeys(lines):
        first, _, second = line.partition(" && ")
        program, *words = shlex.split(first, comments=True)
        if program == "git":
            git(folder, *words)
        else:
            assert run(folder, *words).code == 0, line
        if second:
            git(folder, *shlex.split(second)[1:])


@pytest.mark.slow
@pytest.mark.parametrize("how", ["contested", "--strategy=ours"])
@pytest.mark.parametrize("published", [False, True])
def test_the_printed_line_works_in_the_middle_of_a_merge(gated, published, how):
    """What one side lost comes back, from the history or from what is being merged."""
    git(gated, "switch", "--quiet", "--create", "feature")
    plain_edit(gated / VIEW, add("inst_080"))
    if how == "contested":
        plain_edit(gated / VIEW, lambda d: d["instructions"][2].update(notes="theirs"))
    if published:
        tool(gated, "status")
        tool(gated, "view", "--write")
    git(gated, "commit", "--quiet", "--all", "--message=feature")
    git(gated, "switch", "--quiet", "main")
    (gated / "code.py").write_text("1\n")
    if how == "contested":
        plain_edit(gated / VIEW, lambda d: d["instructions"][2].update(notes="ours"))
    git(gated, "add", "--all")
    git(gated, "commit", "--quiet", "--message=main")
    words = ("--no-edit", "feature") if how == "contested" else (how, "--no-edit", "feature")
    assert tried(gated, "merge", *words).returncode != 0
    if how == "contested":
        refused = run(gated, "view", "--write")
        assert refused.code == 3 and "mergetool" in refused.err
    git(gated, "checkout", "--quiet", "--ours" if how == "contested" else "HEAD", "--", VIEW)
    git(gated, "add", VIEW)
    refused = tried(gated, "commit", "--no-edit")
    assert "lost: inst_080" in refused.stderr
    typed(gated, refused.stderr, "tractatus-merge")
    done = tried(gated, "commit", "--no-edit")
    assert done.returncode == 0, done.stderr
    assert "inst_080" in ids(gated)
    assert len(git(gated, "rev-parse", "HEAD^@").split()) == 2


def test_the_printed_line_takes_out_a_session_s_file_that_is_still_written(gated):
    """An agent writes it all the time: it differs from what is staged, and stays on the disk."""
    (gated / ".claude/session-state.json").write_text('{"session_id": "a"}')
    git(gated, "add", "--force", ".claude/session-state.json")
    (gated / ".claude/session-state.json").write_text('{"session_id": "a", "n": 2}')
    refused = tried(gated, "commit", "--message=state")
    assert refused.returncode == 1
    typed(gated, refused.stderr, "git rm")
    assert (gated / ".claude/session-state.json").exists()
    assert tried(gated, "commit", "--allow-empty", "--message=none").returncode == 0


@pytest.mark.slow
def test_an_octopus_uses_no_driver_and_its_markers_are_refused(gated):
    """Git merges its heads by lines: what it leaves in the file does not get into a commit."""
    for number, name in enumerate(("one", "two")):
        git(gated, "switch", "--quiet", "--create", name, "main")
        plain_edit(gated / VIEW, lambda d, n=number: d["instructions"][2].update(notes=f"{n}"))
        git(gated, "commit", "--quiet", "--all", "--message=edit")
    git(gated, "switch", "--quiet", "main")
    merged = tried(gated, "merge", "--no-edit", "one", "two")
    assert merged.returncode != 0
    assert "<<<<<<<" in (gated / VIEW).read_text()
    git(gated, "add", "--all")
    refused = tried(gated, "commit", "--message=octopus")
    assert (refused.returncode, "conflict-markers: " in refused.stderr) == (1, True)
