"""An id of a conflict leads to where its question is now."""

from __future__ import annotations

from tests.laws.clones import Line, items_of, united
from tests.laws.sessions import NOW, incoming, merged, state_of
from tractatus_merge.core.model.aliases import current_answer, current_conflict
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.person_decision import Answer, Revocation
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.revoke import plan_revoke
from tractatus_merge.instructions.field_rules import HISTORY

BASE = state_of({"inst_001": {"id": "inst_001", "text": "Be kind.", "active": True}})


def contested(base=BASE, name="inst_001", who=("a", "b"), values=("A", "B")):
    """A head in which two sessions wrote one text, and the conflict."""
    head = base
    for one, value in zip(who, values, strict=True):
        head = merged(head, incoming(base, [("set", name, ("text",), value)], one))
    (conflict,) = open_conflicts(head)
    return head, conflict


def after(plan, version="v"):
    """The state that a plan makes."""
    return State(items_of(plan.state), version, NOW)


def answered(head, conflict, who="p"):
    """The head after the first side was taken."""
    answer = Answer(
        conflict=conflict.id, terms=conflict.terms, value=conflict.force.value, take="1",
        session=who * 8, tag=who * 8, author="Jo <>", at=NOW,
    )  # fmt: skip
    return after(plan_resolve(head, answer, HISTORY, NOW))


def revoked(head, name, who="q"):
    """The head after an answer was revoked, by its id or its conflict's; and what is open."""
    asked = Revocation(session=who * 8, tag=who * 8, author="Jo <>", at=NOW, resolution=name)
    plan = plan_revoke(head, asked, HISTORY, NOW)
    return after(plan, who), plan.outcome.conflicts[0]


def test_every_id_that_a_conflict_had_leads_to_the_one_that_is_open():
    """However often it was answered and opened again."""
    head, conflict = contested()
    ids = [conflict.id]
    for answer, back in (("p", "q"), ("r", "s"), ("t", "u")):
        head = answered(head, current_conflict(head, ids[0]), answer)
        for name in ids:
            assert current_conflict(head, name) is None
            assert current_answer(head, name)["session"] == answer * 8
        head, now = revoked(head, ids[0], back)
        assert now not in ids
        ids.append(now)
        for name in ids:
            assert current_conflict(head, name).id == now
            assert current_answer(head, name) is None


def test_another_conflict_at_the_place_is_not_what_an_answered_one_became():
    """Its own answer stands."""
    head, conflict = contested()
    head = answered(head, conflict)
    newer, other = contested(head, who=("c", "d"), values=("C", "D"))
    assert other.id != conflict.id
    assert current_conflict(newer, conflict.id) is None
    assert current_answer(newer, conflict.id)["conflict"] == conflict.id
    assert current_answer(newer, other.id) is None


def test_nothing_is_found_for_an_id_that_never_was():
    """Also where contradictions are open, whose ids say all."""
    head = BASE
    for who, name, text in (("a", "inst_002", "Use tabs."), ("b", "inst_003", "Never use tabs.")):
        head = merged(head, incoming(BASE, [("add", name, (), text)], who))
    assert open_conflicts(head)
    assert current_conflict(head, "c00000000") is None
    assert current_answer(head, "c00000000") is None


def test_an_id_from_before_a_rename_leads_to_the_renamed_record():
    """Two clones gave one id to two records: the one that gave way keeps its conflict."""
    heads, ids = [], []
    for who in ("a", "b"):
        head = merged(BASE, incoming(BASE, [("add", "inst_050", (), f"By {who}")], who))
        head, conflict = contested(head, "inst_050", (f"{who}1", f"{who}2"), (f"{who}A", f"{who}B"))
        heads.append(head)
        ids.append(conflict.id)
    assert ids[0] == ids[1]
    both = united(BASE, *heads)
    found = {one.instruction: one for one in open_conflicts(both)}
    assert len(found) == 2
    assert current_conflict(both, ids[0]).instruction == "inst_050"
    (renamed,) = (one for name, one in found.items() if name != "inst_050")
    alone = State(
        {k: v for k, v in items_of(both).items() if k != ("conflicts", found["inst_050"].id)}
    )
    assert current_conflict(alone, ids[0]) == renamed


def test_ids_of_two_clones_that_answered_lead_to_the_united_conflict():
    """Each clone opened it again under its own id; where they meet it has a third."""
    line = Line()
    start = line.root
    for who, value in (("a", "A"), ("b", "B")):
        start = line.session(start, [("set", "inst_001", ("text",), value)], who, base=line.root)
    ids, heads = [], []
    for answer, back in (("p", "q"), ("r", "s")):
        (conflict,) = open_conflicts(line.states[start])
        head = line.answer(start, conflict, answer, value="A", take="1")
        state, now = revoked(line.states[head], conflict.id, back)
        ids.append(now)
        heads.append(state)
    both = united(line.states[start], *heads)
    (conflict,) = open_conflicts(both)
    assert conflict.id not in ids
    assert {current_conflict(both, name).id for name in ids} == {conflict.id}


def test_an_id_of_the_header_is_found_too():
    """A conflict about the header has no instruction that could have been renamed."""
    head = BASE
    for who, value in (("a", "A"), ("b", "B")):
        head = merged(head, incoming(BASE, [], who, header={"version": value}))
    (conflict,) = open_conflicts(head)
    head, now = revoked(answered(head, conflict), conflict.id)
    alone = State({k: v for k, v in items_of(head).items() if "revokes" not in v})
    assert current_conflict(head, conflict.id).id == now
    assert now != conflict.id
    kept = {k: v for k, v in items_of(alone).items() if k[0] != "resolutions"}
    assert current_conflict(State(kept), "c00000000") is None


def test_after_many_answers_at_a_place_ids_are_found_in_the_order_given():
    """So many combinations there are that not all are tried."""
    head, conflict = contested()
    for number in range(9):
        head = answered(head, current_conflict(head, conflict.id), f"{number}")
        head, _ = revoked(head, conflict.id, "abcdefghi"[number])
    (last,) = open_conflicts(head)
    told = {k: v for k, v in items_of(head).items() if k[0] != "resolutions" or "revokes" not in v}
    (first,) = (one for one in [contested()[1]])
    assert current_conflict(head, first.id) == last
    assert current_conflict(State(told), "c00000000") is None
