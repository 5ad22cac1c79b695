"""How records stand in documents: many in one, and a long text in several. No document is large.

A document holds `records`, each `{collection, id, text}`. Where `more` is true, the text goes on in
the next one, of this document or the following. `text` is null where a version takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tractatus_merge.core.model.state import Key

Document = dict[str, Any]

MOST = 2**20
"""So many characters are in one document at most: 4 MiB of them, whatever they are."""
_OVERHEAD = 64
"""What a record takes beside its text and its id, in characters."""


def packed(records: Mapping[Key, str | None]) -> Iterator[list[Document]]:
    """The `records` of each document that is needed, in order; at least one."""
    document: list[Document] = []
    size = 0
    for key in sorted(records):
        for piece in _pieces(key, records[key]):
            added = len(piece["text"] or "") + len(key[1]) + _OVERHEAD
            if document and size + added > MOST:
                yield document
                document, size = [], 0
            document.append(piece)
            size += added
    yield document


def _pieces(key: Key, text: str | None) -> Iterator[Document]:
    kind, name = (as_bson(word) for word in key)
    record: Document = {"collection": kind, "id": name}
    if text is None:
        yield {**record, "text": None}
        return
    for at in range(0, max(len(text), 1), MOST):
        piece = {**record, "text": as_bson(text[at : at + MOST])}
        yield {**piece, "more": True} if at + MOST < len(text) else piece


def unpacked(documents: Iterable[Document]) -> Iterator[tuple[Key, str | None]]:
    """The records of documents, in the documents' order."""
    begun = ""
    for document in documents:
        for record in document["records"]:
            if record["text"] is None:
                yield key_of(record), None
                continue
            begun += as_text(record["text"])
            if not record.get("more"):
                yield key_of(record), begun
                begun = ""


def key_of(record: Document) -> Key:
    """The key of a record in a document."""
    return as_text(record["collection"]), as_text(record["id"])


def as_bson(text: str) -> str | bytes:
    """A text as MongoDB takes it: its bytes, if there is half a surrogate pair in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def as_text(value: str | bytes) -> str:
    """The text that `as_bson` wrote."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")
