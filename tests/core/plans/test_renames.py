"""A record that gave way: what is meant by its old id, and what is not."""

from __future__ import annotations

from dataclasses import replace

from tests.laws.clones import Line
from tests.laws.sessions import contents_of, incoming
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.core.plans.incoming import EditNote, Seen
from tractatus_merge.core.plans.renames import current_ids, with_current_ids

TEXT = ("text",)
NEW = "inst_010_mmmmmmmm"


def given_way():
    """A line whose m gave way to k's record of the same id: (line, m's own head, the united head)."""
    line = Line()
    one = line.session(line.root, [("add", "inst_010", (), "by k")], "k")
    other = line.session(line.root, [("add", "inst_010", (), "by m")], "m")
    return line, other, line.unite(one, other)


def record_of(state, name):
    """A record."""
    return Record(state.get(INSTRUCTIONS, name))


def test_a_record_is_told_by_who_created_it():
    """One that has its id still, an adopted one, and one that nobody knows have not moved."""
    line, other, head = given_way()
    before, after = line.states[other], line.states[head]
    mine = record_of(before, "inst_010")
    assert current_ids(after, {"inst_010": mine}) == {"inst_010": NEW}
    assert current_ids(after, {"inst_001": record_of(before, "inst_001")}) == {}
    assert current_ids(after, {NEW: record_of(after, NEW)}) == {}
    assert current_ids(before, {"inst_010": mine}) == {}
    assert current_ids(line.states[line.root], {"inst_010": mine}) == {}


def test_a_session_s_edit_goes_where_the_record_is():
    """What it wrote mentions the new id, what it only read does not; the other is not touched."""
    line = Line()
    one = line.session(line.root, [("add", "inst_010", (), "by k")], "k")
    noted = line.session(line.root, [("add", "inst_010", (), "by m")], "m")
    noted = line.session(noted, [("set", "inst_010", ("notes",), "not inst_010 of old")], "r")
    head = line.unite(one, noted)
    done = [("set", "inst_010", TEXT, "see inst_010"), ("add", "inst_011", (), "see inst_010")]
    found = contents_of(line.states[line.session(head, done, "n", noted)])
    new = "inst_010_mmmmmmmm"
    assert (found["inst_010"]["text"], found["inst_010"].get("notes")) == ("by k", None)
    assert (found[new]["text"], found["inst_011"]["text"]) == (f"see {new}", f"see {new}")
    assert found[new]["notes"] == "not inst_010 of old"
    assert found[new]["id"] == new


def test_what_was_said_and_seen_of_a_record_follows_it():
    """Reasons, what its copy had seen, and its base; those of other records stay theirs."""
    line, other, head = given_way()
    done = [("set", "inst_010", TEXT, "x"), ("set", "inst_001", TEXT, "y")]
    session = replace(
        incoming(line.states[other], done, "n"),
        edit_notes={
            ("inst_010", TEXT): EditNote("now", "because"),
            ("inst_001", TEXT): EditNote("now", "so"),
        },
        seen=lambda name: Seen(frozenset({name})),
    )
    told, renames = with_current_ids(line.states[head], session)
    assert renames == {"inst_010": NEW}
    assert sorted(told.edited()) == ["inst_001", NEW] and "inst_010" not in told.copy
    assert (told.writer(NEW, TEXT).why, told.writer("inst_001", TEXT).why) == ("because", "so")
    assert told.copy[NEW].content["id"] == told.base[NEW].content["id"] == NEW
    assert told.base[NEW].vector == session.base["inst_010"].vector
    assert [told.seen(name) for name in (NEW, "inst_001")] == [
        Seen(frozenset({"inst_010"})), Seen(frozenset({"inst_001"}))
    ]  # fmt: skip


def test_a_new_id_that_nobody_has_is_none():
    """A head in which the record under its new id is another's, or not there."""
    line, other, head = given_way()
    mine, state = record_of(line.states[other], "inst_010"), line.states[head]
    for text in (None, state.get(INSTRUCTIONS, "inst_010")):
        assert current_ids(state.with_({(INSTRUCTIONS, NEW): text}), {"inst_010": mine}) == {}


def test_a_session_that_means_nothing_else_is_left_alone():
    """Neither what it did not edit, nor what it added itself."""
    line, other, head = given_way()
    session = incoming(line.states[other], [("set", "inst_001", TEXT, "x")], "n")
    assert with_current_ids(line.states[head], session) == (session, {})
