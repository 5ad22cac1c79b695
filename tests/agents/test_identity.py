"""Who is who: which agent a session is of, and which session a command belongs to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import git
from tests.fakeagent import PROGRAM, Agent
from tests.tool import run, texts, tool
from tractatus_merge.system import processes


def session(folder, name):
    """What `session.json` says of a session."""
    path = folder / ".git/tractatus/sessions" / name / "session.json"
    return json.loads(path.read_text("utf-8"))


def set_facts(folder, name, **facts):
    """Change what `session.json` says."""
    path = folder / ".git/tractatus/sessions" / name / "session.json"
    path.write_text(json.dumps(session(folder, name) | facts), "utf-8")


def of(agent, **environment):
    """A fake agent with another environment than Claude Code's."""
    ours = ("CLAUDECODE", "CLAUDE_CODE_SESSION_ID")
    agent.environment = {k: v for k, v in agent.environment.items() if k not in ours}
    agent.environment |= environment
    return agent


def ran(agent, *words, folder=None):
    """What a command in an agent's shell did, whatever its exit code."""
    return subprocess.run(
        [*PROGRAM, *words], capture_output=True, text=True, check=False,
        cwd=folder or agent.folder, env=agent.environment | {"PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "fields", "environment", "name"),
    [
        (("--agent", "codex"), {}, {}, "codex"),
        (("--agent", "claude"), {}, {"CODEX_THREAD_ID": "outer"}, "claude-code"),
        (("--agent", "gemini"), {}, {"CLAUDE_CODE_SESSION_ID": "outer"}, "gemini-cli"),
        (("--agent", "another"), {}, {}, "another"),
        ((), {}, {"CODEX_THREAD_ID": "s1", "CLAUDECODE": "1"}, "codex"),
        ((), {}, {"GEMINI_SESSION_ID": "s1", "CLAUDECODE": "1"}, "gemini-cli"),
        ((), {}, {"CLAUDE_CODE_SESSION_ID": "s1", "GEMINI_CLI": "1"}, "claude-code"),
        ((), {"turn_id": "t1"}, {"CLAUDE_CODE_SESSION_ID": "outer"}, "codex"),
        ((), {}, {"GEMINI_CLI": "1"}, "gemini-cli"),
        ((), {}, {}, "claude-code"),
    ],
)  # fmt: skip
def test_the_settings_say_which_agent_it_is(line, tmp_path, words, fields, environment, name):
    """Else its id in the environment, or its events; signs of an agent around it do not count."""
    agent = of(Agent(line, "s1", tmp_path), **environment)
    said = {"session_id": "s1", "cwd": str(line), "hook_event_name": "SessionStart", **fields}
    subprocess.run(
        [*PROGRAM, "hook", *words], input=json.dumps(said), text=True, check=True, cwd=line,
        env=agent.environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert session(line, "s1")["agent"] == name


@pytest.mark.parametrize("variable", ["CODEX_THREAD_ID", "CODEX_SESSION_ID"])
def test_codex_is_an_agent_and_has_a_session(line, tmp_path, variable):
    """What it adds is its session's; it is refused what only people do."""
    agent = of(Agent(line, "c1", tmp_path), **{variable: "c1"})
    agent.fire("SessionStart", source="startup", model="gpt-5.5")
    assert ran(agent, "add", "Rule", "--id", "inst_c").stdout == "added inst_c in session c1\n"
    assert "inst_c" not in texts(line)
    refused = ran(agent, "resolve", "--all", "--take", "2")
    assert refused.returncode == 2 and "a person's act" in refused.stderr


def test_a_shell_without_an_id_is_found_by_its_process(line, tmp_path):
    """Gemini CLI's shell: it is of the session whose agent is above this process; nobody else's."""
    gemini = of(Agent(line, "g1", tmp_path), GEMINI_SESSION_ID="g1")
    gemini.fire("SessionStart", source="startup")
    gemini = of(gemini, GEMINI_CLI="1")
    del gemini.environment["GEMINI_SESSION_ID"]
    other = Agent(line, "other", tmp_path)
    other.fire("SessionStart", source="startup")
    with subprocess.Popen(["sleep", "60"]) as elsewhere:
        set_facts(line, "other", process=processes.facts_of(elsewhere.pid))
        assert "in session g1" in ran(gemini, "add", "Rule", "--id", "inst_g").stdout
        tool(line, "end", "--session", "g1")
        refused = ran(gemini, "add", "Rule two")
        assert refused.returncode == 2 and "tractatus-merge start" in refused.stderr
        assert "other" not in refused.stderr, "another's session is nothing to write into"
        assert ran(gemini, "status").returncode == 0
        elsewhere.kill()


@pytest.mark.parametrize("inner", ["known", "unknown"])
def test_the_nearest_of_nested_agents(line, tmp_path, inner):
    """Codex in Claude Code's shell writes into its own session, and never into the other's."""
    outer = Agent(line, "outer", tmp_path)
    outer.fire("SessionStart", source="startup")
    agent = of(Agent(line, "inner", tmp_path), CODEX_THREAD_ID="inner")
    program = tmp_path / "codex"
    shutil.copy(shutil.which("sh"), program)  # by its name an agent
    if inner == "known":
        agent.fire("SessionStart", source="startup")
        set_facts(line, "inner", process=None)
    both = {**outer.environment, "CODEX_THREAD_ID": "inner", "PYTHONPATH": str(Path.cwd())}
    words = f"{sys.executable} -m tractatus_merge add Rule --id inst_x; exit $?"
    done = subprocess.run(
        [program, "-c", words], cwd=line, env=both, capture_output=True, text=True, check=False
    )
    if inner == "known":
        assert done.stdout == "added inst_x in session inner\n", done.stderr
    else:
        assert done.returncode == 2 and "(inner)" in done.stderr


def test_an_agent_whose_hooks_did_not_run(line, tmp_path):
    """It reads the shared history and runs tests; to write it starts a session with its own id."""
    tool(line, "start", "--id", "of-somebody-else")
    agent = Agent(line, "unknown", tmp_path)
    assert "inst_001" in ran(agent, "list").stdout
    assert "no session of this worktree" in ran(agent, "status").stdout
    slugs = {ran(agent, "run", "sh", "-c", "echo $TRACTATUS_SLUG").stdout for _ in range(2)}
    assert len(slugs) == 1 and len(slugs.pop().strip()) == 8, "one name, its own"
    assert "TRACTATUS_SLUG" in ran(agent, "env").stdout
    for words in (["add", "Rule"], ["edit", "inst_001", "--set", "notes=x"], ["end"], ["merge"]):
        refused = ran(agent, *words)
        assert refused.returncode == 2
        assert "(unknown)" in refused.stderr and "tractatus-merge start" in refused.stderr
        assert "of-somebody-else" not in refused.stderr
    ran(agent, "start")
    assert session(line, "unknown")["agent"] == "claude-code"
    assert ran(agent, "add", "Rule").stdout.endswith("in session unknown\n")


def nested(folder):
    """A clone in the repository, with a history of its own line."""
    vendor = folder / "vendor"
    git(folder, "clone", "--quiet", str(folder), "vendor")
    return vendor


@pytest.mark.parametrize("project", [True, False])
@pytest.mark.parametrize("history", [True, False])
def test_a_session_that_goes_into_a_nested_repository(line, tmp_path, project, history):
    """Its events, its commands and its end are those of the session where it is known."""
    vendor = nested(line)
    if history:
        tool(vendor, "init")
    agent = Agent(line, "s1", tmp_path)
    if project:
        agent.environment["CLAUDE_PROJECT_DIR"] = str(line)
    agent.fire("SessionStart", source="startup")
    agent.fire("PostToolUse", tool_name="Bash", cwd=str(vendor))
    assert "in session s1" in ran(agent, "add", "Rule", "--id", "inst_v", folder=vendor).stdout
    assert "inst_v" in ran(agent, "list", folder=vendor).stdout
    assert ran(agent, "sessions", folder=vendor).stdout.startswith("s1 ")
    said = {"session_id": "s1", "cwd": str(vendor)}
    shown = subprocess.run(
        [*PROGRAM, "statusline"], input=json.dumps(said), capture_output=True, text=True,
        cwd=line, check=True, env=agent.environment,
    )  # fmt: skip
    assert "no copy" not in shown.stdout
    agent.fire("SessionEnd", reason="other", cwd=str(vendor))
    assert [event["event"] for event in agent.journal()][:4] == ["start", "tool", "edit", "end"]
    assert not (vendor / ".git/tractatus/sessions").exists()
    assert not (line / ".git/tractatus/hook.log").exists()


def test_the_project_decides_where_a_session_begins(line, tmp_path):
    """The folder of its first event comes second, where its project has no history."""
    vendor = nested(line)
    agent = Agent(line, "s1", tmp_path)
    agent.environment["CLAUDE_PROJECT_DIR"] = str(line)
    agent.fire("SessionStart", source="startup", cwd=str(vendor))
    assert session(line, "s1")["worktree"] == str(line)
    agent = Agent(line, "s2", tmp_path)
    agent.environment["CLAUDE_PROJECT_DIR"] = str(vendor)
    agent.fire("SessionStart", source="startup")
    assert session(line, "s2")["worktree"] == str(line)


def test_a_person_in_a_nested_repository_is_where_they_are(line):
    """Commands of people stay in the repository of their folder."""
    vendor = nested(line)
    tool(line, "start", "--id", "s1")
    assert run(vendor, "list").code == 2
    done = subprocess.run(
        [*PROGRAM, "list"], cwd=vendor, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert "no history on the branch" in done.stderr


def test_a_service_is_no_sign_of_life():
    """That Codex's app-server runs says nothing of one of its sessions; that it is gone, does."""
    code = "import sys; sys.stdin.read()"
    for words, alive in ((["app-server", "--listen"], None), (["exec"], True)):
        with subprocess.Popen(
            [sys.executable, "-c", code, *words], stdin=subprocess.PIPE, text=True
        ) as process:
            facts = processes.agent_process(process.pid)
            assert processes.is_alive(facts) is alive
            process.communicate()
        assert processes.is_alive(facts) is False


def test_a_zombie_is_not_alive():
    """An agent that was killed is gone, also where nobody has asked for its end."""
    process = subprocess.Popen(["sleep", "60"])
    facts = processes.facts_of(process.pid)
    assert processes.is_alive(facts) is True
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert processes.is_alive(facts) is False
    process.wait()


@pytest.mark.parametrize("words", [["--agent=codex"], ["--agent", "codex", "--later", "x"]])
def test_settings_of_another_version(line, words):
    """What a hook's command says beside is no error: that would stop an agent."""
    said = {"session_id": "s1", "cwd": str(line), "hook_event_name": "SessionStart"}
    done = subprocess.run(
        [*PROGRAM, "hook", *words], input=json.dumps(said), text=True, capture_output=True,
        check=False, cwd=line,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert session(line, "s1")["agent"] == "codex"


def test_a_package_with_a_line_of_its_own(line, tmp_path):
    """A session goes on in its own line, though its agent has gone into another's folder."""
    package = line / "packages/a"
    (package / ".claude").mkdir(parents=True)
    (package / ".claude/tractatus.toml").write_text('[store]\nbranch = "tractatus/a"\n')
    tool(package, "init")
    agent = Agent(line, "s1", tmp_path)
    agent.fire("SessionStart", source="startup")
    agent.command("add", "Rule", "--id", "inst_l")
    tool(line, "start", "--id", "other")
    tool(line, "add", "News", "--id", "inst_n", "--session", "other")
    tool(line, "end", "--session", "other")
    assert "inst_n" in agent.fire("UserPromptSubmit", prompt="x", cwd=str(package))
    agent.fire("SessionEnd", reason="other", cwd=str(package))
    give_up = time.monotonic() + 30
    while "inst_l" not in texts(line):  # the hook's child is at it
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert not (line / ".git/tractatus/hook.log").exists()
