"""Undo as a merge back: what came later stays, nothing is deleted."""

from __future__ import annotations

import pytest

from tests.laws.sessions import NOW, contents_of, incoming, state_of
from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    INSTRUCTIONS,
    SESSIONS,
    Entry,
    State,
)
from tractatus_merge.core.plans.asked_undo import Undo
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.outcome import Outcome
from tractatus_merge.core.plans.person_decision import Answer
from tractatus_merge.core.plans.put_back import conflicts_put_back
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.undo import plan_undo
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

TEXT = ("inst_001", ("text",))
BASE = state_of(
    {"inst_001": {"id": "inst_001", "text": "Be kind.", "notes": "a", "active": True}},
    '{"version": "1.0", "instructions": [], "stats": {"total_instructions": 1,'
    ' "active_instructions": 1}}',
)


def version(plan, head):
    """The state that a plan makes, with a name."""
    items = {key: plan.state.get(*key) for key in plan.state}
    return State(items, f"{head.version}+", NOW)


def done(head, who, *did, base=None, header=None):
    """The head after a session, and its version as something to undo."""
    plan = plan_merge(head, incoming(base or head, did, who, header=header), HISTORY, NOW)
    after = version(plan, head)
    return after, Undo(plan.entry, head, after)


def undone(head, undo, who="p", **named):
    """The plan of an undo, the head after it, and the undo as something to undo."""
    by = Incoming(who, (who * 8)[:8], "Jo <>", NOW, {}, {}, base_version=head.version, seal=who,
                  note="Undo it")  # fmt: skip
    plan = plan_undo(head, replace(undo, **named), by, HISTORY, NOW)
    after = version(plan, head)
    return plan, after, Undo(plan.entry or undo.entry, head, after)


def setting(value, place=TEXT):
    """An edit."""
    return ("set", *place, value)


def test_what_came_later_stays():
    """The version's own change is taken back, another's to another field is not."""
    head, undo = done(BASE, "k", setting("Be quick."))
    head, _ = done(head, "m", setting("b", ("inst_001", ("notes",))))
    plan, head, _ = undone(head, undo)
    assert contents_of(head)["inst_001"] == {**contents_of(BASE)["inst_001"], "notes": "b"}
    assert (plan.entry.message, plan.entry.session, plan.outcome.edited) == (
        "Undo it", "p", ("inst_001",),
    )  # fmt: skip


def test_a_later_change_of_the_same_field_is_a_conflict():
    """The later value stands, what stood before the version waits."""
    head, undo = done(BASE, "k", setting("Be quick."))
    head, _ = done(head, "m", setting("Be slow."))
    _, head, _ = undone(head, undo)
    (conflict,) = open_conflicts(head)
    assert (conflict.force.value, conflict.sides[0].value) == ("Be slow.", "Be kind.")


def test_an_addition_is_retired_and_counted():
    """Nothing is deleted; the header's counters follow."""
    head, undo = done(BASE, "k", ("add", "inst_010", (), "New"))
    _, head, _ = undone(head, undo)
    assert contents_of(head)["inst_010"]["active"] is False
    header = HISTORY.header(head.get(DOCUMENT, "header"))
    assert header["stats"] == {"total_instructions": 2, "active_instructions": 1}


@pytest.mark.parametrize(
    ("named", "text", "notes", "added"),
    [
        ({"instruction": "inst_001"}, "Be kind.", "a", True),
        ({"instruction": "inst_001", "path": ("text",)}, "Be kind.", "b", True),
        ({"instruction": "inst_010"}, "Be quick.", "b", False),
        ({"instruction": "inst_001", "path": ("p", "port")}, "Be quick.", "b", True),
    ],
)
def test_one_record_or_one_field_of_a_version(named, text, notes, added):
    """What else the version did stays; a field that it did not have is left alone."""
    did = [setting("Be quick."), setting("b", ("inst_001", ("notes",)))]
    head, undo = done(BASE, "k", *did, ("add", "inst_010", (), "New"))
    _, head, _ = undone(head, undo, **named)
    found = contents_of(head)
    assert (found["inst_001"]["text"], found["inst_001"]["notes"]) == (text, notes)
    assert (found["inst_010"].get("active") is not False) == added


