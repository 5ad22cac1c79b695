"""What every test stands on: a clean environment, a temporary repository, and no quiet skips.

The environment is scrubbed when this file is imported, before any test module is: an agent's or a
git hook's variables would name a session, a repository or a person that the test did not choose.

A skip hides a missing dependency as well as a missing data folder. With CI=true every skip whose
reason does not begin with "optional data" therefore fails the run, though each test passed: what
CI lacks is to be installed by .ci/run, not passed over.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"
OPTIONAL = "optional data"
TEST_DATA = "TRACTATUS_TEST_DATA"
SLOW = "TRACTATUS_SLOW"
"""Set to anything, it lets the slow laws try many more examples."""

FOREIGN = ("CLAUDE", "TRACTATUS_", "GIT_", "CURSOR_", "GEMINI_", "CODEX_", "AI_AGENT", "XDG_")


if ROOT.name == "mutants":  # mutmut makes three calls of one: what is nested deep needs them
    sys.setrecursionlimit(5 * sys.getrecursionlimit())


def scrub() -> tempfile.TemporaryDirectory[str]:
    """Take other programs' variables out of this process; the new home, gone when it ends."""
    for name in os.environ:
        if name.startswith(FOREIGN) and name not in (TEST_DATA, SLOW):
            del os.environ[name]
    home = tempfile.TemporaryDirectory(prefix="tractatus-home-")
    os.environ |= {
        "HOME": home.name,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    return home


HOME = scrub()

# Shared test code, asserting in the tests' name.
pytest.register_assert_rewrite("tests.laws", "tests.stores.conformance")

hypothesis.settings.register_profile("fast", max_examples=60, deadline=None)
hypothesis.settings.register_profile(
    "ci", max_examples=300, deadline=None, database=None, print_blob=True
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


def pytest_configure(config: pytest.Config) -> None:
    """In CI, watch the skips (in the controlling process only, where tests are distributed)."""
    if IN_CI and not hasattr(config, "workerinput"):
        config.pluginmanager.register(QuietSkips(), "quiet-skips")


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


def bakery(folder: Path) -> Path:
    """A git repository with one commit, which tracks a history of three instructions."""
    folder = folder / "repo"
    (folder / ".claude").mkdir(parents=True)
    (folder / ".claude" / "instruction-history.json").write_text(HISTORY, "utf-8", newline="")
    (folder / "README.md").write_text("# The bakery\n", "utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Jo Baker")
    git(folder, "config", "user.email", "jo@bakery.example")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Open the bakery")
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The bakery's repository."""
    return bakery(tmp_path)
