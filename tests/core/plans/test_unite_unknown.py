"""What only later programs know passes through a union of two heads, word for word."""

from __future__ import annotations

import itertools

import pytest

from tractatus_merge.core.model.needs import needs_of
from tractatus_merge.core.model.open_conflicts import (
    later_conflict,
    later_conflicts,
    open_conflicts,
)
from tractatus_merge.core.model.state import DOCUMENT, FORMAT, State
from tractatus_merge.core.plans.resolve import find_open
from tractatus_merge.core.plans.unite import plan_unite
from tractatus_merge.core.plans.unite_unknown import carried
from tractatus_merge.errors import NewerNeeded
from tractatus_merge.instructions.field_rules import HISTORY

KEY = ("requests", "r/1")
ODD = '{"0.90":  [1,\t2] }'
LATER = '{"id": "c1", "kind": "quorum", "severity": "MINOR"}'
FIELD_KIND = '{"id": "c1", "kind": "field", "instruction": null, "path": ["x"], "severity": "MINOR", "sides": [{"writers": []}, {"writers": []}]}'  # fmt: skip


def state(text, key=KEY, version=None, time=""):
    """A state that holds one record, or none."""
    return State({} if text is None else {key: text}, version, time)


@pytest.mark.parametrize(
    ("was", "one", "other", "stands"),
    [
        (None, ODD, None, ODD),
        (None, None, ODD, ODD),
        (ODD, ODD, ODD, ODD),
        (ODD, ODD, "2", "2"),
        (ODD, "2", ODD, "2"),
        (ODD, None, ODD, None),
        (ODD, ODD, None, None),
        (ODD, "2", None, "2"),
        (ODD, None, "2", "2"),
        (ODD, "2", "2", "2"),
    ],
)
@pytest.mark.parametrize(
    "key", [KEY, ("document", "later"), ("Ünknown", "a~b")], ids=lambda key: ascii(key[0])
)
def test_what_one_head_changed_is_so_in_the_union(was, one, other, stands, key):
    """Added, changed or taken away by one: so it is; a change outlives what the other took away."""
    heads = state(one, key), state(other, key)
    assert carried(state(was, key), heads) == ({} if stands is None else {key: stands})


@pytest.mark.parametrize("was", [None, ODD])
def test_what_both_changed_is_kept_twice(was):
    """The first head's keeps its name; uniting the union with the other head adds nothing."""
    found = carried(state(was), (state("1"), state("2")))
    assert sorted(found.values()) == ["1", "2"] and found[KEY] == "1"
    assert carried(state(was), (State(found), state("2"))) == found
    assert carried(state(was), (state("1"), State(found))) == found


@pytest.mark.parametrize("key", [("conflicts", "c1"), ("resolutions", "r0-1")])
def test_conflicts_and_answers_of_later_kinds_are_carried(key):
    """As they are; those of kinds known here are for the other rules."""
    later = LATER.replace("c1", key[1])
    assert carried(State(), (state(later, key), State())) == {key: later}
    assert carried(State(), (State(), state(later, key))) == {key: later}
    known = FIELD_KIND.replace("c1", key[1])
    assert carried(State(), (state(known, key), State())) == {}
    grew = carried(state(known, key), (state(known, key), state(later, key)))
    assert grew == {key: later}


def test_the_order_in_which_heads_meet_does_not_matter():
    """Without a remote, the union of two heads is one function of both."""
    a, b = state("1", version="a", time="2"), state("2", version="b", time="1")
    for one, other in itertools.permutations((a, b)):
        made = plan_unite(State(), one, other, HISTORY, remote=False).state
        assert made.get(*KEY) == "2"
        assert len([key for key in made if key[0] == KEY[0]]) == 2


def test_what_a_remote_has_keeps_its_name():
    """Ours stands beside it."""
    ours, theirs = state("1", version="a", time="1"), state("2", version="b", time="2")
    made = plan_unite(State(), ours, theirs, HISTORY, remote=True).state
    assert {key: made.get(*key) for key in made}[KEY] == "2"
    assert "1" in {made.get(*key) for key in made}


def test_the_union_asks_for_all_that_either_head_asks_for():
    """Need by need, the higher version; other keys of both stay."""
    key = (DOCUMENT, FORMAT)
    one = '{"reader": {"a": "0.9.0"}, "writer": {"b": "1"}, "more": 1}'
    other = '{"reader": {"a": "0.10.0", "c": "2"}, "else": 2}'
    for heads in itertools.permutations((state(one, key), state(other, key))):
        united = State(carried(State(), heads))
        needs = needs_of(united)
        assert (needs.reader, needs.writer) == ({"a": "0.10.0", "c": "2"}, {"b": "1"})
        assert '"more": 1' in str(united.get(*key)) and '"else": 2' in str(united.get(*key))
    less = state('{"writer": {"b": "1"}}', key)
    assert carried(State(), (state(one, key), less))[key] == one


def test_answers_of_later_kinds_pass_beside_those_known_here():
    """Through a whole union: added by one head, changed by both."""
    key, other = ("resolutions", "r0-1"), ("resolutions", "r0-2")
    said = '{"id": "%s", "kind": "quorum", "n": %s}'
    ours = State({key: said % ("r0-1", 1)}, "a", "1")
    theirs = State(
        {key: said % ("r0-1", 2), other: "{}".replace("}", '"kind": "later"}')}, "b", "2"
    )
    made = plan_unite(State(), ours, theirs, HISTORY, remote=True).state
    assert made.get(*key) == theirs.get(*key) and made.get(*other) == theirs.get(*other)
    assert ours.get(*key) in {made.get(*found) for found in made}


def test_conflicts_of_later_kinds_are_found_and_not_settled():
    """Under the name that they are kept by; a person is told who can settle them."""
    head = State({("conflicts", "c1"): '{"kind": "quorum"}', ("conflicts", "c2"): FIELD_KIND})
    assert later_conflicts(head) == [{"kind": "quorum", "id": "c1"}]
    assert later_conflict(head, "c2") is None and later_conflict(head, "c3") is None
    assert [conflict.kind for conflict in open_conflicts(head)] == ["field"]
    with pytest.raises(NewerNeeded, match="cannot settle c1"):
        find_open(head, "c1", HISTORY)
