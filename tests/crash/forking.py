"""Run the command line thousands of times without starting Python thousands of times.

One process imports the program, then forks a child per command: each is a real process, in a
session of its own, with pipes for its output, and it ends as `tractatus-merge` would. With
`LD_PRELOAD` set for the first process, each child (and each `git` it starts) can be killed.

Run as a script, this file is that first process: it reads one JSON request a line, answers one.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import mmap
import os
import pkgutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

KILLED = -9


class Done(NamedTuple):
    """A finished command: its exit status (negative: the signal), and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said, as data."""
        return json.loads(self.out)


class Forker:
    """A process that forks commands of one folder; a context manager."""

    def __init__(self, cwd: Path, *, shim: Path | None = None, **environment: str) -> None:
        self.cwd = cwd
        self.shared: mmap.mmap | None = None
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
        if shim is not None:
            counters = shim.with_name(f"counters-{os.getpid()}-{id(self)}")
            counters.write_bytes(bytes(32))
            with counters.open("r+b") as file:
                self.shared = mmap.mmap(file.fileno(), 32)
            env |= {"LD_PRELOAD": str(shim), "KILL_SHIM": str(counters)}
        root = Path(__file__).resolve().parents[2]
        env["PYTHONPATH"] = os.pathsep.join([str(root), env.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        if self.shared is not None:
            self.shared.close()

    def __call__(self, *words: str, kill: int | None = None, alone: bool = False) -> Done:
        """Run one command; `kill`: before that step, its whole group or it `alone` (0: count)."""
        if kill is not None:
            assert self.shared is not None
            self.shared[:32] = struct.pack("4q", 0, kill, 0, 0)
        return self._ask([[list(words)]], count=kill is not None, alone=alone)[0][0]

    def together(
        self, *programs: Sequence[Sequence[str]], kill: int | None = None, **environment: str
    ) -> list[list[Done]]:
        """Run programs at once, a process each; a program is commands that follow each other.

        `kill`: before the step of that number, of all that they do, whoever is about to do it.
        """
        if kill is not None:
            assert self.shared is not None
            self.shared[:32] = struct.pack("4q", 0, kill, 0, 1)
        try:
            return self._ask(
                [[list(words) for words in program] for program in programs], **environment
            )
        finally:
            if kill is not None and self.shared is not None:
                self.shared[24:32] = struct.pack("q", 0)

    @property
    def steps(self) -> int:
        """How many steps were counted in the last command that was to be killed or counted."""
        assert self.shared is not None
        return int(struct.unpack("4q", self.shared[:32])[0])

    def _ask(
        self,
        programs: list[list[list[str]]],
        *,
        count: bool = False,
        alone: bool = False,
        **environment: str,
    ) -> list[list[Done]]:
        request = {
            "cwd": str(self.cwd),
            "programs": programs,
            "count": count,
            "alone": alone,
            "environment": environment,
        }
        with self._lock:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        return [[Done(*done) for done in program] for program in answer]


def _serve() -> None:
    import tractatus_merge

    for module in pkgutil.walk_packages(tractatus_merge.__path__, "tractatus_merge."):
        if not module.name.endswith(("__main__", "pytest_plugin", "agents.mcp")):
            importlib.import_module(module.name)  # all of it before the fork, and none after
    for line in sys.stdin.buffer:
        request = json.loads(line)
        running = [_begin(program, request) for program in request["programs"]]
        answer = [_finish(*one) for one in running]
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _begin(program: list[list[str]], request: dict[str, Any]) -> tuple[int, int]:
    """Fork the runner of a program; its id, and where it tells what came of it."""
    source, target = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(source)
        done = [_run(words, request) for words in program]
        with os.fdopen(target, "wb") as file:
            file.write(json.dumps(done).encode())
        os._exit(0)
    os.close(target)
    return pid, source


def _finish(pid: int, source: int) -> list[list[Any]]:
    with os.fdopen(source, "rb") as file:
        done: list[list[Any]] = json.loads(file.read())
    os.waitpid(pid, 0)
    return done


def _run(words: list[str], request: dict[str, Any]) -> list[Any]:
    """Fork one command and wait for it and for everyone who shares its pipes."""
    (out, out_w), (err, err_w) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.chdir(request["cwd"])
        os.environ.update(request["environment"])
        for descriptor, number in ((out_w, 1), (err_w, 2)):
            os.dup2(descriptor, number)
        for descriptor in (out, err, out_w, err_w, 0):
            os.close(descriptor)
        os.open(os.devnull, os.O_RDONLY)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        os._exit(_command(words, request))
    os.close(out_w)
    os.close(err_w)
    said: dict[int, bytes] = {}
    reader = threading.Thread(target=lambda: said.setdefault(err, _all(err)))
    reader.start()
    if "STOPPED" in os.environ:
        threading.Thread(target=_go_on, args=(pid, float(os.environ["STOPPED"]))).start()
    text = _all(out)
    reader.join()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return [status, text.decode("utf-8", "replace"), said[err].decode("utf-8", "replace")]


def _go_on(pid: int, seconds: float) -> None:
    """Let a command go on so many seconds after it was stopped."""
    with contextlib.suppress(ChildProcessError):  # it has ended, and was waited for
        found = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        if found is not None and found.si_code == os.CLD_STOPPED:
            time.sleep(seconds)
            os.killpg(pid, signal.SIGCONT)


def _all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _command(words: list[str], request: dict[str, Any]) -> int:
    import random
    import traceback

    from tractatus_merge.__main__ import main
    from tractatus_merge.repository import line
    from tractatus_merge.sessions import follower, publish, sweep

    random.seed()
    if "PATIENCE" in os.environ:  # seconds for others, instead of ten
        follower.WAIT = line.QUEUE_WAIT = publish._LEADS = sweep._MERGING = float(
            os.environ["PATIENCE"]
        )
    sys.argv = ["tractatus-merge", *words]
    status = 99
    shared = None
    try:
        if request["count"]:
            with Path(os.environ["KILL_SHIM"]).open("r+b") as file:
                shared = mmap.mmap(file.fileno(), 32)
            shared[16:32] = struct.pack("2q", os.getpid() if request["alone"] else 0, 1)
        main()
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:  # noqa: BLE001 (told to the test, which looks for it)
        traceback.print_exc()
    if shared is not None:
        shared[24:32] = struct.pack("q", 0)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return status


if __name__ == "__main__":
    sys.path.pop(0)  # this folder has modules of its own
    _serve()
