"""What other open sessions have written and not published, seen at the moment of writing.

Only a glance at their copies: nothing is locked, merged or kept, and a copy that cannot be read at
this instant is passed over.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tractatus_merge.core.model.findings import TWIN, Finding, is_settled, without_repeats
from tractatus_merge.core.model.record import STAMP, Record
from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.core.values.rounding import unrounded
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import history_file
from tractatus_merge.instructions.header import LIST
from tractatus_merge.instructions.judged_meaning import find_contradictions
from tractatus_merge.repository.line import Repository
from tractatus_merge.sessions.folder import Session
from tractatus_merge.sessions.lookup import open_sessions
from tractatus_merge.system import plain_file
from tractatus_merge.value import Value, replace

Records = dict[str, dict[str, Json]]
Layer = dict[str, tuple[dict[str, Json], Session]]
Draft = tuple[dict[str, Json] | None, dict[str, Json]]
"""What an instruction said in a session's base (None: it is new), and what it says in its copy."""
Others = Sequence[tuple[Session, Mapping[str, Draft]]]
"""Other open sessions, with what each has written and not published."""
_FIRST = re.compile(r"\n([ \t]*)\{(?:\r?\n([ \t]*))?")


class Heard(Value):
    """A finding between what is being written and what is there; `session` None: in the copy.

    `more` are those about the same, which are not told one by one.
    """

    finding: Finding
    session: Session | None = None
    more: int = 0

    @property
    def sentence(self) -> str:
        """Who says it, and what."""
        kind = "near twin" if self.finding.code == TWIN else "contradiction"
        if self.session is None:
            told = f"this is a {kind} of what is in force: {self.finding.sentence}"
        else:
            who = f"session {self.session.tag} ({self.session.id})"
            told = f"{who} has an unpublished {kind}: {self.finding.sentence}"
        return f"{told}, and {self.more} more" if self.more else told


def heard(
    repo: Repository,
    session: Session | None,
    others: Others,
    name: str,
    was: dict[str, Json] | None,
) -> list[Heard]:
    """What contradicts an instruction just written, here and in other open sessions.

    Here is the session's copy, or (None) the history. `was` is what the instruction said before:
    what contradicts that as well, this writing has not brought about. What a person dismissed is
    not told; of many that contradict it about one thing, one.
    """
    head = repo.head()
    here = dict(_here(head, session))
    if name not in here:
        return []
    before, written = {} if was is None else {name: was}, {name: here.pop(name).content}
    from tractatus_merge.meaning.sieve import could_matter  # only where there is something: 5 ms

    texts = {known: record.text for known, record in here.items()}
    near = {known: here[known].content for known in could_matter(written, texts)}
    found = [Heard(finding) for finding in _new(before, written, near)]
    for layer in _layers(others):
        there = {known: record for known, (record, _) in layer.items()}
        for finding in _new(before, written, there):
            other = next(known for known in finding.ids if known != name)
            found.append(Heard(finding, layer[other][1]))
    return _grouped(item for item in found if not is_settled(head, item.finding))


def _here(head: State, session: Session | None) -> Mapping[str, Record]:
    """The records of a session's copy, or those of the history."""
    if session is None:
        return {
            name: Record(head.get(INSTRUCTIONS, name) or "") for name in head.names(INSTRUCTIONS)
        }
    try:
        data = plain_file.read(session.copy_path)
        return history_file.read(data, str(session.copy_path)).records
    except (OSError, DocumentError):  # a script is writing it: no glance at it
        return {}


def _new(before: Records, written: Records, there: Records) -> list[Finding]:
    """What contradicts what was written, and not what stood there before."""
    found = find_contradictions(written, there)
    known = {finding.id for finding in find_contradictions(before, there)} if found else ()
    return without_repeats([finding for finding in found if finding.id not in known])


def _grouped(found: Iterable[Heard]) -> list[Heard]:
    """One for all that are about the same, here or in one session."""
    groups: dict[tuple[str, str, str], Heard] = {}
    for item in found:
        code, about = item.finding.code, item.finding.about
        group = (item.session.id if item.session else "", code, about)
        first = groups.get(group)
        groups[group] = item if first is None else replace(first, more=first.more + 1)
    return list(groups.values())


