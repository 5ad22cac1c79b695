"""Contradictions as conflicts: which pairs a merge asks about, and what is known already."""

from __future__ import annotations

import pytest

from tests.laws.clones import Line
from tests.laws.sessions import NOW, incoming, merged, state_of
from tractatus_merge.core.model.conflict import MEANING, Writer
from tractatus_merge.core.model.findings import (
    Finding,
    all_findings,
    conflict_of,
    resolution_name,
    without_repeats,
)
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, RESOLUTIONS
from tractatus_merge.core.plans.incoming import EditNote
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.person_decision import Answer
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.unite_contradictions import open_in_united
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.errors import UnknownConflict
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

TABS, SPACES = "Always use tabs in source files.", "Never use tabs in source files."
BASE = state_of({"inst_001": {"id": "inst_001", "text": "Be kind.", "active": True}})
SAYS_TABS = incoming(BASE, [("add", "inst_010", (), TABS)], "k")
SAYS_SPACES = incoming(BASE, [("add", "inst_011", (), SPACES)], "m")


def both(head=BASE, session=SAYS_SPACES):
    """The head after the two sessions that contradict each other."""
    return merged(merged(head, SAYS_TABS), session)


def answered(head, take):
    """The head after a person's answer to its only conflict."""
    (conflict,) = open_conflicts(head)
    value = {"both": None, "1": conflict.force.value, "2": conflict.sides[0].value}[take]
    answer = Answer(
        conflict.id, conflict.terms, value, session="person01", tag="cafecafe", author="Jo <>", at=NOW,
        take=take, both=take == "both",
    )  # fmt: skip
    return plan_resolve(head, answer, HISTORY, NOW).state


def finding(code="prohibition", ids=("a", "b"), says=("One", "Other")):
    """A finding."""
    return Finding(code, "WARNING", ids, "tabs", says)


def test_a_finding_says_who_says_what():
    """Texts as they are, other values as JSON; twins by their names."""
    assert finding(says=("One", 27017)).sentence == ('a says "One", b says "27017" (about tabs)')
    assert finding("twin").sentence == "a and b say nearly the same"


@pytest.mark.parametrize(
    "other", [finding(says=("One", "more")), finding(ids=("a", "c")), finding("parameter")]
)
def test_the_id_is_a_hash_of_what_is_said(other):
    """Another word, another instruction or another kind of finding is another id."""
    assert finding().id == finding().id
    assert other.id != finding().id


def test_a_conflict_of_a_finding_has_a_side_for_each_instruction():
    """In the order of their ids; nobody is named where no writers are told."""
    conflict = conflict_of(finding())
    assert (conflict.kind, conflict.instruction, conflict.path) == (
        MEANING, "a", (MEANING, "b", "tabs"),
    )  # fmt: skip
    assert [side.value for side in conflict.all_sides] == [
        {"instruction": "a", "says": "One"}, {"instruction": "b", "says": "Other"},
    ]  # fmt: skip
    assert [side.writers for side in conflict.all_sides] == [(), ()]
    assert [side.base for side in conflict.all_sides] == [MISSING, MISSING]
    assert conflict.severity == "WARNING"


def test_parameters_are_not_told_where_the_texts_contradict():
    """One disagreement is told once; of another pair it is told."""
    parameter = finding("parameter", ids=("a", "c"))
    assert without_repeats([finding(), finding("parameter"), parameter]) == [finding(), parameter]


def test_two_concurrent_additions_that_contradict_are_one_conflict_with_their_writers():
    """Both records stand; each side names who wrote it."""
    head = both()
    (conflict,) = open_conflicts(head)
    assert conflict.kind == MEANING
    assert [[w.session for w in side.writers] for side in conflict.all_sides] == [["k"], ["m"]]
    assert head.names(INSTRUCTIONS) == ["inst_001", "inst_010", "inst_011"]


def test_a_side_tells_when_and_why_its_instruction_was_written():
    """As noted by the session that brings it; its merge publishes it."""
    said = {("inst_011", ()): EditNote("2025-05-02T00:00:00.000Z", "asked for", "P <p@x>")}
    (conflict,) = open_conflicts(both(session=replace(SAYS_SPACES, edit_notes=said)))
    (writer,) = conflict.sides[0].writers
    assert writer == Writer("2025-05-02T00:00:00.000Z", "m", "P <p@x>", "asked for", NOW)


LATER = "2030-01-01T00:00:00.000Z"