def test_undo_twice_leaves_nothing_and_undo_of_the_undo_brings_it_back():
    """The second makes no version."""
    head, undo = done(BASE, "k", setting("Be quick."), ("add", "inst_010", (), "New"))
    _, head, again = undone(head, undo)
    assert undone(head, undo, "q")[0].entry is None
    _, head, _ = undone(head, again, "r")
    assert contents_of(head)["inst_001"]["text"] == "Be quick."
    assert contents_of(head)["inst_010"].get("active") is not False


def test_the_header_is_undone_with_the_whole_version_only():
    """Naming an instruction leaves the header alone."""
    head, undo = done(BASE, "k", setting("Be quick."), header={"project": "bakery"})
    one = undone(head, undo, instruction="inst_001")[1]
    assert HISTORY.header(one.get(DOCUMENT, "header"))["project"] == "bakery"
    whole = undone(head, undo)[1]
    assert "project" not in HISTORY.header(whole.get(DOCUMENT, "header"))


def test_the_headers_date_never_goes_back():
    """Undone once, it is the date of the undo; a second undo finds nothing in it to take back."""
    header = '{"version": "1.0", "last_updated": "2025-01-01T00:00:00Z", "instructions": []}'
    base = BASE.with_({(DOCUMENT, "header"): header})
    head, undo = done(replace(base, version="base"), "k", setting("Be quick."))
    _, head, _ = undone(head, undo)
    date = HISTORY.header(head.get(DOCUMENT, "header"))["last_updated"]
    assert date == "2025-06-01T00:00:00Z"
    assert undone(head, undo, "q")[0].entry is None


def contested():
    """A head with a text of three sides, and the version that brought the last."""
    head, _ = done(BASE, "k", setting("One"))
    head, _ = done(head, "m", setting("Two"), base=BASE)
    return done(head, "n", setting("Three"), setting("b", ("inst_001", ("notes",))), base=BASE)


def test_a_side_is_withdrawn_and_others_wait_on():
    """With the version's other changes, in one new version."""
    head, undo = contested()
    plan, head, _ = undone(head, undo)
    (conflict,) = open_conflicts(head)
    assert [side.value for side in conflict.all_sides] == ["One", "Two"]
    assert contents_of(head)["inst_001"]["notes"] == "a"
    assert any(kind == "conflicts" for kind, _ in plan.entry.changes)


def test_the_last_side_closes_the_conflict_and_is_published_once():
    """A version of its own, with its summary: given again after a crash, it does nothing."""
    start, _ = done(BASE, "k", setting("One"))
    head, undo = done(start, "m", setting("Two"), base=BASE)
    plan, after, _ = undone(head, undo)
    assert plan.entry is not None
    assert open_conflicts(after) == []
    assert [p.seal for p in summaries.publications(after, "p" * 8)] == ["p"]
    reopened, _ = done(after, "n", setting("Two"), base=BASE)
    plan, _, _ = undone(reopened, undo)
    assert (plan.entry, plan.state) == (None, reopened)


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ({"instruction": "inst_001", "path": ("text",)}, 2),
        ({"instruction": "inst_001", "path": ("notes",)}, 3),
        ({"instruction": "inst_002"}, 3),
    ],
)
def test_a_side_is_withdrawn_only_where_its_place_is_meant(named, left):
    """Another field's or another record's side waits on."""
    head, undo = contested()
    _, head, _ = undone(head, undo, **named)
    (conflict,) = open_conflicts(head)
    assert len(conflict.all_sides) == left


@pytest.mark.parametrize("named", [{}, {"instruction": "inst_009"}, {"instruction": "inst_010"}])
def test_a_contradiction_goes_with_the_instruction_that_brought_it(named):
    """Whichever of the two ids comes first; the other instruction stays."""
    brings, other = ("inst_009", "inst_010") if "009" in str(named) else ("inst_010", "inst_009")
    tabs, spaces = "Always use tabs in source files.", "Never use tabs in source files."
    head, _ = done(BASE, "k", ("add", other, (), tabs))
    head, undo = done(head, "m", ("add", brings, (), spaces), base=BASE)
    assert [c.kind for c in open_conflicts(head)] == [MEANING]
    _, head, _ = undone(head, undo, **named)
    assert open_conflicts(head) == []
    assert contents_of(head)[brings]["active"] is False
    assert contents_of(head)[other].get("active") is not False


