"""Which file of a version is which record's, whatever the layout. Runs nothing."""

from __future__ import annotations

import hashlib
from urllib.parse import quote, unquote

from tractatus_merge.core.model.state import SESSIONS, Key

SUMMARIES = "summaries"
"""The folder of SESSIONS since layout 2 (see `tree`)."""
_DEEPEST = 7
"""So many times the folder of two thousand million records is divided."""


def file_of(key: Key) -> str:
    """What a record's file is called where people read of it: `instructions/inst_001.json`."""
    return f"{folder_of(key[0])}/{file_name(key[1])}"


def file_name(name: str) -> str:
    """The name of a record's file, in whatever folder."""
    return f"{_quoted(name)}.json"


def folder_of(collection: str) -> str:
    """The folder of a collection, with nothing in its name that git or a file system minds."""
    folder = _quoted(collection).replace(".", "%2E").replace("~", "%7E")
    return f"%{ord(folder[0]):X}{folder[1:]}" if folder == SUMMARIES else folder


def digits_of(file: str) -> str:
    """The names of the folders that a file is in, as far as its folder is divided."""
    return hashlib.sha256(file.encode("utf-8", "surrogateescape")).hexdigest()


def places_of(collection: str, name: str | None) -> list[str]:
    """Where a collection is in any layout, or a record, however far its folder is divided."""
    tops = [folder_of(collection), *([SUMMARIES] if collection == SESSIONS else [])]
    if name is None:
        return tops
    file = file_name(name)
    ways = ["".join(f"{digit}/" for digit in digits_of(file)[:deep]) for deep in range(_DEEPEST)]
    return [f"{top}/{way}{file}" for top in tops for way in ways]


def key_of(path: str) -> Key:
    """The record of a file, whatever folders stand between its collection and it."""
    folder, _, file = path.partition("/")
    return collection_in(folder), name_of(file.rpartition("/")[2])


def collection_in(folder: str) -> str:
    """The collection of a folder in the top of a version's tree."""
    return SESSIONS if folder == SUMMARIES else collection_of(folder)


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="surrogatepass")


def name_of(file: str) -> str:
    """The id in a file's name; bytes that are no text become question marks in diamonds."""
    return collection_of(file.removesuffix(".json"))


def collection_of(folder: str) -> str:
    """The collection that a folder holds, as `name_of` reads an id."""
    if "%" not in folder and folder.isascii():  # as nearly all, of which there may be many
        return folder
    try:
        return unquote(folder, errors="surrogatepass")
    except UnicodeDecodeError:
        return unquote(folder, errors="replace")
