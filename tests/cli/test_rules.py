"""`export --rules` and `import --rules`: the framework's collection `governanceRules`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tool import run, tool

VIEW = ".claude/instruction-history.json"
ONE = {
    "id": "inst_001", "text": "Port 27017", "quadrant": "SYSTEM", "persistence": "HIGH",
    "temporal_scope": "PROJECT", "explicitness": 0.9, "source": "user",
    "parameters": {"port": "27017"}, "expires_at": "2030-01-01T00:00:00Z", "active": True,
}  # fmt: skip
TWO = {"id": "inst_002", "text": "Ask", "quadrant": "STOCHASTIC", "persistence": "LOW"}
RULE = {
    "_id": {"$oid": "68e3f0c2a1b2c3d4e5f60718"},
    "id": "inst_003",
    "text": "Sign commits",
    "quadrant": "SYSTEM",
    "persistence": "HIGH",
    "temporalScope": "PERMANENT",
    "createdAt": {"$date": "2025-10-11T00:00:00Z"},
}


def made(folder: Path, *records: dict) -> Path:
    """A folder with a history in files, without git."""
    (folder / ".claude").mkdir(parents=True)
    document = {"version": "1.0", "instructions": records}
    (folder / VIEW).write_text(json.dumps(document, indent=2))
    tool(folder, "init", "--store", "file:")
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A history of two instructions."""
    return made(tmp_path / "here", ONE, TWO)


def rules(folder: Path) -> list[dict]:
    """The rules that are exported."""
    tool(folder, "export", "--rules", "out.json")
    return [json.loads(line) for line in (folder / "out.json").read_text().splitlines()]


def write(folder: Path, *given: dict) -> str:
    """A file of rules, as mongoexport writes it."""
    text = "".join(json.dumps(rule) + "\n" for rule in given)
    (folder / "in.json").write_text(text)
    return "in.json"


def instructions(folder: Path) -> list[dict]:
    """The records of the head, without stamps."""
    tool(folder, "view", "--write")
    found = json.loads((folder / VIEW).read_text())["instructions"]
    return [{k: v for k, v in one.items() if k != "version_vector"} for one in found]


def test_an_export_imports_as_the_same_instructions(here, tmp_path):
    """Into another history; and into its own, where nothing is published."""
    rules(here)
    head = tool(here, "status")["head"]
    assert tool(here, "import", "--rules", "out.json") == {
        "added": [], "edited": [], "dry_run": False,
    }  # fmt: skip
    assert tool(here, "status")["head"] == head
    other = made(tmp_path / "other")
    done = tool(other, "import", "--rules", str(here / "out.json"))
    assert (done["added"], done["outcome"]) == (["inst_001", "inst_002"], "clean")
    assert instructions(other) == [ONE, TWO]
    assert rules(other) == rules(here)


def test_what_differs_is_an_edit_and_what_is_absent_stays(here):
    """One session, told as such; the other side's fields come back as they were."""
    mine = {**rules(here)[0], "text": "Port 27018"}
    done = tool(here, "import", "--rules", write(here, RULE, mine))
    assert (done["added"], done["edited"], done["retired"]) == (["inst_003"], ["inst_001"], [])
    assert [one["text"] for one in instructions(here)] == ["Port 27018", "Ask", "Sign commits"]
    assert rules(here)[2] == RULE
    (newest, *_) = tool(here, "log")["entries"]
    assert newest["session"] == done["session"]
    fields = tool(here, "blame", "inst_001")["fields"]
    by = {f["field"]: [one["session"] for one in f["writers"]] for f in fields}
    assert [name for name, writers in by.items() if done["session"] in writers] == ["text"]


def test_a_rule_may_retire_an_instruction(here):
    """As an edit does."""
    gone = {**rules(here)[0], "active": False}
    assert tool(here, "import", "--rules", write(here, gone))["retired"] == ["inst_001"]


def test_in_a_session_it_is_the_sessions_edit(here):
    """As every edit is; what was published since its copy was made is not written over."""
    mine = {**rules(here)[0], "text": "Port 27018"}
    session = tool(here, "start")["session"]
    done = tool(here, "import", "--rules", write(here, mine))
    assert done == {"added": [], "edited": ["inst_001"], "dry_run": False}
    assert rules(here)[0]["text"] == "Port 27017"
    other = tool(here, "start")["session"]
    tool(here, "add", "Sign", "--id", "inst_003", "--session", other)
    tool(here, "end", "--session", other)
    ran = run(here, "import", "--rules", write(here, RULE))
    assert ran.code == 2
    assert f"'inst_003' was published after the copy of session {session} was made" in ran.err
    assert tool(here, "end")["edited"] == ["inst_001"]


def test_one_bad_line_and_nothing_is_written(here):
    """Line and record are named, and no session is left behind."""
    head, there = tool(here, "status")["head"], tool(here, "sessions", "--all")
    bad = {**RULE, "id": "inst_004", "active": "yes"}
    ran = run(here, "import", "--rules", write(here, RULE, bad))
    assert ran.code == 2
    assert "in.json, line 2, record 2 (inst_004): its active is" in ran.err
    assert (tool(here, "status")["head"], tool(here, "sessions", "--all")) == (head, there)


def test_a_dry_run_says_what_would_be_and_writes_nothing(here):
    """Of both verbs."""
    head = tool(here, "status")["head"]
    said = tool(here, "export", "--rules", "out.json", "--dry-run")
    assert (said["rules"], said["dry_run"]) == (2, True)
    assert not (here / "out.json").exists()
    mine = {"id": "inst_001", "text": "Other"}
    ran = run(here, "import", "--rules", write(here, RULE, mine), "--dry-run")
    assert ran.out.splitlines() == ["would add inst_003", "would edit inst_001"]
    assert tool(here, "status")["head"] == head


def test_what_the_framework_does_not_save_is_said(here):
    """It is exported all the same."""
    ran = run(here, "export", "--rules", "out.json")
    assert ran.out == f"wrote 2 instructions to {here / 'out.json'}\n"
    assert 'saves no such rule: inst_002 quadrant "STOCHASTIC"' in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "--rules", "absent.json"), "absent.json cannot be read"),
        (("import", "--rules", "in.json", "--store", "file:"), "no FILE, --store or --lock"),
        (("import", "file.json", "--rules", "in.json"), "no FILE, --store or --lock"),
        (("export", "--rules", "out.json", "--session", "x"), "leave out --session"),
    ],
)
def test_what_does_not_go_together_is_refused(here, words, said):
    """With exit 2."""
    ran = run(here, *words)
    assert ran.code == 2
    assert said in ran.err
