"""Numbers are exact from the file to the history and back, whatever digits and exponents they have.

And what a program in JavaScript makes of them, or the version before made of them, is no edit.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.graphs import Graph
from tests.tool import javascript, run, tool
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.numbers import Number

VIEW = ".claude/instruction-history.json"
WIDE = "9007199254740993"
CHANNEL = "738529527931269425"
LONG = "123456789012345678901234567890"
DOCUMENT = """{
  "version": "1.0",
  "metadata": {"limit": 9007199254740993, "owner": "Ada"},
  "instructions": [
    {"id": "inst_001", "text": "One", "explicitness": 0.90, "parameters": {"account": 9007199254740993, "share": 1.0}},
    {"id": "inst_002", "text": "Two", "parameters": {"channel": 738529527931269425, "all": [9007199254740993, 9007199254740992]}},
    {"id": "inst_003", "text": "Three", "parameters": {"sum": 123456789012345678901234567890, "far": 1e400}}
  ]
}
"""
TOLD = "numbers rounded by the program that wrote the file were left as they are"


def git(folder: Path, *words: str) -> str:
    """Run git and give back what it printed."""
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A repository with an untracked history that has numbers no double can say."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "config", "user.name", "Ada")
    git(tmp_path, "config", "user.email", "ada@example.org")
    (tmp_path / ".git/info/exclude").write_text("/.claude/\n")
    (tmp_path / VIEW).parent.mkdir()
    (tmp_path / VIEW).write_text(DOCUMENT)
    tool(tmp_path, "init")
    return tmp_path


def record(folder: Path, name: str) -> str:
    """An instruction's text in the history."""
    return git(folder, "show", f"tractatus/history:instructions/{name}.json")


def entries(folder: Path) -> int:
    """How many versions the history has."""
    return len(tool(folder, "log")["entries"])


def process(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [sys.executable, "-P", "-m", "tractatus_merge", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "code", "merged"),
    [
        ('{"a":1}', '{"a":9007199254740993}', '{"a":9007199254740992}', 1, '{"a":9007199254740993}'),
        ('{"a":1}', '{"a":1e400}', '{"a":2e400}', 1, '{"a":1e400}'),
        ('{"a":0}', '{"a":1e999999999}', '{"a":10e999999998}', 0, '{"a":1e999999999}'),
        ('{"a":0.1,"k":1}', '{"a":0.1,"k":2}', '{"a":0.10000000000000001,"k":1}', 0, '{"a":0.10000000000000001,"k":2}'),
        ('{"a":1,"k":1}', '{"a":1.0,"k":2}', '{"a":1e0,"k":1}', 0, '{"a":1.0,"k":2}'),
        ('[{"id":"x","n":738529527931269425,"k":1}]', '[{"id":"x","n":738529527931269425,"k":2}]',
         '[{"id":"x","n":738529527931269426,"k":1}]', 0, '[{"id":"x","n":738529527931269426,"k":2}]'),
        ('[{"id":738529527931269425,"n":1},{"id":738529527931269426,"n":1}]',
         '[{"id":738529527931269425,"n":2},{"id":738529527931269426,"n":1}]',
         '[{"id":738529527931269425,"n":1},{"id":738529527931269426,"n":3}]', 0,
         '[{"id":738529527931269425,"n":2},{"id":738529527931269426,"n":3}]'),
        ('[{"id":1,"n":1,"k":1}]', '[{"id":1.0,"n":2,"k":1}]', '[{"id":1,"n":1,"k":2}]', 0, '[{"id":1.0,"n":2,"k":2}]'),
    ],
)  # fmt: skip
def test_files_merge_by_the_exact_numbers(tmp_path, base, ours, theirs, code, merged):
    """Through the program itself: nothing is overlooked, nothing taken for another number."""
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / f"{name}.json").write_text(text)
    done = process(
        tmp_path, "merge-file", "base.json", "ours.json", "theirs.json", "-o", "out.json"
    )
    assert (done.returncode, (tmp_path / "out.json").read_text()) == (code, merged), done.stderr


