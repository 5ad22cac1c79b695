"""A person's answer: it says which terms it saw, and is recorded with them."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import Conflict, Side, Writer
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolution_prefix
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    INSTRUCTIONS,
    RESOLUTIONS,
    SESSIONS,
    Entry,
    State,
)
from tractatus_merge.core.plans.outcome import Outcome, Plan
from tractatus_merge.core.plans.person_decision import Answer
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import digest
from tractatus_merge.errors import StaleAnswer, UnknownConflict
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

CONFLICT = Conflict(
    "c1", "field", "inst_001", ("text",), "MINOR",
    Side("base", "in force", (Writer("2026-01-01T00:00:00Z", "one"),)),
    (Side("base", "waiting", (Writer("2026-01-01T00:00:01Z", "two"),)),),
)  # fmt: skip
HEAD = State(
    {
        (INSTRUCTIONS, "inst_001"): Record.of({"id": "inst_001", "text": "in force"}).text,
        (CONFLICTS, "c1"): json_text.dump(CONFLICT.to_json()),
        (DOCUMENT, "header"): '{"version": "1.0", "instructions": []}',
    },
    version="v1",
    time="2026-01-02T00:00:00.000Z",
)
ANSWER = Answer(
    "c1", CONFLICT.terms, "waiting", session="person01", tag="cafecafe", author="Jo <>", at="2026-01-03T00:00:00.000Z",
    take="2", why="checked",
)  # fmt: skip
NOW = "2026-01-03T00:00:01.000Z"


def resolved(head: State = HEAD, answer: Answer = ANSWER) -> State:
    """The head after the answer."""
    return plan_resolve(head, answer, HISTORY, NOW).state


def content(state: State, name: str = "inst_001") -> dict:
    """What an instruction says."""
    return Record(state.get(INSTRUCTIONS, name)).content


def test_the_answer_stands_and_the_conflict_is_closed():
    """The value is at its place in the record, under a ticked vector."""
    state = resolved()
    assert content(state) == {"id": "inst_001", "text": "waiting"}
    assert open_conflicts(state) == []
    record = Record(state.get(INSTRUCTIONS, "inst_001"))
    assert record.genuine
    assert record.vector.count("cafecafe") == 1


def test_the_resolution_says_who_why_when_and_against_which_terms():
    """It is a record of its own, whose name tells the instruction."""
    state = resolved()
    (name,) = state.names(RESOLUTIONS)
    assert name == resolution_prefix("inst_001") + digest(["c1", "person01"], 8)
    assert json_text.parse(state.get(RESOLUTIONS, name)) == {
        "id": name,
        "conflict": "c1",
        "kind": "field",
        "severity": CONFLICT.severity,
        "instruction": "inst_001",
        "field": "text",
        "path": ["text"],
        "value": "waiting",
        "take": "2",
        "why": "checked",
        "session": "person01",
        "author": "Jo <>",
        "at": ANSWER.at,
        "published": NOW,
        "terms": CONFLICT.terms,
        "sides": CONFLICT.to_json()["sides"],
    }


def test_the_log_names_the_conflict_the_place_and_the_person():
    """One entry, made from the head, with every key that changed."""
    plan = plan_resolve(HEAD, ANSWER, HISTORY, NOW)
    changes = {(CONFLICTS, "c1"), (INSTRUCTIONS, "inst_001"), (SESSIONS, "cafecafe")}
    changes |= {(RESOLUTIONS, name) for name in plan.state.names(RESOLUTIONS)}
    assert set(plan.entry.changes) == changes
    assert replace(plan.entry, changes=()) == Entry(
        message="Resolve c1: inst_001 text (2)",
        session="person01",
        tag="cafecafe",
        agent="person",
        author="Jo <>",
        time=NOW,
        base="v1",
    )


def test_a_settled_place_is_blamed_on_the_person():
    """The answer is a publication like a session's: what was written where, when and why."""
    state = resolved()
    assert summaries.summary(state, "cafecafe") | {"publications": None} == {
        "session": "person01",
        "tag": "cafecafe",
        "agent": "person",
        "author": "Jo <>",
        "publications": None,
    }
    writer = Writer(ANSWER.at, "person01", "Jo <>", "checked")
    wrote = summaries.edit("inst_001", ("text",), "waiting", writer)
    assert summaries.publications(state, "cafecafe") == [
        summaries.Publication(1, NOW, "v1", "person01", {}, (wrote,))
    ]


def test_an_answer_is_never_published_before_what_it_answers():
    """A clock that is behind the head's takes the head's time."""
    late = f"{NOW[:10]}T23:59:59.999Z"
    plan = plan_resolve(replace(HEAD, time=late), ANSWER, HISTORY, NOW)
    assert plan.entry.time == late
    assert summaries.publications(plan.state, "cafecafe")[0].published == late


def test_an_answer_to_other_terms_is_refused():
    """The conflict moved on since the person looked."""
    with pytest.raises(StaleAnswer, match="c1"):
        resolved(answer=replace(ANSWER, terms="other"))


