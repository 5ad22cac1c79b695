"""The real clients without a screen: what `install` gives each of them works from start to end."""

from __future__ import annotations

import pytest

from tests.agents.desk import PACKAGES

pytestmark = [pytest.mark.agents, pytest.mark.slow]


@pytest.mark.parametrize("client", PACKAGES)
def test_the_model_reads_the_rules_and_the_shell_has_the_program(desk, line, client):
    """After `install` alone: the brief is in what the client sends, and its answer is a command."""
    desk.trust(line)
    desk.tool(line, "install", "--agent", client)
    read = desk.ask(client, line, "tractatus-merge add 'Bread is weighed' --why 'the scales'")
    assert "inst_001 [HIGH SYSTEM] The order database is PostgreSQL on port 5433" in read
    assert "Bread is weighed" in desk.rules(line)


@pytest.mark.parametrize("client", ["claude", "gemini"])
def test_what_an_agent_adds_is_merged_by_the_end_of_its_session(desk, line, client):
    """Nobody but the client itself says that the session began, that it wrote, and that it ended."""
    desk.trust(line)
    desk.tool(line, "install", "--agent", client)
    desk.ask(client, line, "tractatus-merge add 'Bread is weighed'", "tractatus-merge list")
    assert "Bread is weighed" in desk.rules(line)
    newest = desk.tool(line, "log")["entries"][0]
    assert desk.sessions(line) == {newest["session"]: "merged"}