@pytest.mark.parametrize("how", ["added", "renamed", "edited"])
def test_a_side_tells_who_wrote_it_and_that_it_is_published_now(how):
    """Also of a new instruction that got another id, and of a field that was edited."""
    name, path = ("inst_001", ("text",)) if how == "edited" else ("inst_020", ())
    if how == "renamed":
        name = "inst_010"
    session = incoming(BASE, [("set" if path else "add", name, path, SPACES)], "m")
    said = EditNote("2025-05-02T00:00:00.000Z", "because", "P <p@x>")
    session = replace(session, edit_notes={(name, path): said})
    head = plan_merge(merged(BASE, SAYS_TABS), session, HISTORY, LATER).state
    (conflict,) = open_conflicts(head)
    writers = [
        w for side in conflict.all_sides for w in side.writers if w.session == session.session
    ]
    assert writers == [Writer(said.at, session.session, said.author, "because", LATER)]


def test_an_edit_of_another_record_is_asked_about_too():
    """What the head changed since the base counts, additions and edits alike."""
    done = [("set", "inst_001", ("text",), TABS)]
    (conflict,) = open_conflicts(merged(merged(BASE, incoming(BASE, done, "k")), SAYS_SPACES))
    assert conflict.instruction == "inst_001"


@pytest.mark.parametrize("name", ["inst_001", "inst_010"])
def test_nothing_is_raised_where_one_side_only_changed(name):
    """A session that started after the other published has seen what it contradicts."""
    head = merged(BASE, SAYS_TABS)
    if name == "inst_001":
        head = state_of({name: {"id": name, "text": TABS, "active": True}})
    session = incoming(head, [("add", "inst_011", (), SPACES)], "m")
    assert open_conflicts(merged(head, session)) == []


def test_a_head_that_only_ticked_a_record_did_not_change_it():
    """The same content under another vector is no change since the base."""
    start = state_of({"inst_001": {"id": "inst_001", "text": TABS, "notes": "a", "active": True}})
    there = merged(start, incoming(start, [("set", "inst_001", ("notes",), "b")], "k"))
    back = merged(there, incoming(there, [("set", "inst_001", ("notes",), "a")], "n"))
    assert back.get(INSTRUCTIONS, "inst_001") != start.get(INSTRUCTIONS, "inst_001")
    assert open_conflicts(merged(back, incoming(start, [("add", "x", (), SPACES)], "m"))) == []


def test_a_copy_that_is_not_whole_raises_nothing():
    """What was taken in from a view has no base for the records that it leaves out."""
    assert open_conflicts(both(session=replace(SAYS_SPACES, complete=False))) == []


def test_a_retired_record_raises_nothing():
    """It says nothing any more."""
    head = merged(BASE, SAYS_TABS)
    done = [("set", "inst_010", ("active",), False)]
    head = merged(head, incoming(head, done, "n"))
    assert open_conflicts(merged(head, SAYS_SPACES)) == []


def test_near_twins_are_a_note():
    """They open no conflict; the outcome tells them."""
    head = merged(BASE, SAYS_TABS)
    plan = plan_merge(head, incoming(BASE, [("add", "inst_012", (), TABS)], "m"), HISTORY, NOW)
    assert open_conflicts(plan.state) == []
    assert [note.code for note in plan.outcome.notes] == ["twin"]
    assert plan.outcome.status == "clean"


def test_a_dismissed_finding_is_never_told_again_and_a_changed_text_is():
    """The answer holds for what was said."""
    start = merged(BASE, SAYS_SPACES)
    head = merged(start, SAYS_TABS)
    (conflict,) = open_conflicts(head)
    touched = incoming(start, [("set", "inst_011", ("notes",), "n")], "q")
    assert open_conflicts(merged(head, touched)) == [conflict]
    head = answered(head, "both")
    assert (RESOLUTIONS, resolution_name(conflict.id)) in head
    assert all_findings(head, HISTORY.meaning) == []
    assert open_conflicts(merged(head, touched)) == []
    done = [("set", "inst_011", ("text",), "Never use tabs in any source file.")]
    (new,) = all_findings(merged(head, incoming(head, done, "p")), HISTORY.meaning)
    assert new.id != conflict.id


@pytest.mark.parametrize(("take", "gone"), [("1", "inst_011"), ("2", "inst_010")])
def test_the_side_that_was_not_chosen_is_retired(take, gone):
    """Under a ticked vector; the other one is left as it is."""
    head = answered(both(), take)
    assert open_conflicts(head) == []
    for name in ("inst_010", "inst_011"):
        retired = '"active": false' in head.get(INSTRUCTIONS, name)
        assert retired == (name == gone)
        assert ("cafecafe:1" in head.get(INSTRUCTIONS, name)) == (name == gone)


