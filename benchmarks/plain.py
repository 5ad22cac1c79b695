"""The program as its users have it: an environment of its own, with what it needs and no more.

Where this program is developed, more is installed beside it, and some of what it depends on looks
for that and loads it. The environment is kept in build/plain, and the program installed into it
once a run.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build/plain"


def program() -> str:
    """The program, as a shell finds it."""
    return str(Path(interpreter()).with_name("tractatus-merge"))


@functools.cache
def interpreter() -> str:
    """The Python of the environment, with this tree's program installed in it anew."""
    python = FOLDER / "bin/python"
    subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    words = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(ROOT))
    subprocess.run([python, *words], check=True, env=kept)
    return str(python)