def test_a_conflict_that_was_there_before_is_left_alone():
    """The version brought none of its sides."""
    head, _ = contested()
    (conflict,) = open_conflicts(head)
    head, undo = done(head, "q", setting("q", ("inst_001", ("source",))))
    _, head, _ = undone(head, undo)
    assert open_conflicts(head) == [conflict]
    assert "source" not in contents_of(head)["inst_001"]


@pytest.mark.parametrize(
    ("instruction", "path", "there"),
    [
        (None, (), True),
        ("inst_001", (), True),
        ("inst_002", (), False),
        ("inst_001", ("text",), True),
        ("inst_001", ("text", "deeper"), True),
        ("inst_001", ("notes",), True),
        ("inst_001", ("active",), False),
        ("inst_002", ("text",), False),
    ],
)
def test_what_a_version_did_not_change_is_not_there(instruction, path, there):
    """A side that it brought to a conflict counts; what others did does not."""
    _, undo = contested()
    assert replace(undo, instruction=instruction, path=path).is_there is there


def test_what_another_undid_at_its_place_is_undone_whatever_came_later():
    """A record is compared at the places that the version changed, not as a whole."""
    head, undo = done(BASE, "k", setting("Be quick."))
    _, head, _ = undone(head, undo)
    head, _ = done(head, "m", setting("b", ("inst_001", ("notes",))))
    assert undone(head, undo, "q")[0].entry is None


def test_a_record_that_vanished_comes_back_as_it_stood_before():
    """From the head, and from the version that is undone."""
    head, undo = done(BASE, "k", setting("Be quick."))
    lost = {(INSTRUCTIONS, "inst_001"): None}
    _, found, _ = undone(replace(head.with_(lost), version="lost"), undo)
    assert contents_of(found) == contents_of(BASE)
    head, entry = BASE.with_(lost), Entry("Lose it", changes=((INSTRUCTIONS, "inst_001"),))
    _, found, _ = undone(head, Undo(entry, BASE, head))
    assert contents_of(found) == contents_of(BASE)


def test_a_change_made_after_an_answer_is_undone_without_a_question():
    """The answer is known to who undoes it."""
    head, _ = done(BASE, "k", setting("One"))
    head, _ = done(head, "m", setting("Two"), base=BASE)
    (conflict,) = open_conflicts(head)
    answer = Answer(
        conflict.id, conflict.terms, "One", session="j", tag="j" * 8, author="Jo <>", at=NOW
    )
    head = version(plan_resolve(head, answer, HISTORY, NOW), head)
    head, undo = done(head, "n", setting("Three"))
    _, head, _ = undone(head, undo)
    assert open_conflicts(head) == []
    assert contents_of(head)["inst_001"]["text"] == "One"


def contested_by_three():
    """One publishes, two from before: one opens a conflict, one edits the value in force."""
    seen, _ = done(BASE, "k", setting("One"))
    head, _ = done(seen, "m", setting("Two"), base=BASE)
    return (head, seen, *done(head, "n", setting("Uno"), base=seen))


def test_a_conflict_that_nobody_touched_since_is_as_it_was():
    """The value in force too, though the version changed that while it was contested."""
    before, _, head, undo = contested_by_three()
    plan, after, _ = undone(head, undo)
    assert open_conflicts(after) == open_conflicts(before)
    assert contents_of(after) == contents_of(before)
    assert plan.outcome.conflicts == ()


def test_an_undo_at_a_place_that_is_contested_anew_only_proposes():
    """The conflict is known to who undoes it: what stood before waits with the other sides."""
    head, undo = contested_by_three()[2:]
    head, _ = done(head, "o", setting("Three"), base=BASE)
    _, head, _ = undone(head, undo)
    (conflict,) = open_conflicts(head)
    values = [side.value for side in conflict.all_sides]
    assert (values[0], sorted(values[1:])) == ("Uno", ["One", "Three", "Two"])


