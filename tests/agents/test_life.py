"""How sessions begin, go on and end, by what agents say: nothing lost, nothing shared, nothing left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import bakery, git
from tests.fakeagent import PROGRAM, Agent
from tests.tool import run, texts, tool
from tractatus_merge.agents import hook_actions
from tractatus_merge.factory import open_repository
from tractatus_merge.metrics.fold import fold as fold_in
from tractatus_merge.sessions import edit, liveness, lookup, sweep
from tractatus_merge.sessions.lifecycle import Life

fold = partial(fold_in, environment={})


def states(folder):
    """Where each session stands."""
    return {row["session"]: row["state"] for row in tool(folder, "sessions", "--all")["sessions"]}


def elsewhere(folder, said):
    """An event of another process of the agent, which is over when it is attended to."""
    code = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'tractatus_merge', 'hook'], input=sys.argv[1].encode())"
    words = [sys.executable, "-c", code, json.dumps(said)]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "CLAUDECODE": "1"}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode()


def fired(folder, name, event, **fields):
    """What an agent says of an event."""
    return {"session_id": name, "cwd": str(folder), "hook_event_name": event, **fields}


@pytest.mark.parametrize("source", ["clear", "fork", "resume"])
def test_what_an_agent_is_told_is_in_its_copy(line, tmp_path, source):
    """What the session before left is merged first: it is in the brief, and can be edited."""
    for number in range(3):
        agent = Agent(line, f"r{number}", tmp_path)
        told = agent.fire("SessionStart", source=source if number else "startup")
        for before in range(number):
            assert f"inst_{before}x " in told
            agent.command("edit", f"inst_{before}x", "--set", f"notes=n{number}")
        agent.command("add", f"Rule {number}", "--id", f"inst_{number}x")
        if source == "clear":
            agent.fire("SessionEnd", reason="clear")


def test_a_start_waits_for_a_merge_that_is_under_way(line, tmp_path):
    """The end's child holds the old session: the new copy is made when that is merged."""
    old = Agent(line, "old", tmp_path)
    old.fire("SessionStart", source="startup")
    old.command("add", "Rule", "--id", "inst_w")
    repo = open_repository(line)
    session = lookup.find(repo, "old")
    session.note("end", "2026-01-01T00:00:00Z")
    held, go = threading.Event(), threading.Event()

    def hold():
        with lookup.find(repo, "old").lock():
            held.set()
            go.wait(1.0)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    new = Agent(line, "new", tmp_path)
    assert "inst_w " in new.fire("SessionStart", source="clear")
    new.command("edit", "inst_w", "--set", "notes=n")
    thread.join()
    repo.close()


def test_a_fork_of_a_session_that_lives(line, tmp_path):
    """Its start names the old session, which is left alone; its first event makes its own copy."""
    old = Agent(line, "old", tmp_path)
    old.fire("SessionStart", source="startup")
    old.fire("UserPromptSubmit", prompt="x")
    old.command("add", "Rule", "--id", "inst_old")
    before = old.journal()
    told = elsewhere(line, fired(line, "old", "SessionStart", source="resume"))
    assert "in force" in told and "instruction-history.json" not in told
    assert old.journal() == before, "nothing has happened to the one that lives"
    told = elsewhere(line, fired(line, "fork", "UserPromptSubmit", prompt="x"))
    assert "This is session fork" in told
    assert states(line)["old"] == "open"
    old.command("add", "Rule two")
    assert "inst_old" not in texts(line)


def test_a_fork_of_a_session_that_is_over(line, tmp_path):
    """It was resumed for the fork alone: with the fork's first event it is over again."""
    old, fork = Agent(line, "old", tmp_path), Agent(line, "fork", tmp_path)
    old.fire("SessionStart", source="startup")
    old.fire("UserPromptSubmit", prompt="x")
    old.fire("SessionEnd", reason="other")
    old.fire("SessionStart", source="resume")
    assert "This is session fork" in fork.fire("UserPromptSubmit", prompt="x")
    assert states(line) == {"old": "merged", "fork": "open"}