def test_an_answer_to_a_conflict_that_is_gone_is_refused():
    """Somebody else was first."""
    with pytest.raises(UnknownConflict, match="c1"):
        resolved(head=resolved(), answer=replace(ANSWER, session="other001", tag="beefbeef"))


def test_the_same_answer_again_changes_nothing():
    """After a crash it is planned once more."""
    head = resolved()
    assert plan_resolve(head, ANSWER, HISTORY, NOW) == Plan(head, None)


def test_no_value_takes_the_field_away():
    """The base of a field that both added is that it was not there."""
    state = resolved(answer=replace(ANSWER, value=None, gone=True))
    assert "text" not in content(state)


def test_both_makes_an_instruction_of_each_waiting_side():
    """The value in force stays; the base is never among them; each twin is the person's own."""
    more = (*CONFLICT.sides, Side("base", "waiting too", (Writer("2026-01-01T00:00:02Z", "six"),)))
    conflict = replace(CONFLICT, sides=more)
    whole = Record.of({"id": "inst_001", "text": "in force", "quadrant": "SYSTEM"}).text
    head = HEAD.with_(
        {(CONFLICTS, "c1"): json_text.dump(conflict.to_json()), (INSTRUCTIONS, "inst_001"): whole}
    )
    answer = replace(ANSWER, terms=conflict.terms, both=True, value=None)
    plan = plan_resolve(head, answer, HISTORY, NOW)
    names = ("inst_002_cafecafe", "inst_003_cafecafe")
    assert content(plan.state)["text"] == "in force"
    assert plan.outcome == Outcome(added=names)
    assert plan.state.names(INSTRUCTIONS) == ["inst_001", *names]
    texts = ("waiting", "waiting too")
    for name, text in zip(names, texts, strict=True):
        twin = Record(plan.state.get(INSTRUCTIONS, name))
        assert twin.content == {"id": name, "text": text, "quadrant": "SYSTEM"}
        assert twin.genuine
        assert str(twin.vector) == "+cafecafe:1"
    writer = Writer(ANSWER.at, "person01", "Jo <>", "checked")
    (published,) = summaries.publications(plan.state, "cafecafe")
    assert published.edits == (
        summaries.edit("inst_001", ("text",), "in force", writer),
        *(summaries.edit(name, (), content(plan.state, name), writer) for name in names),
    )


def test_an_instruction_that_is_gone_comes_back_with_the_answer():
    """Its conflict outlived it: what is settled is kept, and so are the twins."""
    head = HEAD.with_({(INSTRUCTIONS, "inst_001"): None})
    assert content(resolved(head)) == {"text": "waiting"}
    both = resolved(head, replace(ANSWER, both=True))
    twin = both.names(INSTRUCTIONS)[1]
    assert content(both, twin) == {"id": twin, "text": "waiting"}


HEADER = """{
  "version": "1.0",
  "last_updated": "2025-01-01T00:00:00Z",
  "stats": {"total_instructions": 1},
  "instructions": []
}"""


def test_the_header_follows_a_settled_instruction():
    """Counters and the date of the last edit, as after a merge; no other byte."""
    head = HEAD.with_({(DOCUMENT, "header"): HEADER})
    plan = plan_resolve(head, replace(ANSWER, both=True), HISTORY, NOW)
    assert (DOCUMENT, "header") in plan.entry.changes
    assert plan.state.get(DOCUMENT, "header") == HEADER.replace(
        "2025-01-01T00:00:00Z", "2026-01-03T00:00:00Z"
    ).replace('"total_instructions": 1', '"total_instructions": 2')


def test_a_history_without_a_header_gets_none():
    """There is nothing to date."""
    head = HEAD.with_({(DOCUMENT, "header"): None})
    assert resolved(head).get(DOCUMENT, "header") is None


def test_a_conflict_in_the_header_is_settled_there():
    """It belongs to no instruction, and the rest of the header stays as it is."""
    conflict = replace(CONFLICT, instruction=None, path=("description",))
    stored = {(CONFLICTS, "c1"): json_text.dump(conflict.to_json())}
    answer = replace(ANSWER, terms=conflict.terms)
    plan = plan_resolve(HEAD.with_({**stored, (DOCUMENT, "header"): HEADER}), answer, HISTORY, NOW)
    header = json_text.parse(plan.state.get(DOCUMENT, "header"))
    assert header == {**json_text.parse(HEADER), "description": "waiting"}
    assert plan.entry.message == "Resolve c1: header description (2)"
    assert plan.state.names(INSTRUCTIONS) == ["inst_001"]
    bare = resolved(HEAD.with_({**stored, (DOCUMENT, "header"): None}), answer)
    assert json_text.parse(bare.get(DOCUMENT, "header")) == {"description": "waiting"}


def test_missing_is_not_null():
    """The value null is an answer like any other; no value is told by leaving it out."""
    state = resolved(answer=replace(ANSWER, value=None))
    assert content(state)["text"] is None
    gone = resolved(answer=replace(ANSWER, value=None, gone=True))
    told = [json_text.parse(s.get(RESOLUTIONS, s.names(RESOLUTIONS)[0])) for s in (state, gone)]
    assert told[0]["value"] is None
    assert "value" not in told[1]
