"""The laws of `meaning`: who comes first does not matter, and no record is too odd to be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.meaning.contradictions import compare, find_contradictions


@given(some.odd_rules, some.odd_rules)
def test_both_orders_give_the_same_findings(one, other):
    """Whatever the records hold, and whatever their ids."""
    assert compare(one, other) == compare(other, one)


@given(some.odd_rules)
def test_nothing_contradicts_itself(record):
    """Under another id it is a twin at most."""
    found = compare({**record, "id": "a"}, {**record, "id": "b"})
    assert {finding.code for finding in found} <= {"twin"}


@given(some.sayings, some.sayings)
def test_sayings_do_not_contradict_themselves(one, other):
    """A rule of two sentences under another id, even if the sentences contradict each other."""
    record = {"text": f"{one}. {other}", "parameters": {}}
    found = compare({**record, "id": "a"}, {**record, "id": "b"})
    assert {finding.code for finding in found} <= {"twin"}


def test_an_apostrophe_is_one_however_it_is_set():
    """The quick look finds the twin, too."""
    texts = ("The baker\u2019s oven is cleaned on Friday", "The baker's oven is cleaned on Friday")
    one, other = ({"id": f"i{n}", "text": text} for n, text in enumerate(texts))
    assert [finding.code for finding in compare(one, other)] == ["twin"]
    assert find_contradictions({"i0": one}, {"i1": other}) == compare(one, other)
    assert find_contradictions({"i1": other}, {"i0": one}) == compare(one, other)


@given(st.lists(some.rules, max_size=4), st.lists(some.rules, max_size=6))
def test_contradictions_are_those_of_all_pairs(brought, there):
    """The quick look misses nothing that the comparison of each pair finds."""
    new = {f"n{number}": {**rule, "id": f"n{number}"} for number, rule in enumerate(brought)}
    old = {f"o{number}": {**rule, "id": f"o{number}"} for number, rule in enumerate(there)}
    pairs = [compare(one, other) for one in new.values() for other in old.values()]
    expected = sorted((f for found in pairs for f in found), key=lambda f: f.ids)
    assert find_contradictions(new, old) == expected
    assert find_contradictions(old, new) == expected