def _layers(others: Others) -> list[Layer]:
    """What other open sessions have unpublished: few comparisons, in each an id once."""
    layers: list[Layer] = []
    for other, drafts in others:
        for name, (_, record) in drafts.items():
            layer = next((layer for layer in layers if name not in layer), None)
            if layer is None:
                layers.append(layer := {})
            layer[name] = record, other
    return layers


def drafts_of_others(repo: Repository, session: Session | None) -> Others:
    """What each other open session has written and not published: what was there, and what is."""
    bases: dict[str, str] = {}
    others = (one for one in open_sessions(repo) if session is None or one.id != session.id)
    found = [(other, _drafts(other, bases)) for other in others]
    return [(other, drafts) for other, drafts in found if drafts]


def _drafts(session: Session, bases: dict[str, str]) -> dict[str, Draft]:
    """The records of a copy that are not as in its base."""
    with contextlib.suppress(OSError, ValueError):  # torn, or just now exchanged: no glance at it
        copy = _text(session.copy_path)
        digest = session.facts.base.digest
        if digest not in bases:
            bases[digest] = _text(session.folder / f"base-{digest}.json")
        base, now = _fresh(bases[digest], copy)
        drafts = {name: (base.get(name), record) for name, record in now.items()}
        return {name: draft for name, draft in drafts.items() if _differ(*draft)}
    return {}


def _text(path: Path) -> str:
    return plain_file.read(path).decode()


def _differ(was: Json, record: Json) -> bool:
    return not same(was, unrounded(was, record))


def _fresh(one: str, other: str) -> tuple[Records, Records]:
    """The records of two texts, without most of those that are the same in both."""
    if one == other:
        return {}, {}
    blocks = [dict.fromkeys(_blocks(text)) for text in _apart(one, other)]
    if not all(blocks):
        return _records(one), _records(other)
    try:
        old, new = ([b for b in blocks[k] if b not in blocks[1 - k]] for k in (0, 1))
        return _by_id(map(json_text.parse, old)), _by_id(map(json_text.parse, new))
    except JsonError:  # laid out otherwise: read whole
        return _records(one), _records(other)


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two texts from the block in which they begin to differ up to that in which they end to.

    The texts themselves where records have no lines of their own.
    """
    first = _FIRST.search(one)
    if first is None:
        return one, other
    begins = f"\n{first[1]}{{"
    same = _common(one, other)
    start = max(0, one.rfind(begins, 0, same))
    end = len(one) - _common(one[same:], other[same:], step=-1)
    end = one.find(begins, end)
    left = 0 if end < 0 else len(one) - end
    return one[start : len(one) - left], other[start : len(other) - left]


def _common(one: str, other: str, step: int = 1) -> int:
    """How many characters two texts have in common at their starts, or (step -1) at their ends."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if step > 0:
            alike = one[least:middle] == other[least:middle]
        else:
            first, second = len(one), len(other)
            alike = one[first - middle : first - least] == other[second - middle : second - least]
        least, most = (middle, most) if alike else (least, middle - 1)
    return least


def _blocks(text: str) -> Iterator[str]:
    """The texts of the records, where each has lines of its own as scripts write them.

    Of a file laid out otherwise there are none, or they are no JSON.
    """
    first = _FIRST.search(text)
    if first is None or first[2] is None or len(first[2]) <= len(first[1]):
        return  # what is in a record may end where records do
    end = f"\n{first[1]}}}"
    for part in text.split(f"\n{first[1]}{{")[1:]:
        yield f"{{{part.partition(end)[0]}{end}"


def _records(text: str) -> Records:
    document = json_text.parse(text)
    records = document.get(LIST) if isinstance(document, dict) else document
    return _by_id(records if isinstance(records, list) else ())


def _by_id(records: Iterable[Json]) -> Records:
    return {
        record["id"]: {key: value for key, value in record.items() if key != STAMP}
        for record in records
        if isinstance(record, dict) and isinstance(record.get("id"), str)
    }
