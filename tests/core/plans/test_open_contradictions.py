"""Which contradictions are open after a change, where many are about the same."""

from __future__ import annotations

from tests.laws.clones import Line
from tests.laws.sessions import contents_of
from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.state import RESOLUTIONS
from tractatus_merge.core.plans.open_contradictions import contradictions_after
from tractatus_merge.core.values import json_text
from tractatus_merge.instructions.field_rules import HISTORY

TABS = {
    "inst_010": "Always use tabs for indentation",
    "inst_011": "Never use tabs for indentation",
    "inst_012": "Do not use tabs",
}


def group():
    """A line at whose head one instruction contradicts two others."""
    line = Line()
    head = line.root
    for who, (name, text) in zip("kmn", TABS.items(), strict=True):
        head = line.session(head, [("add", name, (), text)], who, line.root)
    return line, head, [c for c in line.conflicts(head) if c.kind == MEANING]


def answered(line, head, conflict, who, take):
    """The head after a person's answer."""
    value = conflict.force.value if take == "1" else conflict.sides[0].value
    return line.answer(head, conflict, who, value, take=take)


def in_force(line, head):
    """The instructions of the group that are in force."""
    found = contents_of(line.states[head])
    return [name for name in TABS if found[name].get("active", True)]


def test_opposite_answers_open_again_all_that_each_of_them_closed():
    """Retiring the one that all contradict closes every contradiction; two answers reopen them."""
    line, head, found = group()
    assert len(found) == 2
    which = {c.path[1] if c.instruction == "inst_010" else c.instruction: c for c in found}
    conflict = which["inst_011"]
    gone = "2" if conflict.force.value["instruction"] == "inst_010" else "1"
    kept = {"1": "2", "2": "1"}[gone]
    one = answered(line, head, conflict, "p", gone)
    assert in_force(line, one) == ["inst_011", "inst_012"]
    assert line.conflicts(one) == []
    (name,) = line.states[one].names(RESOLUTIONS)
    assert json_text.parse(line.states[one].get(RESOLUTIONS, name))["closed"]
    other = answered(line, head, conflict, "q", kept)
    for pair in ((one, other), (other, one)):
        after = line.unite(*pair)
        assert in_force(line, after) == list(TABS)
        assert {c.id for c in line.conflicts(after)} == {c.id for c in found}


def test_what_is_about_an_instruction_that_is_not_there_is_closed():
    """A damaged history may say so."""
    line, head, found = group()
    state = line.states[head]
    names = [key for key in state if key[0] == "instructions"]
    gone = state.with_(dict.fromkeys(names, None))
    assert contradictions_after(found, [], gone, HISTORY) == []
