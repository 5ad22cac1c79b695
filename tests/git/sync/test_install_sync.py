"""`install --sync`: a push of code shares the history too, and a pull brings it."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import ROOT, bakery, git
from tests.git.sync.crowd import BRANCH, clone_of, head, hub_of
from tests.tool import run, texts, tool
from tractatus_merge.git.install import trial


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """A hub, and two clones that were installed with --sync; the second has one branch only."""
    monkeypatch.setattr(trial, "merge", lambda _: None)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    hub = hub_of(tmp_path, bakery(tmp_path))
    clones = []
    for name in ("ada", "bo"):
        clone = clone_of(tmp_path, hub, name)
        if name == "bo":
            git(clone, "config", "remote.origin.fetch", "+refs/heads/main:refs/remotes/origin/main")
        tool(clone, "init")
        tool(clone, "install", "--sync", "--agent", "none")
        clones.append(clone)
    return hub, *clones


def push(clone, message):
    """Commit and push code."""
    git(clone, "commit", "-q", "--allow-empty", "-m", message)
    git(clone, "push", "-q", "origin", "main")


def test_a_push_shares_and_a_pull_brings(pair):
    """Without another word; uninstall takes the hooks and the refspec back."""
    hub, ada, bo = pair
    tool(ada, "add", "From Ada")
    push(ada, "code")
    assert head(hub) == head(ada)
    git(bo, "pull", "-q", "--ff-only")
    assert "From Ada" in texts(bo).values()
    tool(bo, "add", "From Bo")
    git(bo, "fetch", "-q")
    assert f"+refs/heads/{BRANCH}:refs/remotes/origin/{BRANCH}" in git(
        bo, "config", "--get-all", "remote.origin.fetch"
    )
    push(bo, "more")
    git(ada, "pull", "-q", "--ff-only")
    assert head(ada) == head(bo) == head(hub)
    tool(bo, "uninstall")
    assert (
        git(bo, "config", "--get-all", "remote.origin.fetch")
        == "+refs/heads/main:refs/remotes/origin/main\n"
    )
    assert not (bo / ".git/hooks/pre-push").exists()


def test_a_remote_that_never_had_it_is_not_given_it(pair, tmp_path):
    """A push of code to a fork, by name or by path, sends code; `sync fork` is the way."""
    _, ada, _ = pair
    fork = tmp_path / "fork.git"
    subprocess.run(["git", "init", "-q", "--bare", fork], check=True)
    git(ada, "remote", "add", "fork", str(fork))
    for remote in ("fork", str(fork)):
        ran = subprocess.run(
            ["git", "-C", ada, "push", remote, "main"], capture_output=True, text=True, check=True
        )
        assert "error" not in ran.stderr
        assert BRANCH not in git(fork, "for-each-ref")
    tool(ada, "sync", "fork")
    tool(ada, "add", "One more")
    git(ada, "commit", "-q", "--allow-empty", "-m", "code")
    git(ada, "push", "-q", "fork", "main")
    assert head(fork) == head(ada)


def test_a_rebasing_pull_brings_it_too(pair):
    """With a commit of one's own, git runs neither merge nor its hook."""
    _, ada, bo = pair
    tool(ada, "add", "From Ada")
    push(ada, "code")
    git(bo, "commit", "-q", "--allow-empty", "-m", "mine")
    git(bo, "pull", "-q", "--rebase")
    assert "From Ada" in texts(bo).values()


def test_a_conflict_that_came_with_a_pull_is_told(pair):
    """In one line, and nothing else is said."""
    _, ada, bo = pair
    tool(ada, "edit", "inst_001", "--set", "text=Ada's")
    push(ada, "code")
    tool(bo, "edit", "inst_001", "--set", "text=Bo's")
    ran = subprocess.run(
        ["git", "-C", bo, "pull", "-q", "--ff-only"], capture_output=True, text=True, check=True
    )
    said = [line for line in ran.stderr.splitlines() if line.startswith("tractatus-merge")]
    assert said == ["tractatus-merge: 1 in conflict: tractatus-merge review"]
    assert ran.stdout == ""


def test_a_push_leaves_a_clean_file_clean(pair):
    """Also where our own commit has the file as we wrote it: else the next pull would not merge."""
    _, ada, bo = pair
    tool(ada, "edit", "inst_001", "--set", "text=Ada's")
    git(ada, "commit", "-qam", "Ada's file")
    tool(bo, "edit", "inst_002", "--set", "text=Bo's")
    git(bo, "commit", "-qam", "Bo's file")
    git(bo, "push", "-q", "origin", "main")
    words = ["git", "-C", ada, "push", "-q", "origin", "main"]
    assert subprocess.run(words, check=False, capture_output=True).returncode != 0
    assert git(ada, "status", "--porcelain", "--untracked-files=no") == ""
    git(ada, "pull", "-q", "--no-rebase", "--no-edit")
    assert texts(ada)["inst_002"] == "Bo's" and texts(ada)["inst_001"] == "Ada's"


