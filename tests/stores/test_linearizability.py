"""Stores under sixteen processes that pause, stop and die are one compare-and-swap register."""

from __future__ import annotations

import itertools
import math
import os
import random
import signal
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stores.kinds import kind_of, params
from tests.stores.linearizability import (
    LOST,
    UNKNOWN,
    Call,
    calls_in,
    calls_of,
    chain_of,
    fault,
    into,
    work,
)
from tractatus_merge.stores.memory import MemoryStore

CHAIN = [("v1", "a"), ("v2", "b")]


def commit(mark, expected, version, began, ended):
    """A commit, and what it gave back."""
    return Call(mark, expected, version, began, ended)


def read(version, began, ended):
    """A reading of the head."""
    return Call("", None, version, began, ended)


A, B = commit("a", None, "v1", 1, 4), commit("b", "v1", "v2", 3, 6)


@pytest.mark.parametrize(
    "more",
    [
        [read(None, 0, 2), read("v1", 2, 3), read("v2", 4, 5)],
        [read("v1", 3, 3.5), read("v2", 3, 4)],
        [commit("c", None, LOST, 0, 2), read("v1", 0, 9)],
        [commit("c", "v1", LOST, 4, 5)],
        [commit("c", "v2", UNKNOWN, 7, math.inf)],
    ],
    ids=str,
)
def test_what_one_register_may_do_is_taken(more):
    """Overlapping calls may have come in any order that all of them allow."""
    assert fault(CHAIN, [A, B, *more]) == ""


@pytest.mark.parametrize(
    "calls",
    [
        [A, B, read(None, 5, 6)],
        [A, B, read("v1", 7, 8)],
        [A, B, read("v2", 1, 2)],
        [A, B, read("v2", 3, 3.2), read("v1", 3.3, 4)],
        [A, B, read("v3", 3, 4)],
        [A, B, commit("c", "v1", "v3", 3, 4)],
        [A, B, commit("c", "v2", LOST, 7, 8)],
        [A, B, commit("c", "v1", LOST, 1, 2.9)],
        [A, B, commit("c", "v1", "v2", 3, 6)],
        [A, commit("b", "v1", LOST, 3, 6)],
        [A, commit("b", None, "v2", 3, 6)],
        [A, commit("b", "v1", "v2", 0, 0.5)],
        [A],
    ],
    ids=str,
)
def test_what_no_register_does_is_caught(calls):
    """Heads that went back, came too early, or were swapped twice, and races lost to nobody."""
    assert fault(CHAIN, calls) != ""


def by_trying(chain, calls):
    """Whether some order of the calls explains them: every order is tried."""
    made = {mark: (version, chain[at - 1][0] if at else None) for at, (version, mark) in enumerate(chain)}  # fmt: skip
    for order in itertools.permutations(calls):
        if any(late.ended < early.began for early, late in itertools.combinations(order, 2)):
            continue
        head = None
        for call in order:
            if not call.mark and call.version != head:
                break
            if call.mark in made and made[call.mark] == (call.version, head) == (
                call.version,
                call.expected,
            ):
                head = call.version
            elif call.mark and (call.version != LOST or call.expected == head):
                break
        else:
            if head == (chain[-1][0] if chain else None):
                return True
    return False


moments = st.tuples(st.integers(0, 9), st.integers(0, 4)).map(lambda pair: (pair[0], sum(pair)))


@given(st.data())
def test_the_checker_finds_what_trying_every_order_finds(data):
    """On small histories the one pass and the search through all orders agree."""
    length = data.draw(st.integers(0, 3))
    names = [None, *(f"v{number}" for number in range(1, length + 1))]
    chain = [(version, f"m{version}") for version in names[1:]]
    calls = [
        Call(mark, names[at], version, *data.draw(moments))
        for at, (version, mark) in enumerate(chain)
    ]
    for number in range(data.draw(st.integers(0, 3))):
        named = data.draw(st.sampled_from(names))
        began, ended = data.draw(moments)
        if data.draw(st.booleans()):
            calls.append(Call("", None, named, began, ended))
        else:  # a process expects only what it has read before
            calls.append(Call("", None, named, began - 20, began))
            calls.append(Call(f"lost{number}", named, LOST, began + 0.5, ended + 2))
    assert (fault(chain, calls) == "") == by_trying(chain, calls)