@pytest.mark.parametrize(
    ("rule", "base", "ours", "theirs", "merged"),
    [
        ("max", "1", WIDE, "9007199254740992", WIDE),
        ("max", "1", "1e400", "2e400", "2e400"),
        ("min", "1", "-9007199254740993", "-9007199254740992", "-9007199254740993"),
        ("min", "1", "-1e400", "-1e999999999", "-1e999999999"),
        ("counter", "9007199254740992", "9007199254740993", "9007199254740995", "9007199254740996"),
        ("counter", LONG, "123456789012345678901234567891", "123456789012345678901234567893", "123456789012345678901234567894"),
        ("counter", "0", "1e999999999", "3e999999999", "4E+999999999"),
        ("set", "[9007199254740992]", "[9007199254740992, 9007199254740993]", "[]", "[9007199254740993]"),
        ("set", "[1, 2]", "[1.0, 2, 3]", "[1, 2e0, 4]", "[1.0, 2, 3, 4]"),
    ],
)  # fmt: skip
def test_each_rule_counts_exactly(tmp_path, rule, base, ours, theirs, merged):
    """The larger, the smaller, sums and sets, within 40 digits and at any exponent."""
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / f"{name}.json").write_text(f'{{"n": {text}}}')
    names = [str(tmp_path / f"{name}.json") for name in ("base", "ours", "theirs", "out")]
    ran = run(tmp_path, "merge-file", *names[:3], "-o", names[3], "--rule", f"n={rule}")
    assert ran.code == 0, ran.err
    assert json_text.parse(Path(names[3]).read_text()) == json_text.parse(f'{{"n": {merged}}}')


def test_a_number_is_edited_to_the_next_one(wide):
    """To a number of the same double: that is an edit, though JavaScript would print just that."""
    tool(wide, "start", "--id", "aaaa")
    said = tool(
        wide,
        "edit",
        "inst_001",
        "--set",
        "parameters.account=9007199254740992",
        "--session",
        "aaaa",
    )
    assert said["changed"] == ["parameters.account"]
    tool(wide, "end", "--session", "aaaa")
    assert '"account": 9007199254740992,' in record(wide, "inst_001")
    assert '"explicitness": 0.90' in record(wide, "inst_001")


def test_two_edits_of_one_double_are_a_conflict(wide):
    """And the terms of an answer are exact as well."""
    for name, number in (("aaaa", "9007199254740994"), ("bbbb", "9007199254740995")):
        tool(wide, "start", "--id", name)
        tool(wide, "edit", "inst_001", "--set", f"parameters.account={number}", "--session", name)
    tool(wide, "end", "--session", "aaaa")
    (conflict,) = tool(wide, "end", "--session", "bbbb", code=1)["conflicts"]
    sides = tool(wide, "show", conflict)["sides"]
    assert [side["value"] for side in sides] == [9007199254740994, 9007199254740995]


@pytest.mark.parametrize("number", [LONG, "1e400", "0.10000000000000001", "0.90"])
def test_an_answers_number_survives_a_crash(wide, number):
    """It is written down before it is published; what a prune took is published from there again."""
    for name in ("aaaa", "bbbb"):
        tool(wide, "start", "--id", name)
    for name, text in (("aaaa", "5"), ("bbbb", "6")):
        tool(wide, "edit", "inst_001", "--set", f"parameters.account={text}", "--session", name)
    tool(wide, "end", "--session", "aaaa")
    (conflict,) = tool(wide, "end", "--session", "bbbb", code=1)["conflicts"]
    before = git(wide, "rev-parse", "tractatus/history").strip()
    tool(wide, "resolve", conflict, "--value", number)
    assert f'"account": {number},' in record(wide, "inst_001")
    git(wide, "update-ref", "refs/heads/tractatus/history", before)
    tool(wide, "start", "--id", "cccc")
    assert f'"account": {number},' in record(wide, "inst_001")


def test_a_view_that_javascript_rewrote_is_no_edit(wide):
    """It is said once; the history keeps its spelling, and the view gets it back."""
    head, before = entries(wide), [record(wide, f"inst_00{n}") for n in (1, 2, 3)]
    javascript(wide / VIEW)
    said = run(wide, "list").err
    assert TOLD in said
    assert "inst_001 parameters.account" in said
    assert "header metadata.limit" in said
    assert run(wide, "list").err == ""
    assert entries(wide) == head
    assert [record(wide, f"inst_00{n}") for n in (1, 2, 3)] == before
    assert json_text.parse((wide / VIEW).read_text()) == json_text.parse(DOCUMENT)


