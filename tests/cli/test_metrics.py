"""`metrics`, `export`, `sessions --stale`, and the numbers in `status`: each session's own."""

from __future__ import annotations

import csv
import json
import os
import time

import pytest

from tests.fakeagent import Agent
from tests.tool import run, tool
from tractatus_merge.sessions import framework_files, live_metrics, sweep
from tractatus_merge.system import jsonl


@pytest.fixture
def pair(line, tmp_path):
    """The seed's two sessions, at the same time in one repository, by their events alone."""
    agents = []
    for name, turns, tokens in (("a", 4, 29_414), ("b", 21, 85_000)):
        agent = Agent(line, f"session-{name}", tmp_path)
        agent.fire("SessionStart", source="startup")
        agent.says(tokens)
        agents.append((agent, turns))
    for turn in range(21):
        for agent, turns in agents:
            if turn < turns:
                agent.fire("UserPromptSubmit", prompt="x")
                agent.fire("Stop")
    return [agent for agent, _ in agents]


@pytest.mark.slow
def test_the_example_of_the_seed(line, pair):
    """A is 14.7 % NORMAL and B 42.5 % ELEVATED in every view; nothing is 57.2 % HIGH."""
    for verb in ("sessions", "metrics"):
        rows = {row["session"]: row for row in tool(line, verb)["sessions"]}
        got = [
            (rows[name]["messages"], rows[name]["pressure_score"], rows[name]["level"])
            for name in ("session-a", "session-b")
        ]
        assert got == [(8, 14.7, "NORMAL"), (42, 42.5, "ELEVATED")]
        shown = run(line, verb).out
        assert "14.7 % NORMAL" in shown and "42.5 % ELEVATED" in shown
        assert "57" not in shown.replace("session", "")
    told = tool(line, "status", "--session", "session-b")
    assert (told["pressure_score"], told["checkpoints"][0]["percentage"]) == (42.5, 25)
    g2 = {row["session"]: row for row in tool(line, "metrics", "--score", "g2")["sessions"]}
    assert (g2["session-a"]["pressure_score"], g2["session-b"]["level"]) == (15.4, "HIGH")
    g1 = {row["session"]: row for row in tool(line, "metrics", "--score", "g1")["sessions"]}
    assert (g1["session-a"]["pressure_score"], g1["session-b"]["pressure_score"]) == (10.1, 28.4)
    sums = tool(line, "metrics")["totals"]
    assert (sums["prompts"], sums["replies"], "pressure_score" in sums) == (25, 25, False)
    table = list(csv.DictReader(run(line, "metrics", "--csv").out.splitlines()))
    assert [(row["session"], row["pressure_score"], row["checkpoints"]) for row in table] == [
        ("session-a", "14.7", ""),
        ("session-b", "42.5", "25"),
    ]
    state = json.loads((line / ".git/tractatus/sessions/session-a/state.json").read_text("utf-8"))
    assert (state["message_count"], state["token_estimate"], state["pressure_score"]) == (
        8,
        29_414,
        14.7,
    )


def events(folder, name, *found):
    """Write a session's journal on."""
    for fields in found:
        jsonl.append(folder / ".git/tractatus/sessions" / name / "journal.jsonl", fields)


def test_high_pressure_is_told_what_to_do(line):
    """From HIGH on, status recommends; without any number nothing is said."""
    tool(line, "start", "--id", "s1")
    assert "%" not in run(line, "status", "--session", "s1").out
    told = tool(line, "status", "--session", "s1")
    assert (told["pressure_score"], told["level"], told["recommendation"]) == (None, None, None)
    events(line, "s1", {"event": "context", "at": "2026-01-01T00:00:00Z", "tokens": 100_000})
    assert "handoff" in tool(line, "status", "--session", "s1")["recommendation"]
    assert "50.0 % HIGH" in run(line, "status", "--session", "s1").out


def test_the_budget_is_the_configured_one(line, tmp_path):
    """`[metrics] budget` counts for sessions that begin after it was set."""
    (line / ".claude/tractatus.toml").write_text("[metrics]\nbudget = 100000\n", "utf-8")
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    agent.says(50_000)
    assert tool(line, "status", "--session", "s1")["pressure_score"] == 50.0


