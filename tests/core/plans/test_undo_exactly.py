"""Steps over a person's answers and revocations lead to exactly what stood there."""

from __future__ import annotations

from tests.core.plans.test_undo import BASE, answer_to, decided, done, setting, undone
from tests.laws.sessions import NOW, contents_of
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import INSTRUCTIONS
from tractatus_merge.core.plans.person_decision import Revocation
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.revoke import plan_revoke
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

NOTES, ACTIVE = ("inst_001", ("notes",)), ("inst_001", ("active",))


def contested(place=NOTES):
    """A head with one place in conflict."""
    head, _ = done(BASE, "k", setting("b", place))
    return done(head, "m", setting("c", place), base=BASE)[0]


def at(head, path):
    """The open conflict at a place of the first instruction."""
    return next(one for one in open_conflicts(head) if one.path == path)


def answered(head, conflict, who="z", **said):
    """The head after an answer, and the answer as something to undo."""
    answer = replace(answer_to(conflict, who), **said)
    return decided(head, plan_resolve(head, answer, HISTORY, NOW))


def revoked(head, who="y"):
    """The head after the newest answer was revoked, and the revocation as something to undo."""
    (told, *_) = active_resolutions(resolutions(head))
    said = Revocation(told["id"], session=who * 8, tag=who * 8, author="Jo <>", at=NOW)
    return decided(head, plan_revoke(head, said, HISTORY, NOW))


def test_a_contradiction_stays_open_though_the_way_back_retires_one_of_the_two():
    """The answer "retire" that is given again is no word about who is in force since."""
    head, _ = answered(contested(), at(contested(), ("notes",)), take="retire")
    head, _ = done(head, "n", setting(True, ACTIVE), setting("Use tabs.", ("inst_001", ("text",))))
    base = head
    head, _ = done(head, "o", ("add", "inst_003", (), "Never use tabs."))
    before, _ = done(head, "q", setting("Always use tabs.", ("inst_001", ("text",))), base=base)
    (contradiction,) = open_conflicts(before)
    head, revocation = revoked(before)
    assert len(open_conflicts(head)) == 2
    _, after, _ = undone(head, revocation)
    assert contents_of(after) == contents_of(before)
    assert open_conflicts(after) == [contradiction]


def test_a_conflict_that_is_open_again_has_the_writers_that_it_had():
    """Who steps back and forward over a place wrote nothing there."""
    before = contested()
    head, answer = answered(before, at(before, ("notes",)), value="d", take="value")
    head, edit = done(head, "n", setting("e", NOTES))
    head, revocation = revoked(head)
    conflict = at(head, ("notes",))
    stack = [answer, edit, revocation]
    steps = []
    for number, undo in enumerate(reversed(stack)):
        _, head, step = undone(head, undo, f"back{number}")
        steps.append(step)
    assert contents_of(head) == contents_of(before)
    for number, step in enumerate(reversed(steps)):
        _, head, _ = undone(head, step, f"fore{number}")
    assert replace(at(head, ("notes",)), id=conflict.id) == conflict


def test_an_answer_that_is_given_again_makes_no_more_than_it_had_made():
    """Its conflict has a side more when it is open again at a place that was written since."""
    start = contested()
    head, _ = answered(start, at(start, ("notes",)), take="both", both=True)
    before, _ = done(head, "n", setting("d", NOTES))
    head, revocation = revoked(before)
    assert len(at(head, ("notes",)).sides) == 2
    _, after, _ = undone(head, revocation)
    assert contents_of(after) == contents_of(before)


def test_an_instruction_that_was_retired_before_an_answer_retired_it_stays_so():
    """The answer retires nothing; its revocation brings nothing back."""
    before, _ = done(contested(), "n", setting(False, ACTIVE))
    head, _ = answered(before, at(before, ("notes",)), take="retire")
    (told,) = resolutions(head)
    assert "retired" not in told
    assert contents_of(revoked(head)[0]) == contents_of(before)


def retired_and_edited():
    """An answer retired an instruction that another session edits: who is right is asked."""
    base, _ = done(BASE, "b", ("add", "inst_003", (), "Never use tabs."))
    head, _ = done(base, "k", setting("Always use tabs.", ("inst_001", ("text",))))
    before, _ = done(head, "m", setting("Never ever use tabs.", ("inst_003", ("text",))), base=base)
    (conflict,) = open_conflicts(before)
    value = conflict.sides[0].value
    head, _ = answered(before, conflict, value=value, take="2")
    late, _ = done(head, "n", setting("d", NOTES), base=before)
    asked = at(late, ("active",))
    assert (asked.force.value, asked.sides[0].value) == (False, True)
    return before, late


def test_who_revokes_a_retirement_withdraws_it_where_it_was_contested():
    """It is in force again, as the other session has it; and back again by undo."""
    before, late = retired_and_edited()
    head, revocation = revoked(late)
    assert contents_of(head)["inst_001"] == {**contents_of(before)["inst_001"], "notes": "d"}
    assert [one.id for one in open_conflicts(head)] == [one.id for one in open_conflicts(before)]
    _, after, _ = undone(head, revocation)
    assert contents_of(after) == contents_of(late)
    assert open_conflicts(after)[0].terms == at(late, ("active",)).terms


