"""A version's tree: one folder a collection, one file a record; read lazily, written in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tractatus_merge.core.state import CONFLICTS, INSTRUCTIONS, Key
from tractatus_merge.stores.gitlog import file_of
from tractatus_merge.stores.plumbing import TreeWriter


class Texts(Mapping[Key, str]):
    """The texts of a version, read from git when they are first looked at.

    Instructions are read together, and so are conflicts: whoever wants one soon wants them all.
    """

    def __init__(
        self, texts: Callable[[Sequence[str]], list[str]], files: Mapping[Key, str]
    ) -> None:
        self._texts, self._files = texts, files
        self._read: dict[Key, str] = {}

    def __getitem__(self, key: Key) -> str:
        if key not in self._read:
            together = key[0] in (INSTRUCTIONS, CONFLICTS) and key in self._files
            keys = [k for k in self._files if k[0] == key[0]] if together else [key]
            oids = [self._files[k] for k in keys]
            self._read.update(zip(keys, self._texts(oids), strict=True))
        return self._read[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, key: object) -> bool:
        return key in self._files


PAGE = "README.md"
"""The file that forges show; it is no record."""


def write_files(
    writer: TreeWriter, files: Mapping[Key, str], beside: Mapping[str, str] | None = None
) -> str:
    """Write the tree that has these blobs, `beside` the folders too, and return its id."""
    folders: dict[str, list[tuple[str, str, str]]] = {}
    for (collection, name), oid in files.items():
        file = file_of((collection, name)).partition("/")[2]
        folders.setdefault(collection, []).append(("100644", oid, file))
    top = [("040000", writer.write(entries), name) for name, entries in folders.items()]
    top += [("100644", oid, name) for name, oid in (beside or {}).items()]
    return writer.write(top)
