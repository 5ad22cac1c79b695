"""A session's facts: in which order work was published."""

from __future__ import annotations

import itertools

from tractatus_merge.sessions.facts import SealedCopy, in_order


def work(head, onto, at):
    """Work that the version `head` published onto another."""
    return SealedCopy(head, "v0", head, at, onto)


def test_each_work_comes_after_what_it_was_published_onto():
    """Whatever their clocks said: one of 2102 among them, and one of 1970."""
    works = [
        ("a", work("a", "", "2102-01-01T00:00:00.000Z")),
        ("b", work("b", "a", "2026-01-01T00:00:00.000Z")),
        ("c", work("c", "b", "1970-01-01T00:00:00.000Z")),
        ("d", work("d", "c", "2026-01-02T00:00:00.000Z")),
    ]
    for order in itertools.permutations(works):
        assert [name for name, _ in in_order(order)] == ["a", "b", "c", "d"]


def test_works_that_know_nothing_of_each_other_come_by_time():
    """And works that each follow the other, which nobody wrote, come all the same."""
    works = [("b", work("b", "x", "2026-01-02")), ("a", work("a", "y", "2026-01-01"))]
    assert [name for name, _ in in_order(works)] == ["a", "b"]
    ring = [("a", work("a", "b", "2026-01-02")), ("b", work("b", "a", "2026-01-01"))]
    assert [name for name, _ in in_order(ring)] == ["b", "a"]
