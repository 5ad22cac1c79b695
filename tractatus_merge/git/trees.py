"""The trees of one repository, each read once: what was read or written before is known still."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tractatus_merge.core.model.state import Version
from tractatus_merge.errors import Missing
from tractatus_merge.git.plumbing import FOLDER, Plumbing, Tree, tree_entries
from tractatus_merge.git.version_files import DIGITS

_KEPT = 1 << 14
"""So many trees are kept in mind."""


class Trees:
    """The rows of trees, by their ids or as `VERSION^{tree}`."""

    def __init__(self, git: Plumbing) -> None:
        self._git = git
        self._rows: dict[str, Tree] = {}

    def top(self, version: Version) -> Tree:
        """The rows of a version's tree."""
        return self.tree(f"{version}^{{tree}}")

    def tree(self, name: str) -> Tree:
        """The rows of a tree; one that is known need not be there any more."""
        if name not in self._rows and name in self._git.made:
            self._rows[name] = _rows_of(self._git.made[name], name)
        return self._rows[name] if name in self._rows else self.anew([name])[name]

    def keep_top(self, version: Version, tree: str) -> None:
        """Keep in mind which tree a version has that was just written."""
        self._rows[f"{version}^{{tree}}"] = self.tree(tree)

    def anew(self, names: Collection[str]) -> dict[str, Tree]:
        """The rows of some trees, which are there; Missing if one is not."""
        read: dict[str, Tree] = {}
        for name, found in zip(names, self._git.read_all([*names]), strict=True):
            if found is None:
                raise Missing(f"the tree {name} is missing.", hint="git fsck")
            read[name] = _rows_of(found.content, found.oid)
        if len(self._rows) + len(read) > _KEPT:
            self._rows.clear()
        self._rows.update(read)
        return read

    def level(self, names: Sequence[str]) -> None:
        """Read some trees at once: git answers sooner. Of what is missing, `tree` tells."""
        left = [name for name in names if name not in self._rows]
        for name, found in zip(left, self._git.read_all(left), strict=True):
            if found is not None:
                self._rows[name] = _rows_of(found.content, found.oid)

    def ahead(self, folders: Sequence[str]) -> None:
        """Read folders of records and those that they are divided into, a level at once."""
        while folders:
            self.level(folders)
            rows = (row for name in folders for row in self._rows.get(name, ()))
            folders = [oid for mode, oid, name in rows if mode == FOLDER and name in DIGITS]


def _rows_of(content: bytes, oid: str) -> Tree:
    return tuple(tree_entries(content, len(oid) // 2))
