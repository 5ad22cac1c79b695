"""The shim, built once, and a repository whose history several sessions write."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import IN_CI


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that kills; without a C compiler there is none, and CI is to have one."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or sys.platform != "linux":
        (pytest.fail if IN_CI else pytest.skip)("no C compiler for tests/crash/kill_shim.c")
    target = tmp_path_factory.mktemp("shim") / "kill_shim.so"
    source = Path(__file__).with_name("kill_shim.c")
    words = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*words, "-o", str(target), str(source), "-ldl"], check=True)
    return target
