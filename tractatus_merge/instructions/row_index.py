"""Where the records of a written file stand, told so that whoever has the file need not parse it.

To parse ten thousand records takes as long as a whole `start`. An index is disposable: one that is
not whole counts for nothing.

| line | what it says |
| --- | --- |
| 1 | `tractatus-merge rows 1` and the SHA-256 of all that follows |
| 2 | as JSON: where the list begins and ends, and its first record; its indentation; what stands
between two records; their ids; their lengths in characters, as they stand and without indentation |
"""

from __future__ import annotations

import hashlib

import msgspec

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions.record_list import RecordList, Row

MANY = 256
"""So many records are worth an index."""
_FIRST = "tractatus-merge rows 1 {}\n"


def index_of(place: RecordList, gap: str) -> bytes:
    """The index of a list whose records all have an id, one indentation, and that gap between."""
    rows = place.rows
    facts = {
        "list": [place.start, place.end, rows[0].start],
        "margin": rows[0].margin,
        "gap": gap,
        "ids": [row.name for row in rows],
        "lengths": [row.end - row.start for row in rows],
        "sources": [len(row.record.text) for row in rows],
    }
    said = msgspec.json.encode(facts)
    return _first(said) + said


def located(text: str, index: bytes) -> RecordList | None:
    """The list of the text of which that is the index; None where it is not whole."""
    start = index.find(b"\n") + 1
    if index[:start] != _first(index[start:]):
        return None
    said = msgspec.json.decode(index[start:])
    (begin, end, at), margin, gap = said["list"], said["margin"], len(said["gap"])
    plain, rows = json_text.dedent(text[at:end], margin), list[Row]()
    behind, there = len(json_text.dedent(said["gap"], margin)), 0
    facts = zip(said["ids"], said["lengths"], said["sources"], strict=True)
    for name, length, source in facts:
        record = Record(plain[there : there + source])
        rows.append(Row(at, at + length, margin, name, record))
        at += length + gap
        there += source + behind
    return RecordList(text, begin, end, tuple(rows))


def _first(said: bytes) -> bytes:
    return _FIRST.format(hashlib.sha256(said).hexdigest()).encode()
