"""A conflict at a place that something else wrote: in force is what stands there."""

from __future__ import annotations

import pytest

from tests.core.plans.test_undo import BASE, done, setting
from tests.core.plans.test_undo_exactly import NOTES, answered, at
from tests.laws.clones import united
from tests.laws.sessions import contents_of
from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.open_conflicts import open_conflicts


def contradicting():
    """Two instructions that contradict each other, and the open contradiction."""
    base, _ = done(BASE, "b", ("add", "inst_003", (), "Never use tabs."))
    head, _ = done(base, "k", setting("Always use tabs.", ("inst_001", ("text",))))
    head, _ = done(head, "m", setting("Never ever use tabs.", ("inst_003", ("text",))), base=base)
    (conflict,) = open_conflicts(head)
    return head, conflict


@pytest.mark.parametrize("edits", ["ours", "theirs"])
@pytest.mark.parametrize("remote", [True, False])
def test_what_two_opposed_answers_retired_is_in_force_in_the_questions_about_it_too(edits, remote):
    """One clone retires what the other edits: the edit stands, the retirement waits."""
    base, conflict = contradicting()
    ours, _ = answered(base, conflict, "y")
    theirs, _ = answered(base, conflict, "z", value=conflict.sides[0].value, take="2")
    if edits == "ours":
        ours, _ = done(ours, "n", setting("d", NOTES))
    else:
        theirs, _ = done(theirs, "n", setting("d", ("inst_003", ("notes",))))
    head = united(base, ours, theirs, remote=remote)
    assert any(one.kind == MEANING for one in open_conflicts(head))
    said = contents_of(head)
    assert [said[name].get("active", True) for name in ("inst_001", "inst_003")] == [True] * 2
    asked = at(head, ("active",))
    assert (asked.force.value is not False, [one.value for one in asked.sides]) == (True, [False])
