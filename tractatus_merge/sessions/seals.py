"""What a merge brings of a session's copy, as the folder keeps it: what is otherwise than the base.

A copy may be large, and what was written in it is not. Pure.
"""

from __future__ import annotations

from collections.abc import Collection

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import same
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.history_file import Document
from tractatus_merge.value import Value, replace

_HINT = "tractatus-merge doctor"


class Seal(Value):
    """Base and copy of a merge, with those of their records alone that differ, or were asked for.

    What the base alone has was absent from the copy.
    """

    base: Document
    copy: Document

    def within(self, whole: Document) -> tuple[Document, Document]:
        """Base and copy as they were, where all else is as in a whole document."""
        base = {**whole.records, **self.base.records}
        gone = self.base.records.keys() - self.copy.records.keys()
        copy = {name: record for name, record in base.items() if name not in gone}
        new = self.copy.records.keys() - self.base.records.keys()
        for name in new:
            base.pop(name, None)
        copy.update(self.copy.records)
        return replace(self.base, records=base), replace(self.copy, records=copy)


def sealed(base: Document, copy: Document, also: Collection[str] = ()) -> Seal:
    """What a copy has otherwise than its base, and what is asked for beside."""
    names = {*also, *(name for name in base.records if name not in copy.records)}
    names |= {name for name, record in copy.records.items() if _differs(base, name, record)}
    return Seal(_only(base, names), _only(copy, names))


def to_bytes(seal: Seal) -> bytes:
    """As the folder keeps it: two history files, as texts."""
    said = {"base": seal.base, "copy": seal.copy}
    texts = {name: history_file.write(document).decode() for name, document in said.items()}
    return json_text.dump(texts).encode()


def from_bytes(data: bytes, file: str) -> Seal:
    """Read what `to_bytes` wrote; DocumentError for anything else."""
    try:
        said = json_text.parse(data.decode())
        texts = [said[name].encode() for name in ("base", "copy")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise DocumentError(file, None, "it is not what a merge keeps", hint=_HINT) from None
    return Seal(*(history_file.read(text, file) for text in texts))


def _only(document: Document, names: Collection[str]) -> Document:
    records = {name: record for name, record in document.records.items() if name in names}
    return replace(document, records=records)


def _differs(base: Document, name: str, record: Record) -> bool:
    """Whether a record is not the base's: laid out otherwise, or without its stamp, it is."""
    there = base.records.get(name)
    if there is None or record.text == there.text:
        return there is None
    is_it = not record.stamped or record.vector == there.vector
    return not (is_it and same(record.content, there.content))
