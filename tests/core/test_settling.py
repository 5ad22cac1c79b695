"""A person's answer: it says which terms it saw, and is recorded with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tractatus_merge.core import jsontext
from tractatus_merge.core.conflicts import Conflict, Side, Writer, to_json
from tractatus_merge.core.plan import open_conflicts
from tractatus_merge.core.record import Record
from tractatus_merge.core.settling import Answer, plan_resolve
from tractatus_merge.core.state import CONFLICTS, DOCUMENT, INSTRUCTIONS, RESOLUTIONS, State
from tractatus_merge.core.values import MISSING
from tractatus_merge.documents.instructions import HISTORY
from tractatus_merge.errors import StaleAnswer, UnknownConflict

CONFLICT = Conflict(
    "c1", "field", "inst_001", ("text",), "MINOR",
    Side("base", "in force", (Writer("2026-01-01T00:00:00Z", "one"),)),
    (Side("base", "waiting", (Writer("2026-01-01T00:00:01Z", "two"),)),),
)  # fmt: skip
HEAD = State(
    {
        (INSTRUCTIONS, "inst_001"): Record.of({"id": "inst_001", "text": "in force"}).text,
        (CONFLICTS, "c1"): jsontext.dump(to_json(CONFLICT)),
        (DOCUMENT, "header"): '{"version": "1.0", "instructions": []}',
    },
    version="v1",
    time="2026-01-02T00:00:00.000Z",
)
ANSWER = Answer(
    "c1", CONFLICT.terms, "waiting", "person01", "cafecafe", "Jo <>", "2026-01-03T00:00:00.000Z",
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
    """The value is at its place, under a ticked vector."""
    state = resolved()
    assert content(state)["text"] == "waiting"
    assert open_conflicts(state) == []
    record = Record(state.get(INSTRUCTIONS, "inst_001"))
    assert record.genuine
    assert record.vector.count("cafecafe") == 1


def test_the_resolution_says_who_why_when_and_against_which_terms():
    """It is a record of its own."""
    state = resolved()
    (name,) = state.names(RESOLUTIONS)
    told = jsontext.parse(state.get(RESOLUTIONS, name))
    assert (told["conflict"], told["value"], told["why"]) == ("c1", "waiting", "checked")
    assert (told["author"], told["terms"], len(told["sides"])) == ("Jo <>", CONFLICT.terms, 2)


def test_an_answer_to_other_terms_is_refused():
    """The conflict moved on since the person looked."""
    with pytest.raises(StaleAnswer, match="c1"):
        resolved(answer=replace(ANSWER, terms="other"))


def test_an_answer_to_a_conflict_that_is_gone_is_refused():
    """Somebody else was first."""
    with pytest.raises(UnknownConflict):
        resolved(head=resolved(), answer=replace(ANSWER, session="other001", tag="beefbeef"))


def test_the_same_answer_again_changes_nothing():
    """After a crash it is planned once more."""
    assert plan_resolve(resolved(), ANSWER, HISTORY, NOW).entry is None


def test_no_value_takes_the_field_away():
    """The base of a field that both added is that it was not there."""
    state = resolved(answer=replace(ANSWER, value=None, gone=True))
    assert "text" not in content(state)


def test_both_makes_an_instruction_of_each_waiting_side():
    """The value in force stays; the base is never among them."""
    state = resolved(answer=replace(ANSWER, both=True, value=None))
    assert content(state)["text"] == "in force"
    new = set(state.names(INSTRUCTIONS)) - {"inst_001"}
    assert [content(state, name)["text"] for name in new] == ["waiting"]
    assert content(state, new.pop())["id"] != "inst_001"


def test_a_conflict_in_the_header_is_settled_there():
    """It belongs to no instruction."""
    conflict = replace(CONFLICT, instruction=None, path=("description",))
    head = HEAD.with_({(CONFLICTS, "c1"): jsontext.dump(to_json(conflict))})
    state = resolved(head, replace(ANSWER, terms=conflict.terms))
    assert jsontext.parse(state.get(DOCUMENT, "header"))["description"] == "waiting"


def test_missing_is_not_null():
    """The value null is an answer like any other."""
    state = resolved(answer=replace(ANSWER, value=None))
    assert content(state)["text"] is None
    assert MISSING is not None
