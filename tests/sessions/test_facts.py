"""A session's facts: what they must be, and in which order work was published."""

from __future__ import annotations

import itertools

import pytest

from tractatus_merge.sessions.facts import Facts, SealedCopy, in_order


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


SAID = {
    "id": "one", "tag": "7f3a91c2", "state": "open", "branch": "tractatus/history",
    "base": {"version": "", "digest": ""}, "worktree": "/w", "created": "2026-01-01T00:00:00Z",
}  # fmt: skip


def test_facts_are_read():
    """A key that a later version writes is kept."""
    assert Facts.from_json(SAID).tag == "7f3a91c2"
    assert Facts.from_json({**SAID, "later": 1}).to_json()["later"] == 1


@pytest.mark.parametrize("tag", ["7f3a91c", "7f3a91c22", "7F3A91C2", "7f3a91cg", "", 7, ["7"] * 8])
def test_a_tag_is_eight_hex_digits(tag):
    """Files are named by it."""
    with pytest.raises(ValueError, match="tag is"):
        Facts.from_json({**SAID, "tag": tag})
