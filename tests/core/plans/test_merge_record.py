"""One record with its open conflicts: what goes in, what comes out."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, Side, Writer, conflict_id
from tractatus_merge.core.model.resolutions import Closing
from tractatus_merge.core.plans.incoming import Seen
from tractatus_merge.core.plans.merge_record import Contested, merge_record
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.core.values.places import get, put
from tractatus_merge.instructions.field_rules import HISTORY

BASE = {
    "id": "i", "text": "t", "n": 0, "active": True, "persistence": "HIGH",
    "parameters": {"port": "1", "host": "a"},
}  # fmt: skip


class Head:
    """A record and its conflicts, into which sessions merge."""

    def __init__(self, value=None, closings=()):
        self.value, self.conflicts, self.closings = value or BASE, (), closings
        self.touched, self.known, self.answered = (), {}, ()

    def merge(self, who, after, *, base=None, seen=(), resolved=()):
        about = Contested(
            "i", self.conflicts, self.closings, Seen(frozenset(seen), frozenset(resolved))
        )
        merged = merge_record(
            HISTORY.policy, Merge(base or BASE, self.value, after), about,
            writer=lambda path: Writer("t", who, why="/".join(path)),
            blame=lambda path, value: (
                Writer("t", self.known.get(repr(value), "?"), why="/".join(path)),
            ),
        )  # fmt: skip
        self.value, self.conflicts, self.touched = merged.value, merged.conflicts, merged.touched
        self.answered = merged.answered
        return self

    def at(self, *path):
        """The open conflict at a path: (kind, value in force, waiting values)."""
        found = next(c for c in self.conflicts if c.path == path)
        assert (
            get(self.value, path) is found.force.value or get(self.value, path) == found.force.value
        )
        assert found.severity == HISTORY.policy.severity(self.value, path)
        return found.kind, found.force.value, sorted(map(repr, (s.value for s in found.sides)))


def test_different_fields_merge_field_by_field():
    """Nobody is asked where nobody disagrees."""
    head = Head().merge("x", {**BASE, "text": "x"}).merge("y", {**BASE, "n": 5})
    assert head.value == {**BASE, "text": "x", "n": 5}
    assert head.conflicts == ()


def test_one_field_changed_differently_conflicts():
    """The head's value stands, theirs waits, and only this merge's conflict is touched."""
    head = Head().merge("x", {**BASE, "text": "x"}).merge("y", {**BASE, "text": "y"})
    assert head.at("text") == (FIELD, "x", ["'y'"])
    assert len(head.touched) == 1
    assert head.merge("z", {**BASE, "n": 1}).touched == ()
    assert head.at("text") == (FIELD, "x", ["'y'"])


@pytest.mark.parametrize("retire_first", [True, False])
def test_edit_against_retire_both_ways(retire_first):
    """The edit is in, `active` waits for a person, what was there first stands."""
    retired, edited = {**BASE, "active": False}, {**BASE, "text": "new"}
    order = (retired, edited) if retire_first else (edited, retired)
    head = Head().merge("x", order[0]).merge("y", order[1])
    assert head.at("active") == (EDIT_RETIRE, not retire_first, [repr(retire_first)])
    assert head.value["text"] == "new"
    assert len(head.conflicts) == 1


def test_edit_against_retire_without_the_key():
    """A record that never had `active` does not get it by an edit."""
    base = {"id": "i", "text": "t"}
    head = Head(base).merge("x", {**base, "text": "x"}, base=base)
    head.merge("y", {**base, "active": False}, base=base)
    assert head.at("active") == (EDIT_RETIRE, MISSING, ["False"])
    head.merge("z", {**base, "n": 1}, base=base)
    assert head.at("active") == (EDIT_RETIRE, MISSING, ["False"])
    assert "active" not in head.value


def test_others_take_sides_in_edit_against_retire():
    """Who edits stands for keeping it, who retires for retiring it; who does neither for nothing."""
    head = Head().merge("x", {**BASE, "active": False}).merge("y", {**BASE, "text": "y"})
    head.merge("z", {**BASE, "n": 1}).merge("w", {**BASE, "active": False}).merge("v", BASE)
    conflict = next(c for c in head.conflicts if c.kind == EDIT_RETIRE)
    assert [w.session for w in conflict.force.writers] == ["?", "w"]
    assert [w.session for w in conflict.sides[0].writers] == ["y", "z"]


def test_an_edit_that_waits_is_an_edit_all_the_same():
    """Also where its field is contested already, it stands against a retirement."""
    head = Head().merge("x", {**BASE, "text": "x", "active": False})
    head.merge("y", {**BASE, "text": "y", "active": False}).merge("z", {**BASE, "text": "z"})
    assert head.at("text") == (FIELD, "x", ["'y'", "'z'"])
    assert head.at("active") == (EDIT_RETIRE, False, ["True"])
    other = Head().merge("x", {**BASE, "text": "x"}).merge("z", {**BASE, "text": "z"})
    other.merge("y", {**other.value, "active": False}, base={**BASE, "text": "x"})
    assert other.at("active") == (EDIT_RETIRE, True, ["False"])


def test_a_proposal_closes_nothing():
    """From a copy that showed the conflict, even the value in force's own change only waits."""
    head = Head().merge("x", {**BASE, "text": "x"}).merge("y", {**BASE, "text": "y"})
    seen = [conflict.id for conflict in head.conflicts]
    head.merge("z", {**BASE, "text": "y"}, base={**BASE, "text": "x"}, seen=seen)
    assert head.at("text")[1] == "x"
    assert {s.value for s in head.conflicts[0].sides} == {"y"}
    head.merge("w", {**BASE, "text": "w"}, base={**BASE, "text": "x"}, seen=seen)
    assert head.at("text") == (FIELD, "x", ["'w'", "'y'", "'y'"])


