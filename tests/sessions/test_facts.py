"""What a session's facts must be; how they are kept, the tests of its folder say."""

from __future__ import annotations

import pytest

from tractatus_merge.sessions.facts import Facts

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
