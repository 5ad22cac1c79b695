"""Durable before visible: what a branch names is on the disk before it moves, by strace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import git
from tests.crash.traced import Store, calls_of
from tests.git.sync.crowd import BRANCH, clone_of, pair_of
from tests.tool import texts, tool

REF = f"refs/heads/{BRANCH}"


def traced(folder: Path, *words: str, least: int) -> Store:
    """Run a command that moves the branch; insist on what the law says of it."""
    before = git(folder, "for-each-ref", "--format=%(objectname)", REF).split()
    common = folder / ".git"
    store = Store(calls_of(folder, *words), common, REF)
    assert store.unsynced() == []
    listed = git(
        folder, "rev-list", "--objects", "--no-object-names", BRANCH, "--not", *before, "--"
    )
    new = listed.split()
    assert len(new) >= least
    for oid in new:  # whoever wrote it, and when
        path = store.objects / oid[:2] / oid[2:]
        assert store.synced(path) == path.exists(), f"{git(folder, 'cat-file', '-t', oid)} {path}"
        assert store.synced(path.parent if path.exists() else store.objects / "pack")
    later = [
        call.paths for call in store.calls if call.name == "fsync" and call.began > store.moved
    ]
    assert (str((common / REF).parent),) in later, "the ref's own name is on the disk at the end"
    return store


def test_init(repo):
    """The root: three records, the header, the page, and their folders."""
    store = traced(repo, "init", least=8)
    assert len(store.made()) >= 8
    calls = [call.paths for call in store.calls if call.name == "fsync"]
    assert (str(repo / ".git/refs/heads"),) in calls, "in which the branch's folder is new"


def test_end(line):
    """The session's own commit and the merge: each a commit, its tree, and folders that changed."""
    tool(line, "start", "--id", "s1")
    tool(line, "add", "Ask first", "--session", "s1")
    store = traced(line, "end", "--session", "s1", least=9)
    assert len(store.made()) >= 9


def test_resolve(line):
    """A person's answer."""
    for name in ("s1", "s2"):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--set", f"text={name}", "--session", name)
    tool(line, "end", "--session", "s1")
    (conflict,) = tool(line, "end", "--session", "s2", code=1)["conflicts"]
    store = traced(line, "resolve", conflict, "--take", "2", least=6)
    assert len(store.made()) >= 6


@pytest.mark.parametrize(
    "limit",
    [pytest.param(100, id="objects"), pytest.param(1, id="a pack", marks=pytest.mark.slow)],
)
def test_sync(tmp_path, limit):
    """What is fetched, and the union, in our clone; the remote is its own git's business."""
    _, ada, bo = pair_of(tmp_path)
    tool(ada, "add", "Ada's")
    tool(ada, "sync")
    tool(bo, "add", "Bo's")
    git(bo, "config", "fetch.unpackLimit", str(limit))
    store = traced(bo, "sync", least=15)
    packed = [call for call in store.made() if call.paths[1].endswith(".pack")]
    assert bool(packed) == (limit == 1)
    assert {"Ada's", "Bo's"} <= set(texts(bo).values())


def test_what_a_plain_fetch_left_unsynced(tmp_path):
    """`init` makes the head of objects that git wrote and did not sync: they are synced then."""
    hub, _, _ = pair_of(tmp_path)
    clone = clone_of(tmp_path, hub, "cy")
    assert traced(clone, "init", least=8).made() == []


def test_what_another_writer_left_unsynced(repo):
    """A command that was killed before the branch moved: what it wrote is synced by the next."""
    tool(repo, "init")
    git(repo, "update-ref", "-d", REF)
    assert traced(repo, "init", least=8).made() == []
