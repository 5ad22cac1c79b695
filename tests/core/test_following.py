"""A record that gave way: what is meant by its old id, and what is not."""

from __future__ import annotations

from tests.laws.clones import Line
from tests.laws.sessions import contents_of, incoming
from tractatus_merge.core.following import followed, moved
from tractatus_merge.core.incoming import Said
from tractatus_merge.core.merging import Seen
from tractatus_merge.core.record import Record
from tractatus_merge.core.state import INSTRUCTIONS

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
    assert moved(after, {"inst_010": mine}) == {"inst_010": NEW}
    assert moved(after, {"inst_001": record_of(before, "inst_001")}) == {}
    assert moved(after, {NEW: record_of(after, NEW)}) == {}
    assert moved(before, {"inst_010": mine}) == {}
    assert moved(line.states[line.root], {"inst_010": mine}) == {}


def test_a_session_s_edit_goes_where_the_record_is():
    """With its reason, and with what its copy had seen there; the other record is not touched."""
    line, other, head = given_way()
    session = incoming(
        line.states[other],
        [("set", "inst_010", TEXT, "see inst_010"), ("add", "inst_011", (), "see inst_010")],
        "n",
    )
    session.said[("inst_010", TEXT)] = Said("now", "because")
    told, renames = followed(line.states[head], session)
    assert renames == {"inst_010": NEW} and NEW in told.edited() and "inst_010" not in told.copy
    assert told.writer(NEW, TEXT).why == "because"
    assert told.copy[NEW].content["id"] == told.base[NEW].content["id"] == NEW
    assert isinstance(told.seen(NEW), Seen)
    done = contents_of(
        line.states[
            line.session(
                head,
                [
                    ("set", "inst_010", TEXT, "see inst_010"),
                    ("add", "inst_011", (), "see inst_010"),
                ],
                "n",
                other,
            )
        ]
    )
    assert (done["inst_010"]["text"], done[NEW]["text"]) == ("by k", f"see {NEW}")
    assert done["inst_011"]["text"] == f"see {NEW}"


def test_a_session_that_means_nothing_else_is_left_alone():
    """Neither what it did not edit, nor what it added itself."""
    line, other, head = given_way()
    session = incoming(line.states[other], [("set", "inst_001", TEXT, "x")], "n")
    assert followed(line.states[head], session) == (session, {})
