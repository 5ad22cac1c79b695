"""Bad input is refused before any write, with a line that helps; never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tool import run, tool

VIEW = ".claude/instruction-history.json"
RECORD = '{"id": "inst_001", "text": "x", "active": true}'

BROKEN = {
    "a double key": ('{\n"instructions": [\n{"id": "a",\n"id": "b"}]}', 4, '"id" stands twice'),
    "NaN": ('{\n"instructions": [{"id": "a",\n"n": NaN}]}', 3, "NaN"),
    "too deep, and torn": ('{"instructions":\n' + "[" * 10_000, 2, "deeper than 120 levels"),
    "a record too deep": (
        f'{{"instructions": [\n{{"id": "a", "n":\n{"[" * 100}{"]" * 100}}}]}}',
        3,
        "deeper than 100 levels",
    ),
    "a header too deep": (
        f'{{"instructions": [],\n"n": {"[" * 100}{"]" * 100}}}',
        2,
        "deeper than 99 levels",
    ),
    "conflict markers": (f'{{"instructions": [\n<<<<<<< HEAD\n{RECORD}]}}', 2, "conflict markers"),
    "a truncated end": ('{"instructions": [\n{"id": "a", "te', 2, "ends in the middle"),
    "two records of one id": (f'{{"instructions": [\n{RECORD},\n{RECORD}]}}', 3, "inst_001"),
    "an empty file": ("", 1, "empty"),
    "no list": ('{"version": "1.0"}', 1, "no list"),
    "an id that is none": ('{"instructions": [\n{"id": 7}]}', 2, '"id"'),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("where", ["view", "copy"])
def test_a_broken_file_is_named_with_its_line_and_left_as_it_is(repo, name, where):
    """In the view at `init` and in a session's copy at `end`: exit 2, nothing changed."""
    text, line, why = BROKEN[name]
    path = repo / VIEW
    words = ["init"]
    if where == "copy":
        tool(repo, "init")
        path = Path(tool(repo, "start", "--id", "alpha111")["copy"])
        words = ["end", "--session", "alpha111"]
    path.write_text(text)
    ran = run(repo, *words)
    assert ran.code == 2
    assert f"{path}:{line}:" in ran.err
    assert why in ran.err
    assert ran.err.count("\n  ") >= 1, "the next command is named"
    assert "Traceback" not in ran.err + ran.out
    assert path.read_text() == text
    if where == "view":
        assert run(repo, "status").code == 2, "no history was made of it"


@pytest.mark.parametrize(
    "record",
    [
        {"id": "../../x", "text": "a path?"},
        {"id": "inst_big", "text": "x" * 1_000_000},
        {"id": "inst_\ud800", "text": "\ud800 alone"},
        {"id": "a/b c%2F", "text": "odd"},
        {"id": "inst_esc", "text": "\x1b[31mred\x1b[0m \u202egnp.exe"},
    ],
    ids=["path", "big", "surrogate", "odd", "escape"],
)
def test_odd_records_are_handled(repo, record):
    """Ids that look like paths, a megabyte, a lone surrogate, terminal escapes: all merge."""
    tool(repo, "init")
    copy = Path(tool(repo, "start", "--id", "alpha111")["copy"])
    document = json.loads(copy.read_text())
    document["instructions"].append({**record, "active": True})
    copy.write_text(json.dumps(document, indent=2))
    merged = tool(repo, "end", "--session", "alpha111")
    assert merged["added"] == [record["id"]]
    assert tool(repo, "show", record["id"])["text"] == record["text"]
    shown = run(repo, "list").out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not (repo.parent / "x.json").exists()
    assert json.loads((repo / VIEW).read_text())["instructions"][-1]["text"] == record["text"]


def test_outside_a_repository_the_way_in_is_said(tmp_path):
    """No repository: exit 2 and `git init`."""
    ran = run(tmp_path, "init")
    assert (ran.code, "git init" in ran.err) == (2, True)


def test_before_init_every_verb_says_init(repo):
    """No history: exit 2 and `tractatus-merge init`."""
    for words in (("status",), ("list",), ("end",), ("log",), ("start",), ("conflicts",)):
        ran = run(repo, *words)
        assert (ran.code, "tractatus-merge init" in ran.err) == (2, True), words


@pytest.mark.parametrize(
    "words",
    [
        ("show", "inst_999"),
        ("edit", "inst_999", "--set", "a=1"),
        ("edit", "inst_001"),
        ("edit", "inst_001", "--set", "nothing"),
        ("edit", "inst_001", "--set", "id=other"),
        ("resolve", "c0000000", "--take", "base"),
        ("resolve", "c0000000"),
        ("status", "--session", "nobody"),
        ("diff", "ffffffff"),
        ("log", "inst_999"),
        ("nonsense",),
        ("init", "--store", "mysql://x"),
    ],
)
def test_what_is_not_there_is_said_with_exit_2(repo, words):
    """Unknown ids, sessions, verbs and values change nothing."""
    tool(repo, "init")
    head = tool(repo, "status")["head"]
    ran = run(repo, *words)
    assert ran.code == 2, ran.err
    assert ran.err
    assert tool(repo, "status")["head"] == head


@pytest.mark.parametrize(
    "text", ["[store]\nbranch = 7\n", "store = 7\n", "not toml", '[view]\nwrite = "x"\n']
)
def test_settings_that_are_none_are_refused(repo, text):
    """A mistyped setting is named; nothing falls back silently."""
    (repo / ".claude/tractatus.toml").write_text(text)
    ran = run(repo, "init")
    assert ran.code == 2
    assert "tractatus.toml" in ran.err


def test_a_section_that_is_none_is_warned_of(repo):
    """A mistyped one is named, and which was meant; a later program's is no error."""
    (repo / ".claude/tractatus.toml").write_text("[stroe]\nurl = 'sqlite:'\n[veiw]\n")
    ran = run(repo, "init", "--dry-run")
    assert ran.code == 0
    assert "has 'stroe.url', which is no setting: did you mean store.url" in ran.err
    assert "has 'veiw', which is no setting: did you mean view?" in ran.err
