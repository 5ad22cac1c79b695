"""The merge of three history files with no store: what stands, what waits, what the stamps say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tractatus_merge.core.model.record import STAMP, Record
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.values.equality import digest, same
from tractatus_merge.core.values.places import get
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions.file_merge import MergedHistory, merge_history


def file(*records: dict[str, Any], **header: Any) -> bytes:
    """A history file."""
    return json.dumps({**header, "instructions": list(records)}, indent=2).encode() + b"\n"


def stamped(content: dict[str, Any], vector: str, *, edited: dict[str, Any] | None = None):
    """A record as the tool published it under a vector; with `edited`, as somebody left it."""
    known = VersionVector.parse(vector)
    return json.loads(Record.of(content).published(content, known).text) | (edited or {})


def merged(base, ours, theirs, **options: Any) -> MergedHistory:
    """The merge of three lists of records."""
    return merge_history(
        *(file(*side) if side is not None else b"" for side in (base, ours, theirs)), **options
    )


def records(result: MergedHistory) -> dict[str, dict[str, Any]]:
    """The records of a merged file, without their stamps."""
    found = json.loads(result.data)["instructions"]
    return {item["id"]: {k: v for k, v in item.items() if k != STAMP} for item in found}


def stamp(result: MergedHistory, name: str = "r") -> tuple[str, bool]:
    """The vector of a merged record, and whether its checksum is right."""
    found = next(item for item in json.loads(result.data)["instructions"] if item["id"] == name)
    record = Record.of(found)
    return str(record.vector), record.genuine


SCALARS = st.sampled_from([1, 2, "x"])
OBJECTS = st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2)
KEYED = st.dictionaries(st.sampled_from("pq"), OBJECTS, max_size=2).map(
    lambda found: [{"id": name, **item} for name, item in found.items()]
)
VALUES = st.one_of(SCALARS, OBJECTS, KEYED, st.lists(SCALARS, max_size=2))
R = {"id": "r", "text": "one", "port": 1, "host": "a", "active": True}


def r(**changes: Any) -> dict[str, Any]:
    """The record with some fields changed."""
    return {**R, **changes}


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        pytest.param(r(port=2), R, r(port=2), id="only ours"),
        pytest.param(R, r(port=2), r(port=2), id="only theirs"),
        pytest.param(r(port=2), r(port=2), r(port=2), id="both alike"),
        pytest.param(r(port=2), r(host="b"), r(port=2, host="b"), id="different fields"),
        pytest.param(r(port=2), None, r(port=2), id="gone on their side"),
        pytest.param(None, r(port=2), r(port=2), id="gone on our side"),
    ],
)
def test_a_record_merges_field_by_field_and_absence_deletes_nothing(ours, theirs, wanted):
    """What one side changed is in; a record that a side lacks stays."""
    result = merged([R], [ours] if ours else [], [theirs] if theirs else [])
    assert records(result) == {"r": wanted}
    assert not result.contests


def test_ours_stands_where_both_changed_one_field():
    """The contested field has our value, the others what both did, and the contest names it."""
    result = merged([R], [r(port=2, host="b")], [r(port=3, text="two")])
    assert records(result) == {"r": r(port=2, host="b", text="two")}
    assert [contest.path for contest in result.contests] == [("r", "port")]


def test_an_edit_against_a_retirement_waits():
    """The edit is in, `active` is ours, and a person is asked."""
    result = merged([R], [r(port=2)], [r(active=False)])
    assert records(result) == {"r": r(port=2)}
    assert [(c.path, c.kind) for c in result.contests] == [(("r", "active"), "edit/retire")]


def test_a_virtual_base_has_what_both_came_from_where_it_is_contested():
    """In the base of a criss-cross merge no side's word may stand, also where a side deleted."""
    result = merged([R], [r(port=2, host="b")], [r(port=3)], virtual=True)
    assert records(result) == {"r": r(host="b")}
    added = merged([R], [r(note=1)], [r(note=2)], virtual=True)
    assert records(added) == {"r": R}
    header = [file(R, mode=mode) for mode in ("x", "y", "z")]
    assert json.loads(merge_history(*header, virtual=True).data)["mode"] == "x"


