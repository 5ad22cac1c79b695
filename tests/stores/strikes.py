"""Strike a commit before each of its steps: kill it, or stop it while another commits.

As a script, under the shim of tests/crash: `python -m tests.stores.strikes KIND kill|stop FOLDER`. It exits with
0 if every step was as it must be, and says how many there were.
"""

from __future__ import annotations

import itertools
import mmap
import os
import shutil
import signal
import struct
import sys
import time
from pathlib import Path

from tests.stores.kinds import KINDS, Kind
from tests.stores.linearizability import COUNT, LOST, UNKNOWN, Call, chain_of, fault
from tractatus_merge.core.model.state import Entry, State
from tractatus_merge.errors import StoreError
from tractatus_merge.git import ref
from tractatus_merge.stores.sql import sqlite

MORE = {("instructions", "large"): f'{{"text": "{"x" * 20_000}"}}', ("conflicts", "a/b"): "{}"}


def commit(
    kind: Kind, folder: Path, mark: str, shim: mmap.mmap | None = None, step: int = 0
) -> Call:
    """Read the head and swap it, in a store of its own; with a shim, struck before that step."""
    store, head, began = kind.open(folder), None, time.monotonic()
    try:
        head = store.head()
    except StoreError:  # busy
        store.close()
        return Call(mark, None, UNKNOWN, began, time.monotonic())
    state = store.load(head) if head else State()
    new = state.with_(
        {COUNT: str(int(state.get(*COUNT) or 0) + 1), **MORE, ("sessions", mark): "{}"}
    )
    began = time.monotonic()
    if shim is not None:
        shim[:32] = struct.pack("4q", 0, step, 0, 1)
    try:
        entry = Entry(mark, author="A <a@x>", time="2025-06-01T10:00:00.000Z")
        version = store.commit(head, new, entry) or LOST
    except StoreError:
        version = UNKNOWN
    if shim is not None:
        shim[24:32] = struct.pack("q", 0)
    call = Call(mark, head, version, began, time.monotonic())
    store.close()
    return call


def in_child(kind: Kind, folder: Path, shim: mmap.mmap, step: int) -> tuple[int, int, int]:
    """The same in a process group of its own, once it may: its id, where it tells, what it waits for."""
    (source, target), (gate, opener) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            os.close(source)
            os.read(gate, 1)
            call = commit(kind, folder, "struck", shim, step)
            os.write(target, repr(call).encode())
            os._exit(0)
        finally:
            os._exit(1)
    os.close(target)
    os.close(gate)
    return pid, source, opener


def look(kind: Kind, folder: Path, calls: list[Call]) -> None:
    """All versions are whole, and the calls are those of one register."""
    store = kind.open(folder)
    chain = chain_of(store)
    assert not (why := fault(chain, calls)), why
    marks: list[str] = []
    for version, mark in chain:
        marks.append(mark)
        state = store.load(version)
        assert state.names("sessions") == sorted(["n", *marks])
        assert all(state.get(*key) == text for key, text in MORE.items())
    store.close()


def kill(kind: Kind, folder: Path, shim: mmap.mmap, step: int, calls: list[Call]) -> bool:
    """Kill it there; whether it came so far."""
    pid, source, opener = in_child(kind, folder, shim, step)
    os.write(opener, b"!")
    os.close(opener)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(source)
    assert status in {0, -signal.SIGKILL}
    calls.append(Call("struck", calls[-1].version, UNKNOWN, 0, float("inf")))
    return status != 0


def stop(kind: Kind, folder: Path, shim: mmap.mmap, step: int, calls: list[Call]) -> bool:
    """Stop it there, commit, and let it go on; whether it came so far."""
    pid, source, opener = in_child(kind, folder, shim, step)
    reader = kind.open(folder)  # in this process alone: SQLite's files must not be shared by a fork
    reader.head()
    os.write(opener, b"!")
    os.close(opener)
    _, status = os.waitpid(pid, os.WUNTRACED)
    stopped = os.WIFSTOPPED(status)
    if stopped:
        shim[24:32] = struct.pack("q", 0)
        try:
            calls.append(commit(kind, folder, "rival"))
        except BaseException:
            os.killpg(pid, signal.SIGKILL)  # else it would stand there for ever
            raise
        os.killpg(pid, signal.SIGCONT)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    with os.fdopen(source) as file:
        calls.append(eval(file.read()))
    reader.close()
    return stopped


def main(name: str, how: str, folder: Path) -> None:
    """Every step of a first commit, and of a later one.

    A first one is not stopped: each of its steps would let SQLite wait for ten seconds.
    """
    kind = KINDS[name]
    ref._STALE_LOCK = sqlite._PATIENCE = 0.2
    with Path(os.environ["KILL_SHIM"]).open("r+b") as file:
        shim = mmap.mmap(file.fileno(), 32)
    for before in (0, 2) if how == "kill" else (2,):
        made = folder / f"made{before}"
        kind.prepare(made)
        first = [commit(kind, made, f"before{number}") for number in range(before)]
        for step in itertools.count(1):
            place = folder / "place"
            shutil.copytree(made, place)
            calls = [Call("", None, None, -1, 0), *first]
            came = {"kill": kill, "stop": stop}[how](kind, place, shim, step, calls)
            calls.append(commit(kind, place, "after"))
            assert calls[-1].version not in {LOST, UNKNOWN}, calls
            look(kind, place, calls)
            shutil.rmtree(place)
            if not came:
                break
        print(f"{name} {how}: {step - 1} steps upon {before} versions")
        assert step > 3


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
