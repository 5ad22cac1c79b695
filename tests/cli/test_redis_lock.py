"""`init --lock redis://`: a lease in front of the loop, on a real server; nothing depends on it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

import pytest

from tests import services
from tests.cli.test_lock import AT_ONCE, store_of
from tests.crash.forking import Forker
from tests.tool import run, texts, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.repository import loop, redis_lock
from tractatus_merge.repository.lock import NoLock
from tractatus_merge.repository.redis_lock import PASSWORD, RedisLock, connect

NOWHERE = "redis://127.0.0.1:1"
"""Where no server is."""
SOMEBODY = "jo on oven, process 7"


@pytest.fixture
def lock(redis, tmp_path):
    """A lock that no other test has."""
    return RedisLock(redis, str(tmp_path), NoLock())


@pytest.fixture
def own():
    """A server of one's own, to strike."""
    if why := services.missing("redis"):
        pytest.skip(why)
    with services.running("redis") as server:
        yield server


def client_of(url):
    """A client that closes itself."""
    return contextlib.closing(connect(url))


def key_of(folder):
    """The key that a command of this folder asks for."""
    repo = open_repository(folder)
    repo.close()
    assert isinstance(repo.lock, RedisLock)
    return repo.lock._name


@pytest.mark.parametrize(
    "url",
    ["redis:", "redis://", "redis:HOST", "redis://h:x", "redis://h/0/1", "redis://h/0?db=2",
     "redis://h/x", "redis://a b", "redis://@h", "redis", "unix:///run/redis.sock"],
)  # fmt: skip
def test_what_names_no_redis_is_refused_and_nothing_is_made(repo, url):
    """On the command line as in the settings, with what is possible."""
    ran = run(repo, "init", "--lock", url)
    assert (ran.code, store_of(repo)) == (2, {})
    assert "redis://HOST" in ran.err
    (repo / ".claude/tractatus.toml").write_text(f'[store]\nlock = "{url}"\n')
    ran = run(repo, "status")
    assert ran.code == 2
    assert "tractatus.toml" in ran.err


@pytest.mark.parametrize(
    "url",
    ["redis://:hunter2@h", "redis://jo:hunter2@h:6379/0", "redis://h?password=hunter2",
     "rediss://:hunter2@h"],
)  # fmt: skip
def test_a_password_in_the_url_is_refused_and_never_repeated(repo, url):
    """A settings file is shared: the environment gives it."""
    ran = run(repo, "init", "--lock", url)
    assert (ran.code, store_of(repo)) == (2, {})
    assert "hunter2" not in ran.err
    (repo / ".claude/tractatus.toml").write_text(f'[store]\nlock = "{url}"\n')
    ran = run(repo, "status")
    assert ran.code == 2
    assert "hunter2" not in ran.err
    if url.startswith("redis:"):
        assert PASSWORD in ran.err


@pytest.mark.parametrize("store", ["git:tractatus/history", "file:", "sqlite:"])
def test_a_server_that_is_away_is_one_line_and_the_command_goes_on(repo, store):
    """The record is in the history, and the way out of the lock is told."""
    assert run(repo, "init", "--store", store, "--lock", NOWHERE).code == 0
    assert store_of(repo)["lock"] == NOWHERE
    ran = run(repo, "add", "Ovens are preheated.")
    assert ran.code == 0
    (told,) = [said for said in ran.err.splitlines() if "lock" in said]
    assert told.startswith("went on without the lock")
    assert "Ovens are preheated." in texts(repo).values()


def test_without_redis_py_it_goes_on_and_says_how_to_get_it(repo, monkeypatch):
    """Who has not the package does not have to stop working."""
    monkeypatch.setitem(sys.modules, "redis", None)
    run(repo, "init", "--store", "file:", "--lock", NOWHERE)
    ran = run(repo, "add", "Ovens are preheated.")
    assert ran.code == 0
    assert ran.err.count("pip install 'redis>=5'") == 1


def test_folders_that_share_a_store_line_up_together_and_others_do_not(tmp_path):
    """The key is the place of the store, however a folder names it; of a server it is the URL."""
    for name, store in (("a", "file:../one"), ("b", f"file:{tmp_path}/one"), ("c", "file:../two")):
        (tmp_path / name).mkdir()
        run(tmp_path / name, "init", "--store", store, "--lock", NOWHERE)
    a, b, c = (key_of(tmp_path / name) for name in "abc")
    assert a == b != c


