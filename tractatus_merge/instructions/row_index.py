"""Where the records of a written file stand, told so that whoever has the file need not parse it.

To parse ten thousand records takes as long as a whole `start`. An index is disposable: one that is
not whole counts for nothing.

| line | what it says |
| --- | --- |
| 1 | `tractatus-merge rows 1` and the SHA-256 of all that follows |
| 2 | as JSON: where the list begins and ends, and its first record; its indentation; what stands
between two records; their ids, and their lengths in characters |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions.record_list import RecordList, Row
from tractatus_merge.value import Value

MANY = 256
"""So many records are worth an index."""
_FIRST = "tractatus-merge rows 1 {}\n"


class Written(Value):
    """A long file that was written, each record indented alike: its records, where they stand.

    `data` are its bytes, where it was written just now, else `text` is what it says. `place`: where
    the list begins and ends.
    """

    data: bytes
    text: str
    records: Mapping[str, Record]
    place: tuple[int, int]
    rows: tuple[Row, ...]

    @property
    def said(self) -> str:
        """What the file says."""
        return self.text or self.data.decode()


def index_of(made: Written) -> bytes:
    """Where the records of a file stand."""
    rows = made.rows
    facts = {
        "list": [*made.place, rows[0].start],
        "margin": rows[0].margin,
        "gap": f",\n{rows[0].margin}",
        "ids": [row.name for row in rows],
        "lengths": [row.end - row.start for row in rows],
    }
    said = json.dumps(facts).encode()
    return _first(said) + said


def located(text: str, index: bytes) -> RecordList | None:
    """The list of the text of which that is the index; None where it is not whole."""
    start = index.find(b"\n") + 1
    if index[:start] != _first(index[start:]):
        return None
    said = json.loads(index[start:])
    (begin, end, at), margin, gap = said["list"], said["margin"], len(said["gap"])
    rows = list[Row]()
    for name, length in zip(said["ids"], said["lengths"], strict=True):
        source = json_text.dedent(text[at : at + length], margin)
        rows.append(Row(at, at + length, margin, name, Record(source)))
        at += length + gap
    return RecordList(text, begin, end, tuple(rows))


def _first(said: bytes) -> bytes:
    return _FIRST.format(hashlib.sha256(said).hexdigest()).encode()
