"""A commit that dies, or stops, before any of its steps; by tests/crash/kill_shim.c."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.crash.conftest import shim  # noqa: F401 (a fixture)
from tests.stores.kinds import IN_FOLDERS


@pytest.mark.slow
@pytest.mark.damaged("what a killed git leaves of a ref's log may be cut off")
@pytest.mark.parametrize("how", ["kill", "stop"])
@pytest.mark.parametrize("name", IN_FOLDERS)
def test_a_commit_that_is_struck_is_there_whole_or_not_at_all(name, how, shim, tmp_path):  # noqa: F811
    """Killed: the next one commits. Stopped while another commits: one of them lost the race."""
    counters = tmp_path / "counters"
    counters.write_bytes(bytes(32))
    environment = {**os.environ, "LD_PRELOAD": str(shim), "KILL_SHIM": str(counters)}
    if how == "stop":
        environment["KILL_SHIM_STOP"] = "1"
    words = [sys.executable, "-m", "tests.stores.strikes", name, how, tmp_path]
    done = subprocess.run(
        words, env=environment, cwd=ROOT, text=True, capture_output=True, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr
