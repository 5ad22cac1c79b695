"""Undo as a person meets it: of a version, an instruction, a field, through the command line."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from tests.conftest import git
from tests.tool import run, texts, tool

OLD = "The order database is PostgreSQL on port 5433, never SQLite."


def by(folder: Path, name: str, *commands: tuple[str, ...], code: int = 0) -> str:
    """Run commands in a session and end it; the version it made."""
    tool(folder, "start", "--id", name)
    for words in commands:
        tool(folder, *words, "--session", name)
    return tool(folder, "end", "--session", name, code=code)["head"]


def seen(folder: Path) -> list:
    """The log, and every session's state."""
    sessions = sorted((folder / ".git/tractatus/sessions").glob("*/session.json"))
    return [tool(folder, "log")["entries"], [path.read_text() for path in sessions]]


def test_a_version_an_instruction_and_a_field(line):
    """Later changes of others stay; an addition is retired; the counters are right after it."""
    edit = ("edit", "inst_001", "--set", "text=New", "--set", "notes=N")
    first = by(line, "alpha111", edit, ("add", "Added", "--id", "inst_050"))
    by(line, "beta2222", ("edit", "inst_001", "--set", "source=beta"))
    tool(line, "undo", first, "inst_001", "notes")
    record = tool(line, "show", "inst_001")
    assert record["notes"].startswith("Agreed")
    assert (record["text"], record["source"]) == ("New", "beta")
    tool(line, "undo", first, "inst_001")
    assert texts(line)["inst_001"] == OLD
    assert tool(line, "undo", first)["retired"] == ["inst_050"]
    assert tool(line, "show", "inst_001")["source"] == "beta"
    stats = json.loads(run(line, "view").out)["stats"]
    assert stats == {"total_instructions": 4, "active_instructions": 2}


def test_undo_of_an_undo_stays_after_a_second_undo_that_did_nothing(line):
    """The undo that found nothing is not given again by the next command."""
    first = by(line, "alpha111", ("edit", "inst_001", "--set", "text=New"))
    again = tool(line, "undo", first)["head"]
    ran = run(line, "undo", first)
    assert ran.code == 0
    assert "left to undo" in ran.out
    tool(line, "undo", again)
    tool(line, "start", "--id", "gamma333")
    assert texts(line)["inst_001"] == "New"


def test_the_default_is_the_last_version_of_this_person_or_of_the_session(line):
    """Never another person's."""
    mine = by(line, "alpha111", ("edit", "inst_001", "--set", "text=Mine"))
    git(line, "config", "user.name", "Al")
    git(line, "config", "user.email", "al@bakery.example")
    theirs = by(line, "beta2222", ("edit", "inst_002", "--set", "text=Theirs"))
    git(line, "config", "user.name", "Jo Baker")
    git(line, "config", "user.email", "jo@bakery.example")
    assert tool(line, "undo", "--dry-run")["version"] == mine
    assert tool(line, "undo", "--session", "beta2222", "--dry-run")["version"] == theirs
    git(line, "config", "user.name", "Nobody")
    refused = run(line, "undo")
    assert refused.code == 2
    assert "nothing that was published by Nobody <" in refused.err


def test_a_side_that_was_brought_to_a_conflict_is_withdrawn(line):
    """The conflict closes, also once the undo's objects were pruned and it is published again."""
    tool(line, "start", "--id", "beta2222")
    before = by(line, "alpha111", ("edit", "inst_001", "--set", "text=A"))
    tool(line, "edit", "inst_001", "--set", "text=B", "--session", "beta2222")
    brought = tool(line, "end", "--session", "beta2222", code=1)["head"]
    tool(line, "undo", brought)
    assert tool(line, "conflicts")["conflicts"] == []
    git(line, "update-ref", "refs/heads/tractatus/history", brought)
    tool(line, "start", "--id", "gamma333")
    assert tool(line, "conflicts")["conflicts"] == []
    assert texts(line)["inst_001"] == "A"
    entries = tool(line, "log")["entries"]
    tool(line, "start", "--id", "delta444")
    assert tool(line, "log")["entries"] == entries
    assert before in {entry["version"] for entry in entries}


def test_an_undo_that_the_head_lost_is_published_again(line):
    """As after a prune: the session's folder still holds what was asked."""
    first = by(line, "alpha111", ("edit", "inst_001", "--set", "text=New"))
    tool(line, "undo", first)
    git(line, "update-ref", "refs/heads/tractatus/history", first)
    tool(line, "start", "--id", "gamma333")
    assert texts(line)["inst_001"] == OLD
    assert tool(line, "log")["entries"][0]["message"].startswith("Undo ")


def test_what_cannot_be_undone_is_refused_and_nothing_is_written(line):
    """With exit 2, a sentence, and a command that does not refuse."""
    root = tool(line, "log")["entries"][0]["version"]
    first = by(line, "alpha111", ("edit", "inst_001", "--set", "text=New"))
    before = seen(line)
    for words, said in (
        (("undo", root), "the first version cannot be undone"),
        (("undo", "abcdef012345"), "there is no version 'abcdef012345'"),
        (("undo", first, "inst_002"), "did not change 'inst_002'"),
        (("undo", first, "inst_001", "notes"), "did not change 'inst_001 notes'"),
        (("undo", first, "inst_001", "text["), ""),
        (("undo", "--session", "nobody"), "nothing that was published by session nobody"),
        (("redo",), "nothing that you undid last is left to redo"),
    ):
        refused = run(line, *words)
        assert refused.code == 2, (words, refused)
        assert said in refused.err
        assert refused.err.startswith("error: ")
        for advice in re.findall(r"^  tractatus-merge (.*)$", refused.err, re.MULTILINE):
            assert run(line, *shlex.split(advice, comments=True)).code == 0, (words, advice)
    assert seen(line) == before


def test_a_dry_run_writes_nothing(line):
    """It says what would be undone."""
    first = by(line, "alpha111", ("edit", "inst_001", "--set", "text=New"))
    before = seen(line)
    assert tool(line, "undo", first, "--dry-run")["edited"] == ["inst_001"]
    assert "would undo" in run(line, "undo", "--dry-run").out
    assert seen(line) == before


def test_an_agent_may_not_undo(line, monkeypatch):
    """It is told what to say to a person."""
    first = by(line, "alpha111", ("edit", "inst_001", "--set", "text=New"))
    monkeypatch.setenv("CLAUDECODE", "1")
    refused = run(line, "undo", first, "inst_001")
    assert refused.code == 2
    assert f"tractatus-merge undo {first} inst_001" in refused.err
    assert texts(line)["inst_001"] == "New"


def test_a_version_and_a_session_are_not_both_named(line):
    """Which of the two was meant could only be guessed."""
    version = by(line, "alpha111", ("edit", "inst_001", "--set", "text=New"))
    done = run(line, "undo", version, "--session", "alpha111")
    assert done.code == 2
    assert "either VERSION or --session" in done.err
    assert texts(line)["inst_001"] == "New"
