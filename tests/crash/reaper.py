"""Run one command with stdin passed on, and wait for all that it leaves behind.

As a script: `python reaper.py SHIM COUNTERS CMD...`. The command gets the shim; orphans of it become
this process's children, so that nothing is still at work when it is over.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Run it, and wait for every orphan."""
    shim, counters, *words = sys.argv[1:]
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    environment = {**os.environ, "LD_PRELOAD": shim, "KILL_SHIM": counters}
    subprocess.run(words, env=environment, start_new_session=True, check=False)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    main()
