"""Whether a file that governs is whole, beside the files it was made from. Nothing is mended here.

An instruction is retired, never deleted: a file that lacks one which its parents have has lost it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tractatus_merge.core.record import Record
from tractatus_merge.core.vectors import Order
from tractatus_merge.documents import history
from tractatus_merge.documents.history import Document
from tractatus_merge.errors import DocumentError

ERROR, WARNING = "error", "warning"

Records = Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be: an error stops a commit, a warning is only said.

    `fix` is the command to type next; `line` counts from 1; `instruction` is the one it is about.
    """

    code: str
    message: str
    fix: str
    file: str = ""
    line: int | None = None
    severity: str = ERROR
    instruction: str = ""


def document_of(data: bytes, file: str) -> Document | Fault:
    """The history that a file holds, or why it is none."""
    try:
        return history.read(data, file)
    except DocumentError as error:
        return unreadable(error, file)


def unreadable(error: DocumentError, file: str) -> Fault:
    """A file that cannot be read, as a fault: markers and double ids have codes of their own."""
    code = "invalid"
    if "conflict markers" in error.why:
        code = "conflict-markers"
    elif error.why.startswith("two records"):
        code = "duplicate-id"
    return Fault(code, error.why, error.hint or f"git diff --cached -- {file}", file, error.line)


def lost(records: Records, before: Iterable[Records]) -> list[str]:
    """The instructions that one of those before has and these lack, in order."""
    known = dict.fromkeys(name for there in before for name in there)
    return [name for name in known if name not in records]


def older(records: Records, before: Iterable[Records]) -> Iterator[tuple[str, Record]]:
    """The instructions that are an earlier version of one before, with the newest of these."""
    newest: dict[str, Record] = {}
    for there in before:
        for name, record in there.items():
            known = newest.get(name)
            if known is None or known.vector.order(record.vector) is Order.BEFORE:
                newest[name] = record
    for name, record in records.items():
        known = newest.get(name)
        if known is not None and record.genuine and known.genuine and _is_before(record, known):
            yield name, known


def _is_before(record: Record, known: Record) -> bool:
    return record.vector.order(known.vector) is Order.BEFORE
