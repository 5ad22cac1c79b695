"""What every test stands on: a clean environment, a temporary repository, and no quiet skips.

The environment is scrubbed when this file is imported, before any test module is: an agent's or a
git hook's variables would name a session, a repository or a person that the test did not choose.

A skip hides a missing dependency as well as a missing data folder. With CI=true every skip whose
reason does not begin with "optional data" therefore fails the run, though each test passed: what
CI lacks is to be installed by .ci/run, not passed over.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FrameType

import hypothesis
import pytest

from tests import services
from tractatus_merge.git import configured_hooks

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"
OPTIONAL = "optional data"
TEST_DATA = "TRACTATUS_TEST_DATA"
SLOW = "TRACTATUS_SLOW"
"""Set to anything, it lets the slow tests take every step, and many more examples, of which CI
takes a sample: for a night, or before a release."""
THOROUGH = bool(os.environ.get(SLOW))
PACE = 1 if THOROUGH else 3
"""Of the steps before which something is killed, stopped or cut off, one in so many is tried."""
SEED, MINUTES = "TRACTATUS_SEED", "TRACTATUS_MINUTES"
"""With which seed the random models (`tests/models`) begin, and how long each goes on."""
OURS = {TEST_DATA, SLOW, SEED, MINUTES, *(kind.variable for kind in services.SERVICES.values())}
"""What may be set from outside to tell the tests what to do."""

FOREIGN = (
    *("CLAUDE", "TRACTATUS_", "GIT_", "CURSOR_", "GEMINI_", "CODEX_", "AI_AGENT", "XDG_"),
    *("MAKE", "MFLAGS"),  # a make that a test starts is nobody's child
)


if ROOT.name == "mutants":  # mutmut makes three calls of one: what is nested deep needs them
    sys.setrecursionlimit(5 * sys.getrecursionlimit())


MEMORY = "/dev/shm"


def in_memory() -> bool:
    """Whether temporary files can be kept in memory, where a sync costs nothing.

    The program syncs all that it writes, which on a disk takes most of the time of many tests.
    Containers often have a small folder there, or one from which no hook can be run.
    """
    try:
        found = os.statvfs(MEMORY)
    except OSError:  # not Linux
        return False
    fits = found.f_bavail * found.f_frsize >= 2**30 and not found.f_flag & os.ST_NOEXEC
    return fits and os.access(MEMORY, os.W_OK | os.X_OK)


def scrub() -> tempfile.TemporaryDirectory[str]:
    """Take other programs' variables out of this process; the new home, gone when it ends."""
    # Where pytest keeps what failed tests wrote. A worker of pytest-xdist is given it, and does not
    # nest its home in the controller's: the path of a browser's socket would be too long.
    place = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    if place is None:
        own = "TMPDIR" not in os.environ and in_memory()
        place = os.environ["PYTEST_DEBUG_TEMPROOT"] = MEMORY if own else tempfile.gettempdir()
    for name in os.environ:
        if name.startswith(FOREIGN) and name not in OURS:
            del os.environ[name]
    home = tempfile.TemporaryDirectory(prefix="tm-", dir=place)  # sockets have short paths
    Path(home.name, "tmp").mkdir()
    os.environ |= {
        "HOME": home.name,
        "TMPDIR": f"{home.name}/tmp",  # killed programs leave files
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "COLUMNS": "80",  # whatever the window is in which the tests run
    }
    return home


HOME = scrub()

# Shared test code, asserting in the tests' name.
pytest.register_assert_rewrite(
    "tests.laws",
    "tests.stores.conformance",
    "tests.stores.linearizability",
    "tests.stores.sql_rows",
)

hypothesis.settings.register_profile("fast", max_examples=60, deadline=None)
hypothesis.settings.register_profile(  # the same each time: a change is judged, not luck
    "ci", max_examples=200, deadline=None, database=None, derandomize=True, print_blob=True
)
hypothesis.settings.register_profile(  # for coverage and mutants: little, and always the same
    "few",
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],  # that it fails is enough
)
hypothesis.settings.load_profile("ci" if IN_CI else "fast")


class QuietSkips:
    """Notes every skip that is not for want of optional data, and fails a CI run that has one."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Look at one finished test, or at one module that was collected or not."""
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        reason = str(reason).removeprefix("Skipped: ")
        if not reason.startswith(OPTIONAL):
            self.found.append(f"{report.nodeid}: {reason}")

    pytest_runtest_logreport = note
    pytest_collectreport = note

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that would have passed."""
        if self.found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name them."""
        if self.found:
            terminalreporter.section("skipped in CI, which fails the run", red=True)
            terminalreporter.write("\n".join([*self.found, ""]))