class Faulty:
    """A store that, once in a thousand swaps, gets the next one wrong that it can get wrong so."""

    def __init__(self, store, how):
        self.inner, self.how, self.count, self.due = store, how, itertools.count(1), 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def commit(self, expected, state, entry):
        self.due += next(self.count) % 1000 == 0
        fits = self.inner.head() == expected
        if not self.due or (fits and self.how == "swaps whatever the head is"):
            return self.inner.commit(expected, state, entry)
        if self.how == "says yes and writes nothing":
            self.due -= 1
            return "0" * 40
        done = self.inner.commit(self.inner.head(), state, entry)
        self.due -= done is not None
        return done if self.how == "swaps whatever the head is" else None


def in_threads(store, swaps):
    """Let sixteen threads work on one store; what they were told."""
    lines = {name: [] for name in "abcdefghijklmnop"}
    threads = [
        threading.Thread(target=work, args=(store, name, told.append, swaps))
        for name, told in lines.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [call for told in lines.values() for call in calls_in(told)]


@pytest.mark.slow
def test_the_store_in_memory_is_a_register():
    """Sixteen threads on the naive twin: what the others are compared with."""
    store = MemoryStore()
    calls = in_threads(store, 100)
    assert fault(chain_of(store), calls) == ""
    assert sum(call.version == LOST for call in calls) > 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    ["says yes and writes nothing", "swaps whatever the head is", "says no and writes"],
)
def test_a_store_that_loses_one_swap_in_a_thousand_is_caught(how):
    """Two thousand swaps, two of them wrong."""
    store = MemoryStore()
    calls = in_threads(Faulty(store, how), 126)
    chain = [(entry.version, entry.message) for entry in store.log()][::-1]
    assert fault(chain, calls) != ""


def in_processes(kind, folder, tmp_path, swaps, strikes):
    """Let sixteen processes work on one store, stop and kill some; what they told."""
    pids = {}
    for name in "abcdefghijklmnop":
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.setsid()
                store = kind.open(folder)
                work(store, name, into(tmp_path / f"{name}.jsonl"), swaps)
                store.close()
                status = 0
            finally:
                os._exit(status)
        pids[pid] = name
    wait, killed = random.Random(1), set()
    for number in range(strikes):
        time.sleep(wait.uniform(0.01, 0.1))
        pid = wait.choice(list(pids))
        try:
            os.killpg(pid, signal.SIGSTOP)
            time.sleep(wait.uniform(0, 0.1))
            if number % 8 == 7:
                killed.add(pid)
                os.killpg(pid, signal.SIGKILL)
            os.killpg(pid, signal.SIGCONT)
        except ProcessLookupError:  # it has done its work
            continue
    for pid in pids:
        status = os.waitpid(pid, 0)[1]
        assert status == 0 or pid in killed
    return calls_of(tmp_path.glob("*.jsonl"))


SWAPS = {"git": 6, "sqlite": 60, "postgresql": 40, "mongodb": 12}


@pytest.mark.slow
@pytest.mark.race
@pytest.mark.parametrize("name", params(SWAPS))
def test_sixteen_processes_see_one_register(name, tmp_path, request):
    """With random pauses, SIGSTOP and kill -9: each version became the head at one moment."""
    folder, kind, swaps = tmp_path / "line", kind_of(name, request), SWAPS[name]
    kind.prepare(folder)
    calls = in_processes(kind, folder, tmp_path, swaps, strikes=32)
    store = kind.open(folder)
    chain = chain_of(store)
    assert fault(chain, calls) == ""
    assert len(chain) > swaps
    assert any(call.version == LOST for call in calls)
    store.close()
