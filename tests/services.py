"""Servers that tests need: real ones from Debian's packages, on free loopback ports, with their own folders.

`SERVICES` is the table. Each is named to the tests, and to what they start, by a URL in an environment variable;
if that is set from outside, the tests use the server it names. As a script (`make services`) all of them
run until Ctrl-C.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple

PATIENCE = 60
"""Seconds for a server to start, or to stop."""
DISK = "/tmp"
"""A folder that every user may go through, on a disk."""
ENDS = {signal.SIGINT, signal.SIGTERM}
"""What ends `make services`."""


class Server(ABC):
    """One that runs, or was killed and can be started again: same folder, same port."""

    def __init__(self, name: str, disk: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"tm-{name}-", dir=disk))
        self.port = 0
        self._starter = ThreadPoolExecutor(1)  # it lives as long as we do: see `_dies_with_us`
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is."""

    def prepare(self) -> None:  # noqa: B027 - not every server needs anything
        """Make what it needs in its folder, once."""

    @abstractmethod
    def words(self) -> Sequence[str]:
        """How it is started in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes requests."""

    def start(self) -> None:
        """Start it, and wait until it answers. The port stays the same from the first start on."""
        if not self.port:
            self._starter.submit(self.prepare).result()
        for _ in range(3):  # another program may take the port before the server does
            self.port = self.port or free_port()
            with (self.folder / "log").open("ab") as log:
                self._starter.submit(self._start, log).result()
            give_up = time.monotonic() + PATIENCE
            while self._runs() and time.monotonic() < give_up:
                if self.answers():
                    return
                time.sleep(0.02)
            self.kill()
            self.port = 0
        said = (self.folder / "log").read_text("utf-8", "replace")
        raise RuntimeError(f"{self.name} does not start:\n{said}")

    def _start(self, log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            self.words(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
        )

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL for it and all that it started, as when the machine dies."""
        if self._process is None:
            return
        pids = [self._process.pid]
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGSTOP)  # it starts no more
            pids += children(self._process.pid)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        for pid in pids[1:]:  # init reaps them
            give_up = time.monotonic() + PATIENCE
            while runs(pid) and time.monotonic() < give_up:
                time.sleep(0.005)
        self._process = None

    def stop(self) -> None:
        """End it in an orderly way, and take its folder away."""
        self._starter.submit(int).result()  # whoever waited for its start may have been interrupted
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        self._starter.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgreSQL(Server):
    """A cluster with one superuser and no passwords, reached by loopback alone."""

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        if os.geteuid() == 0:  # it refuses to run as root
            found = pwd.getpwnam("postgres")
            os.chown(self.folder, found.pw_uid, found.pw_gid)
        words = [_program("initdb"), "--pgdata", "data", "--username=postgres", "--auth=trust"]
        words += ["--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(_as_user(words), cwd=self.folder, check=True, capture_output=True)

    def words(self) -> Sequence[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return _as_user([_program("postgres"), "-D", "data", "-p", str(self.port), *options])

    def answers(self) -> bool:
        words = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(words, check=False).returncode == 0


class Redis(Server):
    """One that writes each command to its disk."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def words(self) -> Sequence[str]:
        options = ["--bind", "127.0.0.1", "--appendonly", "yes", "--appendfsync", "always"]
        return _dies_with_us(["redis-server", "--port", str(self.port), "--dir", ".", *options])

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as asked:
                asked.sendall(b"PING\r\n")
                return asked.recv(5) == b"+PONG"
        except OSError:
            return False


class MongoDB(Server):
    """SecantusDB, which speaks MongoDB's protocol and keeps all in MongoDB's storage engine; no mongod."""

    standalone = False

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/"

    def words(self) -> Sequence[str]:
        options = ["--host", "127.0.0.1", "--storage-path", "data", "--sync-on-commit"]
        options += ["--standalone"] * self.standalone
        program = _program("secantusd-py")
        return _dies_with_us([program, "--port", str(self.port), "--log-level", "ERROR", *options])

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False


class Standalone(MongoDB):
    """The same as a single server, which is no replica set."""

    standalone = True


class Kind(NamedTuple):
    """A kind of server: the variable that names one, how it is installed, its programs."""

    variable: str
    install: str
    programs: Sequence[str]
    server: type[Server]


SERVICES = {
    "postgresql": Kind(
        "TRACTATUS_TEST_POSTGRESQL",
        "apt-get install postgresql",
        ("initdb", "postgres"),
        PostgreSQL,
    ),
    "mongodb": Kind("TRACTATUS_TEST_MONGODB", "make mongodb", ("secantusd-py",), MongoDB),
    "redis": Kind("TRACTATUS_TEST_REDIS", "apt-get install redis-server", ("redis-server",), Redis),
}
"""Every service, by its name."""


def missing(name: str) -> str:
    """Why a service cannot be started here; nothing if it can."""
    kind = SERVICES[name]
    lacks = [program for program in kind.programs if _program(program) == program]
    lacks = [program for program in lacks if shutil.which(program) is None]
    return f"no {', '.join(lacks)} here: {kind.install}" if lacks else ""


def which_mongodb() -> str:
    """Which server tests of that store ask."""
    named = os.environ.get(SERVICES["mongodb"].variable)
    if named is None:
        found = Path(sys.prefix, "mongodb").glob("lib/*/site-packages/secantusdb-*.dist-info")
        version = next((path.stem for path in found), "none; make mongodb")
        return f"{version}   (speaks MongoDB's protocol, and is no mongod)"
    from pymongo import MongoClient

    client: MongoClient[dict[str, object]] = MongoClient(named)
    with client:
        said = client.admin.command("buildInfo")
    return f"{said['version']} at {named.rpartition('@')[2]}   {said.get('modules', '')}"


@contextlib.contextmanager
def running(name: str, disk: str = "") -> Iterator[Server]:
    """A server of one's own, which ends with the block; in memory, if no folder is named for it."""
    server = SERVICES[name].server(name, disk or _disk())
    try:
        server.start()
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A port that the kernel gave, and that is free again."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def children(pid: int) -> list[int]:
    """The processes that one has started, by any of its threads, and theirs."""
    own: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            own += map(int, path.read_text("ascii").split())
    return own + [below for child in own for below in children(child)]


def runs(pid: int) -> bool:
    """Whether a process runs: one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


@functools.cache
def _program(name: str) -> str:
    """Where a program is: Debian keeps those of PostgreSQL's server out of PATH, the Makefile others."""
    own = Path(sys.prefix, "mongodb", "bin", name)
    if own.exists():
        return str(own)
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4])
    )
    return str(found[-1]) if found else name


