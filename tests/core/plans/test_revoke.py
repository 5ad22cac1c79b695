"""Revoking an answer: the conflict is open again, and nothing else has changed."""

from __future__ import annotations

import pytest

from tests.core.plans.test_resolve import ANSWER, CONFLICT, HEAD, content, resolved
from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import MEANING, Side, Writer, conflict_id
from tractatus_merge.core.model.open_conflicts import (
    closings,
    open_conflicts,
    resolution_prefix,
    resolutions,
)
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import REVOKES, active_resolutions
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    INSTRUCTIONS,
    RESOLUTIONS,
    SESSIONS,
    Entry,
    State,
)
from tractatus_merge.core.plans.outcome import Plan
from tractatus_merge.core.plans.person_decision import Revocation
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.revoke import plan_revoke, revocable
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, digest
from tractatus_merge.errors import UnknownResolution
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

LATER = "2026-01-04T00:00:00.000Z"


def revocation(state, why="wrong", **more):
    """Someone who revokes the last answer."""
    (told,) = active_resolutions(resolutions(state))[:1]
    said = Revocation(
        told["id"], session="person02", tag="deadbeef", author="Al <>", at=LATER, why=why
    )
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
    twins = set(state.names(INSTRUCTIONS)) - {"inst_001"}
    for name in twins:
        assert content(state, name)["active"] is False
    (publication,) = summaries.publications(state, "deadbeef")
    wrote = [("inst_001", ["text"], digest("in force"))] if value != "in force" else []
    wrote += [(name, ["active"], digest(False)) for name in sorted(twins)]
    wrote += [("inst_001", ["active"], digest(True))] if take == "retire" else []
    found = [(edit["instruction"], edit["path"], edit["value"]) for edit in publication.edits]
    assert found == wrote
    for name in twins:  # one that is retired already is left as it is
        retired = Record.of({**content(before, name), "active": False}).text
        again = revoked(before.with_({(INSTRUCTIONS, name): retired})).state
        assert again.get(INSTRUCTIONS, name) == retired
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
    assert by["id"] == resolution_prefix("inst_001") + digest([told["id"], "person02"], 8)
    assert replace(plan.entry, changes=()) == Entry(
        message=f"Revoke {told['id']}: inst_001 text", session="person02", tag="deadbeef",
        agent="person", author="Al <>", time=LATER, base=state.version, conflicts=(again.id,),
    )  # fmt: skip
    assert plan.outcome.conflicts == (again.id,)
    assert set(plan.entry.changes) == {
        key for key in plan.state if plan.state.get(*key) != state.get(*key)
    }
    assert [c.answered for c in closings(plan.state, "inst_001")] == [()]
    (publication,) = summaries.publications(plan.state, "deadbeef")
    assert (publication.published, publication.seal) == (LATER, "person02")
    (edit,) = publication.edits
    assert (edit["path"], edit["why"], edit["author"], edit["at"]) == (
        ["text"],
        "wrong",
        "Al <>",
        LATER,
    )


def test_a_record_keeps_its_layout_and_what_its_vector_knew():
    """Only the value goes back; a record that already says it is not written at all."""
    text = '{"id":"inst_001",   "text": "in force",\n"more": 1.50}'
    head = HEAD.with_({(INSTRUCTIONS, "inst_001"): text})
    settled = resolved(head)
    record = Record(revoked(settled).state.get(INSTRUCTIONS, "inst_001"))
    assert '{"id":"inst_001",   "text": "in force",\n"more": 1.50' in record.text
    assert [record.vector.count(tag) for tag in ("cafecafe", "deadbeef")] == [1, 1]
    kept = resolved(answer=replace(ANSWER, take="1", value="in force"))
    assert revoked(kept).state.get(INSTRUCTIONS, "inst_001") == kept.get(INSTRUCTIONS, "inst_001")