def test_an_edit_that_javascript_wrote_is_taken_in_alone(wide):
    """Beside the numbers that it rounded, those that it did not, and a number that it changed."""

    def change(document):
        one, two, _ = document["instructions"]
        one["text"] = "One, edited"
        two["parameters"]["channel"] = 7
        two["parameters"]["all"].append(5)
        document["metadata"]["owner"] = "Bo"

    javascript(wide / VIEW, change)
    assert TOLD in run(wide, "list").err
    one, two, three = (record(wide, f"inst_00{n}") for n in (1, 2, 3))
    assert '"text": "One, edited", "explicitness": 0.90' in one
    assert '{"account": 9007199254740993, "share": 1.0}' in one
    assert '"channel": 7' in two
    assert "[9007199254740993, 9007199254740992, 5" in two
    assert '{"sum": 123456789012345678901234567890, "far": 1e400}' in three
    assert '"limit": 9007199254740993, "owner": "Bo"' in git(
        wide, "show", "tractatus/history:document/header.json"
    )
    assert run(wide, "list").err == ""


def test_an_older_view_that_javascript_wrote_back_is_no_edit(wide):
    """A program read the file before others published, and writes it after."""
    old = (wide / VIEW).read_text()
    for number in ("9007199254740995", "9007199254740997"):
        tool(wide, "edit", "inst_001", "--set", f"parameters.account={number}")
        old = old if "995" in old else (wide / VIEW).read_text()
    tool(wide, "edit", "inst_002", "--set", "notes=new")
    head = entries(wide)
    (wide / VIEW).write_text(old)
    javascript(
        wide / VIEW, lambda document: document["instructions"][2].update(text="Three, edited")
    )
    run(wide, "list")
    assert entries(wide) == head + 1
    assert '"account": 9007199254740997' in record(wide, "inst_001")
    assert '"notes": "new"' in record(wide, "inst_002")
    assert '"text": "Three, edited"' in record(wide, "inst_003")


@pytest.mark.parametrize("verb", ["end", "merge", "refresh"])
def test_a_copy_that_javascript_rewrote_is_no_edit(wide, verb):
    """It is said with what came of the session, and the copy has its numbers again."""
    copy = Path(tool(wide, "start", "--id", "aaaa")["copy"])
    javascript(copy)
    assert tool(wide, "status", "--session", "aaaa")["edited"] == []
    ran = run(wide, verb, "--session", "aaaa")
    assert ran.code == 0
    assert "inst_002 parameters.channel" in ran.out + ran.err
    assert json_text.parse(copy.read_text()) == json_text.parse(DOCUMENT)
    assert TOLD not in "".join(run(wide, "refresh", "--session", "aaaa")[1:])


@pytest.mark.parametrize("words", [["end"], ["end", "--dry-run"]])
def test_rounded_numbers_are_told_to_programs_too(wide, words):
    """Under a key of its own, only where there are such."""
    javascript(Path(tool(wide, "start", "--id", "aaaa")["copy"]))
    said = tool(wide, *words, "--session", "aaaa")
    assert said["outcome"] == "nothing"
    assert said["rounded"][:2] == ["inst_001 parameters.account", "inst_002 parameters.channel"]


def test_a_session_that_javascript_edits_brings_its_edits_alone(wide):
    """Numbers that were written through the tool are meant, rounded or not."""
    copy = Path(tool(wide, "start", "--id", "aaaa")["copy"])
    tool(
        wide,
        "edit",
        "inst_001",
        "--set",
        "parameters.account=9007199254740992",
        "--session",
        "aaaa",
    )
    javascript(copy, lambda document: document["instructions"][1].update(text="Two, edited"))
    ran = run(wide, "edit", "inst_003", "--set", "notes=n", "--session", "aaaa")
    assert f"{TOLD}: inst_002 parameters.channel" in ran.err
    said = tool(wide, "end", "--session", "aaaa")
    assert said["edited"] == ["inst_001", "inst_002", "inst_003"]
    assert "rounded" not in said  # said once
    assert '"account": 9007199254740992' in record(wide, "inst_001")
    assert f'"text": "Two, edited", "parameters": {{"channel": {CHANNEL}' in record(
        wide, "inst_002"
    )
    assert f'"sum": {LONG}, "far": 1e400' in record(wide, "inst_003")


