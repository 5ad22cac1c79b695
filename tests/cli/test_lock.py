"""The lock in front of the loop is chosen by `init --lock`; nothing depends on it."""

from __future__ import annotations

import fcntl
import os
import tomllib

import pytest

from tests.crash.forking import Forker
from tests.tool import run, texts, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.repository.lock import Flock, NoLock

STORES = ("git:tractatus/history", "file:", "sqlite:")
AT_ONCE = 16


def store_of(folder):
    """What the settings say of the store."""
    path = folder / ".claude/tractatus.toml"
    return tomllib.loads(path.read_text("utf-8"))["store"] if path.exists() else {}


def lock_of(folder):
    """The lock that a command of this folder would take."""
    repo = open_repository(folder)
    repo.close()
    return type(repo.lock)


@pytest.mark.parametrize("store", STORES)
def test_the_choice_is_written_and_every_later_command_has_it(repo, store):
    """`none` beside the store, in the settings; the default is not written."""
    assert run(repo, "init", "--store", store, "--lock", "none").code == 0
    url = {} if store.startswith("git") else {"url": store}
    assert store_of(repo) == {**url, "lock": "none"}
    assert lock_of(repo) is NoLock
    assert run(repo, "init", "--lock", "none").code == 0, "said again, nothing is to be done"


def test_the_kernels_lock_is_the_default(repo):
    """It is not written down, whether it is named or not."""
    run(repo, "init", "--lock", "flock")
    assert (store_of(repo), lock_of(repo)) == ({}, Flock)


def test_a_branch_and_a_lock_are_remembered_together(repo):
    """Of git's store the branch is written only where it is another one."""
    run(repo, "init", "--store", "git:rules", "--lock", "none")
    assert store_of(repo) == {"branch": "rules", "lock": "none"}


def test_a_lock_that_is_none_is_refused_and_nothing_is_made(repo):
    """On the command line as in the settings: with what is possible."""
    ran = run(repo, "init", "--lock", "zookeeper:")
    assert (ran.code, store_of(repo)) == (2, {})
    assert "--lock flock or none or redis://HOST" in ran.err
    assert "is no history" in run(repo, "status").err
    (repo / ".claude/tractatus.toml").write_text('[store]\nlock = "zookeeper:"\n')
    ran = run(repo, "status")
    assert ran.code == 2
    assert "'zookeeper:' is no lock this version knows" in ran.err


def test_settings_that_say_another_lock_are_for_people_to_edit(repo):
    """They are never written over: the line to write is told."""
    path = repo / ".claude/tractatus.toml"
    path.write_text('[view]\nwrite = "never"\n')
    ran = run(repo, "init", "--lock", "none")
    assert ran.code == 2
    assert '[store] lock = "none"' in ran.err
    assert path.read_text() == '[view]\nwrite = "never"\n'


@pytest.mark.parametrize("store", STORES)
def test_without_a_lock_nobody_waits_for_who_holds_it(repo, store, monkeypatch):
    """The lock's file, held by another process, delays a writer only where it is chosen."""
    asked = []
    monkeypatch.setattr(
        NoLock, "held", lambda self, *told, was=NoLock.held: asked.append(told) or was(self, *told)
    )
    run(repo, "init", "--store", store, "--lock", "none")
    there = open_repository(repo)
    there.close()
    queue = os.open(there.workspace.queue, os.O_RDWR | os.O_CREAT)
    fcntl.flock(queue, fcntl.LOCK_EX)
    try:
        run(repo, "add", "Ovens are preheated.")
    finally:
        os.close(queue)
    assert asked
    assert "Ovens are preheated." in texts(repo).values()


@pytest.mark.slow
@pytest.mark.parametrize("store", STORES)
def test_sixteen_processes_without_a_lock_lose_nothing(repo, store):
    """Each session adds a rule and edits one field: every rule and every value is there after."""
    names = [f"agent-{number:02}" for number in range(AT_ONCE)]
    with Forker(repo) as tools:
        tools("init", "--store", store, "--lock", "none")
        for name in names:
            tools("start", "--id", name)
            tools("add", f"{name} adds.", "--session", name)
            tools("edit", "inst_001", "--set", f"notes={name}", "--session", name)
        waiting = names
        for _ in range(5):  # 75: others were faster too often; nothing is lost, and again
            done = tools.together(*([["end", "--session", name]] for name in waiting))
            codes = {name: one.status for name, (one,) in zip(waiting, done, strict=True)}
            assert set(codes.values()) <= {0, 1, 75}, done
            waiting = [name for name, code in codes.items() if code == 75]
    assert waiting == []
    found = sorted(texts(repo).values())
    assert [text for text in found if text.endswith(" adds.")] == [f"{n} adds." for n in names]
    (conflict,) = tool(repo, "conflicts")["conflicts"]
    assert sorted(side["value"] for side in conflict["sides"]) == names