def test_without_a_base_records_of_one_creator_merge_by_what_they_agree_on():
    """Where two versions of one record differ, and only there, a person is asked."""
    ours = stamped(r(port=2), "+aaaaaaaa:1 bbbbbbbb:1")
    theirs = stamped(r(port=3), "+aaaaaaaa:1 cccccccc:1")
    result = merged(None, [ours], [theirs])
    assert records(result) == {"r": r(port=2)}
    assert [c.path for c in result.contests] == [("r", "port")]
    assert stamp(result) == ("+aaaaaaaa:1 bbbbbbbb:1 cccccccc:1", True)


@pytest.mark.parametrize("swapped", [False, True], ids=["ours first", "theirs first"])
def test_two_new_records_of_one_id_both_stay(swapped):
    """The younger gets another id, which depends on its content alone; its side's mentions follow."""
    old = {"id": "n", "text": "old", "timestamp": "2025-01-01T00:00:00Z"}
    young = {"id": "n", "text": "young", "timestamp": "2025-02-01T00:00:00Z"}
    other = {"id": "m", "text": "see n", "timestamp": "2025-02-02T00:00:00Z"}
    sides = [[R, old], [R, young, other]]
    result = merged([R], *(reversed(sides) if swapped else sides))
    new = f"n_{digest(young, 8)}"
    assert records(result) == {
        "r": R, "n": old, new: {**young, "id": new}, "m": {**other, "text": f"see {new}"},
    }  # fmt: skip
    assert not result.contests
    assert result.renamed == {"n": new}


def test_what_was_published_keeps_its_id_and_a_published_one_that_gives_way_stays_published():
    """Two creators are two records; the tag of the creator is in the new id, the stamp is right."""
    one = stamped({"id": "n", "text": "x", "timestamp": "2025-01-02"}, "+aaaaaaaa:1")
    two = stamped({"id": "n", "text": "y", "timestamp": "2025-01-01"}, "+bbbbbbbb:1")
    plain = {"id": "n", "text": "z", "timestamp": "2024-01-01"}
    both = merged([], [one], [two])
    assert stamp(both, "n_aaaaaaaa") == ("+aaaaaaaa:1", True)
    assert records(both)["n"]["text"] == "y"
    mixed = merged([], [plain], [one])
    assert records(mixed)["n"]["text"] == "x"
    assert {record["text"] for record in records(mixed).values()} == {"x", "z"}


def test_a_record_that_gave_way_before_is_not_doubled():
    """The same commit merged again finds the record under the id it got."""
    old = {"id": "n", "text": "old", "timestamp": "2025-01-01"}
    young = {"id": "n", "text": "young", "timestamp": "2025-02-01"}
    once = json.loads(merged([], [old], [young]).data)["instructions"]
    again = merged([], once, [young])
    assert len(records(again)) == 2
    assert len(records(merged([], [young], once))) == 2


def test_later_edits_of_a_record_that_gave_way_follow_it():
    """Commits replayed one by one: the second edits the record that the first brought in."""
    mine = {"id": "n", "text": "mine", "timestamp": "2025-01-01"}
    first = {"id": "n", "text": "first", "timestamp": "2025-02-01"}
    second = {**first, "text": "second"}
    plain = {"id": "m", "text": "another"}
    head = json.loads(merged([R], [R, mine, plain], [R, first]).data)["instructions"]
    result = merged([R, first], head, [R, second])
    assert not result.contests
    assert records(result).pop("m") == plain
    assert sorted(record["text"] for record in records(result).values()) == [
        "another",
        "mine",
        "one",
        "second",
    ]
    signed = [stamped(x, "+aaaaaaaa:1") for x in (first, second)]
    head = json.loads(merged([], [stamped(mine, "+bbbbbbbb:1")], [signed[0]]).data)["instructions"]
    result = merged([signed[0]], head, [signed[1]])
    assert stamp(result, "n_aaaaaaaa") == ("+aaaaaaaa:1", True)


