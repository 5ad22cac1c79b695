"""Many clones that push at the same time, over file paths and over git's own protocol on loopback."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, THOROUGH, bakery, git
from tests.git.sync.crowd import clone_of, head, hub_of
from tests.tool import texts, tool

pytestmark = [pytest.mark.slow, pytest.mark.race]

ENV = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def daemon(tmp_path):
    """Git's own server of the folder: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        "git",
        "daemon",
        "--reuseaddr",
        "--listen=127.0.0.1",
        f"--port={port}",
        "--export-all",
        "--enable=receive-pack",
        "--max-connections=0",
        f"--base-path={tmp_path}",
        str(tmp_path),
    ]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < until and server.poll() is None
            time.sleep(0.05)
        yield f"git://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def crowd(clones, queue, seconds):
    """Each adds and syncs again and again, at once: seconds and exit code of each sync, by clone."""
    found = {clone: [] for clone in clones}
    ends = time.monotonic() + seconds

    def work(clone, number):
        count = 0
        while time.monotonic() < ends:
            count += 1
            env = {**ENV, "TRACTATUS_QUEUE": queue}
            words = [sys.executable, "-m", "tractatus_merge", "-C", str(clone)]
            subprocess.run(
                [*words, "add", f"{number}.{count}"], env=env, check=True, capture_output=True
            )
            begun = time.monotonic()
            ran = subprocess.run(
                [*words, "sync"], env=env, check=False, capture_output=True, text=True
            )
            assert ran.returncode in (0, 1, 75), ran.stderr
            found[clone].append((time.monotonic() - begun, ran.returncode))

    threads = [
        threading.Thread(target=work, args=pair)
        for pair in zip(clones, range(len(clones)), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


CLONES = 16 if THOROUGH else 8
WAYS = [
    ("path", "on", CLONES, 120 if THOROUGH else 16),
    ("daemon", "on", CLONES, 40 if THOROUGH else 8),
    ("daemon", "off", 5, 20 if THOROUGH else 6),
]
"""Clones of one person on one machine line up; those of several machines do not. For so long."""


@pytest.mark.parametrize(("way", "queue", "count", "seconds"), WAYS)
def test_many_push_at_once(tmp_path, request, way, queue, count, seconds):
    """Each sync ends, or says 75; nobody starves; nothing is lost, whatever the way."""
    hub = hub_of(tmp_path, bakery(tmp_path))
    address = hub if way == "path" else f"{request.getfixturevalue('daemon')}/hub.git"
    clones = [clone_of(tmp_path, address, f"clone{n:02}") for n in range(count)]
    for clone in clones:
        tool(clone, "init")
    tool(clones[0], "sync")
    found = crowd(clones, queue, seconds)
    done = {
        clone: [seconds for seconds, code in rows if code != 75] for clone, rows in found.items()
    }
    every = [seconds for rows in done.values() for seconds in rows]
    busy = sum(code == 75 for rows in found.values() for _, code in rows)
    counts = sorted(map(len, done.values()))
    print(
        f"\n{way}, queue {queue}: {len(every)} syncs, {busy} times 75, fewest and most of a clone {counts[0]} and {counts[-1]}, worst over median {max(every) / statistics.median(every):.1f}"
    )
    assert counts[0] >= 1
    for _ in range(2):
        for clone in clones:
            tool(clone, "sync")
    assert len({head(clone) for clone in clones}) == 1
    there = set(texts(clones[0]).values())
    wanted = {
        f"{number}.{count}"
        for number, clone in enumerate(clones)
        for count in range(1, len(found[clone]) + 1)
    }
    assert wanted <= there, wanted - there
    git(hub, "fsck")
    assert Path(hub).exists()
