"""The law of all rules that people name: which side is ours makes no difference to what is settled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import IN_CI, THOROUGH
from tests.laws import strategies as some
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.equality import MISSING, same
from tractatus_merge.core.values.places import element_id, put

NAMES = ["conflict", "max", "min", "either", "set", "sequence", "text", "counter", "base"]
PLACES = ["a", "b", "c", "port", "issues[*].labels", "issues[*].n", "port.a", "map.*"]

lines = st.lists(st.sampled_from("xyz"), max_size=4).map("\n".join)
plain = st.lists(st.sampled_from([1, 2, 3, "x", True]), max_size=4)
issues = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from([1, 2, "3"])},
        optional={"labels": plain, "n": some.numbers, "text": lines},
    ),
    max_size=3,
    unique_by=lambda item: str(item["id"]),
)
documents = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["a", "b", "c"], plain | lines | some.numbers | some.values),
        "port": st.dictionaries(some.keys, some.numbers | lines, max_size=2) | some.values,
        "issues": issues,
        "map": st.dictionaries(some.keys, some.numbers | lines | plain, max_size=2),
    },
)


@st.composite
def tables(draw):
    """Some rule at some places; below a place that a rule settles whole, none."""
    rules = draw(st.dictionaries(st.sampled_from(PLACES), st.sampled_from(NAMES)))
    if "port" in rules:
        rules.pop("port.a", None)
    return Table.of(rules=rules, lists=draw(st.sampled_from(["sequence", "set", "whole"])))


@st.composite
def three(draw):
    """A base and two sides, of which each keeps some of the base: so that merges get far."""
    base = draw(documents)
    sides = []
    for _ in range(2):
        new = draw(documents)
        kept = draw(st.sets(st.sampled_from([*base] or [""])))
        sides.append({**new, **{key: base[key] for key in base if key in kept}})
    return base, *sides


def outside(merged):
    """The value without its contested places."""
    value = merged.value
    for contest in sorted(merged.contests, key=lambda contest: -len(contest.path)):
        if not contest.path:
            return None
        value = put(value, contest.path, MISSING)
    return value


@pytest.mark.slow
@settings(max_examples=10_000 if THOROUGH else 1_000 if IN_CI else 200)
@given(tables(), three())
def test_swapping_sides_swaps_only_the_sides_of_contests(table, found):
    """The same places wait, of the same kinds; all else reads the same, and settled by the same rules."""
    base, ours, theirs = found
    there, back = (table.rule()((), Merge(base, *s)) for s in ((ours, theirs), (theirs, ours)))
    contests = {(c.path, c.kind) for c in there.contests}
    assert contests == {(c.path, c.kind) for c in back.contests}
    assert len(contests) == len(there.contests) == len(back.contests)
    assert same(outside(there), outside(back))
    assert {(s.path, s.rule) for s in there.settled} == {(s.path, s.rule) for s in back.settled}
    assert all(element_id(item) for item in there.value.get("issues", []))