def test_who_holds_it_and_asks_again_goes_on_without_a_second_one(tmp_path):
    """It never waits for itself."""
    there = RedisLock(NOWHERE, str(tmp_path), NoLock())
    told = []
    with there.held(5, told.append), there.held(5, told.append) as again:
        assert again is False
    assert len(told) == 1


@pytest.mark.services
def test_a_command_holds_it_while_it_publishes_and_lets_it_go(line, redis, monkeypatch):
    """The key names the holder, is there in the loop, and gone after it."""
    seen, publish = [], loop.publish
    run(line, "init", "--lock", redis)

    def watched(*words):
        with client_of(redis) as client:
            seen.append(client.get(key_of(line)).decode())
        return publish(*words)

    monkeypatch.setattr(loop, "publish", watched)
    ran = run(line, "add", "Ovens are preheated.")
    assert (ran.code, "lock" in ran.err) == (0, False)
    assert seen and all(f"process {os.getpid()}" in said for said in seen)
    with client_of(redis) as client:
        assert client.get(key_of(line)) is None


@pytest.mark.services
def test_who_waits_in_vain_is_told_by_name_and_publishes_all_the_same(line, redis, monkeypatch):
    """After the time-out; the other's lease stays his."""
    monkeypatch.setattr("tractatus_merge.repository.line.QUEUE_WAIT", 0.6)
    monkeypatch.setattr(redis_lock, "ANSWER", 0.3)
    run(line, "init", "--lock", redis)
    with client_of(redis) as client:
        client.set(key_of(line), f"{SOMEBODY} nonce", px=60_000)
        ran = run(line, "add", "Ovens are preheated.")
        assert client.get(key_of(line)) == f"{SOMEBODY} nonce".encode()
    assert ran.code == 0
    waiting, went = [said for said in ran.err.splitlines() if "lock" in said]
    assert waiting.startswith(f"waiting for {SOMEBODY}, who holds the lock")
    assert went.startswith(f"went on without the lock, which {SOMEBODY} holds")
    assert "Ovens are preheated." in texts(line).values()


@pytest.mark.services
def test_a_lease_that_nobody_renews_expires_and_the_next_one_gets_it(lock, redis, monkeypatch):
    """Its holder was killed: nobody has to clear anything away."""
    monkeypatch.setattr(redis_lock, "ANSWER", 30.0)
    with client_of(redis) as client:
        client.set(lock._name, f"{SOMEBODY} nonce", px=300)
    with lock.held(30, pytest.fail) as got:
        assert got


@pytest.mark.services
def test_a_lease_is_renewed_while_it_is_held(lock, redis, monkeypatch):
    """Held for longer than it lasts, nobody else has got it."""
    monkeypatch.setattr(redis_lock, "LEASE", 2.0)
    with client_of(redis) as client, lock.held(5, pytest.fail) as got:
        assert got
        first = client.get(lock._name)
        time.sleep(2.5)
        assert client.get(lock._name) == first


@pytest.mark.services
@pytest.mark.parametrize("strike", ["flush", "other"])
def test_a_holder_whose_lease_was_lost_takes_nothing_from_the_next_one(lock, redis, strike):
    """Flushed, or given to another one: the block ends without an error, and his stays."""
    with client_of(redis) as client:
        with lock.held(5, pytest.fail) as got:
            assert got
            client.delete(lock._name)
            if strike == "other":
                client.set(lock._name, f"{SOMEBODY} nonce", px=60_000)
        kept = client.get(lock._name)
        assert kept == (f"{SOMEBODY} nonce".encode() if strike == "other" else None)
        client.delete(lock._name)


