"""A disk that is full, as sessions end: a small tmpfs, which needs root and a mount namespace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import IN_CI, ROOT, THOROUGH

STRIDES = dict(zip(("file", "git", "sqlite"), (1, 7, 11) if THOROUGH else (4, 19, 23), strict=True))
"""Pages of room between two tries; each is a multiple of what one try takes."""

pytestmark = pytest.mark.race


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "stride"), STRIDES.items())
def test_an_end_on_a_full_disk(tmp_path: Path, shim: Path, kind: str, stride: int) -> None:
    """Whatever room is left, and wherever it is killed: an error that says so, and nothing is lost."""
    if os.geteuid() or not shutil.which("unshare"):
        (pytest.fail if IN_CI else pytest.skip)("a small tmpfs needs root and unshare")
    words = (
        f'mount -t tmpfs -o size=8m none "{tmp_path}" && exec "$0" -m tests.crash.full_disk "$@"'
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", words, sys.executable, kind, str(tmp_path), str(shim), str(stride)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    print(done.stdout)
