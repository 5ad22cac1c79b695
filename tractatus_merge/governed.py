"""The files that the gate looks at and the driver merges: as paths, and as git is told them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import PurePath

from tractatus_merge.settings import VIEW
from tractatus_merge.workspace import Workspace

STATE = (VIEW, "session-state.json", "token-checkpoints.json")
"""The files of a `.claude` folder that govern sessions; and there is the folder `sessions`."""


def is_governed(path: PurePath, documents: Iterable[str] = ()) -> bool:
    """Whether the gate looks at a file: state in a `.claude` folder, or a document with a table.

    `path` is the path from the top; `documents` are the names of the tables.
    """
    if path.parent.name == ".claude" and path.name in STATE:
        return True
    if any(pair == (".claude", "sessions") for pair in pairwise(path.parts)):
        return True
    return any(fnmatch(path.name, name) or fnmatch(str(path), name) for name in documents)


@dataclass(frozen=True, slots=True)
class Governed:
    """`pathspecs` for the gate, `patterns` for attributes: the history, and files with tables."""

    pathspecs: tuple[str, ...]
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, workspace: Workspace) -> Governed:
        """What a worktree's settings say."""
        top = workspace.places.top
        assert top is not None
        inside = workspace.claude.parent.relative_to(top).parts
        paths = []
        for name in workspace.documents:
            anywhere = () if "/" in name else ("**",)
            paths.append("/".join((*inside, *anywhere, name.lstrip("/"))))
        state = (*STATE, "sessions/**")
        specs = (*(f"**/.claude/{name}" for name in state), *paths)
        return cls(tuple(f":(top,glob){path}" for path in specs), (f"**/.claude/{VIEW}", *paths))