def test_a_retirement_that_another_session_wants_too_waits_when_it_is_revoked():
    """In force is what stands, on the one side and on the other."""
    before, late = retired_and_edited()
    late, _ = done(late, "o", setting(False, ACTIVE), base=before)
    head, _ = revoked(late)
    asked = at(head, ("active",))
    assert contents_of(head)["inst_001"]["active"] is True
    assert (asked.force.value, [one.value for one in asked.sides]) == (True, [False])
    assert {one.session for one in asked.sides[0].writers} == {"o", "z" * 8}
    assert {one.session for one in asked.force.writers} == {"n", "y" * 8}


def test_an_answer_that_retires_leaves_the_edit_waiting_where_that_is_asked():
    """A retirement is in force; the session that edited has not been answered."""
    retiring, _ = done(contested(), "n", setting("x", ("inst_001", ("text",))))
    head, _ = done(retiring, "o", setting(False, ACTIVE), base=contested())
    asked = at(head, ("active",))
    assert (asked.force.value, asked.sides[0].value) == (True, False)
    head, _ = answered(head, at(head, ("notes",)), take="retire")
    asked = at(head, ("active",))
    assert contents_of(head)["inst_001"]["active"] is False
    assert (asked.force.value, [one.value for one in asked.sides]) == (False, [True])


def test_a_contradiction_that_is_open_again_is_as_grave_as_the_two_are_now():
    """Their persistence may have changed since it was answered."""
    base, _ = done(
        BASE, "b", ("add", "inst_003", (), "Be fast."),
        setting("HIGH", ("inst_001", ("persistence",))),
    )  # fmt: skip
    head, _ = done(base, "k", setting("Always use tabs.", ("inst_001", ("text",))))
    head, _ = done(head, "m", setting("Never use tabs.", ("inst_003", ("text",))), base=base)
    (conflict,) = open_conflicts(head)
    head, _ = answered(head, conflict, take="both", both=True)
    head, _ = done(head, "n", setting("LOW", ("inst_001", ("persistence",))))
    head, _ = revoked(head)
    (again,) = open_conflicts(head)
    assert (conflict.severity, again.severity) == ("CRITICAL", "MINOR")


def test_an_answer_that_is_given_again_makes_nothing_of_what_is_gone():
    """What it had made, and nobody has any more, is gone."""
    before = contested()
    answer, _ = answered(before, at(before, ("notes",)), take="both", both=True)
    (told,) = resolutions(answer)
    head, revocation = revoked(answer)
    gone = head.with_({(INSTRUCTIONS, name): None for name in told["added"]})
    _, after, _ = undone(gone, revocation)
    assert contents_of(after) == contents_of(before)


def test_a_contradiction_that_a_retirement_closed_is_open_again_with_it():
    """The answer was about a note; its revocation opens both questions."""
    base = contested()
    head, _ = done(base, "n", ("add", "inst_003", (), "Never use tabs."))
    before, _ = done(head, "o", setting("Use tabs.", ("inst_001", ("text",))), base=base)
    assert len(open_conflicts(before)) == 2
    head, _ = answered(before, at(before, ("notes",)), take="retire")
    assert open_conflicts(head) == []
    head, _ = revoked(head)
    assert {one.terms for one in open_conflicts(head)} == {
        one.terms for one in open_conflicts(before)
    }


def test_what_was_written_since_an_answer_stays_in_force_after_the_next_change():
    """It is what the sides were made from; they wait all the same, whoever adds another."""
    before = contested()
    head, _ = answered(before, at(before, ("notes",)))
    head, _ = done(head, "n", setting("a", NOTES))
    head, _ = revoked(head)
    assert at(head, ("notes",)).force.value == "a"
    head, _ = done(head, "o", setting("d", NOTES))
    asked = at(head, ("notes",))
    assert contents_of(head)["inst_001"]["notes"] == asked.force.value == "a"
    assert {one.value for one in asked.sides} == {"b", "c", "d"}


def ports_of_three():
    """Three instructions name three ports: two questions, by way of the second."""
    names = ("inst_002", "inst_003", "inst_004")
    base, _ = done(BASE, "b", *(("add", name, (), f"Use oven {name}.") for name in names))
    head = base
    for port, name in enumerate(names):
        place = ("set", name, ("parameters",), {"port": f"{port}"})
        head, _ = done(head, "kmn"[port], place, base=base)
    return head, names


def test_what_an_answer_asked_in_place_of_others_is_closed_where_those_are_back():
    """Three ports are two questions before the answer, and after its undo."""
    before, _ = ports_of_three()
    asked = open_conflicts(before)
    assert len(asked) == 2
    for conflict in asked:
        for number, side in enumerate(conflict.all_sides, 1):
            head, answer = answered(before, conflict, value=side.value, take=str(number))
            _, after, _ = undone(head, answer)
            assert contents_of(after) == contents_of(before)
            assert open_conflicts(after) == asked


def test_what_an_answer_asked_instead_stays_where_the_others_are_not_back():
    """Somebody has changed one of the three since."""
    before, names = ports_of_three()
    for name in names:
        for conflict in open_conflicts(before):
            for number, side in enumerate(conflict.all_sides, 1):
                head, answer = answered(before, conflict, value=side.value, take=str(number))
                left = {one.id for one in open_conflicts(head)} - {
                    one.id for one in open_conflicts(before)
                }
                head, _ = done(head, "q", ("set", name, ("parameters",), {"oven": "9"}))
                still = left & {one.id for one in open_conflicts(head)}
                _, after, _ = undone(head, answer)
                assert still <= {one.id for one in open_conflicts(after)}