def test_moves_follow_the_algebra():
    """Unseen: the value in force is replaced, a side moves, the last side's move closes it."""
    head = Head().merge("x", {**BASE, "text": "x"}).merge("y", {**BASE, "text": "y"})
    head.merge("x", {**BASE, "text": "x2"}, base={**BASE, "text": "x"})
    assert head.at("text") == (FIELD, "x2", ["'y'"])
    head.merge("y", {**BASE, "text": "y2"}, base={**BASE, "text": "y"})
    assert head.at("text") == (FIELD, "x2", ["'y2'"])
    head.merge("y", {**BASE, "text": "x2"}, base={**BASE, "text": "y2"})
    assert head.conflicts == ()
    assert head.value["text"] == "x2"


def settled(value, *path, kind=FIELD):
    """A head in which a person settled the place."""
    return Head(value, (Closing("r1", path, kind),))


def test_a_late_side_reopens_with_the_answer_in_force():
    """A change made before the answer was known waits, also where the answer is the base's value."""
    for answer in ("t", "answer"):
        head = settled({**BASE, "text": answer}, "text").merge("z", {**BASE, "text": "late"})
        assert head.at("text") == (FIELD, answer, ["'late'"])
    again = settled(BASE, "text").merge("z", {**BASE, "text": "new"}, resolved=["r1"])
    assert again.conflicts == ()
    assert again.value["text"] == "new"
    same = settled({**BASE, "text": "answer"}, "text").merge("z", {**BASE, "text": "answer"})
    assert same.conflicts == ()


def test_a_late_side_that_the_person_saw_is_settled_by_the_same_answer():
    """Its resolution is told; another value, base or answer makes a question of it."""
    sides = (("t", "late"), ("t", "first"))

    def late(text, here="first", base=BASE, value="first"):
        closing = Closing("r1", ("text",), FIELD, value, sides)
        return Head({**BASE, "text": here}, (closing,)).merge(
            "z", {**BASE, "text": text}, base=base
        )

    head = late("late")
    assert (head.value["text"], head.conflicts, head.answered) == ("first", (), ("r1",))
    assert late("other").at("text") == (FIELD, "first", ["'other'"])
    assert late("late", base={**BASE, "text": "x"}).at("text") == (FIELD, "first", ["'late'"])
    assert late("late", here="newer").at("text") == (FIELD, "newer", ["'late'"])
    assert late("first").answered == ()
    assert late("late", here="late", value="late").answered == ()


def test_a_late_side_above_an_answer_reopens_too():
    """Taking away the object in which a person settled something is a late side, above it."""
    head = settled(BASE, "parameters", "port")
    head.merge("z", {key: item for key, item in BASE.items() if key != "parameters"})
    assert head.at("parameters") == (FIELD, BASE["parameters"], ["MISSING"])


def test_a_late_side_where_the_head_lost_the_object():
    """The object went in the head meanwhile: the late change waits at the object, no error."""
    gone = {key: item for key, item in BASE.items() if key != "parameters"}
    head = settled(gone, "parameters", "port")
    head.merge("z", {**BASE, "parameters": {"port": "2", "host": "a"}})
    assert head.at("parameters")[1] is MISSING


