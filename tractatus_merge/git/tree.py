"""A version's tree: a folder a collection, a file a record; read lazily, and only changes written.

| layout | summaries of sessions are in | a folder of many records |
| --- | --- | --- |
| 1 | `sessions/` | holds them all |
| 2 | `summaries/`, which is there even if empty | is divided: `instructions/3/f/inst_001.json` |

A folder that would hold more than FEW files is divided by a digit of the hash of each file's name,
and what is in it again, by the next digit. So a tree depends on nothing but the records in it, and
a change writes one small folder a digit. Programs before layout 2 do not take `summaries` for ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tractatus_merge.core.model.state import (
    COLLECTIONS,
    DOCUMENT,
    HEADER,
    LAYOUT,
    SESSIONS,
    Key,
)
from tractatus_merge.errors import Missing
from tractatus_merge.git.paths import (
    SUMMARIES,
    collection_of,
    digits_of,
    file_name,
    folder_of,
    name_of,
)
from tractatus_merge.git.plumbing import FILE, FOLDER, Plumbing, Tree
from tractatus_merge.git.version_files import DIGITS, Read, files_in

NEWEST = 2
"""The layout of lines that begin today."""
FEW = 128
"""So many files a folder holds at most; a forge shows them on one page."""
_PLAIN = re.compile(r"[\w.~-]+\.json", re.ASCII)
"""File names that are plainly as `file_name` writes them."""

Folder = tuple[str, str, bool]
"""A folder: where it is, its tree, and whether its version divides folders."""


PAGE = "README.md"
"""The file that forges show; it is no record."""


def layout_of(top: Tree) -> int:
    """The layout of a version, by its tree."""
    return 2 if any(name == SUMMARIES for _, _, name in top) else 1


def is_history(top: Tree, read: Read, *, published: bool) -> bool:
    """Whether a tree is a version of a history, be it that of a later program, and no other work.

    A folder that this program does not know is a collection of a later one where it holds nothing
    but records, in a version that says of itself what it is: by the two records that every history
    has of its document, else (`published`) by the words of a program in its commit.
    """
    folders = {name: oid for mode, oid, name in top if mode == FOLDER}
    if not folders or any(mode != FOLDER and name != PAGE for mode, _, name in top):
        return False
    unknown = folders.keys() - {*COLLECTIONS, SUMMARIES}
    if not unknown:
        return True
    document = {row[2] for row in read(folders[DOCUMENT])} if DOCUMENT in folders else set()
    if not (published or document >= _MARK):
        return False
    look = _Look(read, divides=layout_of(top) > 1)
    return not any(look.fault_in(folder, folders[folder]) for folder in unknown)


_MARK = {file_name(name) for name in (HEADER, LAYOUT)}


def must_be_ours(
    top: Tree, read: Read, sound: dict[Folder, int] | None = None, known: Tree = ()
) -> None:
    """Missing, naming the file, for a tree that is not made as `write_version` makes them.

    `sound` are folders that were looked at before, with how many records they hold at least; it
    grows. `known` is a tree that is made so: what stands in both is not looked at.
    """
    if not top:
        raise Missing("it holds nothing.", hint="git fsck")
    look = _Look(read, divides=layout_of(top) > 1, sound=sound)
    look.all_are(top, "", lambda name: FILE if name == PAGE else FOLDER)
    alike = layout_of(known) == layout_of(top)
    there = {name: oid for _, oid, name in known if name != PAGE} if alike else {}
    for _, oid, folder in sorted(top, key=lambda row: row[2]):
        if folder != PAGE and there.get(folder) != oid:
            look.must_be_collection(folder, oid, there.get(folder))


class _Look:
    """A look at folders of records: what is not as this program writes it raises Missing."""

    def __init__(
        self, read: Read, *, divides: bool, sound: dict[Folder, int] | None = None
    ) -> None:
        self._read, self._divides = read, divides
        self._sound = {} if sound is None else sound

    def fault_in(self, folder: str, oid: str) -> bool:
        """Whether a folder is no collection's."""
        try:
            self.must_be_collection(folder, oid)
        except Missing:
            return True
        return False

    def must_be_collection(self, folder: str, oid: str, known: str | None = None) -> None:
        """Missing for a folder that is no collection's, or not wholly; `known` is one there."""
        if folder not in (SUMMARIES, folder_of(collection_of(folder))):
            raise _fault(folder, "no collection's folder has such a name")
        self._records(f"{folder}/", oid, "", known)
        if folder == SESSIONS and self._divides:
            file = next((file for file, _ in files_in(oid, self._read)), "")
            raise _fault(f"{folder}/{file}", f"summaries are in {SUMMARIES}/ here")

    def _records(self, where: str, oid: str, digits: str, known: str | None = None) -> int:
        """How many records a folder holds at least, all of them in their places."""
        folder = where, oid, self._divides
        if folder not in self._sound:
            self._sound[folder] = self._count(where, oid, digits, known)
        return self._sound[folder]

    def _count(self, where: str, oid: str, digits: str, known: str | None) -> int:
        rows = self._read(oid)
        if self._divides and _is_divided(rows):
            self.all_are(rows, where, lambda name: FOLDER if name in DIGITS else FILE)
            stray = next((name for mode, _, name in rows if mode == FILE), None)
            if stray is not None:
                raise _fault(where + stray, "it is not in the folder of its digit")
            there = {name: inner for _, inner, name in self._read(known)} if known else {}
            many = 0
            for _, inner, n in sorted(rows, key=lambda row: there.get(row[2]) == row[1]):
                was = there.get(n)
                if was != inner or many <= FEW:  # what is known is only counted, up to enough
                    many += self._records(f"{where}{n}/", inner, digits + n, was)
            if many <= FEW:
                raise _fault(where.rstrip("/"), "it is divided, and holds only a few files")
            return many
        self.all_are(rows, where, lambda _: FILE)
        for _, _, name in rows:
            if not _PLAIN.fullmatch(name) and file_name(name_of(name)) != name:
                raise _fault(where + name, "no record's file has such a name")
            if digits and not digits_of(name).startswith(digits):
                raise _fault(where + name, "it is not in the folder of its digit")
        if self._divides and len(rows) > FEW:
            raise _fault(where.rstrip("/"), "it holds too many files, and is not divided")
        return len(rows)

    @staticmethod
    def all_are(tree: Tree, where: str, wanted: Callable[[str], str]) -> None:
        """Missing for what is of another kind than it should be, or is there twice."""
        seen: set[str] = set()
        for mode, _, name in tree:
            if mode != wanted(name):
                raise _fault(where + name, f"it is {_KINDS.get(mode, f'of the mode {mode}')}")
            if name in seen:
                raise _fault(where + name, "it is there twice")
            seen.add(name)


