"""`install --sync`: a push of code shares the history too, and a pull brings it."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT, bakery, git
from tests.sync.crowd import BRANCH, clone_of, head, hub_of
from tests.tool import run, texts, tool
from tractatus_merge import trial


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
