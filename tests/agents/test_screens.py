"""Agents on a screen: what their commands and keys do to the session, by the hooks alone."""

from __future__ import annotations

import pytest

from tests.agents.desk import PACKAGES

pytestmark = [pytest.mark.agents, pytest.mark.slow]


@pytest.mark.parametrize("client", PACKAGES)
def test_clear_merges_the_session_and_begins_another(desk, line, on_screen, client):
    """What comes after `/clear` goes to the new session; Ctrl-C ends that, and it is merged too."""
    desk.trust(line)
    desk.tool(line, "install", "--agent", client)
    screen = on_screen(client, line)
    screen.do("tractatus-merge add 'Bread is weighed'")
    (first,) = desk.sessions(line)
    screen.enter("/clear")
    read = screen.do("tractatus-merge add 'Rolls are counted'")
    assert "inst_001 [HIGH]" in read
    screen.leave()
    assert {"Bread is weighed", "Rolls are counted"} <= desk.rules(line)
    log = desk.tool(line, "log")["entries"]
    assert log[1]["session"] == first != log[0]["session"]
    assert set(desk.sessions(line).values()) == {"merged"}


def test_a_compaction_keeps_the_session_and_its_copy_and_repeats_the_rules(
    desk, installed, on_screen
):
    """The unmerged work stays, and the model, which has forgotten the brief, reads it again."""
    screen = on_screen("claude", installed)
    screen.do("tractatus-merge add 'Bread is weighed'")
    before = desk.sessions(installed)
    screen.enter("/compact")
    screen.until("Compacted")
    read = screen.do("tractatus-merge add 'Rolls are counted'")
    assert "inst_001 [HIGH]" in read
    assert desk.sessions(installed) == before
    screen.leave()
    assert {"Bread is weighed", "Rolls are counted"} <= desk.rules(installed)
    assert desk.sessions(installed) == dict.fromkeys(before, "merged")


def test_a_tool_that_is_interrupted_leaves_the_session_open(desk, installed, on_screen):
    """Ctrl-C in the midst of a command ends the command alone; the next one writes on."""
    screen = on_screen("claude", installed)
    screen.enter(desk.model.task("tractatus-merge add 'Bread is weighed' && sleep 60"))
    screen.until("added inst_")
    screen.terminal.press("\x03")
    screen.until("Interrupted")
    assert list(desk.sessions(installed).values()) == ["open"]
    screen.do("tractatus-merge add 'Rolls are counted'")
    screen.leave()
    assert {"Bread is weighed", "Rolls are counted"} <= desk.rules(installed)
    assert list(desk.sessions(installed).values()) == ["merged"]


@pytest.mark.parametrize("how", ["--resume", "--continue"])
def test_a_session_that_is_taken_up_again_goes_on(desk, installed, on_screen, how):
    """The same session is opened, its copy is the head of now, and its end merges what is new."""
    screen = on_screen("claude", installed)
    screen.do("tractatus-merge add 'Bread is weighed'")
    screen.leave()
    (first,) = desk.sessions(installed)
    desk.tool(installed, "add", "Flour is sieved")
    screen = on_screen("claude", installed, how, *([first] if how == "--resume" else []))
    read = screen.do("tractatus-merge list", "tractatus-merge add 'Rolls are counted'")
    assert "Flour is sieved" in read
    assert desk.sessions(installed)[first] == "open"
    screen.leave()
    assert desk.sessions(installed)[first] == "merged"
    assert {"Bread is weighed", "Rolls are counted"} <= desk.rules(installed)
    assert desk.tool(installed, "log")["entries"][0]["session"] == first


def test_a_fork_of_a_session_that_is_over_is_a_session_of_its_own(desk, installed, on_screen):
    """It knows what the other merged, and its own work is merged under its own id."""
    desk.ask("claude", installed, "tractatus-merge add 'Bread is weighed'")
    (first,) = desk.sessions(installed)
    screen = on_screen("claude", installed, "--resume", first, "--fork-session")
    read = screen.do("tractatus-merge list", "tractatus-merge add 'Rolls are counted'")
    assert "Bread is weighed" in read
    screen.leave()
    newest = desk.tool(installed, "log")["entries"][0]
    assert newest["session"] != first
    assert "Rolls are counted" in desk.rules(installed)
    assert set(desk.sessions(installed).values()) == {"merged"}


def test_a_fork_of_a_session_that_lives_on_is_a_session_of_its_own(desk, installed, on_screen):
    """Neither writes into the other's copy, and each is merged by its own end."""
    screen = on_screen("claude", installed)
    screen.do("tractatus-merge add 'Bread is weighed'")
    (first,) = desk.sessions(installed)
    fork = on_screen("claude", installed, "--resume", first, "--fork-session")
    fork.do("tractatus-merge add 'Rolls are counted'")
    screen.do("tractatus-merge add 'Flour is sieved'")
    assert list(desk.sessions(installed).values()) == ["open", "open"]
    copies = {
        each["session"]: each["added"] for each in desk.tool(installed, "sessions")["sessions"]
    }
    assert copies.pop(first) == 2
    assert list(copies.values()) == [1]


def test_the_status_line_shows_pressure_and_what_is_not_merged(desk, installed, on_screen):
    """Its numbers are the client's own: tokens of the last reply, in the window that it has."""
    screen = on_screen("claude", installed)
    screen.do("tractatus-merge add 'Bread is weighed'", tokens=540_000)
    screen.until("54.0% HIGH", "1 unmerged")
    screen.leave()
