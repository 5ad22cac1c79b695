"""Which version a record in a file was made from: told by its stamp and the log, not by guesses.

A file may be an old one: checked out, restored, or written back by a program that read it long ago.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import DOCUMENT, HEADER, INSTRUCTIONS, Entry
from tractatus_merge.core.model.version_vector import Order, VersionVector
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.instructions.history_file import header_value
from tractatus_merge.repository.line import Repository

VIEW = "view"
"""The agent of what was taken in from the history file: whoever's it is, no copy has said it."""


class Past:
    """The versions that records had, newest first. The log is read as far as anybody asks.

    Of the first record alone; where others are asked for, of all of them together, once.
    """

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._first: str | None = None
        self._log: Iterator[Entry] | None = None
        self._entries: dict[str, list[Entry]] = {}

    def versions(self, name: str) -> Iterator[Record]:
        """Every version of a record that the log has."""
        return (record for record, _ in self.told(name))

    def told(self, name: str) -> Iterator[tuple[Record, str]]:
        """Every version of a record, and the agent that published it."""
        for entry in self._of(name):
            record = Record(self._repo.store.load(entry.version).get(INSTRUCTIONS, name) or "")
            with contextlib.suppress(JsonError):  # gone, or what somebody broke and somebody mended
                record.value  # noqa: B018
                yield record, entry.agent

    def version_of(self, name: str, vector: VersionVector) -> Record | None:
        """The newest version of a record whose vector the given one has seen."""
        for known in self.versions(name):
            if known.vector.order(vector) in (Order.EQUAL, Order.BEFORE):
                return known
        return None

    def _of(self, name: str) -> Iterator[Entry]:
        if self._first in (None, name):
            self._first = name
            yield from self._repo.store.log(INSTRUCTIONS, name)
            return
        at = 0
        while True:
            known = self._entries.get(name, [])
            if at < len(known):
                yield known[at]
                at += 1
            elif not self._read_on():
                return

    def _read_on(self) -> bool:
        """Read one entry more of all records' log; False where there is none."""
        if self._log is None:
            self._log = self._repo.store.log(INSTRUCTIONS)
        for entry in self._log:
            for kind, name in entry.changes:
                if kind == INSTRUCTIONS:
                    self._entries.setdefault(name, []).append(entry)
            return True
        return False


def headers(repo: Repository) -> Iterator[dict[str, Json]]:
    """Every version of the document's header that the log has, newest first."""
    for entry in repo.store.log(DOCUMENT, HEADER):
        text = repo.store.load(entry.version).get(DOCUMENT, HEADER) or "{}"
        with contextlib.suppress(JsonError):
            yield header_value(text)


def rebase_stale_header(repo: Repository, base: Json, copy: Json) -> Json:
    """A copy's header; the base's where it is only an older one, written back."""
    stale = not same(base, copy) and any(same(copy, known) for known in headers(repo))
    return base if stale else copy


def rebase_stale_records(
    repo: Repository,
    base: Mapping[str, Record],
    copy: Mapping[str, Record],
    whose: tuple[str, Mapping[str, str]],
) -> tuple[dict[str, Record], dict[str, Record]]:
    """A session's base and copy, where stale records in the copy are known for what they are.

    A program may write back what it read before a refresh: an older version is no edit, and an edit
    of an older version has that version as its base. Else it would revert what others published.
    So does a record that has given way since, and comes back under its old id. `whose` is the
    session's tag and the new ids that it knows: what it read before it published a record of its
    own has no stamp.
    """
    bases, copies, past = dict(base), dict(copy), Past(repo)
    for name, record in copy.items():
        there = base.get(name)
        if there is None or record.text == there.text or not there.stamped:
            continue
        if record.stamped and not record.is_of(there):
            known = (
                was for was in past.versions(name) if was.vector.creators and record.is_of(was)
            )
            bases[name] = next(known, there)
            copies[name], _ = record.unrounded(bases[name])
        elif record.stamped and record.vector.order(there.vector) is Order.BEFORE:
            if record.genuine:
                copies[name] = there
            else:
                bases[name] = past.version_of(name, record.vector) or there
                copies[name], _ = record.unrounded(bases[name])
        elif not record.stamped and not same(record.content, there.content):
            adopted = [version for version in past.versions(name) if not version.stamped]
            was = adopted[0] if adopted else _own(past, name, record, there, whose)
            if any(same(version.content, record.content) for version in adopted):
                copies[name] = there
            elif not adopted and _is_new(record, was, there):
                del bases[name]
            else:
                bases[name] = was
                copies[name], _ = record.unrounded(was)
    return bases, copies


def _own(
    past: Past,
    name: str,
    record: Record,
    there: Record,
    whose: tuple[str, Mapping[str, str]],
) -> Record:
    """What a record without a stamp is an edit of: the session's own, as it was first published.

    Where it has none of that id, or had one which is less like it: what is there.
    """
    tag, renames = whose
    told = past.told(renames.get(name, name))
    first, agent = next(iter([one for one in told if one[0].is_by(tag)][-1:]), (there, ""))
    if agent == VIEW:
        return there
    is_own = there.is_by(tag) or _likeness(record, first) > _likeness(record, there)
    return first if is_own else there


def _is_new(record: Record, was: Record, there: Record) -> bool:
    """Whether a record without a stamp was added where the writer knew nobody's of that id.

    Neither what it says nor when it was given is what `was` says. One of the session's own has no
    other time: where it had none, all of it may have been edited.
    """
    if was is not there and "timestamp" not in was.content:
        return False
    keys = [key for key in ("text", "timestamp") if key in record.content]
    return not any(_says(was, key, record.content[key]) for key in keys)


def _says(record: Record, key: str, value: Json) -> bool:
    """Whether a record says this."""
    return key in record.content and same(value, record.content[key])


def _likeness(one: Record, other: Record) -> int:
    """How many fields two records say alike."""
    return sum(_says(other, key, value) for key, value in one.content.items())
