"""The records of a version of git's line, read where they are looked at; how two differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, ByCollection, Key
from tractatus_merge.git.paths import collection_in, digits_of, file_name, name_of
from tractatus_merge.git.plumbing import FOLDER, Tree

DIGITS = frozenset("0123456789abcdef")
"""The names of the folders that a folder is divided into."""

Read = Callable[[str], Tree]
"""Gives the rows of a tree."""


class Files(Mapping[Key, str]):
    """The blob of each record of a version; what is no file is passed over.

    A collection is read when it is looked through, a folder of it when a record of it is asked for.
    `ahead` is told of the folders that will be read with all that is below them.
    """

    def __init__(
        self, top: Tree, read: Read, ahead: Callable[[Sequence[str]], None] = lambda _: None
    ) -> None:
        self._read, self._ahead = read, ahead
        self._folders: dict[str, list[str]] = {}
        for mode, oid, folder in top:
            if mode == FOLDER:
                self._folders.setdefault(collection_in(folder), []).append(oid)
        self._whole: dict[str, dict[str, str]] = {}

    def of(self, collection: str) -> dict[str, str]:
        """The blobs of one collection, by name, sorted: whoever sorts them again has no work."""
        if collection not in self._whole:
            folders = self._folders.get(collection, ())
            self._ahead(folders)
            files = (file for oid in folders for file in files_in(oid, self._read))
            found = {name_of(file): blob for file, blob in files}
            self._whole[collection] = {name: found[name] for name in sorted(found)}
        return self._whole[collection]

    def get(self, key: Key, default: Any = None) -> Any:
        """The blob of a record, or what is given where there is none."""
        collection, name = key
        if collection in self._whole:
            return self._whole[collection].get(name, default)
        file = file_name(name)
        found = [_blob_of(file, oid, self._read) for oid in self._folders.get(collection, ())]
        return next((blob for blob in found if blob), default)

    def __getitem__(self, key: Key) -> str:
        blob = self.get(key)
        if blob is None:
            raise KeyError(key)
        return str(blob)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and self.get(key) is not None

    def __iter__(self) -> Iterator[Key]:
        return ((collection, name) for collection in self._folders for name in self.of(collection))

    def __len__(self) -> int:
        return sum(len(self.of(collection)) for collection in self._folders)


class Texts(ByCollection):
    """The texts of a version, read from git when they are first looked at.

    Instructions are read together, and so are conflicts: whoever wants one soon wants them all.
    `known` are texts that need not be read, None for a record that is not to be seen.
    """

    def __init__(
        self,
        texts: Callable[[Sequence[str]], list[str]],
        files: Files,
        known: Mapping[Key, str | None],
    ) -> None:
        self._texts, self._files = texts, files
        self._read = {key: text for key, text in known.items() if text is not None}
        self._hidden = {key for key, text in known.items() if text is None}
        self._whole: dict[str, dict[str, str]] = {}

    def get(self, key: Key, default: Any = None) -> Any:
        """The text of a record, or what is given where there is none."""
        whole = self._whole.get(key[0])
        return super().get(key, default) if whole is None else whole.get(key[1], default)

    def __getitem__(self, key: Key) -> str:
        collection, name = key
        if collection in (INSTRUCTIONS, CONFLICTS):
            return self.texts(collection)[name]
        if key in self._hidden:
            raise KeyError(key)
        if key not in self._read:
            self._read[key] = self._texts([self._files[key]])[0]
        return self._read[key]

    def texts(self, collection: str) -> dict[str, str]:
        """The texts of one collection by id; they are read together."""
        if collection not in self._whole:
            oids = self._files.of(collection)
            found = dict(zip(oids, self._texts([*oids.values()]), strict=True))
            known = {name: text for (kind, name), text in self._read.items() if kind == collection}
            hidden = {name for kind, name in self._hidden if kind == collection}
            found = {**found, **known} if known else found
            self._whole[collection] = {n: found[n] for n in found if n not in hidden}
        return self._whole[collection]

    def names(self, collection: str) -> Iterable[str]:
        """The ids of one collection."""
        hidden = {name for kind, name in self._hidden if kind == collection}
        found = self._files.of(collection)
        return [name for name in found if name not in hidden] if hidden else found

    def __iter__(self) -> Iterator[Key]:
        return (key for key in self._files if key not in self._hidden)

    def __len__(self) -> int:
        return len(self._files) - len(self._hidden)

    def __contains__(self, key: object) -> bool:
        return key not in self._hidden and key in self._files


def files_in(folder: str, read: Read) -> Iterator[tuple[str, str]]:
    """The name and blob of each file below a folder of a collection."""
    for mode, oid, name in read(folder):
        if mode.startswith("100"):
            yield name, oid
        elif mode == FOLDER and name in DIGITS:
            yield from files_in(oid, read)


def _blob_of(file: str, folder: str, read: Read) -> str | None:
    """The blob of a file below a folder of a collection, or None."""
    for depth in range(len(DIGITS)):
        rows = read(folder)
        found = next((oid for mode, oid, name in rows if name == file and mode != FOLDER), None)
        if found is not None:
            return found
        digit = digits_of(file)[depth]
        inner = next((oid for mode, oid, name in rows if name == digit and mode == FOLDER), None)
        if inner is None:
            return None
        folder = inner
    return None


def changed_files(top: Tree, known: Tree, read: Read) -> dict[Key, str]:
    """The blobs of the records that a version has otherwise than a known one, or besides."""
    folders = {name: oid for mode, oid, name in top if mode == FOLDER}
    there = {name: oid for mode, oid, name in known if mode == FOLDER}
    found: list[dict[Key, str]] = []
    for ours, theirs in ((folders, there), (there, folders)):
        found.append({})
        for folder, oid in ours.items():
            if theirs.get(folder) != oid:
                other = read(theirs[folder]) if folder in theirs else ()
                files = _other_files(read(oid), other, read)
                kind = collection_in(folder)
                found[-1].update(((kind, name_of(file)), blob) for file, blob in files)
    new, old = found
    return {key: blob for key, blob in new.items() if old.get(key) != blob}


def _other_files(rows: Tree, known: Tree, read: Read) -> Iterator[tuple[str, str]]:
    """The name and blob of each file that a known folder has not at its place."""
    files = {(name, oid) for mode, oid, name in known if mode != FOLDER}
    folders = {name: oid for mode, oid, name in known if mode == FOLDER}
    for mode, oid, name in rows:
        if mode == FOLDER and name in DIGITS and folders.get(name) != oid:
            inner = read(folders[name]) if name in folders else ()
            yield from _other_files(read(oid), inner, read)
        elif mode.startswith("100") and (name, oid) not in files:
            yield name, oid


def news_of(
    trees: Iterable[tuple[Tree, Tree]], read: Callable[[Collection[str]], Mapping[str, Tree]]
) -> Iterator[str]:
    """The blobs of trees that a known one, beside each, has not at their places.

    Every other folder is read, all those of one depth at once.
    """
    level = list(trees)
    while level:
        inner: list[tuple[str, str | None]] = []
        for tree, known in level:
            files = {(name, oid) for mode, oid, name in known if mode != FOLDER}
            folders = {name: oid for mode, oid, name in known if mode == FOLDER}
            for mode, oid, name in tree:
                if mode == FOLDER and folders.get(name) != oid:
                    inner.append((oid, folders.get(name)))
                elif mode.startswith("100") and (name, oid) not in files:
                    yield oid
        rows = read({oid for pair in inner for oid in pair if oid is not None})
        level = [(rows[oid], rows[known] if known else ()) for oid, known in inner]
