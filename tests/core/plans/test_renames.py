"""A record that gave way: what is meant by its old id, and what is not."""

from __future__ import annotations

from tests.laws.clones import Line
from tests.laws.sessions import NOW, contents_of, incoming, state_of
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS, SESSIONS
from tractatus_merge.core.model.summaries import publications
from tractatus_merge.core.plans.incoming import EditNote, Seen
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.renames import current_ids, with_current_ids
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

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


def twice(line, other, head, old, new):
    """A session of m that edited its record under both ids; its base has them both."""
    both = state_of(
        {"inst_010": record_of(line.states[other], "inst_010").value,
         NEW: record_of(line.states[head], NEW).value}
    )  # fmt: skip
    done = [("set", "inst_010", *old), ("set", NEW, *new)]
    notes = {("inst_010", old[0]): EditNote("1", "old id"), (NEW, new[0]): EditNote("2", "new id")}
    return replace(incoming(both, done, "m"), edit_notes=notes)


def test_edits_of_a_record_under_two_ids_are_both_in():
    """Each is merged as its own, the one onto the other; the log has both, and one record."""
    line, other, head = given_way()
    session = twice(line, other, head, (TEXT, "a"), (("notes",), "b"))
    plan = plan_merge(line.states[head], session, HISTORY, NOW)
    assert (plan.state.content(NEW)["text"], plan.state.content(NEW)["notes"]) == ("a", "b")
    assert plan.state.content("inst_010")["text"] == "by k"
    assert plan.outcome.edited == (NEW,) and plan.outcome.conflicts == ()
    assert plan.outcome.renamed == {"inst_010": NEW}
    own = Record(plan.entry.own.get(INSTRUCTIONS, NEW)).content
    assert (own["text"], own["notes"], own["id"]) == ("a", "b", NEW)
    (done,) = publications(plan.state, "m" * 8)[1:]
    assert [(edit["instruction"], edit["path"], edit["why"]) for edit in done.edits] == [
        (NEW, ["notes"], "new id"), (NEW, ["text"], "old id")
    ]  # fmt: skip


def test_two_edits_of_one_field_under_two_ids_are_a_conflict_of_the_session_with_itself():
    """What it wrote under the new id is in force; each side has its own reason."""
    line, other, head = given_way()
    session = twice(line, other, head, (TEXT, "a"), (TEXT, "b"))
    plan = plan_merge(line.states[head], session, HISTORY, NOW)
    (conflict,) = open_conflicts(plan.state)
    sides = [(side.value, [w.why for w in side.writers]) for side in conflict.all_sides]
    assert (conflict.instruction, sides) == (NEW, [("b", ["new id"]), ("a", ["old id"])])
    assert plan.outcome.conflicts == (conflict.id,)


def test_a_conflict_that_the_second_edit_of_a_record_closes_is_not_told():
    """Under the old id the session wrote what waits: both say the same now."""
    line, other, head = given_way()
    line.session(head, [], "n")
    third = line.session(head, [("set", NEW, TEXT, "a")], "r")
    session = twice(line, other, head, (TEXT, "a"), (TEXT, "b"))
    plan = plan_merge(line.states[third], session, HISTORY, NOW)
    for name in plan.outcome.conflicts:
        assert name in {conflict.id for conflict in open_conflicts(plan.state)}
    values = {side.value for c in open_conflicts(plan.state) for side in c.all_sides}
    assert {"a", "b"} <= values | {plan.state.content(NEW)["text"]}


def test_two_old_ids_of_one_record_are_two_edits_too():
    """Both gave way to a third: the first takes its place, the second is put onto it."""
    line, other, head = given_way()
    state = line.states[head]
    summary = json_text.parse(state.get(SESSIONS, "m" * 8))
    for item in summary["publications"]:
        item["renamed"] = {"inst_010": NEW, "inst_009": NEW}
    state = state.with_({(SESSIONS, "m" * 8): json_text.dump(summary)})
    mine = record_of(line.states[other], "inst_010").value
    base = state_of({"inst_009": {**mine, "id": "inst_009"}, "inst_010": mine})
    done = [("set", "inst_009", TEXT, "a"), ("set", "inst_010", ("notes",), "b")]
    found = plan_merge(state, incoming(base, done, "n"), HISTORY, NOW).state.content(NEW)
    assert (found["text"], found["notes"]) == ("a", "b")


def test_a_record_that_gave_way_twice_is_found_at_the_end():
    """From rename to rename; a chain that comes back to where it was leads nowhere."""
    line, other, head = given_way()
    state, mine = line.states[head], record_of(line.states[other], "inst_010")
    text = state.get(SESSIONS, "m" * 8)
    for renamed, place in (
        ({"inst_010": "inst_011", "inst_011": NEW}, {"inst_010": NEW}),
        ({"inst_010": "inst_011", "inst_011": "inst_010"}, {}),
    ):
        summary = json_text.parse(text)
        summary["publications"][0]["renamed"] = renamed
        there = state.with_({(SESSIONS, "m" * 8): json_text.dump(summary)})
        assert current_ids(there, {"inst_010": mine}) == place


def test_in_a_head_set_back_behind_the_rename_it_is_the_old_id():
    """The record of the same creator, of which the new id would come; nobody else's."""
    line, other, head = given_way()
    new = record_of(line.states[head], NEW)
    assert current_ids(line.states[other], {NEW: new}) == {NEW: "inst_010"}
    one = line.session(line.root, [("add", "inst_010", (), "by k")], "k")
    assert current_ids(line.states[one], {NEW: new}) == {}
    assert current_ids(line.states[other], {"inst_0": new}) == {}


def test_of_two_records_of_one_creator_each_keeps_its_id():
    """What a session took in, and what it added under that id itself: only the latter got another."""
    line = Line()
    first = line.session(line.root, [("add", "inst_010", (), "taken in")], "m")
    head = line.states[line.session(first, [("add", "inst_010", (), "added")], "m", line.root)]
    assert contents_of(head)["inst_010"]["text"] == "taken in"
    assert contents_of(head)[NEW]["text"] == "added"
    both = {name: record_of(head, name) for name in ("inst_010", NEW)}
    assert current_ids(head, both) == {}
