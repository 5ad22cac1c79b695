"""Which file of a version is which record's, whatever the layout. Runs nothing."""

from __future__ import annotations

from urllib.parse import quote, unquote

from tractatus_merge.core.model.state import SESSIONS, Key

SUMMARIES = "summaries"
"""The folder of SESSIONS since layout 2 (see `tree`)."""


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
