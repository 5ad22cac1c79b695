"""A clone that was restored with a session at work in it."""

from __future__ import annotations

import shutil

from tests.git.sync.crowd import pair_of
from tests.tool import tool


def test_a_restored_clone_s_session_stands_against_its_first_life(tmp_path):
    """What it published before the restore is there; what it publishes now waits or stands beside."""
    _, ada, bo = pair_of(tmp_path)
    tool(ada, "start", "--id", "s1")
    backup = tmp_path / "backup"
    shutil.copytree(ada, backup)
    tool(ada, "edit", "inst_001", "--set", "text=first", "--session", "s1")
    tool(ada, "end", "--session", "s1")
    tool(ada, "sync")
    tool(bo, "sync")
    tool(bo, "edit", "inst_001", "--set", "quadrant=TACTICAL")
    tool(bo, "sync")
    shutil.rmtree(ada)
    backup.rename(ada)
    tool(ada, "edit", "inst_001", "--set", "text=SECOND", "--session", "s1")
    tool(ada, "end", "--session", "s1")
    tool(ada, "sync", code=1)
    (conflict,) = tool(ada, "conflicts")["conflicts"]
    assert [side["value"] for side in conflict["sides"]] == ["first", "SECOND"]