SLOW_LIMIT = 900
"""Seconds for a test with the mark `slow`; the others have `timeout` of pyproject.toml."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give slow tests a longer limit, where they name none of their own."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_LIMIT))


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_timeout_set_timer() -> Generator[None, object, object]:
    """When a test's time is up, end the processes that it started before it is unwound.

    Else a `with Popen(...)` on the way out waits for the very child that hangs. The alarm rings
    again until the test is over: Hypothesis tries a failing example once more, and hangs there.
    """
    before = _descendants()
    done = yield
    ring = signal.getsignal(signal.SIGALRM)

    def late(number: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 10)
        for pid in _descendants() - before:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(pid, signal.SIGKILL)
        if callable(ring):
            ring(number, frame)

    if callable(ring):
        signal.signal(signal.SIGALRM, late)
    return done


def _descendants() -> set[int]:
    """The processes below this one, by /proc; none where there is no such folder."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            stat = (path / "stat").read_text("utf-8", "replace")
            parent = stat.rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(path.name))
    found: set[int] = set()
    todo = [os.getpid()]
    while todo:
        new = children.get(todo.pop(), [])
        found.update(new)
        todo += new
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Let git look strictly at every repository in the test's folder that has a history.

    A test that damages one on purpose says so: `@pytest.mark.damaged(reason)`.
    """
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if folder is None or item.get_closest_marker("damaged"):
        found = ""
    else:
        found = "\n".join(filter(None, map(faults, histories(folder))))
    done = yield
    if found:
        pytest.fail(f"a test left what git calls damaged; see pytest.mark.damaged\n{found}", False)
    return done


def histories(folder: Path) -> Iterator[Path]:
    """The repositories in a folder, bare ones too, that have a branch of ours."""
    for path in folder.iterdir():
        for place in (path / ".git", path):
            if not (place / "objects").is_dir():
                continue
            packed = place / "packed-refs"
            loose = any((place / "refs/heads/tractatus").glob("*"))
            if loose or (packed.exists() and b"refs/heads/tractatus/" in packed.read_bytes()):
                yield place


def faults(place: Path) -> str:
    """What `git fsck --strict` finds in a repository; nothing where it is whole."""
    words = ["git", f"--git-dir={place}", "fsck", "--strict", "--no-dangling", "--no-progress"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "notice: " not in line]
    return "\n".join([f"{place}:", *said]) if done.returncode or said else ""


def pytest_configure(config: pytest.Config) -> None:
    """In CI, watch the skips (in the controlling process only, where tests are distributed)."""
    if IN_CI and not hasattr(config, "workerinput"):
        config.pluginmanager.register(QuietSkips(), "quiet-skips")


@pytest.fixture
def heeded() -> Iterator[None]:
    """Start children that heed SIGINT and SIGHUP, also where this process was told to ignore them.

    What a process ignores, its children ignore (`nohup make test &`), and by convention a program
    keeps ignoring it. What it catches, they have at the default.
    """
    ignored = [n for n in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, lambda *_: None)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


def pytest_report_header() -> list[str]:
    """Which MongoDB was asked, and which Pythons: results are worth what those are worth."""
    lines = [f"mongodb: {services.which_mongodb()}"]
    if (tool := ROOT / "tools" / "release.py").is_file():  # not beside mutants
        spec = importlib.util.spec_from_file_location("release", tool)
        assert spec and spec.loader
        release = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(release)
        lines.append(f"a release is tried under Python: {', '.join(release.pythons())}")
    return lines


def _service(name: str) -> Iterator[str]:
    """The URL of a server, started when a test first asks for it; its variable names it to children."""
    variable = services.SERVICES[name].variable
    if variable not in os.environ:
        if why := services.missing(name):
            pytest.skip(why)
        with services.running(name) as server:
            os.environ[variable] = server.url
            yield server.url
            del os.environ[variable]
    else:
        yield os.environ[variable]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that tests share: each takes a line of its own."""
    yield from _service("postgresql")


@pytest.fixture(scope="session")
def mongodb() -> Iterator[str]:
    """The URL of a MongoDB server that tests share: each takes a database of its own."""
    yield from _service("mongodb")


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """The URL of a Redis server that tests share."""
    yield from _service("redis")


@pytest.fixture(scope="session")
def data() -> Path:
    """The optional folder of real data: TRACTATUS_TEST_DATA, else one beside the repository."""
    folder = Path(os.environ.get(TEST_DATA) or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"{OPTIONAL}: there is no folder {folder}; {TEST_DATA} names another")
    return folder


