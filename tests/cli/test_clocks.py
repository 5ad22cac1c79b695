"""One machine's clock is wrong: its own versions say so, and no other ones do."""

from __future__ import annotations

import json
import os

import pytest
import time_machine

from tests.cli.test_check import VIEW
from tests.tool import run, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.sessions.liveness import SILENCE, heartbeat
from tractatus_merge.sessions.lookup import find

FUTURE = "2102-03-04T05:06:07Z"


def newest(folder):
    """The time of the newest version."""
    return tool(folder, "log")["entries"][0]["time"]


@pytest.mark.parametrize("verb", ["add", "session", "answer", "undo"])
def test_a_version_from_2102_drags_no_later_time(line, verb):
    """Neither a merge, an answer, an undo nor the header's date; `doctor` tells it while it is newest."""
    for name, text in (("one11111", "A"), ("two22222", "B")):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--set", f"text={text}", "--session", name)
    tool(line, "end", "--session", "one11111")
    (conflict,) = tool(line, "end", "--session", "two22222", code=1)["conflicts"]
    with time_machine.travel(FUTURE):
        tool(line, "edit", "inst_002", "--set", "notes=from the future")
    assert newest(line).startswith("2102-03-04T05:06")
    assert "2102-03-04" in run(line, "doctor").out
    if verb == "add":
        tool(line, "add", "More")
    elif verb == "session":
        tool(line, "start", "--id", "three333")
        with time_machine.travel(FUTURE):  # its own clock was wrong for a while
            tool(line, "edit", "inst_001", "--set", "notes=n", "--session", "three333")
        tool(line, "end", "--session", "three333")
    elif verb == "answer":
        tool(line, "resolve", conflict, "--take", "2")
    else:
        tool(line, "undo")
    assert newest(line) < "2100"
    assert "the newest version is from" not in run(line, "doctor").out
    tool(line, "edit", "inst_002", "--set", "notes=now")
    assert newest(line) < "2100"


def test_the_headers_date_is_no_later_than_its_merge(line):
    """An edit that a wrong clock noted is dated by its publication."""
    tool(line, "start", "--id", "one11111")
    with time_machine.travel(FUTURE):
        tool(line, "edit", "inst_001", "--set", "notes=n", "--session", "one11111")
    tool(line, "end", "--session", "one11111")
    document = json.loads((line / VIEW).read_text("utf-8"))
    assert document.get("last_updated", "") < "2100"


def test_a_clock_that_was_never_set_follows_the_others(line):
    """A machine without a battery begins in 1970."""
    tool(line, "add", "One")
    before = newest(line)
    with time_machine.travel("1970-01-01T00:01:00Z"):
        tool(line, "add", "Two")
    assert newest(line) >= before


def test_a_session_that_was_touched_in_the_future_is_silent_all_the_same(line):
    """The times of its files tell nothing then, and it does not live until they come."""
    tool(line, "start", "--id", "one11111")
    session = find(open_repository(line, {}), "one11111")
    assert heartbeat(session) < 3600
    for path in session.folder.iterdir():
        os.utime(path, (4_170_000_000, 4_170_000_000))
    assert heartbeat(session) > SILENCE
