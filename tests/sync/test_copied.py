"""Clones that were copied, or restored, with sessions at work in them."""

from __future__ import annotations

import shutil

from tests.sync.crowd import head, pair_of
from tests.tool import texts, tool


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
    tool(bo, "edit", "inst_001", "--set", "quadrant=Q")
    tool(bo, "sync")
    shutil.rmtree(ada)
    backup.rename(ada)
    tool(ada, "edit", "inst_001", "--set", "text=SECOND", "--session", "s1")
    tool(ada, "end", "--session", "s1")
    tool(ada, "sync", code=1)
    (conflict,) = tool(ada, "conflicts")["conflicts"]
    assert [side["value"] for side in conflict["sides"]] == ["first", "SECOND"]


def test_two_copies_with_one_session_name_keep_both_additions(tmp_path):
    """Each copy has a name of its own from its first command on: two sessions, two instructions."""
    _, ada, bo = pair_of(tmp_path)
    tool(ada, "start", "--id", "open")
    copy = tmp_path / "copy"
    shutil.copytree(ada, copy)
    for clone in (ada, copy):
        tool(clone, "start", "--id", "ticket-7")
        for session in ("open", "ticket-7"):
            tool(clone, "add", f"By {session} of {clone.name}", "--session", session)
    for session in ("open", "ticket-7"):
        tool(ada, "end", "--session", session)
    tool(ada, "sync")
    tool(bo, "sync")
    for name, text in texts(bo).items():
        if text.startswith("By"):
            tool(bo, "edit", name, "--set", "quadrant=Q")
    tool(bo, "sync")
    for session in ("open", "ticket-7"):
        tool(copy, "end", "--session", session)
    for clone in (copy, bo, ada):
        tool(clone, "sync")
    assert head(ada) == head(bo) == head(copy)
    said = sorted(text for text in texts(ada).values() if text.startswith("By"))
    assert said == [f"By {s} of {c}" for s in ("open", "ticket-7") for c in ("ada", "copy")]
    assert tool(ada, "conflicts")["conflicts"] == []