def test_resume_under_a_new_id_leaves_a_living_session_alone(line, tmp_path):
    """Two processes, two copies; one that is over is gone on with."""
    old = Agent(line, "old", tmp_path)
    old.fire("SessionStart", source="startup")
    old.command("add", "Old rule")
    transcript = tmp_path / "new.jsonl"
    transcript.write_text('{"type":"user","sessionId":"old"}\n')
    said = fired(line, "new", "SessionStart", source="resume", transcript_path=str(transcript))
    elsewhere(line, said)
    old.fire("UserPromptSubmit", prompt="x")
    assert "in session old" in old.command("add", "Old rule two").stdout
    assert states(line) == {"old": "open", "new": "open"}
    old.fire("SessionEnd", reason="other")
    elsewhere(line, {**said, "session_id": "newer"})
    found = lookup.find(open_repository(line), "newer")
    assert found.facts.previous_ids == ("old",)


def test_gemini_hears_after_clear_at_the_next_prompt(line, tmp_path):
    """What its start says after /clear does not reach the model: it is said once, at the prompt."""
    old, new = Agent(line, "old", tmp_path), Agent(line, "new", tmp_path)
    for agent in (old, new):
        agent.environment["GEMINI_SESSION_ID"] = agent.environment.pop("CLAUDE_CODE_SESSION_ID")
    assert "This is session old" in old.fire("SessionStart", source="startup")
    old.command("add", "Rule", "--id", "inst_g", "--session", "old")
    old.fire("SessionEnd", reason="clear")
    assert new.fire("SessionStart", source="clear") == ""
    told = new.fire("BeforeAgent", prompt="x")
    assert "inst_g " in told and "This is session new" in told
    new.command("edit", "inst_g", "--set", "notes=n", "--session", "new")
    assert new.fire("BeforeAgent", prompt="x") == ""


def test_an_end_without_a_start_is_none(line, tmp_path):
    """`claude mcp list` sends one: no session, and nothing that doctor would tell of."""
    agent = Agent(line, "never", tmp_path)
    assert agent.fire("SessionEnd", reason="other") == ""
    assert states(line) == {}
    assert not (line / ".git/tractatus/hook.log").exists()


@pytest.mark.race
def test_three_ends_are_one(line, tmp_path):
    """At once or one after the other: one line in the journal, one merge. A new life ends anew."""
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    agent.command("add", "Rule", "--id", "inst_e")
    said = json.dumps(fired(line, "s1", "SessionEnd", reason="exit")).encode()
    running = [
        subprocess.Popen([*PROGRAM, "hook"], stdin=subprocess.PIPE, cwd=line) for _ in range(3)
    ]
    for process in running:
        process.communicate(said)
    agent.fire("SessionEnd", reason="exit")
    settled(line, "s1")
    count = [event["event"] for event in agent.journal()]
    assert (count.count("end"), count.count("merge")) == (1, 1)
    agent.fire("SessionStart", source="resume")
    agent.fire("SessionEnd", reason="exit")
    settled(line, "s1")
    assert [event["event"] for event in agent.journal()].count("end") == 2


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize("moment", ["before the start", "after it", "in a commit"])
def test_what_was_written_into_the_history_file_outlives_an_end(line, tmp_path, moment, tracked):
    """By a person or an agent's shell, of which no hook tells: an end takes it in, then writes."""
    view = line / ".claude/instruction-history.json"
    if not tracked:
        git(line, "rm", "--quiet", "--cached", str(view))
        (line / ".git/info/exclude").write_text("/.claude/\n")
        git(line, "commit", "--quiet", "--message", "no file")
    agent = Agent(line, "s1", tmp_path)
    if moment != "before the start":
        agent.fire("SessionStart", source="startup")
    said = json.loads(view.read_text("utf-8"))
    said["instructions"][0]["notes"] = "By hand"
    said["instructions"].append({"id": "inst_hand", "text": "Added by hand"})
    view.write_text(json.dumps(said, indent=2), "utf-8")
    if moment == "before the start":
        agent.fire("SessionStart", source="startup")
    elif moment == "in a commit" and tracked:
        git(line, "commit", "--quiet", "--all", "--message", "by hand")
    agent.fire("SessionEnd", reason="exit")
    settled(line, "s1")
    kept = {one["id"]: one for one in json.loads(view.read_text("utf-8"))["instructions"]}
    assert kept["inst_001"]["notes"] == "By hand" and "inst_hand" in kept
    assert tool(line, "show", "inst_001")["notes"] == "By hand"
    assert texts(line)["inst_hand"] == "Added by hand"


