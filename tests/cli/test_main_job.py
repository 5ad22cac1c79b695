"""The main job with every kind of store: concurrent sessions, a conflict, both screens, undo."""

from __future__ import annotations

import json

import pytest

from tests.conftest import PLACES
from tests.fakeagent import Agent, whole_life
from tests.terminal import terminal
from tests.tool import run, texts, tool
from tests.web.conftest import Site

VIEW = ".claude/instruction-history.json"


@pytest.fixture(params=[*PLACES, pytest.param("redis", marks=pytest.mark.services)])
def place(request, tmp_path):
    """The bakery, whose history was taken in; `redis`: in files, with the lock of a real server."""
    top = PLACES.get(request.param, PLACES["file"])(tmp_path)
    if request.param == "redis":
        with (top / ".claude/tractatus.toml").open("a") as settings:
            settings.write(f'lock = "{request.getfixturevalue("redis")}"\n')
    tool(top, "init")
    return top


def shown(place, name="inst_002"):
    """An instruction as programs read it that know only the file."""
    document = json.loads((place / VIEW).read_text("utf-8"))
    return next(item for item in document["instructions"] if item["id"] == name)


def test_what_the_seed_s_two_sessions_write_is_all_there(place):
    """Its table T0-T4: both read, both add by one id; the last writer takes nothing away."""
    for name in ("a", "b"):  # T0, T1
        tool(place, "start", "--id", name)
    for name in ("a", "b"):  # T2, T3
        tool(place, "add", f"Rule of {name}", "--id", "inst_019", "--session", name)
        tool(place, "end", "--session", name)
    document = json.loads((place / VIEW).read_text("utf-8"))  # T4
    said = [item.get("text") for item in document["instructions"]]
    assert (said.count("Rule of a"), said.count("Rule of b"), len(said)) == (1, 1, 5)
    assert document["stats"]["total_instructions"] == 5
    names = {item["id"] for item in document["instructions"]}
    assert len(names) == 5 and "inst_019" in names
    assert texts(place) == {item["id"]: item["text"] for item in document["instructions"]}


@pytest.mark.slow
def test_a_conflict_is_settled_on_either_screen_and_taken_back(place):
    """A terminal and the page ask the same, their answers and undos are versions; then all is undone."""
    for name, words, why in (
        ("a", ("persistence=LOW", "text=Prices are cents."), "the till"),
        ("b", ("persistence=MEDIUM", "text=Prices are decimals."), "the web"),
    ):
        tool(place, "start", "--id", name)
        sets = [word for pair in words for word in ("--set", pair)]
        tool(place, "edit", "inst_002", *sets, "--session", name, "--why", why)
    tool(place, "end", "--session", "a")
    last = run(place, "end", "--session", "b").out.splitlines()[-1]
    assert last.startswith("tractatus-merge review")
    stood = {key: shown(place)[key] for key in ("text", "persistence")}
    assert stood == {"text": "Prices are cents.", "persistence": "LOW"}
    with terminal(place, "review", size=(100, 40)) as screen:
        first = screen.until("1 of 2", "session a", "session b", "the till", "the web")
        field = "text" if "decimals" in first else "persistence"
        screen.press("2")
        screen.until("2 of 2")
        screen.press("u")
        screen.until("1 of 2")
        screen.press("2")
        screen.until("2 of 2")
        screen.press("q")
        assert screen.end() == 1
    other = ({"text", "persistence"} - {field}).pop()
    answers = {"text": "Prices are decimals.", "persistence": "MEDIUM"}
    assert shown(place)[field] == answers[field]
    site = Site(place)
    (conflict,) = tool(place, "conflicts")["conflicts"]
    assert conflict["field"] == other
    assert str(answers[other]) in site.get(f"/conflict/{conflict['id']}").seen.text
    take = site.get(f"/conflict/{conflict['id']}").seen.takes[1]
    got = site.answer(conflict["id"], take=take, why="asked the owner")
    assert {key: shown(place)[key] for key in answers} == answers
    assert "asked the owner" in site.get("/settled").html
    path, form = next(iter(site.get(got.headers["Location"]).seen.forms.items()))
    assert (path.startswith("/undo/"), site.post(path, form).status) == (True, 303)
    (again,) = tool(place, "conflicts")["conflicts"]
    assert (again["field"], shown(place)[other]) == (other, stood[other])
    tool(place, "resolve", again["id"], "--take", "b")
    tool(place, "edit", "inst_001", "--set", "persistence=LOW")
    tool(place, "undo", tool(place, "log", "-n", "1")["entries"][0]["version"], "--why", "a slip")
    assert shown(place, "inst_001")["persistence"] == "HIGH"
    blamed = run(place, "blame", "inst_002").out
    assert "the web" in blamed
    log = [entry["session"] for entry in tool(place, "log")["entries"]]
    assert (log.count("a"), log.count("b")) == (1, 1)
    assert tool(place, "doctor")["ok"]


@pytest.mark.slow
def test_agents_whose_hooks_alone_attend_them(place, tmp_path):
    """Two sessions live by an agent's protocol; both are merged, each with its own numbers."""
    agents = [Agent(place, name, tmp_path) for name in ("one", "two")]
    for agent in agents:
        whole_life(agent)
    for agent in agents:
        tool(place, "end", "--session", agent.session, code=0)
    assert {"inst_one", "inst_two"} <= texts(place).keys()
    rows = tool(place, "metrics")["sessions"]
    assert {row["session"]: row["tool_calls"] for row in rows} == {"one": 4, "two": 4}
    assert not list(place.rglob("hook.log"))