def test_what_is_written_late_into_a_replaced_copy_is_no_edit_either(wide):
    """A program had the copy open while it was replaced."""
    copy = Path(tool(wide, "start", "--id", "aaaa")["copy"])
    with copy.open("r+", encoding="utf-8") as late:
        tool(wide, "edit", "inst_001", "--set", "notes=mine", "--session", "aaaa")
        other = wide / "late.json"
        other.write_text(late.read())
        javascript(other, lambda document: document["instructions"][1].update(text="Two, edited"))
        late.seek(0)
        late.write(other.read_text())
        late.truncate()
    assert tool(wide, "end", "--session", "aaaa")["edited"] == ["inst_001", "inst_002"]
    assert f'"account": {WIDE}' in record(wide, "inst_001")
    assert f'"text": "Two, edited", "parameters": {{"channel": {CHANNEL}' in record(
        wide, "inst_002"
    )


def test_what_is_written_late_into_a_replaced_view_is_no_edit_either(wide):
    """The same of the view."""
    with (wide / VIEW).open("r+", encoding="utf-8") as late:
        tool(wide, "edit", "inst_001", "--set", "notes=mine")
        other = wide / "late.json"
        other.write_text(late.read())
        javascript(other, lambda document: document["instructions"][1].update(text="Two, edited"))
        late.seek(0)
        late.write(other.read_text())
        late.truncate()
    assert TOLD in run(wide, "list").err
    assert f'"account": {WIDE}' in record(wide, "inst_001")
    assert f'"text": "Two, edited", "parameters": {{"channel": {CHANNEL}' in record(
        wide, "inst_002"
    )


def test_the_audit_sees_a_number_that_a_merge_lost(tmp_path):
    """Of two that share a double."""

    def file(number):
        return f'{{"instructions": [{{"id": "inst_001", "text": "One", "n": {number}}}]}}'.encode()

    graph = Graph(tmp_path / "lossy", VIEW)
    root = graph.commit(file(WIDE))
    sides = [
        graph.commit(file("9007199254740992"), root),
        graph.commit(file(WIDE), root, file="README"),
    ]
    graph.commit(file(WIDE), *sides)
    graph.make()
    ran = run(graph.folder, "audit", VIEW)
    assert "1 had edits that were lost" in ran.out


OLD = ROOT / "tests" / "fixtures" / "lines"
"""What `git fast-export` said of a line that version 0.1 made, and the view that it wrote."""


@pytest.fixture
def old(wide: Path) -> Path:
    """A clone with a line that version 0.1 made, which compared numbers as doubles."""
    git(wide, "branch", "--quiet", "-D", "tractatus/history")
    with (OLD / "0.1.fast-export").open("rb") as stream:
        subprocess.run(["git", "fast-import", "--quiet"], stdin=stream, cwd=wide, check=True)
    (wide / VIEW).write_bytes((OLD / "0.1.json").read_bytes())
    tool(wide, "init")
    return wide


def test_the_stamps_of_an_old_line_are_genuine(old):
    """But for the record whose numbers it had hashed as other numbers."""
    found = {name: Record(record(old, name)) for name in ("inst_001", "inst_002", "inst_003")}
    assert [one.genuine for one in found.values()] == [True, False, False]
    assert all(one.stamped for one in found.values())


def test_an_old_line_goes_on(old):
    """Its view is no edit, its conflicts have their ids and are answered, its records are edited."""
    head = entries(old)
    assert run(old, "list").err == ""
    assert entries(old) == head
    opened = {one["field"]: one for one in tool(old, "conflicts")["conflicts"]}
    assert {field: one["id"] for field, one in opened.items()} == {
        "parameters.share": "cc551d04b",
        "notes": "cb0f272b5",
    }
    tool(old, "resolve", "cc551d04b", "--take", "2")
    assert '"share": 1e21' in record(old, "inst_001")
    tool(old, "edit", "inst_002", "--set", "parameters.sum=123456789012345678901234567891")
    assert '"sum": 123456789012345678901234567891' in record(old, "inst_002")
    assert Record(record(old, "inst_002")).genuine


def test_an_old_stamp_that_only_a_double_confirms_is_an_old_version_where_the_log_has_it(old):
    """Written back after others edited the record, it is no edit; with another number it is one."""
    was = (old / VIEW).read_bytes()
    tool(old, "edit", "inst_002", "--set", "text=The account is fixed for good")
    head = entries(old)
    (old / VIEW).write_bytes(was)
    assert run(old, "list").err == ""
    assert entries(old) == head
    text = was.decode().replace(LONG, "123456789012345678901234567891")
    (old / VIEW).write_text(text)
    run(old, "list")
    assert entries(old) == head + 1
    said = json_text.parse(record(old, "inst_002"))
    assert said["text"] == "The account is fixed for good"
    assert said["parameters"]["sum"] == Number("123456789012345678901234567891")
