"""Whether both sides gave the elements of a list new ids."""

from __future__ import annotations

import pytest

from tractatus_merge.core.rules.renumbering import TEXTS, is_renumbered


def found(*sides, key="id"):
    """Whether the elements are numbered anew, whichever side is ours."""
    base, ours, theirs = ({str(item[key]): item for item in side} for side in sides)
    one = is_renumbered(base, ours, theirs, key)
    assert one == is_renumbered(base, theirs, ours, key)
    return one


def said(number, text="hi", **more):
    """A comment."""
    return {"id": number, "text": text, **more}


@pytest.mark.parametrize("field", TEXTS)
def test_one_text_under_two_new_ids(field):
    """By whatever field it says it, with a base or without."""
    one, other = ({"id": number, field: "hi"} for number in (2, 6))
    assert found([], [one], [other])
    assert found([{"id": 11, field: "hi"}], [one], [other])
    assert not found([], [one], [{**other, field: "ho"}])
    assert not found([], [one], [one])
    assert not found([one], [one], [one, other])


def test_times_and_ids_tell_no_two_comments_apart():
    """But another writer does; numbers do not count."""
    one = said(2, at="2025-11-12", uuid="a", by="x", size=1)
    assert found([], [one], [said(6, at="2025-11-10T08:00:00Z", uuid="b", by="x", size=2)])
    assert found([], [one], [said(6)])
    assert not found([], [one], [said(6, by="y")])
    assert not found([], [one], [said(6, at="yesterday")])
    assert found([], [{"no": 1, "text": "hi"}], [{"no": 2, "text": "hi"}], key="no")


def test_a_removal_is_not_undone_by_a_new_number():
    """What both sides took away, and one has again under a new id."""
    assert found([said(11)], [said(2)], [])
    assert not found([said(11), said(2, "ho")], [said(2, "ho")], [])
    assert not found([said(11)], [said(2, "ho")], [])


def test_what_says_nothing_is_never_one():
    """An empty text, none, and what is no object."""
    for one, other in (
        (said(1, ""), said(2, "")),
        ({"id": 1}, {"id": 2}),
        (said(1, 5), said(2, 5)),
    ):
        assert not found([], [one], [other])
    assert not is_renumbered({}, {"a": 5}, {"b": 5}, "id")