def _fault(path: str, why: str) -> Missing:
    """What is wrong where; a name can be printed, whatever its bytes."""
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Missing(f"{shown}: {why}.", hint="git fsck")


_KINDS = {
    FILE: "a file",
    FOLDER: "a folder",
    "100755": "an executable file",
    "120000": "a symbolic link",
    "160000": "another repository",
}


def write_version(
    git: Plumbing, read: Read, known: Tree, changed: Mapping[Key, str | None], layout: int
) -> list[tuple[str, str, str]]:
    """Write the folders of a version that is another (`known`) but for some records' blobs.

    The rows of its top, without those that are no folder's. What is not changed is not read.
    """
    folders: dict[str, dict[str, str | None]] = {}
    for (collection, name), oid in changed.items():
        new = collection == SESSIONS and layout > 1
        folder = SUMMARIES if new else folder_of(collection)
        folders.setdefault(folder, {})[file_name(name)] = oid
    tops = {name: oid for mode, oid, name in known if mode == FOLDER}
    if layout > 1:
        folders.setdefault(SUMMARIES, {})
    writer = _Writer(git, read, divides=layout > 1)
    for folder, files in folders.items():
        rows = writer.rows(tops.get(folder), files, 0)
        if rows or folder == SUMMARIES:
            (tops[folder],) = git.write_trees([rows])
        else:
            tops.pop(folder, None)
    return [(FOLDER, oid, name) for name, oid in tops.items()]


class _Writer:
    """Writes folders of records, of which only those that change."""

    def __init__(self, git: Plumbing, read: Read, *, divides: bool) -> None:
        self._git, self._read, self._divides = git, read, divides

    def rows(
        self, known: str | None, changed: Mapping[str, str | None], depth: int
    ) -> list[tuple[str, str, str]]:
        """The rows of a folder that is a known one but for some files; its folders are written."""
        rows = list(self._read(known)) if known else []
        if self._divides and _is_divided(rows):
            if None not in changed.values():
                return self._divided({name: oid for _, oid, name in rows}, changed, depth)
            assert known
            rows = [(FILE, oid, file) for file, oid in files_in(known, self._read)]
        files = {name: oid for _, oid, name in rows}
        for name, oid in changed.items():
            if oid is None:
                files.pop(name, None)
            else:
                files[name] = oid
        if self._divides and len(files) > FEW:
            return self._divided({}, files, depth)
        return [(FILE, oid, name) for name, oid in files.items()]

    def _divided(
        self, known: dict[str, str], changed: Mapping[str, str | None], depth: int
    ) -> list[tuple[str, str, str]]:
        """The rows of a folder of folders, a digit each."""
        parts: dict[str, dict[str, str | None]] = {}
        for name, oid in changed.items():
            parts.setdefault(digits_of(name)[depth], {})[name] = oid
        trees = [self.rows(known.get(digit), files, depth + 1) for digit, files in parts.items()]
        oids = self._git.write_trees(trees)
        folders = {**known, **dict(zip(parts, oids, strict=True))}
        return [(FOLDER, oid, digit) for digit, oid in folders.items()]


def _is_divided(rows: Tree) -> bool:
    return any(mode == FOLDER and name in DIGITS for mode, _, name in rows)
