"""Real merges of concurrent agents' record files: what each tool stops for, misses and loses.

    .venv/bin/python benchmarks/real_merges.py [DATA]

DATA holds `real-merges/cases.jsonl` (or is that folder, or that file); without it the tests'
optional folder is meant. Every tool gets the same records, one a line where it reads bytes, and is
judged alike. A two-sided change is one that only a person settles: both sides changed one field
differently, one edited what the other deleted, both added one id with different content.

- stopped: merges in which the tool says that a person must choose, or fails.
- needless: of these, the merges without a two-sided change.
- flagged: two-sided changes that the tool asks about: it names the record as a whole or that field,
  or the record's line stands between conflict markers.
- missed: the other two-sided changes, about which the tool says nothing.
- asked: records without a two-sided change that the tool asks about all the same.
- lost: records that must stand, are not asked about, and are absent from what the tool settled.
- wrong: such records that stand, but not with the value that no choice leads to; and records that
  stand though one side deleted them and the other left them alone. Where both sides changed
  `updated_at` or `content_hash`, either value is right. Of an id that stands twice, one right
  record is enough.
- twice: ids that stand more than once in what the tool settled.
- invalid: merges after which the file is not one JSON object with an `id` a line. (Conflict markers
  are no JSON: until a person has mended the file, no program reads it.)

A record that the tool asks about is never counted as lost or wrong, however clear it was. With
FAULTS=1 in the environment, every fault of this engine is named.
"""

from __future__ import annotations

import functools
import json
import operator
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import peers
from benchmarks.peers import Answer, Place, Record, Records, Tool, by_id

EITHER = "__either__"
WHOLE = "delete/modify"
ADDED = "add/add:"
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


class Case(NamedTuple):
    """One real merge, and what a merge without a choice makes of it."""

    name: str
    base: Records
    ours: Records
    theirs: Records
    two_sided: frozenset[Place]
    expected: dict[str, Record]
    absent: frozenset[str]

    def swapped(self) -> Case:
        """The same merge made from the other side."""
        return self._replace(ours=self.theirs, theirs=self.ours)

    def merged_by(self, tool: Tool) -> Answer:
        """What a tool makes of it."""
        return tool(self.base, self.ours, self.theirs)


@dataclass(frozen=True)
class Score:
    """The faults of a tool, each named; the columns of the table are their numbers."""

    stopped: tuple[str, ...] = ()
    needless: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()

    def __add__(self, other: Score) -> Score:
        """Both scores' entries."""
        return Score(*map(operator.add, self.columns(), other.columns()))

    def columns(self) -> tuple[tuple[str, ...], ...]:
        """The entries, in the table's order."""
        return tuple(getattr(self, column.name) for column in fields(self))