def test_a_late_retirement_reopens_edit_against_retire():
    """Of the same kind as it was, under another id."""
    head = settled(BASE, "active", kind=EDIT_RETIRE).merge("z", {**BASE, "active": False})
    assert head.at("active") == (EDIT_RETIRE, True, ["False"])
    fresh = Head().merge("x", {**BASE, "text": "x"}).merge("z", {**BASE, "active": False})
    assert fresh.conflicts[0].id != head.conflicts[0].id


def _params(**more):
    return {**BASE, "parameters": {**BASE["parameters"], **more}}


WITHOUT = {key: item for key, item in BASE.items() if key != "parameters"}


def test_a_conflict_above_absorbs_all_below():
    """Taking away the object that holds two conflicts makes one of them, with all sides."""
    head = Head().merge("x", _params(port="x", host="x")).merge("y", _params(port="y", host="y"))
    assert len(head.conflicts) == 2
    head.merge("z", WITHOUT)
    assert [c.path for c in head.conflicts] == [("parameters",)]
    kind, force, waiting = head.at("parameters")
    assert (kind, force) == (FIELD, {"port": "x", "host": "x"})
    assert waiting == ["MISSING", "{'port': 'x', 'host': 'y'}", "{'port': 'y', 'host': 'x'}"]
    assert head.conflicts[0].id in head.touched


def test_a_conflict_above_says_what_the_object_was_and_who_made_it_what_it_is():
    """Its base has the bases of the conflicts below it; who published the object stands for it."""
    head = Head().merge("x", _params(port="x", host="x")).merge("y", _params(port="y", host="y"))
    head.known[repr({"port": "x", "host": "x"})] = "x"
    head.merge("z", WITHOUT)
    (conflict,) = head.conflicts
    assert conflict.force == Side(
        BASE["parameters"], {"port": "x", "host": "x"}, (Writer("t", "x", why="parameters"),)
    )
    assert (conflict.id, conflict.instruction) == (conflict_id("i", ("parameters",), []), "i")


def test_a_contest_above_absorbs_those_below():
    """The same where the rule opens the conflict above."""
    base = {"id": "i", "steps": [{"id": "s", "n": 1}]}

    def steps(*items):
        return {**base, "steps": list(items)}

    head = Head(base).merge("x", steps({"id": "s", "n": "x"}), base=base)
    head.merge("y", steps({"id": "s", "n": "y"}), base=base)
    head.merge("z", steps("no objects"), base=base)
    assert all(c.path == ("steps",) for c in head.conflicts)
    assert sum(len(c.sides) for c in head.conflicts) >= 2


def test_a_session_that_knows_nothing_of_the_object_touches_nothing():
    """A base from before the object existed lifts no conflict in it."""
    head = Head().merge("x", _params(port="x")).merge("y", _params(port="y"))
    before = head.conflicts
    head.merge("z", {**WITHOUT, "n": 7}, base=WITHOUT)
    assert head.conflicts == before
    assert head.touched == ()
    assert head.value["n"] == 7


def test_the_same_answer_of_late_and_head_is_no_conflict():
    """A change to what the head has anyway says nothing new."""
    head = Head().merge("x", {**BASE, "text": "x"}).merge("y", {**BASE, "text": "x"})
    assert head.conflicts == ()


NOTES = {**BASE, "notes": "a\nb\nc\n"}


def _notes(text):
    return {**NOTES, "notes": text}


def _noted():
    """A head whose notes two sessions changed in one line."""
    head = Head(NOTES)
    head.merge("x", _notes("a\nX\nc\n"), base=NOTES).merge("y", _notes("a\nY\nc\n"), base=NOTES)
    assert head.at("notes") == (FIELD, "a\nX\nc\n", [repr("a\nY\nc\n")])
    return head


def test_a_change_elsewhere_in_a_contested_text_is_in():
    """It merges with the text in force, its writer joins those in force, and the side waits on."""
    head = _noted().merge("z", _notes("a\nb\nc\nz\n"), base=NOTES)
    assert head.at("notes") == (FIELD, "a\nX\nc\nz\n", [repr("a\nY\nc\n")])
    (conflict,) = head.conflicts
    assert {writer.session for writer in conflict.force.writers} == {"?", "z"}
    assert head.touched == (conflict.id,)


def test_a_change_that_overlaps_a_contested_text_is_a_further_side():
    """A person is needed for that line anyway."""
    head = _noted().merge("z", _notes("a\nZ\nc\n"), base=NOTES)
    assert head.at("notes")[1:] == ("a\nX\nc\n", [repr("a\nY\nc\n"), repr("a\nZ\nc\n")])