def test_who_wrote_what_stands_there_since_is_told():
    """The writer of the newer value, from the summaries."""
    state = resolved()
    record = Record(state.get(INSTRUCTIONS, "inst_001"))
    writer = Writer(LATER, "late", "Al <>", "better", LATER)
    said = replace(revocation(state), session="late", tag="abababab")
    note = summaries.edit("inst_001", ("text",), "newer", writer)
    newer = record.published({"id": "inst_001", "text": "newer"}, record.vector.tick("abababab", 1))
    state = state.with_({
        (INSTRUCTIONS, "inst_001"): newer.text,
        (SESSIONS, "abababab"): said.summary(state, [note], LATER),
    })  # fmt: skip
    (again,) = open_conflicts(revoked(state).state)
    assert again.force == Side("base", "newer", (writer,))


def test_the_id_of_what_is_open_again_counts_the_answers_to_that_place_alone():
    """The same in every clone that knows them."""
    state = resolved()
    (told,) = resolutions(state)
    elsewhere = {**told, "id": told["id"][:-1] + "x", "path": ["notes"]}
    more = state.with_({(RESOLUTIONS, elsewhere["id"]): json_text.dump(elsewhere)})
    said = revocation(state)
    (again,) = open_conflicts(plan_revoke(more, said, HISTORY, LATER).state)
    assert again.id == conflict_id("inst_001", ("text",), [told["id"]])


@pytest.mark.parametrize("gone", [True, False])
def test_that_nothing_stands_there_is_an_answer_like_others(gone):
    """As the answer, and as what was in force."""
    force = Side("base", MISSING if gone else "in force", CONFLICT.force.writers)
    about = replace(CONFLICT, force=force)
    head = HEAD.with_({(CONFLICTS, "c1"): json_text.dump(about.to_json())})
    if gone:
        head = with_instruction(head, {"id": "inst_001"})
    value = {"value": "waiting"} if gone else {"value": None, "gone": True}
    state = resolved(head, replace(ANSWER, terms=about.terms, **value))
    assert ("text" in content(state)) is gone
    after = revoked(state).state
    assert terms(after) == terms(head)
    assert content(after) == content(head)


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
    head = HEAD.with_({(CONFLICTS, "c1"): json_text.dump(nested.to_json())})
    head = with_instruction(head, {"id": "inst_001", "parameters": {"port": "in force"}})
    state = resolved(head, replace(ANSWER, terms=nested.terms, value=None, gone=True))
    state = with_instruction(state, {"id": "inst_001", "parameters": "none"})
    plan = revoked(state)
    assert content(plan.state) == {"id": "inst_001", "parameters": "none"}
    assert len(open_conflicts(plan.state)) == 1
    (publication,) = summaries.publications(plan.state, "deadbeef")
    assert publication.edits == ()


def test_what_the_answer_made_and_is_gone_is_not_made_again():
    """An answer that names an instruction nobody has makes none."""
    state = resolved(HEAD)
    (told,) = resolutions(state)
    text = json_text.dump({**told, "retired": ["gone"], "added": ["gone too"]})
    plan = revoked(state.with_({(RESOLUTIONS, told["id"]): text}))
    assert plan.state.names(INSTRUCTIONS) == HEAD.names(INSTRUCTIONS)


def test_an_answer_about_the_header_is_revoked_in_the_header():
    """The header says again what was in force."""
    about = replace(CONFLICT, instruction=None, path=("description",))
    header = '{"version": "1.0", "description": "in force", "instructions": []}'
    head = HEAD.with_(
        {(CONFLICTS, "c1"): json_text.dump(about.to_json()), (DOCUMENT, "header"): header}
    )
    state = resolved(head)
    assert HISTORY.header(state.get(DOCUMENT, "header"))["description"] == "waiting"
    plan = revoked(state)
    assert plan.state.get(DOCUMENT, "header") == header
    assert plan.entry.message.endswith(": header description")


