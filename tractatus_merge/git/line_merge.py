"""Git's own merge of three files by lines, for what is not merged by records.

The file gets the lines, markers and labels that it would get without a merge driver.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

_OLD = "%X"
"""What git before 2.44 hands on in place of a label."""
_PLAIN = ("ours", "base", "theirs")
_VIRTUAL = ("Temporary merge branch 1", "merged common ancestors", "Temporary merge branch 2")
_HEAD = "GITHEAD_"
"""What begins the variable in which `git merge` keeps the other branch's name, by its commit."""
_NO_SUCH_OPTION = 129


def merge_lines(
    files: tuple[str, str, str], size: str, labels: Sequence[str] = (), *, virtual: bool = False
) -> bool:
    """Merge into the first file (ours, base, theirs): whether that is clean.

    What git cannot merge by lines stays as it is, and is contested.
    """
    names = [word for label in _named(labels, virtual=virtual) for word in ("-L", label)]
    words = ["-q", f"--marker-size={size}", *names, "--", *files]
    code = _git("merge-file", "--diff-algorithm=histogram", *words).returncode
    if code == _NO_SUCH_OPTION:  # before git 2.44
        code = _git("merge-file", *words).returncode
    return code == 0


def _named(labels: Sequence[str], *, virtual: bool) -> Sequence[str]:
    """What a merge without a driver calls the sides: ours, base, theirs."""
    if labels and _OLD not in labels:
        return labels
    if virtual:
        return _VIRTUAL
    others = [name for name in os.environ if name.startswith(_HEAD)]
    if len(others) != 1:
        return _PLAIN
    bases = _git("merge-base", "--all", "HEAD", others[0].removeprefix(_HEAD)).stdout.split()
    base = _git("rev-parse", "--short", bases[0]).stdout.strip() if len(bases) == 1 else ""
    return ("HEAD", base or _VIRTUAL[1], os.environ[others[0]])


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False)