def test_since(line):
    """Sessions whose last event is older are left out; what is no moment is refused."""
    for name, at in (("old", "2020-01-01T00:00:00Z"), ("new", "2024-06-01T00:00:00Z")):
        tool(line, "start", "--id", name)
        path = line / ".git/tractatus/sessions" / name / "journal.jsonl"
        path.write_text(json.dumps({"event": "prompt", "at": at}) + "\n", "utf-8")

    def names(when):
        return [row["session"] for row in tool(line, "metrics", "--since", when)["sessions"]]

    assert names("2020-01-01") in (["old", "new"], ["new"])  # midnight of here, not of UTC
    assert names("2021-01-01") == names("2024-05-31T00:00Z") == ["new"]
    assert names("1h") == []
    refused = run(line, "metrics", "--since", "soon")
    assert refused.code == 2 and ", 2h" in refused.err
    assert run(line, "metrics", "--since", "1h").out == "no session\n"


def test_numbers_outlive_the_folder(line, monkeypatch):
    """When a merged session's folder is removed its numbers stay, on this machine."""
    tool(line, "start", "--id", "s1")
    events(
        line,
        "s1",
        {"event": "context", "at": "2026-01-01T00:00:00Z", "tokens": 7_000},
        {"event": "checkpoint", "percentage": 25, "tokens": 9},
    )
    tool(line, "end", "--session", "s1")
    before = tool(line, "metrics")
    monkeypatch.setattr(sweep, "RETENTION", -1)
    tool(line, "start", "--id", "s2")
    assert not (line / ".git/tractatus/sessions/s1").exists()
    tool(line, "abandon", "--session", "s2")
    after = tool(line, "metrics")
    assert after["sessions"][0] == before["sessions"][0]
    with (line / ".git/tractatus" / live_metrics.NUMBERS).open("a") as file:
        file.write('{"session": "x"}\n{"checkpoints": 3}\n{"session":"y","checkpoints":[{}]}\n')
    assert len(tool(line, "metrics")["sessions"]) == 2


def test_disk_use_is_bounded(line, monkeypatch):
    """Of merged sessions that take too much room the oldest go, and none that is at work."""
    for name in ("s1", "s2", "s3"):
        tool(line, "start", "--id", name)
    for name in ("s1", "s2"):
        tool(line, "end", "--session", name)
    monkeypatch.setattr(sweep, "ROOM", 0)
    tool(line, "start", "--id", "s4")
    folder = line / ".git/tractatus/sessions"
    assert (folder / "s1").exists(), "so soon, a prune may yet take what it published"
    for name in ("s1", "s2"):
        os.utime(folder / name / "session.json", (0, time.time() - 3600))
    tool(line, "start", "--id", "s5")
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["s3", "s4", "s5"]


def published(line):
    """What the branch says of the one merged session."""
    from tests.conftest import git

    names = git(line, "ls-tree", "--name-only", "tractatus/history:summaries").split()
    assert len(names) == 1
    return json.loads(git(line, "show", f"tractatus/history:summaries/{names[0]}"))


@pytest.mark.parametrize("asked", [True, False])
def test_numbers_are_published_only_if_asked(line, asked):
    """They are a person's: `[publish] metrics = true` puts them into the session's summary."""
    if asked:
        (line / ".claude/tractatus.toml").write_text("[publish]\nmetrics = true\n", "utf-8")
    tool(line, "start", "--id", "s1")
    events(line, "s1", {"event": "context", "at": "2026-01-01T00:00:00Z", "tokens": 85_000})
    tool(line, "add", "x", "--session", "s1")
    tool(line, "end", "--session", "s1")
    found = published(line)
    assert ("metrics" in found) == asked
    if asked:
        assert (found["metrics"]["pressure_score"], found["metrics"]["level"]) == (42.5, "ELEVATED")