def test_no_date_that_a_version_set_goes_back():
    """Also where the header alone was changed, and nothing dates it again."""
    header = '{"version": "1.0", "last_updated": "2025-01-01", "instructions": []}'
    base = replace(BASE.with_({(DOCUMENT, "header"): header}), version="base")
    head, undo = done(base, "k", header={"last_updated": "2025-05-02", "project": "bakery"})
    _, head, _ = undone(head, undo)
    told = HISTORY.header(head.get(DOCUMENT, "header"))
    assert told == {"version": "1.0", "last_updated": "2025-05-02"}


def test_what_an_undo_brings_back_is_not_looked_through_for_contradictions():
    """It knows no base of the records that the version did not change."""
    texts = ("Always use tabs in source files.", "Never use tabs in source files.")
    names = ("inst_001", "inst_002")
    base = state_of({n: {"id": n, "text": t} for n, t in zip(names, texts, strict=True)})
    head, undo = done(base, "k", setting("Be quick."))
    _, head, _ = undone(head, undo)
    assert contents_of(head)["inst_001"]["text"] == texts[0]
    assert open_conflicts(head) == []


def test_a_version_that_only_withdraws_a_side_is_entered_like_any():
    """Who, when and what; not before what it follows, and with its summary."""
    start, _ = done(BASE, "k", setting("One"))
    head, undo = done(start, "m", setting("Two"), base=BASE)
    (conflict,) = open_conflicts(head)
    late = f"{NOW[:10]}T23:59:59.999Z"
    by = Incoming("s", "t" * 8, "Jo <>", NOW, {}, {}, "person", seal="seal", note="Undo it")
    plan = plan_undo(replace(head, time=late), undo, by, HISTORY, NOW)
    changes = (CONFLICTS, conflict.id), (SESSIONS, by.tag)
    assert plan.entry == Entry(
        "Undo it", "s", by.tag, "person", "Jo <>", late, head.version, changes=changes
    )
    assert plan.outcome == Outcome()
    done_once = summaries.Publication(1, late, head.version, "seal", {}, ())
    assert summaries.publications(plan.state, by.tag) == [done_once]
    assert open_conflicts(plan.state) == []


@pytest.mark.parametrize(("path", "left"), [("text", "notes"), ("notes", "text")])
def test_of_two_conflicts_of_a_version_the_one_that_is_meant_goes(path, left):
    """Whichever is found first."""
    notes = ("inst_001", ("notes",))
    start, _ = done(BASE, "k", setting("One"), setting("x", notes))
    head, undo = done(start, "m", setting("Two"), setting("y", notes), base=BASE)
    _, head, _ = undone(head, undo, instruction="inst_001", path=(path,))
    assert [conflict.path for conflict in open_conflicts(head)] == [(left,)]


def answer_to(conflict, who="z"):
    """A person takes what is in force."""
    return Answer(conflict=conflict.id, terms=conflict.terms, value=conflict.force.value, take="1",
                  session=who * 8, tag=who * 8, author="Jo <>", at=NOW)  # fmt: skip


def decided(head, plan):
    """The head after a decision, and the decision as something to undo."""
    after = version(plan, head)
    return after, Undo(plan.entry, head, after)


def test_an_answer_is_revoked_and_the_revocation_answered_again():
    """Each undo goes back to what stood, under an id of its own; the log says what was undone."""
    before, _ = contested()
    (conflict,) = open_conflicts(before)
    head, undo = decided(before, plan_resolve(before, answer_to(conflict), HISTORY, NOW))
    plan, head, undo = undone(head, undo)
    (again,) = open_conflicts(head)
    assert (again.terms, again.id != conflict.id) == (conflict.terms, True)
    assert (plan.outcome.reopened, plan.outcome.conflicts) == ((again.id,), ())
    assert plan.entry.message == "Undo it"
    _, head, undo = undone(head, undo, "q")
    assert open_conflicts(head) == []
    _, head, _ = undone(head, undo, "r")
    assert [one.terms for one in open_conflicts(head)] == [conflict.terms]


