"""Real sessions of Claude Code beside a history that is not kept in git."""

from __future__ import annotations

import threading

import pytest

from tests.agents.model_api import Step
from tests.conftest import PLACES, ROOT

pytestmark = [pytest.mark.agents, pytest.mark.slow]


@pytest.fixture(params=["file", "file in git", "sqlite"])
def place(request, desk, tmp_path):
    """The bakery, taken in; Claude Code may work there."""
    top = PLACES[request.param](tmp_path)
    desk.tool(top, "init")
    desk.trust(top)
    return top


@pytest.mark.parametrize("scope", ["user", "local", "plugin"])
def test_a_session_runs_itself_whichever_settings_have_its_hooks(desk, place, scope):
    """It is told what is in force and what another publishes meanwhile; its work is merged."""
    words = ["--plugin-dir", str(ROOT / "plugin")]
    if scope != "plugin":
        words = []
        desk.tool(place, "install", "--scope", scope)
    below = place / "src"
    below.mkdir()
    where = place if scope == "local" else below  # Claude Code reads a folder's own settings alone
    read = desk.ask(
        "claude", where, "tractatus-merge add 'Rolls are counted'", "tractatus-merge status",
        words=words,
    )  # fmt: skip
    assert "inst_001 [HIGH]" in read
    assert "Rolls are counted" in desk.rules(place)
    (session,) = desk.sessions(place)
    assert desk.sessions(place) == {session: "merged"}
    newest = desk.tool(place, "log")["entries"][0]
    assert (newest["session"], newest["agent"]) == (session, "claude-code")
    (row,) = desk.tool(place, "metrics")["sessions"]
    assert (row["session"], row["tool_calls"]) == (session, 2)
    assert desk.tool(place, "doctor")["findings"] == []


def test_two_sessions_at_once_lose_nothing(desk, place):
    """Both edit one field, and one text each is in force or waits; a person settles it."""
    desk.tool(place, "install")
    own = [
        f"tractatus-merge edit inst_002 --set persistence={value}" for value in ("LOW", "MEDIUM")
    ]
    both = threading.Barrier(2, timeout=60)  # both have begun before one of them ends
    prompts = [desk.model.task(Step(words, before=both.wait)) for words in own]
    words = ("claude", "--dangerously-skip-permissions", "--print")
    children = [desk.start(place, *words, prompt) for prompt in prompts]
    for child in children:
        assert child.wait(90) == 0
    desk.idle()
    assert list(desk.sessions(place).values()) == ["merged", "merged"]
    (conflict,) = desk.tool(place, "conflicts")["conflicts"]
    assert (conflict["instruction"], conflict["field"]) == ("inst_002", "persistence")
    desk.tool(place, "resolve", conflict["id"], "--take", "2")
    assert desk.tool(place, "conflicts")["conflicts"] == []
