"""A record and its stamp."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.laws import strategies as some
from tractatus_merge.core.model.record import STAMP, Record
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.values.equality import same
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.errors import TooDeep

VECTOR = VersionVector().tick("7f3a91c2", 1, creates=True)
PLAIN = Record(
    '{\n  "id": "i",\n  "explicitness": 0.90,\n  "one": 1.0,\n  "big": 1e21,\n  "t": "\\u00e9"\n}'
)


def test_a_record_never_published_has_the_empty_vector():
    """No stamp: not stamped, not genuine, before every other."""
    assert PLAIN.vector == VersionVector()
    assert not PLAIN.stamped
    assert not PLAIN.genuine


def test_what_is_no_object_is_no_record():
    """An old version may hold anything: that is told as what is no JSON is."""
    for text in ("[]", '"x"', "{"):
        with pytest.raises(JsonError):
            _ = Record(text).value


def test_a_published_record_says_who_and_is_genuine():
    """The stamp is the vector and eight hex digits, at the end; the rest keeps its bytes."""
    record = PLAIN.published(PLAIN.content, VECTOR)
    assert record.text.startswith(PLAIN.text[:-2])
    assert record.value[STAMP].startswith("+7f3a91c2:1 #")
    assert record.vector == VECTOR
    assert record.genuine
    assert record.content == PLAIN.content


def test_the_stamp_survives_a_node_like_rewriting():
    """1.0 becomes 1, 0.90 becomes 0.9, escapes are resolved, keys may be sorted: still genuine."""
    record = PLAIN.published(PLAIN.content, VECTOR)
    value = json.loads(record.text)
    value["one"], value["big"] = 1, 10**21
    for text in (
        json.dumps(value, ensure_ascii=False),
        json.dumps(value, indent=4, sort_keys=True),
    ):
        assert Record(text).genuine


@pytest.mark.parametrize(
    "change", [{"id": "j"}, {"one": 2}, {"new": None}, {"one": True}, {"t": "é "}]
)
def test_a_hand_edit_breaks_the_stamp(change):
    """Whatever is changed without the tool shows; the vector still names the base."""
    record = PLAIN.published(PLAIN.content, VECTOR)
    edited = Record.of({**record.value, **change})
    assert edited.stamped
    assert not edited.genuine
    assert edited.vector == VECTOR


@pytest.mark.parametrize(
    "stamp", [5, None, "", "x", "7f3a91c2:1", "zzz #12345678", ["#"], "+7f3a91c2:1 #"]
)
def test_a_strange_stamp_is_no_stamp(stamp):
    """A stamp that cannot be read counts as none, or as a broken one; never an error."""
    record = Record.of({"id": "i", STAMP: stamp})
    assert not record.genuine
    assert record.content == {"id": "i"}
    assert isinstance(record.vector, VersionVector)


def test_an_edit_leaves_the_stamp_as_it_was():
    """`edited` keeps the old stamp, which thereby tells the base."""
    record = PLAIN.published(PLAIN.content, VECTOR)
    edited = record.edited({**record.content, "new": 1})
    assert edited.value[STAMP] == record.value[STAMP]
    assert not edited.genuine
    assert edited.published(edited.content, VECTOR).genuine


def test_the_stamp_keeps_its_place():
    """Where something stands behind the stamp, it does so afterwards."""
    record = Record('{"id": "i", "version_vector": "+7f3a91c2:1 #0", "active": true}')
    new = record.published({**record.content, "id": "i", "active": False}, VECTOR)
    assert list(new.value) == ["id", STAMP, "active"]
    assert list(record.edited({"id": "i", "active": True, "n": 1}).value)[:1] == ["id"]


@given(some.objects, some.objects)
def test_publishing_says_exactly_the_content(before, after):
    """Whatever the old text, the new one says the content and is genuine."""
    after = {key: value for key, value in after.items() if key != STAMP}
    record = Record.of(before).published(after, VECTOR)
    assert same(record.content, after)
    assert record.genuine
    assert same(Record.of(before).edited(after).content, after)


def test_of_writes_numbers_as_they_came():
    """0.90 stays 0.90."""
    assert Record.of({"n": Number("0.90")}).text == '{\n  "n": 0.90\n}'


def test_a_record_deeper_than_one_may_be_is_not_made():
    """New or edited; one level less is."""
    fits = json.loads("[" * 99 + "]" * 99)
    record = Record.of({"id": "a", "n": fits})
    assert record.edited({"id": "a", "n": fits, "m": 1}).content["n"] == fits
    for make in (Record.of, record.edited):
        with pytest.raises(TooDeep, match="deeper than 100 levels"):
            make({"id": "a", "n": [fits]})


def test_a_record_that_a_program_only_rewrote_is_genuine_again():
    """Its numbers are those of the version it was made from; what was meant is an edit."""
    content = {"id": "a", "n": Number("9007199254740993"), "m": 1}
    was = Record.of(content).published(content, VECTOR)
    said = Record(was.text.replace("9007199254740993", "9007199254740992"))
    assert not said.genuine
    record, places = said.unrounded(was)
    assert (record.text, places) == (was.text, (("n",),))
    assert said.unrounded(was, [("n",)]) == (said, ())
    assert was.unrounded(was) == (was, ())


@pytest.mark.parametrize(
    ("stamp", "creator"),
    [
        (f"{VECTOR} #12345678", True),
        ("+b21c0d44:1 7f3a91c2:1 #12345678", False),
        ("+b21c0d44:1 #12345678", False),
        (f"{VECTOR}", False),
    ],
)
def test_a_record_is_by_its_creators(stamp, creator):
    """However the stamp is spelled; a tag that stands elsewhere in the record is none."""
    plain = json.dumps({"id": "i", "text": "7f3a91c2", STAMP: stamp})
    escaped = plain.replace("7f3a91c2", "\\u0037f3a91c2")
    for text in (plain, escaped):
        assert Record(text).is_by("7f3a91c2") == creator


def test_who_created_a_record_is_seen_without_reading_it():
    """A text without the tag need not even be JSON."""
    assert not Record("{").is_by("7f3a91c2")


def test_records_are_equal_by_their_text():
    """Whatever was read of them; and equal ones count as one in a set."""
    one, other = Record('{"id": "i"}'), Record('{"id": "i"}')
    assert one.value == one.content == {"id": "i"}
    assert one == other != Record('{"id": "j"}')
    assert one != one.text
    assert {one} == {other}
    assert repr(one) == 'Record(\'{"id": "i"}\')'
