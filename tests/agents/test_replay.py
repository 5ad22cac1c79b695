"""Two real sessions that overlapped, replayed through the hook in true time order."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import PLACES
from tests.fakeagent import Agent
from tests.tool import run, tool
from tractatus_merge.git import discovery

INSTANTS = {
    "2026-02-12T16:05:00": (139_955, 29_510),
    "2026-02-12T16:08:00": (142_120, 81_960),
    "2026-02-12T16:12:00": (166_874, 81_960),
    "2026-02-12T16:15:00": (65_759, 81_960),
}
"""How full either context was, by the transcripts themselves."""


def happenings(path, name):
    """The records of a transcript, each with its time (one without has that of the one before)."""
    at = ""
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        at = max(at, record.get("timestamp") or "")
        yield at, name, line, record


def results(record):
    """The results of tools that a record carries."""
    content = record.get("message", {}).get("content")
    found = content if isinstance(content, list) else []
    return [part for part in found if isinstance(part, dict) and part.get("type") == "tool_result"]


def is_prompt(record):
    """Whether a person said this."""
    odd = any(record.get(key) for key in ("isMeta", "isCompactSummary", "isSidechain"))
    return record["type"] == "user" and not odd and not results(record)


def fire(agent, record):
    """The events that Claude Code fires for a record that was just written."""
    if record.get("subtype") == "compact_boundary":
        agent.fire("PostCompact", trigger="auto", compact_summary="...")
        agent.fire("SessionStart", source="compact")
    elif record.get("subtype") == "stop_hook_summary":
        agent.fire("Stop", stop_hook_active=False)
    elif is_prompt(record):
        agent.fire("UserPromptSubmit", prompt="...")
    for result in results(record):
        failed = result.get("is_error") is True
        agent.fire("PostToolUseFailure" if failed else "PostToolUse", tool_name="Tool")


@pytest.fixture(scope="module", params=["git", "file", "sqlite"])
def replay(request, data, tmp_path_factory):
    """The whole replay, once with each store: the folder, what was said at each instant, and at all."""
    folder = tmp_path_factory.mktemp("replay")
    repo = PLACES[request.param](folder)
    tool(repo, "init")
    with (repo / ".claude/tractatus.toml").open("a") as settings:
        settings.write("[publish]\nmetrics = true\n")
    paths = {name: data / f"transcripts/concurrent-{name}.jsonl" for name in "ab"}
    agents = {name: Agent(repo, f"session-{name}", folder) for name in "ab"}
    lines = [line for name, path in paths.items() for line in happenings(path, name)]
    lines.sort(key=lambda line: line[0])
    begun: set[str] = set()
    seen: dict[str, tuple[int | None, ...]] = {}
    said: list[str] = []

    def look(instant):
        rows = {row["session"]: row for row in tool(repo, "sessions")["sessions"]}
        seen[instant] = tuple(rows[f"session-{name}"]["context"] for name in "ab")
        for words in (["status", "--session", "session-a"], ["sessions"], ["metrics"]):
            said.extend((run(repo, *words).out, run(repo, *words, "--json").out))

    ahead = iter(INSTANTS)
    instant = next(ahead, None)
    for at, name, line, record in lines:
        while instant is not None and at > instant:
            look(instant)
            instant = next(ahead, None)
        agent = agents[name]
        if name not in begun:
            begun.add(name)
            agent.fire("SessionStart", source="startup")
        with agent.transcript.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        fire(agent, record)
    said.extend(text for agent in agents.values() for text in agent.told)
    return repo, agents, seen, said


@pytest.mark.slow
def test_each_session_has_its_own_context(replay):
    """At four instants, one of them after a compaction, to the token."""
    _, _, seen, _ = replay
    assert seen == INSTANTS


@pytest.mark.slow
def test_each_session_has_its_own_counters(replay):
    """Prompts, calls of tools, errors, the compaction, the last and the highest context."""
    repo, _, _, _ = replay
    found = {row["session"]: row for row in tool(repo, "metrics")["sessions"]}
    keys = ("prompts", "tool_calls", "tool_errors", "compactions", "context", "peak")
    got = {name: tuple(row[key] for key in keys) for name, row in found.items()}
    assert got["session-a"] == (3, 197, 8, 1, 76_350, 166_874)
    assert got["session-b"] == (2, 62, 0, 0, 156_483, 156_483)
    sums = tool(repo, "metrics")["totals"]
    assert (sums["prompts"], sums["tool_calls"], sums["tool_errors"]) == (5, 259, 8)


@pytest.mark.slow
def test_each_checkpoint_fires_once_a_fill_in_the_right_session(replay):
    """Told to the agent whose context passed it, when it passed it, and written down each time."""
    _, agents, _, _ = replay
    for name, agent in agents.items():
        marks = [event for event in agent.journal() if event["event"] == "checkpoint"]
        fills = [[25, 50, 75], [25]] if name == "a" else [[25, 50, 75]]  # a compaction between
        passed = [mark for fill in fills for mark in fill]
        assert [mark["percentage"] for mark in marks] == passed
        for mark in marks:
            assert mark["tokens"] * 100 >= mark["percentage"] * 200_000
        told = [text for text in agent.told if "checkpoint is passed" in text]
        found = [int(n) for text in told for n in re.findall(r"The (\d+) % checkpoint", text)]
        assert found[-1] == passed[-1] and found == [n for n in passed if n in found]


@pytest.mark.slow
def test_no_number_is_the_sum_of_both(replay):
    """Not in any file of the sessions, and not in anything that was said."""
    repo, _, _, said = replay
    sums = {sum(pair) for pair in INSTANTS.values()}
    places = [state_of(repo), state_of(repo).parent / "sessions"]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert len(files) > 10 and len(said) > 20
    texts = [*said, *(path.read_text("utf-8", "replace") for path in files)]
    numbers = {int(n.replace(",", "")) for text in texts for n in re.findall(r"\d[\d,]*\d", text)}
    assert 139_955 in numbers, "the numbers are looked for as they are written"
    assert not sums & numbers


def state_of(repo):
    """The folder in which a history has what its sessions share."""
    return Path(discovery.state_of(str(repo)))


FILES = {
    "a": {
        "session_id": "session-a", "token_estimate": 76_350, "token_budget": 200_000, "pressure_score": 38.2, "status": "ELEVATED",
    },
    "b": {
        "session_id": "session-b", "token_estimate": 156_483, "token_budget": 200_000, "pressure_score": 78.2, "status": "CRITICAL",
    },
}  # fmt: skip

KEYS = {
    "version", "session_id", "started", "message_count", "token_estimate", "alerts", "initialized",
    "last_framework_activity", "staleness_thresholds", "last_updated",
}  # fmt: skip
"""What the framework's `session-init.js` writes."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_framework_s_files_are_each_session_s_own(replay, name):
    """What the hook derived at the last turn, and what a script of the framework is given of it."""
    repo, agents, _, _ = replay
    session = f"session-{name}"
    agents[name].fire("Stop")
    folder = Path(discovery.sessions_of(str(state_of(repo)))) / session
    tool(repo, "export", "--session", session)
    for state, marks in (("state", "checkpoints"), ("session-state", "token-checkpoints")):
        place = folder if state == "state" else repo / ".claude"
        found = json.loads((place / f"{state}.json").read_text("utf-8"))
        assert {key: found[key] for key in FILES[name]} == FILES[name]
        assert found.keys() >= KEYS
        kinds = [event["event"] for event in agents[name].journal()]
        assert found["message_count"] == kinds.count("prompt") + kinds.count("reply")
        found = json.loads((place / f"{marks}.json").read_text("utf-8"))
        assert (found["session_id"], found["overdue"]) == (session, False)
        assert [row["percentage"] for row in found["checkpoints"]] == [25, 50, 75]
        assert [row["tokens"] for row in found["checkpoints"]] == [50_000, 100_000, 150_000]
        assert [row["completed"] for row in found["checkpoints"]] == [True, True, True]
        own = {mark["at"] for mark in agents[name].journal() if mark["event"] == "checkpoint"}
        assert {row["timestamp"] for row in found["checkpoints"]} <= own


