"""What people call a session."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.session_names import session_name

UUID = "01a2279a-4527-7210-b164-cd76706ae123"


@pytest.mark.parametrize(
    ("session", "tag", "agent", "name"),
    [
        ("databases", "7f3a91c2", "", "session databases"),
        ("databases", "7f3a91c2", "claude-code", "session databases"),
        (UUID, "7f3a91c2", "", "session 7f3a91c2"),
        (UUID, "7f3a91c2", "claude-code", "session 7f3a91c2 (claude-code)"),
        (UUID.upper(), "7f3a91c2", "", "session 7f3a91c2"),
        (UUID, "", "", "session 706ae123"),
        (UUID, "7f3a91c2", "person", ""),
        ("", "", "", ""),
        ("feedbeef", "7f3a91c2", "", "session feedbeef"),
        ("2026-11-28-the-second-one", "7f3a91c2", "", "session 2026-11-28-the-second-one"),
    ],
)
def test_a_session_goes_by_its_id_unless_nobody_knows_that_again(session, tag, agent, name):
    """A UUID or a hash is told by its tag; what a person did by one command, by nothing."""
    assert session_name(session, tag, agent) == name