def test_a_push_of_code_never_fails_for_it(pair):
    """Where the history cannot be shared, code is pushed all the same, and one line says why."""
    hub, ada, _ = pair
    (hub / "hooks/update").write_text(
        f'#!/bin/sh\ncase $1 in *{BRANCH}) echo "protected" >&2; exit 1;; esac\n'
    )
    (hub / "hooks/update").chmod(0o755)
    tool(ada, "add", "From Ada")
    push(ada, "code")
    assert git(hub, "rev-parse", "main") == git(ada, "rev-parse", "main")
    assert (
        head(ada)
        != git(hub, "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}").strip()
    )


def test_without_a_remote_it_says_so(tmp_path, monkeypatch):
    """With the next command, before anything is written."""
    repo = bakery(tmp_path)
    refused = run(repo, "install", "--sync", "--agent", "none")
    assert refused.code == 2 and "git remote add origin URL" in refused.err
    assert not (repo / ".git/hooks/pre-push").exists()


MOVING = (
    ["push", "--atomic", "origin", "main", BRANCH],
    ["push", "--all"],
    ["push", "--mirror"],
    ["-c", "push.default=matching", "push"],
    ["push", "origin", f":{BRANCH}"],
)


@pytest.mark.parametrize("words", MOVING, ids=" ".join)
def test_a_push_of_the_branch_itself_is_left_alone(pair, words):
    """Git has read the remote's branch already: whatever moves it then makes the push fail."""
    hub, ada, bo = pair
    for clone in (ada, bo):
        tool(clone, "sync")
    tool(ada, "add", "From Ada")
    git(ada, "commit", "-q", "--allow-empty", "-m", "code")
    git(ada, *words)
    assert git(hub, "rev-parse", "main") == git(ada, "rev-parse", "main") or words[-1][0] == ":"
    there = git(hub, "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}").strip()
    assert there == ("" if words[-1][0] == ":" else head(ada))


def told_by(path, first):
    """A pre-push hook of a person's that keeps what it is told, in a file beside it."""
    seen = path.with_name("seen")
    path.write_text(f'{first}for it in "$@"; do echo "[$it]"; done >"{seen}"\ncat >>"{seen}"\n')
    path.chmod(0o755)
    return seen


@pytest.mark.parametrize(
    "first", ["#!/bin/sh\n", "#!/bin/sh -eu\n", "#!/usr/bin/env -S sh\n", "#!/bin/bash\n", "x"]
)
def test_a_hook_that_stood_there_is_told_the_same(pair, first):
    """In the same file, or moved beside it: git's arguments, and what is pushed; also when nothing is."""
    hub, ada, _ = pair
    tool(ada, "uninstall")
    path = ada / ".git/hooks/pre-push"
    if first == "x":
        seen = told_by(path.with_name("other"), "#!/bin/sh\n")
        path.symlink_to("other")
    else:
        seen = told_by(path, first)
    git(ada, "commit", "-q", "--allow-empty", "-m", "code")
    many = [f"main:refs/heads/many-{'x' * 100}-{number}" for number in range(99)]
    words = ["push", "-q", "origin", "main", *many, "main~0:refs/heads/$x`id`"]
    git(ada, *words, "--dry-run")
    before = seen.read_bytes()
    assert len(before) > 1 << 14, "more than a shell keeps in one pipe"
    tool(ada, "install", "--sync", "--agent", "none")
    tool(ada, "add", "From Ada")
    for more in (["--dry-run"], []):
        git(ada, *words, *more)
        assert seen.read_bytes() == before
    assert head(hub) == head(ada)
    git(ada, *words)
    assert seen.read_bytes() == f"[origin]\n[{hub}]\n".encode()


def test_a_dry_run_shares_the_history_and_no_hook_does_not(pair):
    """Git gives the hook no sign of `--dry-run`; `--no-verify` runs none."""
    hub, ada, _ = pair
    tool(ada, "sync")
    before, code = head(hub), git(hub, "rev-parse", "main")
    tool(ada, "add", "From Ada")
    git(ada, "commit", "-q", "--allow-empty", "-m", "code")
    git(ada, "push", "-q", "--dry-run", "--no-verify", "origin", "main")
    assert head(hub) == before
    git(ada, "push", "-q", "--dry-run", "origin", "main")
    assert (head(hub), git(hub, "rev-parse", "main")) == (head(ada), code)
