"""How a merge came to what it made of a record, place by place."""

from __future__ import annotations

import pytest

from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.explanation import Step, explain
from tractatus_merge.core.rules.generic import fields, keep
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.instructions.field_rules import HISTORY

RULE = HISTORY.policy.rule


def steps(base, ours, theirs, value=None, contested=()):
    """The steps of a merge: place, how and rule."""
    merge = Merge(base, ours, theirs)
    value = RULE((), merge).value if value is None else value
    return [
        (".".join(step.path), step.how, step.rule)
        for step in explain("inst_001", RULE, merge, value, contested)
    ]


def test_a_new_record_is_one_step():
    """Whatever it holds."""
    merge = Merge(MISSING, MISSING, {"id": "a", "text": "A"})
    step = Step("a", (), "new", MISSING, merge.theirs, merge.theirs)
    assert explain("a", RULE, merge, merge.theirs, ()) == [step]


def test_a_place_that_only_the_session_changed_is_taken():
    """What only the head changed is no step of the session's."""
    assert steps({"text": "A", "n": 1}, {"text": "A", "n": 2}, {"text": "B", "n": 1}) == [
        ("text", "taken", "")
    ]


def test_the_same_on_both_sides():
    """Both changed it alike."""
    assert steps({"text": "A"}, {"text": "B"}, {"text": "B"}) == [("text", "both", "")]


def test_a_contest_is_told_as_one():
    """Also long after, from the conflict's path alone; and once it is settled, as taken."""
    sides = {"text": "A"}, {"text": "B"}, {"text": "C"}
    assert steps(*sides) == [("text", "conflict", "")]
    assert steps(*sides, value={"text": "B"}, contested=[("text",)]) == [("text", "conflict", "")]
    assert steps(*sides, value={"text": "C"}) == [("text", "taken", "")]


def test_a_rule_is_named():
    """A list of texts merges as a set, by a rule that has a name."""
    ((place, how, rule),) = steps({"tags": ["a"]}, {"tags": ["a", "b"]}, {"tags": ["a", "c"]})
    assert (place, how) == ("tags", "rule")
    assert rule


def test_what_stands_though_nothing_was_contested_is_kept():
    """A field whose rule keeps ours, like the id."""
    assert steps({"id": "a"}, {"id": "b"}, {"id": "c"}, value={"id": "b"}) in (
        [("id", "kept", "")], [("id", "rule", "keep")],
    )  # fmt: skip


def test_a_step_says_what_was_what_the_session_made_of_it_and_what_is():
    """Of its own place, on all three sides; a rule's step is at the place that the rule settled."""
    base, ours, theirs = {"text": "A", "n": 1}, {"text": "B", "n": 2}, {"text": "C", "n": 1}
    (step,) = explain("inst_001", RULE, Merge(base, ours, theirs), ours, ())
    assert step == Step("inst_001", ("text",), "conflict", "A", "C", "B")
    sides = [{"p": {"tags": tags}} for tags in (["a"], ["a", "b"], ["a", "c"])]
    merge = Merge(*sides)
    (step,) = explain("inst_001", RULE, merge, RULE((), merge).value, ())
    assert step == Step(
        "inst_001", ("p", "tags"), "rule", ["a"], ["a", "c"], ["a", "b", "c"], "set"
    )


@pytest.mark.parametrize(
    ("contested", "how"),
    [
        (("p",), "conflict"),
        (("p", "a"), "conflict"),
        (("p", "a", "deeper"), "conflict"),
        (("p", "b"), "taken"),
        (("q",), "taken"),
        (("q", "a"), "taken"),
    ],
)
def test_what_waits_at_above_or_below_a_place_is_its_conflict(contested, how):
    """What waits beside it is not; the head, which changed later, says another thing by now."""
    base, theirs = {"p": {"a": {}}, "q": 1}, {"p": {"a": 2}, "q": 1}
    value = {"p": {"a": 3}, "q": 1}
    assert steps(base, base, theirs, value, [("q", "b"), contested]) == [("p.a", how, "")]


def test_the_session_s_value_is_taken_also_where_the_head_had_another():
    """As long as it stands; another value then is kept."""
    sides = {"k": "A"}, {"k": "B"}, {"k": "C"}
    rule = fields({"k": keep})

    def how(value):
        return [step.how for step in explain("i", rule, Merge(*sides), {"k": value}, ())]

    assert [how("C"), how("B")] == [["taken"], ["kept"]]
