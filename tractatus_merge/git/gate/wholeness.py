"""Whether a file that governs is whole, beside the files it was made from. Nothing is mended here.

An instruction is retired, never deleted: a file that lacks one which its parents have has lost it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from shlex import quote

from tractatus_merge.anyfile import rows
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.version_vector import Order
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import header, history_file
from tractatus_merge.instructions.misspelling import misspelt
from tractatus_merge.instructions.schema import WORDS, breaches, faults
from tractatus_merge.instructions.vocabulary import example
from tractatus_merge.value import Value

ERROR, WARNING = "error", "warning"

Records = Mapping[str, Record]


class Fault(Value):
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


def misnamed(records: Records, before: Iterable[Records]) -> Iterator[tuple[str, str]]:
    """The ids of records that got a field here that nobody meant, each with a sentence."""
    befores = list(before)
    everybody = [record for known in befores for record in known.values()]
    for name, record in records.items():
        there = [known[name] for known in befores if name in known]
        if all(known.text != record.text for known in there):
            for key, field in misspelt(record.content, everybody).items():
                yield name, _is_slip(key, field)


def odd_records(records: Records) -> Iterator[Fault]:
    """What is wrong in the fields of records that stand, whoever wrote it there: all warnings."""
    for name, record in records.items():
        edit = f"tractatus-merge edit {quote(name)} --set"
        for key, why in faults(record.content).items():
            fix = f"{edit} {key or WORDS[0]}={example(key, record.content.get(key))}"
            yield Fault("schema", f"{name}: {why}", fix, severity=WARNING, instruction=name)
        others = (other for there, other in records.items() if there != name)
        for key, field in misspelt(record.content, others).items():
            why, fix = _is_slip(key, field), f"{edit} {field}=VALUE"
            yield Fault("schema", f"{name}: {why}", fix, severity=WARNING, instruction=name)


def _is_slip(key: str, field: str) -> str:
    return f"there is no field '{key}'; did you mean {field}?"


def _is_before(record: Record, known: Record) -> bool:
    before = record.vector.order(known.vector) is Order.BEFORE
    return before and record.genuine and known.genuine
