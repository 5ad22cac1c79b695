"""What a copy knew, told by a record's vector where its version is gone."""

from __future__ import annotations

from tests.laws.sessions import incoming, merged, state_of
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import RESOLUTIONS, State
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.person_decision import Answer
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.seen import seen_by
from tractatus_merge.instructions.field_rules import HISTORY

BASE = state_of({name: {"id": name, "text": "t"} for name in ("inst_001", "inst_002")})
LATER = "2025-06-02T00:00:00.000Z"


def contested():
    """Two sessions disagree about inst_001, and so about inst_002."""
    edits = [[("set", name, ("text",), who) for name in ("inst_001", "inst_002")] for who in "ab"]
    head = merged(BASE, incoming(BASE, edits[0], "a"))
    return head, merged(head, incoming(BASE, edits[1], "b"), LATER)


def vector(head):
    """The vector of inst_001."""
    return head.record("inst_001").vector


def test_a_base_knew_a_conflict_if_it_has_all_who_wrote_it():
    """And knew nothing where one of its writers came later; another record's is not asked for."""
    before, head = contested()
    (one,) = [c.id for c in open_conflicts(head) if c.instruction == "inst_001"]
    assert seen_by(head, "inst_001", vector(head)).conflicts == {one}
    assert seen_by(head, "inst_001", vector(before)).conflicts == frozenset()
    assert seen_by(head, "inst_001", VersionVector()).conflicts == frozenset()


def test_a_base_knew_an_answer_if_it_has_the_answer_s_publication():
    """Only those about the record itself count."""
    _, head = contested()
    after = head
    for conflict, who in zip(open_conflicts(head), ("p", "q"), strict=True):
        answer = Answer(conflict=conflict.id, terms=conflict.terms, value="c", session=who,
                        tag=who * 8, author="Jo <>", at=LATER)  # fmt: skip
        plan = plan_resolve(after, answer, HISTORY, LATER)
        after = State({key: plan.state.get(*key) for key in plan.state}, who, LATER)
    known = seen_by(after, "inst_001", vector(after)).resolutions
    assert len(known) == 1 and known < set(after.names(RESOLUTIONS))
    assert seen_by(after, "inst_001", vector(head)).resolutions == frozenset()