def test_a_contradiction_is_open_again_and_the_retired_one_in_force():
    """Under its own id, which is what the two say; the answer is taken away."""
    from tests.core.model.test_findings import answered, both

    before = both()
    state = answered(before, "1")
    (told,) = resolutions(state)
    plan = revoked(state)
    assert terms(plan.state) == terms(before)
    assert [(c.id, c.kind) for c in open_conflicts(plan.state)] == [(told["conflict"], MEANING)]
    assert plan.state.get(RESOLUTIONS, told["id"]) is None
    assert len(told["retired"]) == 1
    assert all(content(plan.state, name).get("active", True) for name in told["retired"])
    dismissed = answered(before, "both")
    assert terms(revoked(dismissed).state) == terms(before)


def test_what_is_no_contradiction_any_more_is_not_opened_again():
    """One of the two was edited since: there is nothing to ask, and the line to type is told."""
    from tests.core.model.test_findings import answered, both

    state = answered(both(), "1")
    (told,) = resolutions(state)
    stands = told["value"]["instruction"]
    newer = with_instruction(state, {"id": stands, "text": "Indent as you like."}, stands)
    with pytest.raises(UnknownResolution, match=f"what {told['id']} settled is no") as refused:
        revoked(newer)
    assert refused.value.hint == "tractatus-merge edit ID --set active=true"


def test_who_revokes_twice_revokes_once():
    """The same revocation again changes nothing: it may be given again after a crash."""
    state = resolved()
    again = revocation(state)
    once = plan_revoke(state, again, HISTORY, LATER).state
    assert plan_revoke(once, again, HISTORY, LATER) == Plan(once, None)


def test_it_says_whose_word_it_is():
    """An agent's is an agent's in the log and in the record."""
    state = resolved()
    said = revocation(state, by="agent")
    plan = plan_revoke(state, said, HISTORY, LATER)
    assert plan.entry.agent == "agent"
    assert next(item for item in resolutions(plan.state) if REVOKES in item)["by"] == "agent"


def test_what_does_not_stand_is_not_revoked():
    """An unknown id; a revoked answer; a place that is in conflict again, which is named."""
    state = resolved()
    name = revocation(state).resolution
    assert revocable(state, CONFLICT.id) == revocable(state, name)
    with pytest.raises(UnknownResolution, match=f"no answer '{name}' stands"):
        revocable(State(), name)
    open_again = revoked(state).state
    (conflict,) = open_conflicts(open_again)
    for known in (name, CONFLICT.id):
        with pytest.raises(UnknownResolution, match=conflict.id):
            revocable(open_again, known)
    with pytest.raises(UnknownResolution, match="no answer 'r0' stands"):
        revocable(open_again, "r0")
    other = replace(CONFLICT, id="c8", path=("notes",)).to_json()
    closed = {(CONFLICTS, conflict.id): None, (CONFLICTS, "c8"): json_text.dump(other)}
    with pytest.raises(UnknownResolution, match=f"no answer '{name}' stands"):
        revocable(open_again.with_(closed), name)
    late = replace(CONFLICT, id="c9")
    elsewhere = replace(late, path=("notes",))
    beside = state.with_({(CONFLICTS, "c9"): json_text.dump(elsewhere.to_json())})
    assert revocable(beside, name)["id"] == name
    again = state.with_({(CONFLICTS, "c9"): json_text.dump(late.to_json())})
    with pytest.raises(UnknownResolution) as refused:
        revocable(again, name)
    assert (refused.value.resolution, refused.value.again) == (name, "c9")
    assert refused.value.hint == "tractatus-merge review c9"


def test_an_answer_of_before_severities_were_kept_is_revoked_all_the_same():
    """It is then a warning."""
    state = resolved()
    (told,) = resolutions(state)
    del told["severity"]
    old = state.with_({(RESOLUTIONS, told["id"]): json_text.dump(told)})
    assert open_conflicts(revoked(old).state)[0].severity == "WARNING"
