"""A version's tree: one folder a collection, one file a record; read lazily, written in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tractatus_merge.core.model.state import (
    COLLECTIONS,
    CONFLICTS,
    DOCUMENT,
    HEADER,
    INSTRUCTIONS,
    LAYOUT,
    Key,
)
from tractatus_merge.errors import StoreError
from tractatus_merge.git.log import collection_of, file_of, folder_of, name_of
from tractatus_merge.git.plumbing import FILE, FOLDER, Plumbing, Tree


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


def files_of(top: Tree, read: Callable[[str], Tree]) -> dict[Key, str]:
    """The blob of each record of a version; what is no file is passed over."""
    files: dict[Key, str] = {}
    for mode, oid, folder in top:
        collection = collection_of(folder)
        for kind, blob, name in read(oid) if mode == FOLDER else ():
            if kind.startswith("100"):
                files[collection, name_of(name)] = blob
    return files


def is_history(top: Tree, read: Callable[[str], Tree], *, published: bool) -> bool:
    """Whether a tree is a version of a history, be it that of a later program, and no other work.

    A folder that this program does not know is a collection of a later one where it holds nothing
    but records, in a version that says of itself what it is: by the two records that every history
    has of its document, else (`published`) by the words of a program in its commit.
    """
    folders = {name: oid for mode, oid, name in top if mode == FOLDER}
    if not folders or any(mode != FOLDER and name != PAGE for mode, _, name in top):
        return False
    unknown = folders.keys() - {*COLLECTIONS}
    if not unknown:
        return True
    document = {row[2] for row in read(folders[DOCUMENT])} if DOCUMENT in folders else set()
    if not (published or document >= _MARK):
        return False
    return all(not _fault_in(folder, read(folders[folder])) for folder in unknown)


_MARK = {file_of((DOCUMENT, name)).partition("/")[2] for name in (HEADER, LAYOUT)}


def must_be_ours(top: Tree, read: Callable[[str], Tree]) -> None:
    """StoreError, naming the file, for a tree that is not made as `write_files` makes them."""
    if not top:
        raise StoreError("it holds nothing.", hint="git fsck")
    rows = {name: (mode, oid) for mode, oid, name in top}
    why = _otherwise(top, "", lambda name: FILE if name == PAGE else FOLDER)
    for folder in sorted(rows.keys() - {PAGE}) if why is None else ():
        why = why or _fault_in(folder, read(rows[folder][1]))
    if why is not None:
        raise why


def _fault_in(folder: str, records: Tree) -> StoreError | None:
    """What in a collection's folder is no record; None where all are."""
    if folder_of(collection_of(folder)) != folder:
        return _fault(folder, "no collection's folder has such a name")
    why = _otherwise(records, f"{folder}/", lambda _: FILE)
    for _, _, name in records if why is None else ():
        if file_of((collection_of(folder), name_of(name))) != f"{folder}/{name}":
            return _fault(f"{folder}/{name}", "no record's file has such a name")
    return why


def _otherwise(tree: Tree, where: str, wanted: Callable[[str], str]) -> StoreError | None:
    """What in a tree is of another kind than it should be, or is there twice."""
    seen: set[str] = set()
    for mode, _, name in tree:
        if mode != wanted(name):
            return _fault(where + name, f"it is {_KINDS.get(mode, f'of the mode {mode}')}")
        if name in seen:
            return _fault(where + name, "it is there twice")
        seen.add(name)
    return None


def _fault(path: str, why: str) -> StoreError:
    """What is wrong where; a name can be printed, whatever its bytes."""
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return StoreError(f"{shown}: {why}.", hint="git fsck")


_KINDS = {
    FILE: "a file",
    FOLDER: "a folder",
    "100755": "an executable file",
    "120000": "a symbolic link",
    "160000": "another repository",
}


class Files(NamedTuple):
    """What a version's tree holds: the blob of each record, and `beside` the folders of others."""

    records: Mapping[Key, str]
    beside: Mapping[str, str]


def write_files(git: Plumbing, versions: Sequence[Files]) -> list[str]:
    """Write the trees of some versions, all their folders together, and return their ids."""
    folders: list[tuple[int, str, Tree]] = []
    for number, version in enumerate(versions):
        rows: dict[str, list[tuple[str, str, str]]] = {}
        for (collection, name), oid in version.records.items():
            file = file_of((collection, name)).partition("/")[2]
            rows.setdefault(collection, []).append((FILE, oid, file))
        folders += [(number, folder_of(name), entries) for name, entries in rows.items()]
    tops = [[(FILE, oid, name) for name, oid in version.beside.items()] for version in versions]
    oids = git.write_trees([tree for _, _, tree in folders])
    for (number, name, _), oid in zip(folders, oids, strict=True):
        tops[number].append((FOLDER, oid, name))
    return git.write_trees(tops)
