"""Whether a file that governs is whole, beside the files it was made from. Nothing is mended here.

An instruction is retired, never deleted: a file that lacks one which its parents have has lost it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from shlex import quote

from tractatus_merge.anyfile import rows
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.version_vector import Order
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import header, history_file
from tractatus_merge.instructions.schema import breaches

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


def records_of(data: bytes, file: str, known: Container[str] = ()) -> Records | Fault:
    """The instructions of a history file, or why it is none; `known` texts are not read again."""
    return _glanced(data, known) or _read(data, file)


def _read(data: bytes, file: str) -> Records | Fault:
    try:
        return history_file.read(data, file).records
    except DocumentError as error:
        return unreadable(error)


def _glanced(data: bytes, known: Container[str]) -> Records | None:
    """The instructions, if they stand in rows that are all sound; else the file is read whole."""
    start, end = (rows.members(data) or {}).get(header.LIST, (0, len(data)))
    found = rows.of_list(data[start:end], "id")
    if found is None:
        return None
    texts = [text.decode() for text in found.texts]
    records = {name: Record(text) for name, text in zip(found.names, texts, strict=True)}
    fresh = [record for record in records.values() if record.text not in known]
    try:
        return records if all(map(_is_sound, fresh)) else None
    except JsonError:
        return None


def _is_sound(record: Record) -> bool:
    name = record.value.get("id")
    return (
        isinstance(name, str)
        and bool(name.strip())
        and len(name.encode("utf-8", "surrogatepass")) <= history_file.MAX_ID
    )


def unreadable(error: DocumentError) -> Fault:
    """A file that cannot be read, as a fault: markers and double ids have codes of their own."""
    code = "invalid"
    if "conflict markers" in error.why:
        code = "conflict-markers"
    elif error.why.startswith("two records"):
        code = "duplicate-id"
    return Fault(
        code, error.why, by_hand(error.file, error.line, error.hint), error.file, error.line
    )


def by_hand(file: str, line: int | None, advice: str | None = None) -> str:
    """The command that opens a file at its broken place, and stages it; what to do there."""
    place = f"+{line} {quote(file)}" if line else quote(file)
    more = f"    # {advice}" if advice else ""
    return f"${{EDITOR:-vi}} {place} && git add -- {quote(f':/{file}')}{more}"


def missing(records: Records, before: Iterable[Records]) -> list[str]:
    """The ids that an earlier version has and these records lack, in order."""
    known = dict.fromkeys(name for there in before for name in there)
    return [name for name in known if name not in records]


def outdated(records: Records, before: Iterable[Records]) -> Iterator[tuple[str, Record]]:
    """The records older than the same record of an earlier version, each with that one."""
    befores = list(before)
    for name, record in records.items():
        there = [known for known in befores if name in known]
        newer = (known[name] for known in there if known[name].text != record.text)
        found = next((known for known in newer if _is_before(record, known)), None)
        if found is not None:
            yield name, found


def malformed(records: Records, before: Iterable[Records]) -> Iterator[tuple[str, str]]:
    """The ids of records that became malformed here, each with what is wrong."""
    befores = list(before)
    for name, record in records.items():
        there = [known[name] for known in befores if name in known]
        if all(known.text != record.text for known in there):
            known = {sentence for old in there for sentence in breaches(old.content)}
            yield from ((name, why) for why in sorted(breaches(record.content) - known))


def _is_before(record: Record, known: Record) -> bool:
    before = record.vector.order(known.vector) is Order.BEFORE
    return before and record.genuine and known.genuine
