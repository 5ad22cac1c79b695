"""The files that the gate looks at and the driver merges, as git is told them."""

from __future__ import annotations

from dataclasses import dataclass

from tractatus_merge.settings import SETTINGS, settings
from tractatus_merge.workspace import VIEW, Workspace


@dataclass(frozen=True, slots=True)
class Governed:
    """`pathspecs` for the gate, `patterns` for attributes: the history, and files with tables."""

    pathspecs: tuple[str, ...]
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, workspace: Workspace) -> Governed:
        """What a worktree's settings say; DocumentError for settings that are none."""
        top = workspace.places.top
        assert top is not None
        documents = settings(workspace.claude / SETTINGS).get("documents", {})
        inside = workspace.claude.parent.relative_to(top).parts
        paths = []
        for name in documents:
            anywhere = () if "/" in name else ("**",)
            paths.append("/".join((*inside, *anywhere, name.lstrip("/"))))
        patterns = (f"**/.claude/{VIEW}", *paths)
        return cls(tuple(f":(top,glob){path}" for path in ("**/.claude/**", *paths)), patterns)
