"""The texts of a line's records in one file: git takes as long for ten as that takes for all.

They are known by their object ids, so what is in the file is never out of date. It is disposable:
one that is not whole counts for nothing, and one that cannot be written is not missed.

| line | what it says |
| --- | --- |
| 1 | `tractatus-merge texts 1` and the SHA-256 of all that follows |
| 2 | object id and length in bytes of each text: `OID:LENGTH`, a space between two |
| others | the texts, one behind the other |
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Mapping
from mmap import mmap
from pathlib import Path

from tractatus_merge.system import files, plain_file

MANY = 64
"""So many texts to be read are looked for in the file; so many that are not there are put there."""
_FIRST = "tractatus-merge texts 1 {}\n"


def texts_file(common_dir: Path, branch: str) -> Path:
    """Where the texts of a branch are kept."""
    return common_dir / "tractatus" / f"texts-{files.digest(branch.encode())}"


def read(path: Path, wanted: Collection[str]) -> dict[str, str]:
    """The texts that are wanted, by their ids, as far as they are there."""
    try:
        with plain_file.mapped(path) as data:
            return _read(data, wanted)
    except OSError:  # nothing was kept yet, or it is not for us
        return {}


def _read(data: mmap, wanted: Collection[str]) -> dict[str, str]:
    start = data.find(b"\n") + 1
    if data[:start] != _first(memoryview(data)[start:]):
        return {}
    end = data.find(b"\n", start)
    words = data[start:end].decode().replace(":", " ").split()
    at, found = end + 1, {}
    for oid, length in zip(words[::2], map(int, words[1::2]), strict=True):
        if oid in wanted:
            found[oid] = data[at : at + length].decode()
        at += length
    return found


def write(path: Path, texts: Mapping[str, str]) -> None:
    """Keep some texts, in place of those that are there."""
    contents = {oid: text.encode() for oid, text in texts.items()}
    entries = " ".join(f"{oid}:{len(content)}" for oid, content in contents.items())
    data = b"".join((entries.encode(), b"\n", *contents.values()))
    with contextlib.suppress(OSError):  # a disk that is full, a folder that is not ours
        if path.parent.is_dir():
            files.replace(path, _first(data) + data)


def _first(data: bytes | memoryview) -> bytes:
    return _FIRST.format(hashlib.sha256(data).hexdigest()).encode()
