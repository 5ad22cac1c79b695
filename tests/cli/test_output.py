"""What the program says beside its data: notes, refusals, the way on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.terminal import on_terminal, program
from tests.tool import run, tool
from tractatus_merge.cli.terminal.output import fitted
from tractatus_merge.system.printable import clean

VIEW = ".claude/instruction-history.json"
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


def test_a_v3_history_gets_records_of_its_own_form(repo):
    """`add` writes a title and a description where the others have one, no text and no timestamp."""
    record = {"id": "inst_001", "title": "Old", "description": "Old", "active": True}
    counts = {"version": "3.0.0", "totalInstructions": 1, "activeInstructions": 1}
    (repo / VIEW).write_text(json.dumps({"metadata": counts, "instructions": [record]}, indent=2))
    tool(repo, "init")
    new = tool(repo, "add", "Ask first", "--why", "it went wrong once")["id"]
    shown = tool(repo, "show", new)
    assert (shown["title"], shown["description"], shown["rationale"]) == (
        "Ask first", "Ask first", "it went wrong once",
    )  # fmt: skip
    assert "text" not in shown
    document = json.loads(run(repo, "view").out)
    assert document["metadata"]["totalInstructions"] == 2
    assert "Ask first" in run(repo, "list").out


def test_an_empty_instruction_is_refused(line):
    """Nothing to say is a slip of the shell."""
    assert run(line, "add", "  ").code == 2


def test_where_a_persons_write_goes_is_said(line):
    """With several sessions open it is published at once, and says so."""
    tool(line, "start", "--id", "alpha111")
    assert "in session alpha111" in run(line, "add", "One").out
    tool(line, "start", "--id", "beta2222")
    ran = run(line, "add", "Two")
    assert "published at once (open: alpha111, beta2222)" in ran.err
    assert "Two" in run(line, "list").out


def test_writing_into_a_merged_session_says_that_it_is_open_again(line):
    """A slip of the id does not pass in silence."""
    tool(line, "start", "--id", "alpha111")
    tool(line, "end", "--session", "alpha111")
    assert "it is open again" in run(line, "add", "One", "--session", "alpha111").err


def test_resuming_a_session_nobody_knows_is_refused(line):
    """A typing error does not become an empty session."""
    ran = run(line, "start", "--id", "new11111", "--resume", "nosuch11")
    assert ran.code == 2
    assert run(line, "status", "--session", "new11111").code == 2


def test_a_settled_conflict_can_still_be_shown(line):
    """Who, why and against which sides stay on record under its id."""
    for name in ("alpha111", "beta2222"):
        tool(line, "start", "--id", name)
        tool(line, "edit", "inst_001", "--set", f"text={name}", "--session", name)
    tool(line, "end", "--session", "alpha111")
    conflict = tool(line, "end", "--session", "beta2222", code=1)["conflicts"][0]
    tool(line, "resolve", conflict, "--take", "1", "--why", "agreed by phone")
    shown = tool(line, "show", conflict)
    assert (shown["why"], shown["value"], len(shown["sides"])) == ("agreed by phone", "alpha111", 2)


def test_a_view_that_is_behind_is_named(line):
    """Agents read the file: `status` says when it does not show the head."""
    stale = (line / VIEW).read_bytes()
    tool(line, "add", "One")
    assert "behind" not in run(line, "status").out
    (line / VIEW).write_bytes(stale)
    assert "view --write" in run(line, "status").out


def test_a_count_that_is_none_is_a_usage_error(line):
    """Not a bug."""
    assert run(line, "log", "-n", "-1").code == 2
    assert run(line, "log", "-n", "0").code == 2


def test_the_file_does_nothing_to_a_terminal(repo):
    """Printed there it is the same JSON, harmless; into a file it goes byte for byte."""
    text = "turn \u202e round \u009b31m"
    (repo / VIEW).write_bytes(
        b'\xef\xbb\xbf{"version": "1",\r\n"instructions": []\r\n}\r\n',
    )
    tool(repo, "init")
    tool(repo, "add", text, "--id", "inst_900")
    tool(repo, "view", "--write")
    shown = on_terminal(repo, *program("view"))
    assert shown.code == 0
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufeff]", shown.text)
    assert "turn \\u202e round \\u009b31m" in shown.text
    plain = subprocess.run(program("view"), cwd=repo, capture_output=True, check=True, env=HERE)
    assert plain.stdout == (repo / VIEW).read_bytes()
    assert json.loads(shown.text) == json.loads(plain.stdout.decode("utf-8-sig"))


def test_json_for_programs_does_nothing_to_a_terminal(repo):
    """Invisible and control characters are JSON's escapes: the value is the same."""
    text = "turn \u202e round \u009b31m"
    tool(repo, "init")
    tool(repo, "add", text, "--id", "inst_900")
    out = run(repo, "list", "--json").out
    assert "\u202e" not in out
    assert "\u009b" not in out
    assert text in [item["text"] for item in json.loads(out)["instructions"]]


def cut(text: str, width: int) -> str:
    """A text cut letter by letter."""
    taken = ""
    for letter in clean(text.replace("\n", " ")):
        width -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width < 1:
            return f"{taken}…"
        taken += letter
    return taken


@given(st.text(st.sampled_from("aé \n\t\x1b\u0301\u036f\u0370\u0378\u0416字\uff57") | st.characters()),
       st.integers(-1, 12))  # fmt: skip
def test_a_line_is_cut_at_the_column(text, width):
    """Wide characters take two columns; what is spelled out takes as many as it is shown in."""
    assert fitted(text, width) == cut(text, width)