HISTORY = """{
  "version": "1.2",
  "last_updated": "2025-11-03T09:30:00Z",
  "description": "Governance of the bakery's order service",
  "instructions": [
    {
      "id": "inst_001",
      "text": "The order database is PostgreSQL on port 5433, never SQLite.",
      "timestamp": "2025-10-20T08:00:00Z",
      "quadrant": "SYSTEM",
      "persistence": "HIGH",
      "temporal_scope": "PROJECT",
      "verification_required": "MANDATORY",
      "explicitness": 0.90,
      "source": "user",
      "session_id": "2025-10-20-kick-off",
      "parameters": {
        "port": "5433",
        "database": "orders",
        "service": "postgresql"
      },
      "active": true,
      "notes": "Agreed at the kick-off.\\nThe port differs from the default on purpose."
    },
    {
      "id": "inst_002",
      "text": "Prices are integers of cents; no float touches money.",
      "timestamp": "2025-10-20T08:05:00Z",
      "quadrant": "OPERATIONAL",
      "persistence": "HIGH",
      "temporal_scope": "PERMANENT",
      "verification_required": "REQUIRED",
      "explicitness": 1.0,
      "source": "user",
      "session_id": "2025-10-20-kick-off",
      "parameters": {},
      "active": true,
      "tags": ["money", "api"]
    },
    {
      "id": "inst_003a",
      "text": "Use the staging oven for experiments with the grüne Soße recipe.",
      "timestamp": "2025-10-28T14:12:31.204Z",
      "quadrant": "TACTICAL",
      "persistence": "LOW",
      "temporal_scope": "SESSION",
      "verification_required": "OPTIONAL",
      "explicitness": 0.55,
      "source": "claude",
      "session_id": "2025-10-28-001",
      "parameters": {
        "environment": "staging"
      },
      "active": false,
      "prohibited_actions": ["deploy to production"]
    }
  ],
  "stats": {
    "total_instructions": 3,
    "active_instructions": 2
  }
}"""
"""A history file as the framework's first form has it: two-space indent, no newline at the end."""


def git(folder: Path, *words: str) -> str:
    """Run git in the folder, as the people in these tests do; what it said."""
    done = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True)
    return done.stdout


@functools.cache
def _template(*, taken_in: bool) -> Path:
    """A repository to copy, made once in each process: git and `init` take five times as long."""
    if taken_in:
        from tests.tool import tool

        folder = Path(HOME.name, "templates", "line")
        shutil.copytree(_template(taken_in=False), folder, symlinks=True)
        tool(folder, "init")
        return folder
    folder = Path(HOME.name, "templates", "repo")
    (folder / ".claude").mkdir(parents=True)
    (folder / ".claude" / "instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    (folder / "README.md").write_text("# The bakery\n", "utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Jo Baker")
    git(folder, "config", "user.email", "jo@bakery.example")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Open the bakery")
    for sample in (folder / ".git" / "hooks").iterdir():
        sample.unlink()
    return folder


def bakery(folder: Path, *, taken_in: bool = False) -> Path:
    """A git repository with one commit, which tracks a history of three instructions."""
    template = _template(taken_in=taken_in)
    return Path(shutil.copytree(template, folder / "repo", symlinks=True))


def in_files(folder: Path) -> Path:
    """A folder without git, whose settings say that its history is kept in files."""
    (folder / "plain" / ".claude").mkdir(parents=True)
    top = folder / "plain"
    (top / ".claude" / "instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    return _kept_in(top, "file:")


def in_database(folder: Path) -> Path:
    """A folder without git, whose settings say that its history is kept in SQLite."""
    return _kept_in(in_files(folder), "sqlite:")


def in_files_and_git(folder: Path) -> Path:
    """The bakery's repository, whose settings say that its history is kept in files."""
    return _kept_in(bakery(folder), "file:")


def _kept_in(top: Path, url: str) -> Path:
    (top / ".claude" / "tractatus.toml").write_text(f'[store]\nurl = "{url}"\n', "utf-8")
    return top


PLACES = {
    "git": bakery,
    "file": in_files,
    "file in git": in_files_and_git,
    "sqlite": in_database,
}
"""The bakery's history, to be taken in, in each kind of store that several processes can open."""


def configures_hooks() -> bool:
    """Whether the git that is found reads hooks from its configuration: then `install` writes no file."""
    found = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", found)[:2])) >= configured_hooks.SINCE


@pytest.fixture
def hooks_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install hooks as for a git before 2.54; later ones run them too."""
    monkeypatch.setattr(configured_hooks, "SINCE", (99,))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The bakery's repository."""
    return bakery(tmp_path)


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """The bakery's repository, in which `init` has been run."""
    return bakery(tmp_path, taken_in=True)
