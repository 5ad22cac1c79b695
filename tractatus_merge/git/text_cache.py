"""The texts of a line's instructions in one file: git takes as long for ten as that takes for all.

They are those of one folder, known by its tree's id, so what is in the file is never out of date:
of another folder only what it has otherwise is read from git. The file is disposable: one that is
not whole counts for nothing, and one that cannot be written is not missed.

| line | what it says |
| --- | --- |
| 1 | `tractatus-merge texts 2` and the SHA-256 of all that follows |
| 2 | as JSON: the folder's tree, the instructions' ids, sorted, and how many bytes each text has |
| others | the texts, one behind the other |
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from mmap import mmap
from pathlib import Path
from typing import NamedTuple

from tractatus_merge.system import files, plain_file

MANY = 64
"""So many texts that are not in the file are put there."""
_FIRST = "tractatus-merge texts 2 {}\n"


class Kept(NamedTuple):
    """The texts of the instructions in a folder, by id, sorted."""

    folder: str
    texts: Mapping[str, str]


class TextCache:
    """The texts that were read last, in memory, and from time to time in the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: Kept | None = None
        self._is_read = False

    def newest(self) -> Kept | None:
        """What was kept last; None where nothing was."""
        if not self._is_read:
            self._kept, self._is_read = read(self._path), True
        return self._kept

    def keep(self, kept: Kept, news: int) -> None:
        """Keep some texts, in place of those that are there, which had `news` of them otherwise."""
        if news >= MANY:
            write(self._path, kept)
        self._kept, self._is_read = kept, True


def texts_file(common_dir: Path, branch: str) -> Path:
    """Where the texts of a branch are kept."""
    return common_dir / "tractatus" / f"texts-{files.digest(branch.encode())}"


def read(path: Path) -> Kept | None:
    """What the file keeps; None where it keeps nothing."""
    try:
        with plain_file.mapped(path) as data:
            return _read(data)
    except OSError:  # nothing was kept yet, or it is not for us
        return None


def _read(data: mmap) -> Kept | None:
    start = data.find(b"\n") + 1
    if data[:start] != _first(memoryview(data)[start:]):
        return None
    at = data.find(b"\n", start) + 1
    said, texts = json.loads(data[start:at]), {}
    for name, length in zip(said["ids"], said["lengths"], strict=True):
        texts[name] = data[at : at + length].decode()
        at += length
    return Kept(said["folder"], texts)


def write(path: Path, kept: Kept) -> None:
    """Keep some texts in the file, in place of those that are there."""
    contents = [text.encode() for text in kept.texts.values()]
    said = {"folder": kept.folder, "ids": [*kept.texts], "lengths": [*map(len, contents)]}
    data = b"".join((json.dumps(said).encode(), b"\n", *contents))
    with contextlib.suppress(OSError):  # a disk that is full, a folder that is not ours
        if path.parent.is_dir():
            files.replace(path, _first(data) + data)


def _first(data: bytes | memoryview) -> bytes:
    return _FIRST.format(hashlib.sha256(data).hexdigest()).encode()