def test_a_change_that_knew_of_the_conflict_only_proposes():
    """Though its lines would merge."""
    head = _noted()
    seen = [conflict.id for conflict in head.conflicts]
    head.merge("z", _notes("a\nb\nc\nz\n"), base=NOTES, seen=seen)
    assert head.at("notes")[1:] == ("a\nX\nc\n", [repr("a\nY\nc\n"), repr("a\nb\nc\nz\n")])
    assert [side.proposal for side in head.conflicts[0].sides if "z" in side.value] == [True]


def test_a_change_of_a_text_that_stands_there_moves_it():
    """From the text in force or from a side: the algebra, as for any value, and nothing is merged."""
    head = _noted().merge("y", _notes("a\nY\nc\ny\n"), base=_notes("a\nY\nc\n"))
    assert head.at("notes")[1:] == ("a\nX\nc\n", [repr("a\nY\nc\ny\n")])
    head.merge("x", _notes("a\nX\nc\nx\n"), base=_notes("a\nX\nc\n"))
    assert head.at("notes")[1:] == ("a\nX\nc\nx\n", [repr("a\nY\nc\ny\n")])


def test_a_merge_that_says_what_the_side_says_closes():
    """The text in force and the change together are the side's: nothing is left to decide."""
    head = Head(NOTES).merge("x", _notes("A\nb\nc\n"), base=NOTES)
    head.merge("y", _notes("A\nb\nc\ny\n"), base=_notes("a\nb\nc2\n"))
    assert head.at("notes")[1:] == ("A\nb\nc\n", [repr("A\nb\nc\ny\n")])
    head.merge("z", _notes("a\nb\nc\ny\n"), base=NOTES)
    assert head.conflicts == ()
    assert head.value["notes"] == "A\nb\nc\ny\n"


def test_a_conflict_says_who_wrote_both_sides_and_how_grave_it_is():
    """The value in force by who published it there; what waits is no proposal where both moved."""
    head = Head().merge("x", {**BASE, "text": "x"})
    head.known["'x'"] = "x"
    head.merge("y", {**BASE, "text": "y"})
    (conflict,) = head.conflicts
    assert (conflict.id, conflict.instruction, conflict.severity) == (
        conflict_id("i", ("text",), []), "i", "CRITICAL",
    )  # fmt: skip
    assert conflict.force == Side("t", "x", (Writer("t", "x", why="text"),))
    assert conflict.sides == (Side("t", "y", (Writer("t", "y", why="text"),)),)
    clear = {"id": "i", "explicitness": 0.9, "parameters": {"port": "1"}}
    sides = [{**clear, "parameters": {"port": port}} for port in "23"]
    head = Head(clear).merge("x", sides[0], base=clear).merge("y", sides[1], base=clear)
    assert head.conflicts[0].severity == "CRITICAL"


@pytest.mark.parametrize("answer", ["t", "answer"])
def test_a_late_side_was_made_from_what_its_copy_said(answer):
    """It is a proposal only against an answer that reads as the copy did."""
    head = settled({**BASE, "text": answer}, "text").merge("z", {**BASE, "text": "late"})
    (side,) = head.conflicts[0].sides
    assert side == Side("t", "late", (Writer("t", "z", why="text"),), proposal=answer == "t")


def test_who_retires_against_edits_stands_against_the_editors():
    """And who edits a retired record against the one who retired it."""
    head = Head().merge("x", {**BASE, "text": "x"})
    head.known[repr(head.value)] = "x"
    head.merge("y", {**BASE, "active": False})
    (conflict,) = head.conflicts
    assert conflict.force == Side(True, True, (Writer("t", "x"),))
    assert conflict.sides == (Side(True, False, (Writer("t", "y", why="active"),)),)
    head = Head().merge("x", {**BASE, "active": False})
    head.known[repr(False)] = "x"
    head.merge("y", {**BASE, "text": "y"})
    assert head.conflicts[0].force == Side(True, False, (Writer("t", "x", why="active"),))


def test_a_session_that_takes_no_side_stands_for_none():
    """Edits of one who knew the question; a further edit leaves the value in force as it is."""
    head = Head().merge("x", {**BASE, "text": "x"}).merge("y", {**BASE, "active": False})
    before = head.conflicts
    head.merge("z", {**BASE, "n": 1}, seen=[before[0].id])
    assert (head.conflicts, head.value["n"]) == (before, 1)
    head.merge("w", {**BASE, "notes": "w"})
    assert head.at("active") == (EDIT_RETIRE, True, ["False"])
    assert [w for w in head.conflicts[0].force.writers if w.session == "w"] == [
        Writer("t", "w", why="active")
    ]