def settled(folder, name):
    """Wait until a session is merged, and the file is written: a child does it, unwaited for."""
    until = time.monotonic() + 30
    state = folder / ".git/tractatus"
    path = state / "sessions" / name / "session.json"
    while json.loads(path.read_text("utf-8"))["state"] != "merged":
        assert time.monotonic() < until
        time.sleep(0.02)
    head = git(folder, "rev-parse", "refs/heads/tractatus/history").strip()
    while json.loads((state / "view-.json").read_text("utf-8"))["version"] != head:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_an_event_that_two_hooks_hear_of_counts_once(line, tmp_path):
    """The plugin's and the settings': by the id of the tool's use, and of the prompt."""
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    for turn in range(2):
        for event, fields in (
            ("UserPromptSubmit", {"prompt": "x"}),
            ("PostToolUse", {"tool_use_id": f"toolu_{turn}a"}),
            ("PostToolUse", {"tool_use_id": f"toolu_{turn}b"}),
            ("PostToolUseFailure", {"tool_use_id": f"toolu_{turn}c"}),
            ("SubagentStop", {"agent_id": f"a{turn}"}),
            ("Stop", {"last_assistant_message": "done"}),
        ):
            for _ in range(2):
                agent.fire(event, prompt_id=f"p{turn}", **fields)
    found = fold("s1", agent.journal())
    assert (found.prompts, found.replies, found.subagents) == (2, 2, 2)
    assert (found.tool_calls, found.tool_errors) == (6, 2)


def test_events_without_an_id_all_count(line, tmp_path):
    """Gemini CLI has none: two tools are two."""
    agent = Agent(line, "s1", tmp_path)
    for event in ("SessionStart", "AfterTool", "AfterTool", "BeforeAgent", "BeforeAgent"):
        agent.fire(event)
    found = fold("s1", agent.journal())
    assert (found.tool_calls, found.prompts) == (2, 2)


def test_a_server_that_outlives_a_session(line, tmp_path):
    """The MCP server still has the id of before /clear: its `add` goes into the session now."""
    old, new = Agent(line, "old", tmp_path), Agent(line, "new", tmp_path)
    old.fire("SessionStart", source="startup")
    old.fire("SessionEnd", reason="clear")
    new.fire("SessionStart", source="clear")
    assert "in session new" in old.command("add", "Rule").stdout
    new.fire("SessionEnd", reason="other")
    assert "in session old" in old.command("add", "Rule").stdout, "none is open there"


@pytest.mark.parametrize(
    ("service", "age", "over"), [(True, 2, True), (True, 0, False), (False, 2, False)]
)
def test_a_session_of_a_service_is_over_after_an_hour(line, tmp_path, service, age, over):
    """Codex's app-server lives on, and tells of no end when a window is closed: silence counts."""
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    folder = line / ".git/tractatus/sessions/s1"
    facts = json.loads((folder / "session.json").read_text("utf-8"))
    facts["process"]["service"] = service
    (folder / "session.json").write_text(json.dumps(facts), "utf-8")
    then = time.time() - age * 3600
    for name in ("journal.jsonl", "instruction-history.json"):
        os.utime(folder / name, (then, then))
    tool(line, "start", "--id", "next")
    assert states(line)["s1"] == ("merged" if over else "open")