BASE = stamped(R, "+aaaaaaaa:1")
B = stamped(r(port=2), "+aaaaaaaa:1 bbbbbbbb:1")
C = stamped(r(host="b"), "+aaaaaaaa:1 cccccccc:1")


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "vector", "right"),
    [
        pytest.param(BASE, B, C, "+aaaaaaaa:1 bbbbbbbb:1 cccccccc:1", True, id="both published"),
        pytest.param(BASE, B, {**BASE, "host": "b"}, "+aaaaaaaa:1 bbbbbbbb:1", False, id="theirs by hand"),
        pytest.param(BASE, {**BASE, "host": "b"}, B, "+aaaaaaaa:1 bbbbbbbb:1", False, id="ours by hand"),
        pytest.param(BASE, {**BASE, "host": "b"}, {**BASE, "port": 2}, "+aaaaaaaa:1", False, id="by hand"),
        pytest.param(R, r(host="b"), stamped(r(port=2), "bbbbbbbb:1"), "bbbbbbbb:1", False, id="adopted"),
        pytest.param(R, r(host="b"), stamped(r(port=2), ""), "", False, id="an empty vector"),
    ],
)  # fmt: skip
def test_the_stamp_says_whether_all_was_published(base, ours, theirs, vector, right):
    """The vectors are joined; the checksum is wrong where an edit has still to be taken in."""
    result = merged([base], [ours], [theirs])
    assert records(result) == {"r": r(port=2, host="b")}
    assert stamp(result) == (vector, right)


def test_the_newer_of_two_published_versions_stands_whole():
    """A version that has seen the other is not merged with it, whichever side it is on."""
    newer = stamped(r(port=5), "+aaaaaaaa:1 bbbbbbbb:2")
    for ours, theirs in ((B, newer), (newer, B)):
        result = merged([BASE], [ours], [theirs])
        assert json.loads(result.data)["instructions"] == [newer]
        assert not result.contests


def test_going_back_is_an_edit():
    """A reverted publication comes out of the content, and the stamp tells that it is an edit."""
    later = stamped(r(port=2, host="b"), "+aaaaaaaa:1 bbbbbbbb:1 cccccccc:1")
    result = merged([B], [later], [BASE])
    assert records(result) == {"r": r(host="b")}
    assert stamp(result) == ("+aaaaaaaa:1 bbbbbbbb:1 cccccccc:1", False)


def test_plain_records_get_no_stamp():
    """Where nothing was ever published nothing says so."""
    result = merged([R], [r(port=2)], [r(host="b")])
    assert STAMP not in json.loads(result.data)["instructions"][0]


def test_the_header_merges_and_its_counters_are_counted_again():
    """Dates take the later, versions the higher, counters what is there."""
    stats = {"total_instructions": 1}
    sides = (
        file(R, version="1.0", last_updated="2025-01-01", stats=stats),
        file(R, r(id="s"), version="1.1", last_updated="2025-01-03", stats={"total_instructions": 2}),
        file(R, r(id="t"), version="1.0", last_updated="2025-01-02", stats={"total_instructions": 2}),
    )  # fmt: skip
    found = json.loads(merge_history(*sides).data)
    assert found["stats"] == {"total_instructions": 3}
    assert (found["version"], found["last_updated"]) == ("1.1", "2025-01-03")