@pytest.mark.services
def test_writers_get_it_one_after_the_other(redis, tmp_path):
    """Eight at once add to a number as nobody should: none is lost while the server is well."""
    number = []

    def work():
        mine = RedisLock(redis, str(tmp_path), NoLock())
        for _ in range(3):
            with mine.held(60, lambda _: None) as got:
                assert got
                count = len(number)
                time.sleep(0.005)
                number[:] = range(count + 1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(number) == 24


@pytest.mark.services
@pytest.mark.slow
def test_a_server_that_does_not_answer_is_one_line(own, line):
    """It takes the connection and says nothing: SIGSTOP."""
    run(line, "init", "--lock", own.url)
    os.kill(own._process.pid, signal.SIGSTOP)
    try:
        ran = run(line, "add", "Ovens are preheated.")
    finally:
        os.kill(own._process.pid, signal.SIGCONT)
    assert ran.code == 0
    assert ran.err.count("went on without the lock") == ran.err.count("lock:") == 1
    assert "Ovens are preheated." in texts(line).values()


@pytest.mark.services
@pytest.mark.slow
def test_the_password_comes_from_the_environment(own, line, monkeypatch):
    """Right, wrong or missing: the command goes on, and says which server did not let it in."""
    run(line, "init", "--lock", own.url)
    with client_of(own.url) as client:
        client.config_set("requirepass", "hunter2")
    ran = run(line, "add", "Ovens are preheated.")
    assert (ran.code, ran.err.count("went on without the lock")) == (0, 1)
    monkeypatch.setenv(PASSWORD, "wrong-word")
    ran = run(line, "add", "Loaves are weighed.")
    assert (ran.code, ran.err.count("went on without the lock")) == (0, 1)
    assert "wrong-word" not in ran.err
    monkeypatch.setenv(PASSWORD, "hunter2")
    ran = run(line, "add", "Trays are cooled.")
    assert (ran.code, ran.err.count("lock")) == (0, 0)
    assert len(texts(line)) >= 3


STOPPED = """
import os, signal, sys
from pathlib import Path
from tractatus_merge.repository import loop
from tractatus_merge.cli import main
publish = loop.publish
def once(store, read, make, behind=None):
    def stopped(state):
        plan = make(state)
        if not Path("stopped").exists():
            Path("stopped").touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        return plan
    return publish(store, read, stopped, behind)
loop.publish = once
sys.exit(main(["add", "The one who slept."]))
"""


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.parametrize("store", ["git:tractatus/history", "file:"])
def test_a_holder_stopped_beyond_its_lease_and_continued_loses_nothing(repo, redis, store):
    """Planned, stopped before its commit: others overtake it, and its rule and theirs are there."""
    run(repo, "init", "--store", store, "--lock", redis)
    pid = os.fork()
    if not pid:
        os.chdir(repo)
        os.execv(sys.executable, [sys.executable, "-c", STOPPED])
    assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
    with client_of(redis) as client:
        assert f"process {pid} " in client.get(key_of(repo)).decode()
        ran = run(repo, "add", "The one who was awake.")
        assert ran.code == 0
        assert "without the lock" not in ran.err
        assert client.get(key_of(repo)) is None
    os.kill(pid, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    found = list(texts(repo).values())
    assert (found.count("The one who slept."), found.count("The one who was awake.")) == (1, 1)


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.parametrize("strike", ["flush", "restart", "kill"])
@pytest.mark.parametrize("store", ["git:tractatus/history", "file:"])
def test_sixteen_processes_lose_nothing_when_the_server_forgets(repo, own, store, strike):
    """Flushed over and over, restarted, or killed for good in the middle: each rule is there once."""
    names = [f"agent-{number:02}" for number in range(AT_ONCE)]
    with Forker(repo) as tools:
        tools("init", "--store", store, "--lock", own.url)
        for name in names:
            tools("start", "--id", name)
            tools("add", f"{name} adds.", "--session", name)
            tools("edit", "inst_001", "--set", f"notes={name}", "--session", name)
        over = threading.Event()
        striker = threading.Thread(target=strikes, args=(own, strike, over))
        striker.start()
        waiting = names
        for _ in range(5):  # 75: others were faster too often; nothing is lost, and again
            done = tools.together(*([["end", "--session", name]] for name in waiting))
            codes = {name: one.status for name, (one,) in zip(waiting, done, strict=True)}
            assert set(codes.values()) <= {0, 1, 75}, done
            waiting = [name for name, code in codes.items() if code == 75]
        over.set()
        striker.join()
    assert waiting == []
    found = sorted(text for text in texts(repo).values() if text.endswith(" adds."))
    assert found == [f"{name} adds." for name in names]
    (conflict,) = tool(repo, "conflicts")["conflicts"]
    assert sorted(side["value"] for side in conflict["sides"]) == names


def strikes(server, strike, over):
    """From the moment that somebody holds it until all have ended."""
    with client_of(server.url) as client:
        while not client.keys("tractatus-merge:lock:*") and not over.is_set():
            time.sleep(0.001)
        while strike == "flush" and not over.is_set():
            client.flushall()
            time.sleep(0.005)
    if strike != "flush":
        server.kill()
    if strike == "restart":
        server.start()