def test_a_decision_that_was_overtaken_is_not_undone():
    """An answer whose place is contested anew, and a revocation whose conflict has another side."""
    before, _ = contested()
    (conflict,) = open_conflicts(before)
    answered, answer = decided(before, plan_resolve(before, answer_to(conflict), HISTORY, NOW))
    anew, _ = done(answered, "o", setting("Four"), base=BASE)
    assert open_conflicts(anew)
    plan, _, _ = undone(anew, answer)
    assert (plan.entry, open_conflicts(plan.state)) == (None, open_conflicts(anew))
    _, revoked, revocation = undone(answered, answer)
    more, _ = done(revoked, "o", setting("Four"), base=BASE)
    plan, _, _ = undone(more, revocation, "q")
    assert (plan.entry, open_conflicts(plan.state)) == (None, open_conflicts(more))


def test_what_others_wrote_beside_an_answer_stays():
    """Only what the answer wrote is taken back."""
    before, _ = contested()
    (conflict,) = open_conflicts(before)
    answer = replace(answer_to(conflict), value="Two", take="2")
    answered, undo = decided(before, plan_resolve(before, answer, HISTORY, NOW))
    later, _ = done(answered, "o", setting("later", ("inst_001", ("notes",))))
    _, after, _ = undone(later, undo)
    expected = {**contents_of(before)["inst_001"], "notes": "later"}
    assert contents_of(after)["inst_001"] == expected


def test_what_a_person_retired_is_in_force_again_where_the_contradiction_is_gone():
    """The answer cannot be asked again: what it wrote is merged back, and others' words stay."""
    head, _ = done(BASE, "k", ("add", "inst_002", (), "Use tabs."))
    head, _ = done(head, "m", ("add", "inst_003", (), "Never use tabs."), base=BASE)
    (conflict,) = open_conflicts(head)
    answered, answer = decided(head, plan_resolve(head, answer_to(conflict), HISTORY, NOW))
    later, _ = done(answered, "n", setting("Use ovens.", ("inst_002", ("text",))))
    _, after, _ = undone(later, answer)
    assert "active" not in contents_of(head)["inst_003"]
    assert contents_of(after) == {**contents_of(head), "inst_002": contents_of(later)["inst_002"]}


def test_an_instruction_that_had_no_mark_gets_none_by_an_undo():
    """As it stood before the answer, to the letter."""
    head, _ = done(BASE, "k", ("add", "inst_002", (), "Use tabs."))
    head, _ = done(head, "m", ("add", "inst_003", (), "Never use tabs."), base=BASE)
    (conflict,) = open_conflicts(head)
    answered, answer = decided(head, plan_resolve(head, answer_to(conflict), HISTORY, NOW))
    assert contents_of(answered)["inst_003"]["active"] is False
    _, after, _ = undone(answered, answer)
    assert contents_of(after) == contents_of(head)


def test_the_headers_value_in_force_is_put_back():
    """A contested place of the header is like one of an instruction."""
    seen, _ = done(BASE, "k", header={"version": "One"})
    before, _ = done(seen, "m", base=BASE, header={"version": "Two"})
    head, undo = done(before, "n", base=seen, header={"version": "Uno"})
    assert HISTORY.header(head.get(DOCUMENT, "header"))["version"] == "Uno"
    _, after, _ = undone(head, undo)
    assert open_conflicts(after) == open_conflicts(before)
    assert HISTORY.header(after.get(DOCUMENT, "header"))["version"] == "One"


def test_no_conflict_is_put_back_under_or_above_another():
    """What is open at the place since then holds all that waits there."""
    place = ("inst_001", ("parameters", "port"))
    base, _ = done(BASE, "b", ("set", "inst_001", ("parameters",), {"port": "0"}))
    one, _ = done(base, "k", setting("1", place))
    before, _ = done(one, "m", setting("2", place), base=base)
    closed, undo = done(before, "n", setting("2", place), base=one)
    (narrow,) = open_conflicts(before)
    assert open_conflicts(closed) == []
    wide = replace(narrow, id="c1", path=("parameters",))
    there = closed.with_({(CONFLICTS, "c1"): json_text.dump(wide.to_json())})
    assert conflicts_put_back(closed, undo, there, "q" * 8, HISTORY) == {}
    assert conflicts_put_back(closed, undo, closed, "q" * 8, HISTORY)