def test_export(line):
    """The framework's own files, for scripts that know no other; foreign keys stay."""
    tool(line, "start", "--id", "s1")
    events(
        line,
        "s1",
        {"event": "prompt", "at": "2026-01-01T00:00:00Z", "tokens": 60_000},
        {"event": "checkpoint", "percentage": 25, "tokens": 60_000, "at": "2026-01-01T00:00:01Z"},
    )
    state, marks = (
        line / ".claude" / name for name in ("session-state.json", "token-checkpoints.json")
    )
    assert tool(line, "export", "--session", "s1", "--dry-run")["files"] == [str(state), str(marks)]
    assert not state.exists()
    assert tool(line, "export", "--session", "s1")["files"] == [str(state), str(marks)]
    found = json.loads(state.read_text("utf-8"))
    assert (found["session_id"], found["message_count"], found["token_estimate"]) == (
        "s1",
        1,
        60_000,
    )
    assert found["last_framework_activity"]["ContextPressureMonitor"]["last_level"] == "ELEVATED"
    assert list(found["last_framework_activity"])[1] == "InstructionPersistenceClassifier"
    told = json.loads(marks.read_text("utf-8"))
    assert (told["budget"], told["next_checkpoint"], told["overdue"]) == (200_000, 100_000, False)
    assert [row["completed"] for row in told["checkpoints"]] == [True, False, False]
    found["action_count"] = 1332
    found["alerts"] = [{"severity": "HIGH"}]
    found["last_framework_activity"]["BoundaryEnforcer"]["message"] = 12
    found["last_framework_activity"]["PluralisticDeliberationOrchestrator"] = {"message": 2}
    state.write_text(json.dumps(found), "utf-8")
    tool(line, "export", "--session", "s1")
    again = json.loads(state.read_text("utf-8"))
    assert (again["action_count"], again["alerts"]) == (1332, [{"severity": "HIGH"}])
    assert again["last_framework_activity"]["BoundaryEnforcer"]["message"] == 12
    assert "PluralisticDeliberationOrchestrator" in again["last_framework_activity"]
    tool(line, "start", "--id", "s2")
    tool(line, "export", "--session", "s2")
    assert "action_count" not in json.loads(state.read_text("utf-8")), "that was another session's"


def test_export_has_the_framework_s_shape(line, data):
    """Every key of the framework's files is there, with a value of the same kind."""
    tool(line, "start", "--id", "s1")
    tool(line, "export", "--session", "s1")
    for name, sample in (
        ("session-state.json", "session-state.initial.json"),
        ("token-checkpoints.json", "token-checkpoints.initial.json"),
    ):
        real = json.loads((data / "tractatus" / sample).read_text("utf-8"))
        ours = json.loads((line / ".claude" / name).read_text("utf-8"))
        assert real.keys() <= ours.keys()
        for key, value in real.items():
            assert type(ours[key]) is type(value), key
        assert list(real.get("last_framework_activity", {})) == list(
            ours.get("last_framework_activity", {})
        )


def test_all_checkpoints_passed_never_read_as_zero(tmp_path):
    """The framework's scripts stop work where `tokens >= next_checkpoint`, and take null for 0."""
    for mark in (25, 50, 75):
        jsonl.append(
            tmp_path / "journal.jsonl", {"event": "checkpoint", "percentage": mark, "tokens": 1}
        )
    (tmp_path / "state.json").write_text("torn {", "utf-8")
    framework_files.derive(str(tmp_path), 1000)
    assert json.loads((tmp_path / "checkpoints.json").read_text("utf-8"))["next_checkpoint"] == 1000
    assert json.loads((tmp_path / "state.json").read_text("utf-8"))["token_budget"] == 1000


def test_stale_sessions(line):
    """One that was silent for a day is shown with what ends it; others are not."""
    tool(line, "start", "--id", "quiet")
    tool(line, "start", "--id", "busy")
    assert run(line, "sessions", "--stale").out == "no session is stale\n"
    folder = line / ".git/tractatus/sessions/quiet"
    for path in folder.iterdir():
        os.utime(path, (0, time.time() - 2 * 24 * 3600), follow_symlinks=False)
    shown = run(line, "sessions", "--stale").out
    assert "tractatus-merge end --session quiet" in shown and "busy" not in shown
    assert [row["session"] for row in tool(line, "sessions", "--stale")["sessions"]] == ["quiet"]
