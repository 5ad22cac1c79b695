"""What a worktree remembers of its view: what was last written there, and what was taken in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tractatus_merge.core.model.state import Version
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.system import files, plain_file
from tractatus_merge.value import Value, asdict, field


class ViewNotes(Value):
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
        return cls(**_checked(_loaded(path)))

    def write(self, path: Path, *, settled: bool = True) -> None:
        """Put the notes into a file; `settled` as in `files.replace`."""
        said = asdict(self) | {"apart": list(self.apart)}
        text = json_text.dump(said, json_text.Style(None))
        files.replace(path, text.encode(), settled=settled)


def _loaded(path: Path) -> Mapping[str, Any]:
    """What a file notes, its header's numbers as they are; nothing where it is torn or foreign."""
    try:
        found = json_text.parse(plain_file.read_text(path))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


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
