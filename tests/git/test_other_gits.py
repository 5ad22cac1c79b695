"""The store, the merge driver and hooks with other gits than the system's: `make gits` brings them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

GITS = ROOT / ".venv" / "gits"
FOUND = sorted(path.parent.parent.name for path in GITS.glob("*/bin/git"))
TRIED = {
    "git": ("tests/git", "--ignore=tests/git/sync"),
    "sync": ("tests/git/sync",),
    "hooks": tuple(
        f"tests/cli/test_{name}.py"
        for name in (
            "main_job", "merge_driver", "gate", "check", "install", "install_worktrees",
            "configured_hooks",
        )
    ),
}  # fmt: skip
LEFT_BEHIND = ("PYTEST_CURRENT_TEST", "PYTEST_XDIST")


@pytest.mark.slow
@pytest.mark.parametrize("part", TRIED)
@pytest.mark.parametrize("suite", FOUND or ["none"])
def test_the_main_job_is_done_with_another_git(suite, part, tmp_path):
    """Each quick test of `TRIED` passes with it; the git that a program finds really is that one."""
    if not FOUND:
        pytest.skip("no other git here: make gits")
    path = f"{GITS / suite / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {k: v for k, v in os.environ.items() if not k.startswith(LEFT_BEHIND)} | {"PATH": path}
    asked = [subprocess.run(["git", "version"], env=one, capture_output=True, check=True).stdout
             for one in (env, None)]  # fmt: skip
    assert asked[0] != asked[1], "it is the system's"
    words = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    words += ["--hypothesis-profile=few"]  # git is another, not what is pure
    words += [f"--basetemp={tmp_path / 'nested'}", *TRIED[part]]
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