@pytest.mark.slow
def test_the_rows_of_a_database_are_each_session_s_own(replay):
    """After the ends: `session_state` and `token_checkpoints` say what each session's files say."""
    repo, agents, _, _ = replay
    for name in "ab":
        tool(repo, "add", f"Rule of {name}", "--session", f"session-{name}")
        tool(repo, "end", "--session", f"session-{name}")
    path = repo / ".claude/history/history.db"
    if not path.exists():
        return
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as asked:
        query = "SELECT session, context, peak, budget, tool_calls, tool_errors, compactions FROM session_state"
        assert sorted(asked.execute(query)) == [
            ("session-a", 76_350, 166_874, 200_000, 197, 8, 1),
            ("session-b", 156_483, 156_483, 200_000, 62, 0, 0),
        ]
        query = (
            "SELECT s.session, t.percentage, t.at FROM token_checkpoints t"
            " JOIN session_state s ON s.id = t.id ORDER BY 1, 2"
        )
        rows = asked.execute(query).fetchall()
    assert [row[:2] for row in rows] == [(f"session-{n}", p) for n in "ab" for p in (25, 50, 75)]
    for session, percentage, at in rows:
        marks = [event for event in agents[session[-1]].journal() if event["event"] == "checkpoint"]
        assert at in {mark["at"] for mark in marks if mark["percentage"] == percentage}
    asked.close()
