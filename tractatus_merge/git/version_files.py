"""The records of a version of git's line, read where they are looked at; how two differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, ByCollection, Key
from tractatus_merge.errors import Missing
from tractatus_merge.git.paths import collection_in, digits_of, file_name, name_of
from tractatus_merge.git.plumbing import FOLDER, Tree
from tractatus_merge.git.text_cache import Kept, TextCache

DIGITS = frozenset("0123456789abcdef")
"""The names of the folders that a folder is divided into."""

Read = Callable[[str], Tree]
"""Gives the rows of a tree."""


class Reader(Protocol):
    """Reads trees, and knows those that it has read."""

    def tree(self, name: str, /) -> Tree:
        """The rows of a tree; Missing where it is missing."""

    def level(self, names: Sequence[str], /) -> None:
        """Read some trees at once, for they will be asked for; what is missing is told then."""

    def ahead(self, folders: Sequence[str], /) -> None:
        """Read folders of records and those that they are divided into, as `level` does."""


class Files(Mapping[Key, str]):
    """The blob of each record of a version; what is no file is passed over.

    A collection is read when it is looked through, a folder of it when a record of it is asked for.
    """

    def __init__(self, top: Tree, reader: Reader) -> None:
        self._reader = reader
        self._folders: dict[str, list[str]] = {}
        for mode, oid, folder in top:
            if mode == FOLDER:
                self._folders.setdefault(collection_in(folder), []).append(oid)
        self._whole: dict[str, dict[str, str]] = {}

    def of(self, collection: str) -> dict[str, str]:
        """The blobs of one collection, by name, sorted: whoever sorts them again has no work."""
        if collection not in self._whole:
            folders = self._folders.get(collection, ())
            self._reader.ahead(folders)
            files = (file for oid in folders for file in files_in(oid, self._reader.tree))
            found = {name_of(file): blob for file, blob in files}
            self._whole[collection] = {name: found[name] for name in sorted(found)}
        return self._whole[collection]

    def folder(self, collection: str) -> str:
        """The tree of the one folder that holds a collection; none where it is in none, or two."""
        folders = self._folders.get(collection, ())
        return folders[0] if len(folders) == 1 else ""

    def are_plain(self, collection: str) -> bool:
        """Whether each file of a collection has the name that its record's has with us."""
        folders = self._folders.get(collection, ())
        files = (file for oid in folders for file, _ in files_in(oid, self._reader.tree))
        return all(map(_is_plain, files))

    def since(self, collection: str, known: str) -> tuple[dict[str, str], set[str]] | None:
        """What a collection has otherwise than a folder whose files were plain, or besides.

        By id, with the blobs; and the ids of what it has no more. None where that cannot be told:
        a folder is gone, or a file is not plain.
        """
        try:
            new, old = _differing(self.folder(collection), known, self._reader)
        except Missing:
            return None
        if not all(map(_is_plain, new)):
            return None
        gone = {name_of(file) for file in old if file not in new}
        return {name_of(file): new[file] for file in new if old.get(file) != new[file]}, gone

    def get(self, key: Key, default: Any = None) -> Any:
        """The blob of a record, or what is given where there is none."""
        collection, name = key
        if collection in self._whole:
            return self._whole[collection].get(name, default)
        file = file_name(name)
        found = [
            _blob_of(file, oid, self._reader.tree) for oid in self._folders.get(collection, ())
        ]
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
    `known` are texts that need not be read, None for a record that is not to be seen; `cache` keeps
    those of the instructions.
    """

    def __init__(
        self,
        texts: Callable[[Sequence[str]], list[str]],
        files: Files,
        known: Mapping[Key, str | None],
        cache: TextCache,
    ) -> None:
        self._texts, self._files, self._cache = texts, files, cache
        self._read = {key: text for key, text in known.items() if text is not None}
        self._hidden = {key for key, text in known.items() if text is None}
        self._whole: dict[str, Mapping[str, str]] = {}

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

    def texts(self, collection: str) -> Mapping[str, str]:
        """The texts of one collection by id, sorted; they are read together."""
        if collection not in self._whole:
            found = self._all(collection)
            known = {name: text for (kind, name), text in self._read.items() if kind == collection}
            hidden = {name for kind, name in self._hidden if kind == collection}
            if known or hidden:
                found = {**found, **known}
                found = {name: found[name] for name in sorted(found.keys() - hidden)}
            self._whole[collection] = found
        return self._whole[collection]

    def _all(self, collection: str) -> Mapping[str, str]:
        """The texts of one collection by id, sorted; of the instructions those that were kept."""
        if collection != INSTRUCTIONS:
            return self._some(self._files.of(collection))
        folder, since = self._files.folder(collection), self._since_kept()
        if since is None:
            found = self._some(self._files.of(collection))
            if folder and self._files.are_plain(collection):
                self._cache.keep(Kept(folder, found), len(found))
            return found
        kept, new, gone = since
        found = {**kept.texts, **self._some(new)}
        if gone or len(found) > len(kept.texts):
            found = {name: found[name] for name in sorted(found.keys() - gone)}
        self._cache.keep(Kept(folder, found), len(new))
        return found

    def _since_kept(self) -> tuple[Kept, Mapping[str, str], set[str]] | None:
        """What was kept of the instructions, the blobs of others, by id, and what is gone by now.

        None where nothing was kept, or nothing can be told from it.
        """
        kept, folder = self._cache.newest(), self._files.folder(INSTRUCTIONS)
        if not (kept and folder):
            return None
        if kept.folder == folder:
            return kept, {}, set()
        since = self._files.since(INSTRUCTIONS, kept.folder)
        return None if since is None else (kept, *since)

    def _some(self, blobs: Mapping[str, str]) -> dict[str, str]:
        return dict(zip(blobs, self._texts([*blobs.values()]), strict=True))

    def names(self, collection: str) -> Iterable[str]:
        """The ids of one collection."""
        if collection in self._whole:
            return self._whole[collection]
        hidden = {name for kind, name in self._hidden if kind == collection}
        since = self._since_kept() if collection == INSTRUCTIONS else None
        if since is not None:
            kept, new, gone = since
            return (kept.texts.keys() | new.keys()) - gone - hidden
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


def changed_files(top: Tree, known: Tree, reader: Reader) -> dict[Key, str]:
    """The blobs of the records that a version has otherwise than a known one, or besides."""
    folders = {name: oid for mode, oid, name in top if mode == FOLDER}
    there = {name: oid for mode, oid, name in known if mode == FOLDER}
    new, old = dict[Key, str](), dict[Key, str]()
    for folder in [*folders, *(there.keys() - folders)]:
        if folders.get(folder) != there.get(folder):
            kind = collection_in(folder)
            differing = _differing(folders.get(folder), there.get(folder), reader)
            for found, files in zip((new, old), differing, strict=True):
                found.update(((kind, name_of(file)), blob) for file, blob in files.items())
    return {key: blob for key, blob in new.items() if old.get(key) != blob}


def _differing(
    folder: str | None, known: str | None, reader: Reader
) -> tuple[dict[str, str], dict[str, str]]:
    """The files that each of two folders has and the other has not at its place, with their blobs.

    What is below them is read a level at once.
    """
    new, old = dict[str, str](), dict[str, str]()
    level = [(folder, known)]
    while level:
        reader.level([oid for pair in level for oid in pair if oid])
        inner: list[tuple[str | None, str | None]] = []
        for pair in level:
            ours, theirs = (_parted(reader.tree(oid) if oid else ()) for oid in pair)
            new.update(ours[0].items() - theirs[0].items())
            old.update(theirs[0].items() - ours[0].items())
            digits = {digit for digit, _ in ours[1].items() ^ theirs[1].items()}
            inner += [(ours[1].get(digit), theirs[1].get(digit)) for digit in sorted(digits)]
        level = inner
    return new, old


def _parted(rows: Tree) -> tuple[dict[str, str], dict[str, str]]:
    """The files of a folder of records, and the folders that it is divided into."""
    files = {name: oid for mode, oid, name in rows if mode.startswith("100")}
    return files, {name: oid for mode, oid, name in rows if mode == FOLDER and name in DIGITS}


def _is_plain(file: str) -> bool:
    return file_name(name_of(file)) == file


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
