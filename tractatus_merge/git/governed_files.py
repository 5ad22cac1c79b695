"""The files that the gate looks at and the driver merges: as paths, and as git is told them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePath

from tractatus_merge.git.plumbing import Plumbing
from tractatus_merge.repository.settings import (
    SETTINGS,
    VIEW,
    documents_above,
    documents_of,
    table_for,
)
from tractatus_merge.repository.workspace import Workspace
from tractatus_merge.value import Value

STATE = (VIEW, "session-state.json", "token-checkpoints.json")
"""The files of a `.claude` folder that govern sessions; and there is the folder `sessions`."""


class Governing:
    """Which files of a work tree govern, by their paths from its top; settings are read once."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._above: dict[PurePath, tuple[Path, dict[str, object]] | None] = {}

    def __contains__(self, path: PurePath) -> bool:
        """Whether it is state in a `.claude` folder, or a document with a table."""
        if path.parent.name == ".claude" and path.name in STATE:
            return True
        if any(pair == (".claude", "sessions") for pair in pairwise(path.parts)):
            return True
        folder = path.parent
        if folder not in self._above:
            self._above[folder] = documents_above(self._top / folder)
        found = self._above[folder]
        return found is not None and table_for(self._top / path, *found) is not None


class Governed(Value):
    """`pathspecs` for the gate, `patterns` for attributes: the history, and files with tables."""

    pathspecs: tuple[str, ...]
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, workspace: Workspace, git: Plumbing) -> Governed:
        """What all settings of a worktree say; DocumentError for settings that are none."""
        top = workspace.top
        tracked = git.in_worktree("ls-files", "-z").out.split(b"\0")
        names = {name for name in tracked if name.endswith(b".claude/" + SETTINGS.encode())}
        found = {workspace.claude / SETTINGS, *(top / os.fsdecode(name) for name in names)}
        paths = [path for settings_ in sorted(found) for path in _documents(settings_, top)]
        patterns = tuple(dict.fromkeys((f"**/.claude/{VIEW}", *paths)))
        state = (*STATE, "sessions/**")
        specs = dict.fromkeys((*(f"**/.claude/{name}" for name in state), *paths))
        return cls(tuple(f":(top,glob){path}" for path in specs), patterns)


def _documents(path: Path, top: Path) -> Iterator[str]:
    """The files that one settings file has tables for, as globs from the top."""
    inside = path.parent.parent.relative_to(top).parts
    for name in documents_of(path):
        anywhere = () if "/" in name else ("**",)
        yield "/".join((*inside, *anywhere, name.lstrip("/")))