def test_a_finding_of_the_history_can_be_settled_without_having_been_a_conflict():
    """Found by its id among all findings; another id is unknown."""
    texts = {"inst_010": TABS, "inst_011": SPACES}
    head = state_of({n: {"id": n, "text": t, "active": True} for n, t in texts.items()})
    (found,) = all_findings(head, HISTORY.meaning)
    conflict = conflict_of(found)
    answer = Answer(
        conflict.id,
        conflict.terms,
        None,
        session="p",
        tag="cafecafe",
        author="Jo <>",
        at=NOW,
        both=True,
    )
    assert all_findings(plan_resolve(head, answer, HISTORY, NOW).state, HISTORY.meaning) == []
    for state in (head, both()):
        with pytest.raises(UnknownConflict):
            plan_resolve(state, replace(answer, conflict="c0"), HISTORY, NOW)


def united_conflicts(one, other, after):
    """What is open where the two heads meet."""
    return open_in_united(BASE, (one, other), after, HISTORY)


def without_conflicts(head):
    """The head as a union finds it before it looks for contradictions."""
    return head.with_({(CONFLICTS, name): None for name in head.names(CONFLICTS)})


def test_what_is_open_in_either_head_is_open_unless_one_has_answered():
    """Of two texts of one conflict the lesser stands, so that both clones take the same."""
    head = both()
    after = without_conflicts(head)
    ((key, text),) = united_conflicts(head, head, after).items()
    assert key[0] == CONFLICTS
    assert text == head.get(*key)
    said = json_text.parse(text)
    said["sides"][0]["writers"][0]["session"] = "a"
    other = head.with_({key: json_text.dump(said)})
    expected = {key: min(text, json_text.dump(said))}
    assert united_conflicts(head, other, after) == united_conflicts(other, head, after) == expected
    settled = after.with_({(RESOLUTIONS, resolution_name(key[1])): "{}"})
    assert united_conflicts(head, head, settled) == {}
    field = head.with_({key: json_text.dump({**json_text.parse(text), "kind": "field"})})
    assert united_conflicts(field, field, after) == {}


def parted(*more):
    """A line, and two heads of it that contradict each other; `more` goes into the first."""
    line = Line(BASE)
    one = line.session(line.root, [("add", "inst_010", (), TABS), *more], "k")
    return line, one, line.session(line.root, [("add", "inst_011", (), SPACES)], "m")


@pytest.mark.parametrize("remote", [False, True])
def test_two_clones_that_contradict_each_other_are_told_where_they_meet(remote):
    """The same conflict as if the two sessions had ended in one clone, in either direction."""
    line, one, other = parted()
    (alone,) = open_conflicts(both())
    for pair in ((one, other), (other, one)):
        (found,) = line.conflicts(line.unite(*pair, remote=remote))
        assert (found.id, found.kind, found.path) == (alone.id, MEANING, alone.path)
        assert [[w.session for w in side.writers] for side in found.all_sides] == [["k"], ["m"]]


def test_what_was_told_or_answered_before_is_not_told_again_where_clones_meet():
    """Open in one clone it stays the one conflict; answered in one clone it is answered."""
    line, one, other = parted()
    head = line.unite(one, other)
    (conflict,) = line.conflicts(head)
    settled = line.answer(head, conflict, "p", both=True, take="both")
    edited = line.session(other, [("set", "inst_011", ("notes",), "n")], "q")
    for start, open_ in ((head, [conflict.id]), (settled, [])):
        for pair in ((start, edited), (edited, start)):
            assert [c.id for c in line.conflicts(line.unite(*pair))] == open_


def test_what_one_clone_has_decided_alone_is_not_asked_where_clones_meet():
    """Both records came from one clone, or one was there before: that was its own matter."""
    line = Line(BASE)
    start = line.session(line.root, [("add", "inst_010", (), TABS)], "k")
    one = line.session(start, [("add", "inst_011", (), SPACES)], "m", start)
    other = line.session(start, [("set", "inst_001", ("text",), "Be kind, always.")], "n")
    assert line.conflicts(one) == []
    assert line.conflicts(line.unite(one, other)) == []
    assert line.conflicts(line.unite(other, one)) == []


def test_twins_in_two_clones_are_no_conflict():
    """They say the same: as in one clone, that is no more than a note."""
    line = Line(BASE)
    one = line.session(line.root, [("add", "inst_010", (), TABS)], "k")
    other = line.session(line.root, [("add", "inst_011", (), TABS)], "m")
    assert line.conflicts(line.unite(one, other)) == []
