"""Every store that several processes can open, in one table; the suites with processes run on each."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tractatus_merge.git.plumbing import Plumbing, discover
from tractatus_merge.git.store import GitStore
from tractatus_merge.stores.base import Store
from tractatus_merge.stores.file import FileStore
from tractatus_merge.stores.sql.opening import open_store


class Kind(NamedTuple):
    """How a folder is made ready, and how a process opens the store in it."""

    prepare: Callable[[Path], object]
    open: Callable[[Path], Store]


def _init(folder: Path) -> None:
    subprocess.run(["git", "init", "-q", folder], check=True)


KINDS = {
    "git": Kind(_init, lambda folder: GitStore(Plumbing(discover(folder)), "tractatus/history")),
    "file": Kind(Path.mkdir, FileStore),
    "sqlite": Kind(Path.mkdir, lambda folder: open_store("sqlite:history.db", folder)),
}