def test_what_was_published_after_the_copy_was_made(line, tmp_path):
    """Editing it names the way: refresh. Then it works."""
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    tool(line, "start", "--id", "other")
    tool(line, "add", "Ports", "--id", "inst_p", "--session", "other")
    tool(line, "end", "--session", "other")
    assert "inst_p" in agent.fire("UserPromptSubmit", prompt="x")
    for words in (["edit", "inst_p", "--set", "notes=n"], ["retire", "inst_p"]):
        refused = run(line, *words, "--session", "s1")
        assert refused.code == 2 and "tractatus-merge refresh --session s1" in refused.err
    agent.command("refresh")
    agent.command("edit", "inst_p", "--set", "notes=n")
    missing = run(line, "retire", "inst_none", "--session", "s1")
    assert missing.code == 2 and "there is no instruction" in missing.err


class Machine:
    """Processes of agents, of which each works in one session at a time; and what they wrote."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = {}
        self.works = {}
        """Which session each process works in."""
        self.wrote = set()
        self.number = 0

    def process(self, number):
        if number not in self.processes:
            self.processes[number] = subprocess.Popen(["sleep", "1000"])
        return self.processes[number]

    def act(self, kind, number, name):
        """One event; whatever does not apply is passed over."""
        process, now = self.process(number), self.works.get(number)
        if kind == "kill":
            process.send_signal(signal.SIGKILL)
            process.wait()
            del self.processes[number]
            self.works.pop(number, None)
        elif kind in ("start", "clear", "fork", "resume"):
            if kind == "start" and now:
                return
            if kind == "clear" and now:
                self.end(now)
            self.works.pop(number, None)
            source = "startup" if kind == "start" else kind
            self.begin(process, name, hook_event_name="SessionStart", source=source)
            if kind == "resume" and name in self.others(number):
                name = f"{name}-{number}"  # as a fork: the later events have an id of their own
                self.begin(process, name, hook_event_name="UserPromptSubmit")
            elif name in self.others(number):
                return
            self.works[number] = name
            self.add(name)
        elif kind == "end" and now:
            self.end(now)
            del self.works[number]
        elif kind == "add" and now:
            self.add(now)

    def others(self, number):
        return {name for other, name in self.works.items() if other != number}

    def begin(self, process, name, **said):
        told = hook_actions.begin(
            str(self.folder), {"session_id": name, **said}, process.pid, "claude"
        )
        if f"This is session {name}." in told:
            with_copy = lookup.find(open_repository(self.folder), name)
            _, copy = with_copy.copy()
            for line in told.splitlines():
                if line.startswith("- inst_"):
                    assert line[2:].split()[0] in copy.records, "told, and not in its copy"

    def add(self, name):
        self.number += 1
        repo = open_repository(self.folder)
        new = f"inst_m{self.number:03}"
        edit.add(repo, lookup.find(repo, name), {"id": new, "text": new})
        self.wrote.add(new)
        repo.close()

    def end(self, name):
        repo = open_repository(self.folder)
        lookup.find(repo, name).note("end", "2026-01-01T00:00:00Z")
        repo.close()

    def over(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


ACTS = st.tuples(
    st.sampled_from(["start", "resume", "clear", "fork", "end", "kill", "add"]),
    st.integers(0, 2),
    st.sampled_from(["a", "b", "c", "d"]),
)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=1, max_size=9))
def test_the_law_of_lives(tmp_path_factory, acts):
    """Nothing is lost, none that live share a copy, none is open whose agent is gone: ever."""
    folder = bakery(tmp_path_factory.mktemp("law"), taken_in=True)
    machine = Machine(folder)
    try:
        for act in acts:
            machine.act(*act)
        repo = open_repository(folder)
        sweep.sweep(repo)
        known = lookup.line_sessions(repo)
        there = set(repo.head().contents())
        for session in known:
            there |= set(session.copy()[1].records)
            if session.state is Life.OPEN:
                assert liveness.over(session) is None
        assert machine.wrote <= there
        open_ = [one.id for one in known if one.state is Life.OPEN]
        living = list(machine.works.values())
        assert len(set(living)) == len(living), "two processes work in one session"
        assert set(living) <= set(open_)
        assert set(open_) <= set(living), "open, and nobody is there"
        repo.close()
    finally:
        machine.over()