def _disk() -> str:
    """A folder that every user may go through; in memory, where a sync costs nothing."""
    memory = "/dev/shm"
    return memory if os.access(memory, os.W_OK) else DISK


def _as_user(words: Sequence[str]) -> list[str]:
    """Run by the user of PostgreSQL, if we are root."""
    more = ("--reuid=postgres", "--regid=postgres", "--clear-groups") if os.geteuid() == 0 else ()
    return _dies_with_us(words, *more)


def _dies_with_us(words: Sequence[str], *more: str) -> list[str]:
    """Interrupted by the kernel, should the thread that starts them end: so, if this process is killed."""
    return ["setpriv", *more, "--pdeathsig=INT", *words]


def main(disk: str = "") -> None:
    """Start everything, say where it is, and wait for the end; in memory, if no folder is named."""
    for number in ENDS:  # while they start, too: what runs is stopped, and its folder goes
        signal.signal(number, _end)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tm-", dir=disk or _disk()))
        Path(folder).chmod(0o711)  # the user of PostgreSQL goes through it
        for name, kind in SERVICES.items():
            if why := missing(name):
                sys.exit(why)
            server = stack.enter_context(running(name, folder))
            print(f"export {kind.variable}={server.url}", flush=True)
        print("# they run until Ctrl-C", flush=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # one that comes now waits for us
        signal.sigwait(ENDS)


def _end(*_: object) -> None:
    for number in ENDS:  # stopping is not stopped again
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit


if __name__ == "__main__":
    main(*sys.argv[1:])
