"""That real merges of concurrent agents' record files come out right, whichever side is ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.peers import Answer, Record, by_id, engine
from benchmarks.real_merges import Case, asks_about, engine_score, read_cases, read_records

NO_FAULT = {"stopped", "flagged"}
NOTHING = object()


@pytest.fixture(scope="module")
def cases(data: Path) -> list[Case]:
    """The merges. Where the optional folder is, they must be in it: that is no reason to skip."""
    return read_cases(data)


@pytest.fixture(params=["as made", "swapped"])
def either_way(request: pytest.FixtureRequest, cases: list[Case]) -> list[Case]:
    """The merges as they were made, and made from the other side."""
    return cases if request.param == "as made" else [case.swapped() for case in cases]


def merged(answer: Answer) -> dict[str, Record]:
    """The records of the merged file, under their ids."""
    records = read_records(answer.file)
    assert records is not None
    return by_id(records)


def settled(base: Record | None, ours: Record | None, theirs: Record | None) -> Record:
    """The fields of a record that no choice decides; where one side deleted it, the other's."""
    if ours is None or theirs is None:
        return ours or theirs or {}
    fields: Record = {}
    for name in ours | theirs:
        old, mine, other = (side.get(name, NOTHING) for side in (base or {}, ours, theirs))
        if other in (mine, old):
            fields[name] = mine
        elif mine == old:
            fields[name] = other
    return {name: value for name, value in fields.items() if value is not NOTHING}


def uncontested(record: Record, answer: Answer) -> Record:
    """What of a record nobody is asked about."""
    place = record["id"]
    return {k: v for k, v in record.items() if not asks_about(answer.asked, (place, k))}


def test_a_person_is_asked_where_needed_and_nowhere_else(either_way: list[Case]) -> None:
    """Every two-sided change is flagged and no other record; what is clear is right, once, there."""
    score = engine_score(either_way)
    assert len(score.flagged) == sum(len(case.two_sided) for case in either_way) > 0
    faults = {name: found for name, found in vars(score).items() if name not in NO_FAULT and found}
    assert not faults


def test_a_contested_record_has_what_is_not_contested(either_way: list[Case]) -> None:
    """One with a contested field has the other changes of both sides; one deleted and edited stands."""
    for case in either_way:
        stands = merged(case.merged_by(engine))
        sides = [by_id(records) for records in (case.base, case.ours, case.theirs)]
        for place in case.two_sided:
            expected = settled(*(side.get(place[0]) for side in sides))
            assert stands[place[0]] == stands[place[0]] | expected, (case.name, place)


def test_the_side_does_not_matter(cases: list[Case]) -> None:
    """Swapped, the same places are asked about, and everything else is the same."""
    for case in cases:
        one, other = (each.merged_by(engine) for each in (case, case.swapped()))
        assert one.asked == other.asked, case.name
        mine, yours = merged(one), merged(other)
        assert mine.keys() == yours.keys(), case.name
        for key, record in mine.items():
            assert uncontested(record, one) == uncontested(yours[key], other), (case.name, key)
