"""The program as an account for which some folders are closed, though the tests may run as root."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.tool import Ran

_HELD_BACK = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")
"""Root without what lets it pass by modes: a folder of mode 0 is closed to it as to anybody."""


def run_closed(folder: Path, *words: str, text: str = "") -> Ran:
    """Run `tractatus-merge WORDS` in a folder, in a process of its own that modes bind."""
    bound = _HELD_BACK if os.geteuid() == 0 else ()
    command = [*bound, sys.executable, "-m", "tractatus_merge", *words]
    done = subprocess.run(
        command, cwd=folder, input=text, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)
