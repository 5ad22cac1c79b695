"""JSON values as the merge sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import strategies as some
from tractatus_merge.core.values.equality import MISSING, canonical, digest, same
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.core.values.places import element_id, get, has_parent, is_keyed, leaves, put


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Number("1.0"), 1), (Number("0.90"), Number("0.9")), (0, Number("-0")), (1e21, Number("1e21")),
        (Number("9007199254740993"), 9007199254740993), (10**400, Number("1e400")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ([1, Number("2.0")], [1, 2]), (MISSING, MISSING),
    ],
)  # fmt: skip
def test_the_same_as_json(one, other):
    """Numbers of one value are the same, the order of keys does not count."""
    assert same(one, other)
    assert same(other, one)
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1), (False, 0), ("1", 1), (None, False), (None, MISSING), ([], {}), ([1, 2], [2, 1]),
        (Number("9007199254740993"), Number("9007199254740992")), (10**400, Number("2e400")),
        (Number("0.1"), Number("0.10000000000000001")), (Number("1e-400"), 0), (2**53, 2**53 + 1),
        ({"a": 1}, {"a": 1, "b": None}), ("", None), ([True], [1]), (1, MISSING), ("é", "e\u0301"),
    ],
)  # fmt: skip
def test_not_the_same_as_json(one, other):
    """`true` is never `1`, null is not absence, order counts in lists."""
    assert not same(one, other)
    assert not same(other, one)
    assert canonical(one) != canonical(other)


@given(some.values, some.values)
def test_canonical_text_is_equality(one, other):
    """Two values have one canonical text exactly when they are the same."""
    assert (canonical(one) == canonical(other)) == same(one, other)
    assert same(one, one)


def test_canonical_text_is_ascii_and_sorted():
    """What is hashed does not depend on encoding or order."""
    assert (
        canonical({"é": [1.50, True, None], "a": "\ud800"})
        == '{"a":"\\ud800","\\u00e9":[1.5,true,null]}'
    )
    assert len(digest({"a": 1})) == 12
    assert digest({"a": 1}, 8) == digest({"a": Number("1.0")}, 8)


LIST = {"steps": [{"id": "s1", "do": "a"}, {"id": "s2"}], "n": 1}


def test_get_follows_keys_and_ids():
    """Inside a list of objects a step is the element's id; what is not there is MISSING."""
    assert get(LIST, ("steps", "s1", "do")) == "a"
    assert get(LIST, ()) is LIST
    for path in (("steps", "s3"), ("n", "x"), ("steps", "s2", "do"), ("a", "b")):
        assert get(LIST, path) is MISSING
    assert repr(MISSING) == "MISSING"


def test_put_makes_a_copy():
    """`put` changes, adds and takes away; the old value is as it was."""
    assert put(LIST, ("steps", "s1", "do"), "b")["steps"][0] == {"id": "s1", "do": "b"}
    assert put(LIST, ("steps", "s2"), MISSING)["steps"] == [{"id": "s1", "do": "a"}]
    assert put(LIST, ("steps", "s3"), {"id": "s3"})["steps"][2] == {"id": "s3"}
    assert put(LIST, ("n",), MISSING) == {"steps": LIST["steps"]}
    assert put(LIST, ("new",), 0)["new"] == 0
    assert put(LIST, (), 5) == 5
    assert put(LIST, ("n", "deep", "er"), 0)["n"] == {"deep": {"er": 0}}
    assert put(LIST, ("n", "deep"), MISSING)["n"] == {}
    assert LIST == {"steps": [{"id": "s1", "do": "a"}, {"id": "s2"}], "n": 1}


def test_put_in_a_list_changes_the_element_of_the_id_alone():
    """Replaced where it stands; what is taken away in it, or is not there, takes away no element."""
    new = {"id": "s1", "do": "b"}
    assert put(LIST, ("steps", "s1"), new)["steps"] == [new, {"id": "s2"}]
    assert put(LIST, ("steps", "s1", "do"), MISSING)["steps"] == [{"id": "s1"}, {"id": "s2"}]
    assert put(LIST, ("steps", "s3"), MISSING) == LIST


def test_has_parent_tells_where_put_can_write():
    """The parent of the last step is an object or a list."""
    assert has_parent(LIST, ("steps", "s9"))
    assert has_parent(LIST, ("anything",))
    assert not has_parent(LIST, ("n", "x"))
    assert not has_parent(LIST, ("steps", "s9", "do"))
    assert has_parent(3, ())


@given(some.objects, some.objects)
def test_leaves_lead_from_one_value_to_the_other(before, after):
    """Putting every leaf into the first value makes the second."""
    for path, old, new in leaves(before, after):
        assert same(get(before, path), old)
        before = put(before, path, new)
    assert same(before, after)


def test_leaves_enter_lists_of_the_same_elements():
    """An edit of one element of a list is told at its place; another order is a whole list."""
    other = put(LIST, ("steps", "s1", "do"), "b")
    assert list(leaves(LIST, other)) == [(("steps", "s1", "do"), "a", "b")]
    turned = {**LIST, "steps": LIST["steps"][::-1]}
    assert [path for path, _, _ in leaves(LIST, turned)] == [("steps",)]


@given(st.lists(some.values))
def test_an_element_is_known_by_its_id(items):
    """A text or a whole number is an id, nothing else; only lists without doubles are keyed."""
    assert all(element_id(item) is None for item in items)
    assert element_id({"id": 5}) == element_id({"id": Number("5.0")}) == "5"
    assert element_id({"id": Number("738529527931269425")}) == "738529527931269425"
    assert [element_id({"id": odd}) for odd in (True, Number("5.5"), None, [], {})] == [None] * 5
    assert element_id({"key": "a", "id": "b"}, "key") == "a"
    assert not is_keyed([{"id": 1}, {"id": "1"}])
    assert is_keyed([{"id": "a"}, {"id": "b"}])
    assert not is_keyed([{"id": "a"}, {"id": "a"}])
    assert is_keyed(items) == (items == [])
