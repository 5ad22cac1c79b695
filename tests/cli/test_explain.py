"""A merge explained, before it is made and long after, through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tool import run, tool


@pytest.fixture
def line(line: Path) -> Path:
    """A repository with one session published, and another that is about to be."""
    tool(line, "start", "--id", "alpha111")
    tool(line, "start", "--id", "beta2222")
    for name, text, tags in (("alpha111", "A", '["a"]'), ("beta2222", "B", '["b"]')):
        mine = ("--session", name)
        tool(line, "edit", "inst_001", "--set", f"text={text}", "--set", "source=both", *mine)
        tool(line, "edit", "inst_002", "--set", f'tags=["money", "api", {tags[1:]}', *mine)
    tool(line, "edit", "inst_001", "--set", "temporal_scope=PHASE", "--session", "beta2222")
    tool(line, "add", "Fresh \x1b[31mnews", "--id", "inst_070", "--session", "beta2222")
    tool(line, "end", "--session", "alpha111")
    return line


def told(steps: list[dict]) -> set[tuple]:
    """The steps in short."""
    return {(s["instruction"], s["field"], s["how"], bool(s.get("rule"))) for s in steps}


def test_a_merge_is_explained_before_and_after_alike(line):
    """Each place with the rule, in JSON and in lines; the dry run writes nothing."""
    folder = line / ".git/tractatus/sessions/beta2222"
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    log = tool(line, "log")
    dry = tool(line, "merge", "--session", "beta2222", "--dry-run", code=1)
    lines = run(line, "merge", "--session", "beta2222", "--dry-run").out
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert tool(line, "log") == log
    assert told(dry["steps"]) == {
        ("inst_001", "text", "conflict", False),
        ("inst_001", "source", "both", False),
        ("inst_001", "temporal_scope", "taken", False),
        ("inst_002", "tags", "rule", True),
        ("inst_070", "", "new", False),
    }
    version = tool(line, "end", "--session", "beta2222", code=1)["head"]
    shown = tool(line, "show", version)
    assert sorted(map(str, shown["steps"])) == sorted(map(str, dry["steps"]))
    after = run(line, "show", version).out
    steps = [one for one in lines.splitlines() if "inst_0" in one and ": " in one]
    assert steps
    assert all(one in after for one in steps if not one.startswith("  conflict")), (lines, after)
    assert "merged by the rule" in after
    assert f"tractatus-merge undo {version[:12]}" in after
    assert "\x1b" not in lines + after


def test_the_first_version_has_no_steps(line):
    """It was taken in as it was."""
    root = tool(line, "log")["entries"][-1]["version"]
    assert tool(line, "show", root)["steps"] == []
    assert "undo it" not in run(line, "show", root).out
