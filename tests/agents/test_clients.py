"""The real clients without a screen: what `install` gives each of them works from start to end."""

from __future__ import annotations

import pytest

from tests.agents.desk import NAMES, PACKAGES, PRINT
from tests.agents.model_api import Step

pytestmark = [pytest.mark.agents, pytest.mark.slow]


@pytest.mark.parametrize("client", PACKAGES)
def test_the_model_reads_the_rules_and_the_shell_has_the_program(desk, line, client):
    """After `install` alone: the brief is in what the client sends, and its answer is a command."""
    desk.trust(line)
    desk.tool(line, "install", "--agent", client)
    read = desk.ask(client, line, "tractatus-merge add 'Bread is weighed' --why 'the scales'")
    assert "inst_001 [HIGH] The order database is PostgreSQL on port 5433" in read
    assert "Bread is weighed" in desk.rules(line)


@pytest.mark.parametrize("client", PACKAGES)
def test_what_an_agent_adds_is_merged_by_the_end_of_its_session(desk, line, client):
    """Nobody but the client itself says that the session began, that it wrote, and that it ended."""
    desk.trust(line)
    desk.tool(line, "install", "--agent", client)
    desk.ask(client, line, "tractatus-merge add 'Bread is weighed'", "tractatus-merge list")
    assert "Bread is weighed" in desk.rules(line)
    newest = desk.tool(line, "log")["entries"][0]
    assert desk.sessions(line) == {newest["session"]: "merged"}
    assert newest["agent"] == NAMES[client]


ROLLS = {"text": "Rolls are counted"}


@pytest.mark.parametrize(
    ("step", "register", "words"),
    [
        (Step(tool="mcp__tractatus__add", input=ROLLS), "claude mcp add tractatus --", ""),
        (
            Step(tool="add", namespace="mcp__tractatus", input=ROLLS),
            "codex mcp add tractatus --",
            "-c mcp_servers.tractatus.required=true",  # else the first turn does not wait for it
        ),
        (Step(tool="mcp_tractatus_add", input=ROLLS), "gemini mcp add tractatus", ""),
    ],
    ids=PACKAGES,
)
def test_a_tool_of_the_server_writes_into_the_session_that_calls_it(
    desk, line, step, register, words
):
    """Registered as the how-to says it: the model is offered the tool, and hears the rule's id."""
    client = register.split()[0]
    desk.trust(line)
    desk.tool(line, "install", "--agent", client)
    assert desk.run(line, *register.split(), "tractatus-merge", "mcp").code == 0
    read = desk.ask(client, line, step, words=words.split())
    (session,) = desk.sessions(line)
    desk.tool(line, "doctor", "--fix")  # a killed or never ended session is merged by it
    newest = desk.tool(line, "log")["entries"][0]
    assert newest["session"] == session
    assert newest["changes"][1].removeprefix("instructions/") in read
    assert "Rolls are counted" in desk.rules(line)


@pytest.mark.parametrize("client", PACKAGES)
def test_a_session_that_is_killed_in_the_midst_of_a_tool_is_merged_by_the_next(desk, line, client):
    """Kill -9 leaves no end; the next start publishes first, so its brief and its copy have it."""
    desk.trust(line)
    desk.tool(line, "install", "--agent", client)
    prompt = desk.model.task("tractatus-merge add 'Bread is weighed' && sleep 1000")
    desk.start(line, client, *PRINT[client], prompt)
    desk.until(lambda: "+1 ~0" in desk.run(line, "tractatus-merge", "sessions").out)
    (session,) = desk.sessions(line)
    desk.kill()
    assert desk.sessions(line) == {session: "open"}
    read = desk.ask(client, line, "tractatus-merge list")
    assert desk.sessions(line)[session] == "merged"
    assert "MEDIUM] Bread is weighed" in read.partition(prompt)[0], "the brief"
    assert "MEDIUM   Bread is weighed" in read, "the copy"