def test_who_knew_of_an_edit_that_waits_retires_without_a_question():
    """An edit counts against a retirement only where its own session did not know of it."""
    head = Head().merge("x", {**BASE, "text": "x"}).merge("y", {**BASE, "text": "y"})
    seen = [conflict.id for conflict in head.conflicts]
    head.merge("z", {**head.value, "active": False}, base=head.value, seen=seen)
    assert [conflict.kind for conflict in head.conflicts] == [FIELD]
    assert head.value["active"] is False


def test_an_edit_in_force_is_an_edit_also_where_what_it_changed_waits():
    """The side that waits reads as the text did before, and hides no edit."""
    head = Head().merge("x", {**BASE, "text": "x"})
    head.merge("y", BASE, base={**BASE, "text": "w"})
    assert head.at("text") == (FIELD, "x", ["'t'"])
    head.merge("z", {**BASE, "active": False})
    assert head.at("active") == (EDIT_RETIRE, True, ["False"])


def test_a_change_in_force_is_joined_by_its_writer():
    """By who brought it, at the place."""
    head = _noted().merge("z", _notes("a\nb\nc\nz\n"), base=NOTES)
    assert Writer("t", "z", why="notes") in head.conflicts[0].force.writers
    head.merge("w", _notes("a\nW\nc\n"), base=NOTES)
    assert Writer("t", "w", why="notes") in [w for s in head.conflicts[0].sides for w in s.writers]


@pytest.mark.parametrize("there", ["none", MISSING])
def test_a_conflict_in_what_a_session_knew_as_no_object_is_left_alone(there):
    """It changed nothing there."""
    other = put(BASE, ("parameters",), there)
    head = Head().merge("x", _params(port="x")).merge("y", _params(port="y"))
    before = head.conflicts
    head.merge("z", {**other, "n": 7}, base=other)
    assert (head.conflicts, head.value["n"]) == (before, 7)


def test_a_conflict_is_told_at_the_nearest_place_that_is_left():
    """Not further up."""
    base = {"id": "i", "p": {"deep": {"port": "1"}, "n": 0}}

    def deep(port):
        return {**base, "p": {"deep": {"port": port}, "n": 0}}

    head = Head(base).merge("x", deep("x"), base=base).merge("y", deep("y"), base=base)
    head.merge("z", {**base, "p": {"n": 0}}, base=base)
    assert [conflict.path for conflict in head.conflicts] == [("p", "deep")]


def test_of_two_answers_the_one_not_known_reopens():
    """Whichever is found first; what the session did not change is no late side."""
    closings = (Closing("r1", ("n",)), Closing("r2", ("text",)))
    for known in ("r1", "r2"):
        head = Head({**BASE, "text": "answer", "n": 5}, closings)
        head.merge("z", {**BASE, "text": "late", "n": 6}, resolved=["r1", "r2"])
        assert [conflict.path for conflict in head.conflicts] == [("text",), ("n",)]
        head = Head({**BASE, "text": "t", "n": 0}, closings)
        head.merge("z", {**BASE, "text": "late", "n": 6}, resolved=[known])
        assert [c.path for c in head.conflicts] == [("text",) if known == "r1" else ("n",)]
    untouched = Head({**BASE, "text": "answer"}, closings).merge("z", {**BASE, "notes": "z"})
    assert untouched.conflicts == ()


def test_retiring_what_a_person_retired_is_no_question():
    """The answer and the late session say the same."""
    head = settled({**BASE, "active": False}, "active", kind=EDIT_RETIRE)
    assert head.merge("z", {**BASE, "active": False}).conflicts == ()


def test_a_late_side_above_an_answer_is_a_plain_conflict():
    """Whatever kind the answered one was; and hidden from the rule is only the late place."""
    head = settled(BASE, "parameters", "port", kind=EDIT_RETIRE).merge("z", WITHOUT)
    assert head.at("parameters")[0] == FIELD
    head = settled(_params(port="answer"), "parameters", "port")
    head.merge("z", _params(port="late", host="z"), base=WITHOUT)
    (conflict,) = head.conflicts
    assert conflict.path == ("parameters",)
    values = [side.value for side in conflict.sides]
    assert {"port": "late", "host": "a"} in values
    assert {"host": "z"} in values
