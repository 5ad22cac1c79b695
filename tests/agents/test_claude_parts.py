"""What Claude Code has besides the session: subagents, worktrees, plugins."""

from __future__ import annotations

import pytest

from tests.agents.desk import PACKAGES
from tests.agents.model_api import Step
from tests.conftest import ROOT

pytestmark = [pytest.mark.agents, pytest.mark.slow]


def test_a_subagent_writes_into_the_session_that_sent_it(desk, installed):
    """Its addition is merged by the end of that session, and it is counted as a subagent."""
    errand = desk.model.task("tractatus-merge add 'Rolls are counted'", "tractatus-merge list")
    send = {"description": "count", "prompt": errand, "subagent_type": "general-purpose"}
    desk.ask("claude", installed, Step(tool="Agent", input=send))
    assert "Rolls are counted" in desk.model.read(errand)
    (session,) = desk.sessions(installed)
    newest = desk.tool(installed, "log")["entries"][0]
    assert (newest["session"], newest["agent"]) == (session, "claude-code")
    assert "Rolls are counted" in desk.rules(installed)


def test_a_worktree_that_the_client_makes_has_a_session_of_its_own(desk, installed):
    """`claude --worktree` takes the settings along: the session runs itself, and is merged."""
    words = ["--worktree", "rolls"]
    read = desk.ask(
        "claude", installed, "pwd; tractatus-merge add 'Rolls are counted'", words=words
    )
    assert f"{installed}/.claude/worktrees/rolls" in read
    assert "inst_001 [HIGH]" in read
    assert "Rolls are counted" in desk.rules(installed)
    assert list(desk.sessions(installed).values()) == ["merged"]


@pytest.mark.parametrize("client", PACKAGES)
def test_a_worktree_that_git_makes_has_sessions_of_its_own(desk, line, client):
    """After `install` every worktree is attended, also one that is made later."""
    desk.tool(line, "install", "--agent", client)
    other = line.parent / "other"
    desk.run(line, "git", "worktree", "add", "-b", "other", str(other))
    desk.trust(line, other)
    read = desk.ask(client, other, "tractatus-merge add 'Rolls are counted'")
    assert "inst_001 [HIGH]" in read
    assert "Rolls are counted" in desk.rules(line)
    assert list(desk.sessions(line).values()) == ["merged"]
    found = desk.tool(other, "doctor")
    assert (found["findings"], found["notes"]) == ([], [])


def test_the_plugin_alone_makes_a_session_run_itself(desk, line):
    """Claude Code finds its manifest valid; with it nothing needs to be in any settings."""
    plugin = str(ROOT / "plugin")
    ran = desk.run(line, "claude", "plugin", "validate", plugin)
    assert ran.code == 0, ran.out
    words = ["--plugin-dir", plugin]
    read = desk.ask("claude", line, "tractatus-merge add 'Rolls are counted'", words=words)
    assert "inst_001 [HIGH]" in read
    assert "Rolls are counted" in desk.rules(line)
    assert list(desk.sessions(line).values()) == ["merged"]


def test_the_marketplace_gives_the_plugin(desk, line):
    """`claude plugin marketplace add` of this repository, and `install`: then a session runs itself."""
    ran = desk.run(line, "claude", "plugin", "validate", str(ROOT))
    assert (ran.code, "warning" in ran.out) == (0, False), ran.out
    assert desk.run(line, "claude", "plugin", "marketplace", "add", str(ROOT)).code == 0
    assert desk.run(line, "claude", "plugin", "install", "tractatus-merge@tractatus").code == 0
    read = desk.ask("claude", line, "tractatus-merge add 'Rolls are counted'")
    assert "inst_001 [HIGH]" in read
    assert "Rolls are counted" in desk.rules(line)
    assert list(desk.sessions(line).values()) == ["merged"]
    found = desk.tool(line, "doctor")
    assert (found["findings"], found["notes"]) == ([], [])
