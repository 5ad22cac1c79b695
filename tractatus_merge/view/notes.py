"""What a worktree remembers of its view: what was last written there, and what was taken in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tractatus_merge.core.model.state import Version
from tractatus_merge.core.values.equality import Json
from tractatus_merge.system import files, jsonl


@dataclass(frozen=True, slots=True)
class ViewNotes:
    """The notes of one view.

    `digest`, `version`, `header` and `branch` tell of what was last written into the file: its
    bytes, the head it showed, its header, and what was checked out. `known` is the digest of
    foreign bytes that were looked through. `taken` has the digest of each record that was merged
    out of the file, `merged` the version that has them, and `apart` the records that could not be.
    """

    digest: str = ""
    version: Version | None = None
    header: Json = None
    branch: str | None = None
    known: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)
    merged: Version | None = None
    apart: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> ViewNotes:
        """The notes in a file; empty ones where it has none."""
        return cls(**_checked(jsonl.load(path)))

    def write(self, path: Path) -> None:
        """Put the notes into a file."""
        files.replace(path, json.dumps(asdict(self)).encode())


def _checked(found: Mapping[str, Any]) -> dict[str, Any]:
    """What is known and of the right kind; anything else is as if it had not been noted."""
    right = {
        name: found[name] for name, kind in _KINDS.items() if isinstance(found.get(name), kind)
    }
    if "apart" in right:
        right["apart"] = tuple(map(str, right["apart"]))
    return right


_KINDS: dict[str, type] = {
    **dict.fromkeys(("digest", "version", "branch", "known", "merged"), str),
    **dict.fromkeys(("header", "taken"), dict),
    "apart": list,
}