def read_cases(data: Path) -> list[Case]:
    """The merges of a file, or of the folder (or the folder's folder) that it is in."""
    path = next(
        path
        for path in (data / "real-merges/cases.jsonl", data / "cases.jsonl", data)
        if not path.is_dir()
    )
    return [case_of(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def case_of(source: dict[str, Any]) -> Case:
    """A case as the file has it; records that no side touched are expected as they are."""
    base, ours, theirs = source["base"], source["left"], source["right"]
    sides = [by_id(records) for records in (base, ours, theirs)]
    expected = {
        key: record
        for key, record in sides[0].items()
        if all(side.get(key) == record for side in sides)
    }
    for record in source["expected_unambiguous"]:
        values = [side[record["id"]] for side in sides[1:] if record["id"] in side]
        expected[record["id"]] = record | {
            name: Either(version.get(name) for version in values)
            for name, value in record.items()
            if value == EITHER
        }
    two_sided = frozenset(place_of(*entry) for entry in source["two_sided"])
    absent = frozenset(source["expected_absent"])
    return Case(source["id"], base, ours, theirs, two_sided, expected, absent)


class Either:
    """A value that is right if it is any of these."""

    def __init__(self, values: Iterable[object]) -> None:
        self.values = list(values)

    def __eq__(self, other: object) -> bool:
        return other in self.values

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"any of {self.values}"


def place_of(record: str, change: str) -> Place:
    """Where a two-sided change is: the record as a whole, or its field."""
    return (record,) if change == WHOLE else (record, change.removeprefix(ADDED))


def asks_about(asked: frozenset[Place], place: Place) -> bool:
    """Whether a question covers a place: at it, above it or below it."""
    return any(all(map(operator.eq, question, place)) for question in asked)


def judge(case: Case, answer: Answer) -> Score:
    """The score of one merge."""
    name, asked = case.name, answer.asked
    flagged = {place for place in case.two_sided if asks_about(asked, place)}
    clear = [key for key in case.expected if not asks_about(asked, (key,))]
    stands: dict[str, Records] = {}
    for record in read_records(answer.settled) or []:
        stands.setdefault(record["id"], []).append(record)
    wrong = [
        f"{key}: {difference(case.expected[key], stands[key][0])}"
        for key in clear
        if key in stands and case.expected[key] not in stands[key]
    ]
    entries: tuple[Iterable[object], ...] = (
        ["a person"] if asked else [],
        ["nothing"] if asked and not case.two_sided else [],
        flagged,
        case.two_sided - flagged,
        set(case.expected) - set(clear),
        [key for key in clear if key not in stands],
        [*wrong, *(f"{key}: deleted" for key in case.absent & set(stands))],
        [key for key, records in stands.items() if len(records) > 1],
        ["file"] if read_records(answer.file) is None else [],
    )
    return Score(*(tuple(f"{name}: {entry}" for entry in column) for column in entries))


def difference(expected: Record, found: Record) -> str:
    """The fields in which two records differ."""
    names = [
        name
        for name in expected | found
        if (name in expected, expected.get(name)) != (name in found, found.get(name))
    ]
    return ", ".join(f"{name} {expected.get(name)!r} is {found.get(name)!r}" for name in names)


def read_records(file: bytes) -> Records | None:
    """The records of a file with one a line; None where it is no such file."""
    try:
        records = [json.loads(line) for line in file.decode().splitlines()]
    except ValueError:
        return None
    return records if all(isinstance(r, dict) and "id" in r for r in records) else None


def score(tool: Tool, cases: list[Case]) -> Score:
    """The score of a tool over all merges."""
    judged = (judge(case, case.merged_by(tool)) for case in cases)
    return functools.reduce(operator.add, judged, Score())


def engine_score(cases: list[Case]) -> Score:
    """The score of this engine, for the tests."""
    return score(peers.engine, cases)


def main(words: list[str]) -> None:
    """Merge and print."""
    cases = read_cases(Path(words[0]) if words else default_data())
    needed = sum(bool(case.two_sided) for case in cases)
    clear = sum(len(case.expected) for case in cases)
    print(f"{len(cases)} real merges, {needed} of which need a person; {clear} clear records")
    print(f"{'':32}" + "".join(f"{column.name:>9}" for column in fields(Score)))
    scores = {name: score(tool, cases) for name, tool in peers.TOOLS.items()}
    for name, found in scores.items():
        print(f"{name:32}" + "".join(f"{len(entries):9}" for entries in found.columns()))
    print(sentence(scores["this engine"]))
    if os.environ.get("FAULTS"):
        print_faults(scores["this engine"])


def default_data() -> Path:
    """Where the tests look for the optional data: see tests/conftest.py."""
    return Path(os.environ.get("TRACTATUS_TEST_DATA") or SHARED_DATA)


def sentence(ours: Score) -> str:
    """What to remember of the table."""
    stopped, needless, flagged, missed, asked, lost, wrong, *_ = map(len, ours.columns())
    return (
        f"This engine stopped {stopped} merges, {needless} of them needlessly, "
        f"flagged {flagged} of {flagged + missed} two-sided changes, asked about {asked} clear "
        f"records, and lost or spoiled {lost + wrong}."
    )


def print_faults(found: Score) -> None:
    """Every fault of this engine, by name."""
    for name, entries in vars(found).items():
        if name not in {"stopped", "flagged"}:
            print("".join(f"{name}: {entry}\n" for entry in entries), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