def test_a_contested_header_waits_and_a_bare_list_has_none():
    """The header's contest has its own path; an array file takes records only."""
    result = merge_history(file(R, mode="x"), file(R, mode="y"), file(R, mode="z"))
    assert [contest.path for contest in result.contests] == [("mode",)]
    bare = json.dumps([R]).encode()
    assert json.loads(merge_history(bare, bare, file(R, r(id="s"), mode="z")).data) == [
        R,
        r(id="s"),
    ]


def test_what_is_untouched_keeps_its_bytes_and_new_records_stand_by_time():
    """Our spelling, line ends and order stay; added records stand in one order on both sides."""
    ours = b'{\r\n  "instructions": [\r\n    {"id": "r", "n": 0.90},\r\n    {"id": "b", "timestamp": "2025-02"}\r\n  ]\r\n}'
    base = b'{\n  "instructions": [\n    {"id": "r", "n": 0.9}\n  ]\n}'
    theirs = base.replace(b"0.9}", b'0.9},\n    {"id": "c", "timestamp" : "2025-01"}')
    data = merge_history(base, ours, theirs).data
    assert data == ours.replace(b"0.90},", b'0.90},\r\n    {"id": "c", "timestamp" : "2025-01"},')
    assert (
        merge_history(base, base, theirs).data == merge_history(base, theirs, base).data == theirs
    )
    assert data.count(b"\r\n") == data.count(b"\n")
    assert list(records(merge_history(base, ours, theirs))) == ["r", "c", "b"]
    assert list(records(merge_history(base, theirs, ours))) == ["r", "c", "b"]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "text", [b"{", b'{"instructions": [{"id": "r"}, {"id": "r"}]}', b"<<<<<<< a\n"]
)
def test_a_version_that_is_no_history_is_refused_by_name(place, text):
    """Nothing is guessed of a torn file, doubled ids or markers."""
    sides = [file(R), file(R), file(R)]
    sides[place] = text
    with pytest.raises(DocumentError, match=("BASE", "OURS", "THEIRS")[place]):
        merge_history(*sides)


@given(st.tuples(*[st.dictionaries(st.sampled_from("abn"), VALUES, max_size=3)] * 3))
@example(({"a": {"b": 1}}, {}, {"a": {"b": 2}}))
@example(({"a": [{"id": "q", "b": 1}]}, {"a": []}, {"a": [{"id": "q", "b": 2}]}))
def test_whatever_the_values_a_virtual_base_has_the_base_at_every_contest(contents):
    """So that in the merge on top of it both sides' words count as changes."""
    sides = [file({"id": "r", **content}) for content in contents]
    found = merge_history(*sides, virtual=True)
    value, base = (json.loads(data)["instructions"][0] for data in (found.data, sides[0]))
    for contest in found.contests:
        assert same(get(value, contest.path[1:]), get(base, contest.path[1:]))


CONTENTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)
HISTORIES = st.dictionaries(st.sampled_from("ijk"), CONTENTS, max_size=3).map(
    lambda found: [{"id": name, **found[name]} for name in sorted(found)]
)


@given(HISTORIES, HISTORIES, HISTORIES)
def test_both_ways_give_the_same_and_nothing_is_lost(base, ours, theirs):
    """Whatever the records: each change of one side alone is in, and no side's record is gone."""
    one, other = merged(base, ours, theirs), merged(base, theirs, ours)
    assert bool(one.contests) == bool(other.contests)
    if not one.contests:
        assert json.loads(one.data) == json.loads(other.data)
    found, was = records(one), {item["id"]: item for item in base}
    for side, beside in ((ours, theirs), (theirs, ours)):
        against = {item["id"]: item for item in beside}
        for item in side:
            name = item["id"]
            ids = [one.renamed.get(name, name), name] if name not in was else [name]
            assert set(ids) <= found.keys()
            if same(item, was.get(name)) or same(against.get(name, was.get(name)), was.get(name)):
                changed = not same(item, was.get(name))
                assert not changed or any(same({**found[i], "id": name}, item) for i in ids)
    again = merge_history(one.data, one.data, one.data)
    assert again.data == one.data
