"""That the tests' own ground holds: the scrubbed environment, the repository, the failing skips."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import services
from tests.conftest import FOREIGN, OURS, ROOT, git

CONFTEST = Path(__file__).with_name("conftest.py")
SKIPS = """
import pytest

def test_passes(): pass

def test_skips(): pytest.skip({reason!r})
"""


def outcome(folder: Path, ci: str, test: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What pytest makes of one test module beside a copy of this conftest."""
    (folder / "conftest.py").write_text(CONFTEST.read_text("utf-8"), "utf-8")
    (folder / "test_it.py").write_text(test, "utf-8")
    environment = {**os.environ, "CI": ci, "GIT_DIR": "/nowhere", "CLAUDECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words, "."]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("words", [[], ["-n", "1"]], ids=["alone", "distributed"])
def test_a_skip_fails_ci(tmp_path: Path, words: list[str]) -> None:
    """In CI a test that was skipped for a missing dependency fails the run, and is named."""
    done = outcome(tmp_path, "true", SKIPS.format(reason="no node here"), *words)
    assert done.returncode == 1, done.stdout
    assert "test_it.py::test_skips: no node here" in done.stdout


def test_a_module_that_is_not_collected_fails_ci(tmp_path: Path) -> None:
    """In CI a whole module that is skipped fails the run."""
    (tmp_path / "test_other.py").write_text("import pytest\npytest.importorskip('no_such')\n")
    done = outcome(tmp_path, "true", "def test_passes(): pass", "-n", "1")
    assert done.returncode == 1, done.stdout
    assert "1 passed, 1 skipped" in done.stdout


@pytest.mark.parametrize(
    ("ci", "reason"), [("true", "optional data: none"), ("", "no node here")], ids=["data", "home"]
)
def test_a_skip_passes(tmp_path: Path, ci: str, reason: str) -> None:
    """Optional data may be missing anywhere; outside CI anything may."""
    done = outcome(tmp_path, ci, SKIPS.format(reason=reason))
    assert done.returncode == 0, done.stdout


def test_check_runs_every_test() -> None:
    """Only the quick lane leaves tests out: `make check` does not, whatever is asked of the others."""
    ran = {
        lane: subprocess.run(
            ["make", "--dry-run", "--always-make", f"ARGS={asked}", lane],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for lane, asked in (("test", "-k nothing"), ("check", "-k nothing"), ("test-all", ""))
    }
    assert any('-m pytest -n auto -m "not slow" -k nothing' in line for line in ran["test"])
    # tools/check.py makes each target with ARGS= : tests/test_check.py
    assert ran["check"][-1].startswith(".venv/bin/python tools/check.py ")
    assert ran["check"][-1].endswith(" test-all")
    assert ran["test-all"][-1] == ".venv/bin/python -m pytest -n auto "


def test_a_test_that_hangs_fails_and_its_processes_end(tmp_path: Path) -> None:
    """Though it waits for its child on the way out; the test after it runs."""
    hangs = """
import os, subprocess
def test_hangs():
    with subprocess.Popen(["sleep", "1000"]) as child:
        open("child", "w").write(str(child.pid))
        child.wait()
def test_after(): pass
"""
    done = outcome(tmp_path, "", hangs, "--timeout=3", "--timeout-method=signal")
    assert "1 failed, 1 passed" in done.stdout
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "child").read_text()), 0)


def test_the_environment_is_scrubbed(tmp_path: Path) -> None:
    """No variable of an agent, a git hook or a person's home reaches a test."""
    left = [name for name in os.environ if name.startswith(FOREIGN) and name not in OURS]
    assert sorted(left) == ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"]
    assert Path(os.environ["HOME"]).name.startswith("tm-")
    seen = "import os\ndef test_it(): assert not {'GIT_DIR', 'CLAUDECODE'} & os.environ.keys()\n"
    assert outcome(tmp_path, "", seen).returncode == 0


def test_the_repository(repo: Path) -> None:
    """The repository is clean and its history parses."""
    assert git(repo, "status", "--porcelain") == ""
    history = json.loads((repo / ".claude" / "instruction-history.json").read_bytes())
    assert [each["id"] for each in history["instructions"]] == ["inst_001", "inst_002", "inst_003a"]


TORN = """
import subprocess
import pytest

{mark}
def test_writes(tmp_path):
    for words in ("init -q r", "-C r hash-object -w /dev/null",
                  "-C r -c user.name=U -c user.email=u@x commit -q --allow-empty -m x",
                  "-C r branch tractatus/history"):
        subprocess.run(["git", *words.split()], cwd=tmp_path, check=True)
    (tmp_path / "r/.git/refs/heads/tractatus/{name}").write_text("1" * 40)
"""


@pytest.mark.parametrize(
    ("name", "mark", "code"),
    [("other", "", 1), ("other", "@pytest.mark.damaged('on purpose')", 0), ("../x.lock", "", 0)],
    ids=["damaged", "on purpose", "whole"],
)
def test_a_test_that_leaves_a_damaged_repository_fails(tmp_path, name, mark, code):
    """Unless it says that this is what it is about."""
    done = outcome(tmp_path, "", TORN.format(name=name, mark=mark), "-W", "ignore")
    assert done.returncode == code, done.stdout
    assert ("invalid sha1 pointer" in done.stdout) == bool(code)


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder of one's own that every user may go through."""
    with tempfile.TemporaryDirectory(prefix="tm-", dir=services.DISK) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.parametrize("lines", [0, 1, 4])
def test_make_services_leaves_nothing_whenever_it_is_ended(disk, lines):
    """Ended while the first server is prepared, while the second starts, or when all run."""
    for name in services.SERVICES:
        if why := services.missing(name):
            pytest.skip(why)
    words = [sys.executable, "-m", "tests.services", disk]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        while not (pids := services.children(process.pid)):
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    assert process.returncode == 0
    assert [pid for pid in pids if services.runs(pid)] == []
    assert list(disk.iterdir()) == []
