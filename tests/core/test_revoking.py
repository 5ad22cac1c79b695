"""Revoking an answer: the conflict is open again, and nothing else has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.test_settling import ANSWER, CONFLICT, HEAD, content, resolved
from tractatus_merge.core import jsontext, summaries
from tractatus_merge.core.conflicts import MEANING, Side, to_json
from tractatus_merge.core.kept import closings, open_conflicts, resolutions
from tractatus_merge.core.plan import Plan
from tractatus_merge.core.precedents import REVOKES, standing
from tractatus_merge.core.record import Record
from tractatus_merge.core.revoking import Revocation, plan_revoke, revocable
from tractatus_merge.core.settling import plan_resolve
from tractatus_merge.core.state import CONFLICTS, DOCUMENT, INSTRUCTIONS, RESOLUTIONS, State
from tractatus_merge.documents.instructions import HISTORY
from tractatus_merge.errors import UnknownResolution

LATER = "2026-01-04T00:00:00.000Z"


def revocation(state, why="wrong", **more):
    """Someone who revokes the last answer."""
    (told,) = standing(resolutions(state))[:1]
    said = Revocation(told["id"], "person02", "deadbeef", "Al <>", LATER, why)
    return replace(said, **more)


def revoked(state, **more):
    """The plan of a revocation of the last answer."""
    return plan_revoke(state, revocation(state, **more), HISTORY, LATER)


def terms(state):
    """What a person sees of all open conflicts."""
    return [(c.kind, c.instruction, c.path, c.severity, c.terms) for c in open_conflicts(state)]


def with_instruction(state, content_, name="inst_001"):
    """The state with an instruction that says something else."""
    return state.with_({(INSTRUCTIONS, name): Record.of(content_).text})


@pytest.mark.parametrize("take", ["1", "2", "base", "both", "retire", "value"])
def test_everything_is_as_before_the_answer(take):
    """The conflict with its sides, the value in force; what the answer added is retired."""
    values = {"1": "in force", "2": "waiting", "base": "base", "value": "mine"}
    value = values.get(take, "in force")
    before = resolved(answer=replace(ANSWER, take=take, value=value, both=take == "both"))
    state = revoked(before).state
    assert terms(state) == terms(HEAD)
    assert content(state)["text"] == "in force"
    assert content(state).get("active", True) is True
    for name in set(state.names(INSTRUCTIONS)) - {"inst_001"}:
        assert content(state, name)["active"] is False
    assert Record(state.get(INSTRUCTIONS, "inst_001")).genuine
    assert [c.writers for c in open_conflicts(state)[0].all_sides] == [
        side.writers for side in CONFLICT.all_sides
    ]


def test_the_answer_stays_on_record_beside_who_revoked_it_and_why():
    """The conflict has a new id: who knew the answer did not know this."""
    state = resolved()
    (told,) = resolutions(state)
    plan = revoked(state)
    (again,) = open_conflicts(plan.state)
    assert again.id != CONFLICT.id
    both = {item["id"]: item for item in resolutions(plan.state)}
    assert both.pop(told["id"]) == told
    (by,) = both.values()
    assert by == {
        "id": by["id"], REVOKES: told["id"], "conflict": again.id, "why": "wrong",
        "session": "person02", "author": "Al <>", "at": LATER, "published": LATER,
    }  # fmt: skip
    assert plan.entry.message == f"Revoke {told['id']}: inst_001 text"
    assert (plan.entry.agent, plan.entry.conflicts) == ("person", (again.id,))
    assert plan.outcome.conflicts == (again.id,)
    assert set(plan.entry.changes) == {
        key for key in plan.state if plan.state.get(*key) != state.get(*key)
    }
    assert [c.answered for c in closings(plan.state, "inst_001")] == [()]
    (publication,) = summaries.publications(plan.state, "deadbeef")
    assert [(e["path"], e["why"]) for e in publication.edits] == [(["text"], "wrong")]


def test_it_can_be_answered_and_revoked_again():
    """Each time under an id of its own."""
    state = revoked(resolved()).state
    (again,) = open_conflicts(state)
    answer = replace(
        ANSWER, conflict=again.id, terms=again.terms, session="person03", tag="abcdabcd"
    )
    settled = plan_resolve(state, answer, HISTORY, LATER).state
    assert terms(settled) == []
    third = revoked(settled, session="person04", tag="efefefef").state
    assert terms(third) == terms(HEAD)
    assert len({CONFLICT.id, again.id, open_conflicts(third)[0].id}) == 3


def test_what_was_written_since_stays_in_force():
    """And the sides wait, both."""
    state = with_instruction(resolved(), {"id": "inst_001", "text": "newer"})
    (again,) = open_conflicts(revoked(state).state)
    assert again.force == Side("base", "newer", ())
    assert [side.value for side in again.sides] == ["in force", "waiting"]
    state = with_instruction(resolved(), {"id": "inst_001", "text": "in force"})
    (again,) = open_conflicts(revoked(state).state)
    assert (again.force.value, [side.value for side in again.sides]) == ("in force", ["waiting"])


def test_a_place_that_is_gone_with_what_is_above_it_is_not_made_again():
    """The answer was that nothing is there, and now there is no place for it either."""
    nested = replace(CONFLICT, path=("parameters", "port"))
    head = HEAD.with_({(CONFLICTS, "c1"): jsontext.dump(to_json(nested))})
    head = with_instruction(head, {"id": "inst_001", "parameters": {"port": "in force"}})
    state = resolved(head, replace(ANSWER, terms=nested.terms, value=None, gone=True))
    state = with_instruction(state, {"id": "inst_001", "parameters": "none"})
    plan = revoked(state)
    assert content(plan.state) == {"id": "inst_001", "parameters": "none"}
    assert len(open_conflicts(plan.state)) == 1
    (publication,) = summaries.publications(plan.state, "deadbeef")
    assert publication.edits == ()


def test_an_answer_about_the_header_is_revoked_in_the_header():
    """The header says again what was in force."""
    about = replace(CONFLICT, instruction=None, path=("description",))
    header = '{"version": "1.0", "description": "in force", "instructions": []}'
    head = HEAD.with_(
        {(CONFLICTS, "c1"): jsontext.dump(to_json(about)), (DOCUMENT, "header"): header}
    )
    state = resolved(head)
    assert HISTORY.header(state.get(DOCUMENT, "header"))["description"] == "waiting"
    plan = revoked(state)
    assert HISTORY.header(plan.state.get(DOCUMENT, "header"))["description"] == "in force"
    assert plan.entry.message.endswith(": header description")


def test_a_contradiction_is_open_again_and_the_retired_one_in_force():
    """Under its own id, which is what the two say; the answer is taken away."""
    from tests.core.test_findings import answered, both

    before = both()
    state = answered(before, "1")
    (told,) = resolutions(state)
    plan = revoked(state)
    assert terms(plan.state) == terms(before)
    assert [c.kind for c in open_conflicts(plan.state)] == [MEANING]
    assert resolutions(plan.state) == []
    assert told["retired"]
    assert all(content(plan.state, name).get("active", True) for name in told["retired"])
    dismissed = answered(before, "both")
    assert terms(revoked(dismissed).state) == terms(before)


def test_who_revokes_twice_revokes_once():
    """The same revocation again changes nothing: it may be given again after a crash."""
    state = resolved()
    again = revocation(state)
    once = plan_revoke(state, again, HISTORY, LATER).state
    assert plan_revoke(once, again, HISTORY, LATER) == Plan(once, None)


def test_it_is_kept_in_a_sessions_folder_and_says_whose_word_it_is():
    """There and back; an agent's is an agent's in the log and in the record."""
    state = resolved()
    said = revocation(state, by="agent")
    assert Revocation.from_json(said.to_json()) == said
    plan = plan_revoke(state, said, HISTORY, LATER)
    assert plan.entry.agent == "agent"
    assert next(item for item in resolutions(plan.state) if REVOKES in item)["by"] == "agent"


def test_what_does_not_stand_is_not_revoked():
    """An unknown id; a revoked answer; a place that is in conflict again, which is named."""
    state = resolved()
    name = revocation(state).resolution
    assert revocable(state, CONFLICT.id) == revocable(state, name)
    with pytest.raises(UnknownResolution):
        revocable(State(), name)
    with pytest.raises(UnknownResolution):
        revocable(revoked(state).state, name)
    late = replace(CONFLICT, id="c9")
    again = state.with_({(CONFLICTS, "c9"): jsontext.dump(to_json(late))})
    with pytest.raises(UnknownResolution) as refused:
        revocable(again, name)
    assert refused.value.again == "c9"
    assert refused.value.hint == "tractatus-merge review c9"


def test_an_answer_of_before_severities_were_kept_is_revoked_all_the_same():
    """It is then a warning."""
    state = resolved()
    (told,) = resolutions(state)
    del told["severity"]
    old = state.with_({(RESOLUTIONS, told["id"]): jsontext.dump(told)})
    assert open_conflicts(revoked(old).state)[0].severity == "WARNING"
