"""What nests to the limit is kept by every verb; what nests deeper is refused before any write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import git
from tests.tool import run, tool
from tractatus_merge.core.values.json_reader import MAX_DEPTH, RECORD_DEPTH

VIEW = ".claude/instruction-history.json"
LEVELS = RECORD_DEPTH - 1
"""What a field of an instruction may nest: the instruction itself is the first level."""


def nested(levels: int, inner: object = 1) -> object:
    """A value of so many objects and lists inside each other, by turns, as people mix them."""
    for number in range(levels):
        inner = [inner] if number % 2 else {"k": inner, "l": 0}
    return inner


def written(repo: Path, value: object) -> None:
    """A script writes the field `n` of the first instruction."""
    path = repo / VIEW
    document = json.loads(path.read_text())
    document["instructions"][0]["n"] = value
    path.write_text(json.dumps(document, indent=2))


def files(folder: Path) -> dict[Path, bytes]:
    """Every file of a repository."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_both_sides_at_the_limit(repo):
    """They conflict, are shown, settled, revoked, undone and read back, value for value."""
    tool(repo, "init")
    for name, number in (("one11111", 1), ("two22222", 2)):
        tool(repo, "start", "--id", name)
        value = json.dumps(nested(LEVELS, number))
        tool(repo, "edit", "inst_001", "--session", name, "--set", f"n={value}")
    tool(repo, "end", "--session", "one11111")
    assert run(repo, "end", "--session", "two22222").code == 1
    for words in (
        ("list", "--all"), ("show", "inst_001"), ("diff", git(repo, "rev-parse", "tractatus/history~2").strip()), ("log",), ("conflicts",), ("status",),
        ("blame", "inst_001"), ("check", "--all"), ("doctor",),
    ):  # fmt: skip
        for more in ((), ("--json",)):
            ran = run(repo, *words, *more)
            assert ran.code in (0, 1), (words, ran.err)
    (one,) = tool(repo, "conflicts")["conflicts"]
    assert run(repo, "show", one["id"]).code in (0, 1)
    tool(repo, "resolve", one["id"], "--take", "2")
    tool(repo, "resolve", "--revoke", one["id"])
    (one,) = tool(repo, "conflicts")["conflicts"]
    tool(repo, "resolve", one["id"], "--value", json.dumps(nested(LEVELS, 3)))
    assert json.loads((repo / VIEW).read_text())["instructions"][0]["n"] == nested(LEVELS, 3)
    tool(repo, "edit", "inst_001", "--set", "n=1")
    tool(repo, "undo")
    assert json.loads((repo / VIEW).read_text())["instructions"][0]["n"] == nested(LEVELS, 3)


@pytest.mark.parametrize("number", [1, 400])
def test_an_edit_that_would_go_deeper_is_refused(repo, number):
    """By a value, by a path or by both; the copy, the history and the file stay."""
    tool(repo, "init")
    tool(repo, "start", "--id", "one11111")
    before = files(repo)
    deep = json.dumps(nested(RECORD_DEPTH - 1 + number))
    path = ".".join(["k"] * (RECORD_DEPTH + number))
    half = ".".join(["k"] * 60)
    for change in (f"n={deep}", f"{path}=1", f"{half}={json.dumps(nested(40 + number))}"):
        for words in (
            ("edit", "inst_001"),
            ("add", "more"),
            ("edit", "inst_001", "--session", "one11111"),
        ):
            ran = run(repo, *words, "--set", change)
            assert (ran.code, "Traceback" in ran.err) == (2, False), ran.err
            assert f"deeper than {RECORD_DEPTH} levels" in ran.err
    kept = {path: data for path, data in files(repo).items() if ".git" not in path.parts}
    assert kept == {path: data for path, data in before.items() if ".git" not in path.parts}


def test_a_view_that_goes_deeper_is_refused(repo):
    """By every verb that reads it, with its line; the file stays, and nothing is published."""
    tool(repo, "init")
    head = git(repo, "rev-parse", "tractatus/history").strip()
    written(repo, nested(LEVELS + 1))
    before = (repo / VIEW).read_bytes()
    for words in (
        ("list",),
        ("status",),
        ("merge",),
    ):
        ran = run(repo, *words)
        assert "Traceback" not in ran.err
        assert f"deeper than {RECORD_DEPTH} levels" in ran.err + ran.out, words
    assert (repo / VIEW).read_bytes() == before
    written(repo, nested(LEVELS))
    assert git(repo, "rev-parse", "tractatus/history").strip() == head
    assert json.loads((repo / VIEW).read_text())["instructions"][0]["n"] == nested(LEVELS)


def test_any_file_to_the_limit_and_beyond(tmp_path):
    """At the limit both sides' changes merge; one level more is refused, and no file changes."""

    def texts(levels):
        for name, sides in (("base", (0, 0)), ("ours", (1, 0)), ("theirs", (0, 1))):
            inner = {"a": sides[0], "b": sides[1]}
            (tmp_path / f"{name}.json").write_text(json.dumps(nested(levels - 1, inner)))

    words = ("merge-file", "base.json", "ours.json", "theirs.json")
    texts(MAX_DEPTH)
    assert run(tmp_path, *words).code == 1, "a list without ids merges whole"
    texts(MAX_DEPTH + 1)
    before = files(tmp_path)
    ran = run(tmp_path, *words)
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    assert f"base.json:1: objects and lists nest deeper than {MAX_DEPTH} levels" in ran.err
    assert files(tmp_path) == before


DEEP = ("[" * 1_300 + "]" * 1_300, '{"k":' * 1_300 + "1" + "}" * 1_300)
"""Deeper than Python calls itself."""


@pytest.mark.parametrize("deep", DEEP, ids=["lists", "objects"])
@pytest.mark.parametrize(
    "words",
    [
        ("add", "More", "--set", "n="),
        ("edit", "inst_001", "--set", "n="),
        ("edit", "inst_001", "--set", "text="),
        ("edit", "inst_001", "--dry-run", "--set", "n="),
        ("resolve", "--all", "--value", ""),
        ("resolve", "c1", "--value", ""),
    ],
)
def test_a_value_of_any_depth_is_refused_where_it_is_typed(line, words, deep):
    """Exit 2, by the limit; a path as deep is refused too."""
    *verb, option, start = words
    before = files(line)
    ran = run(line, *verb, option, f"{start}{deep}")
    assert (ran.code, ran.out) == (2, "")
    assert "deeper than" in ran.err or verb[0] == "resolve"
    assert files(line)[line / VIEW] == before[line / VIEW]


@pytest.mark.parametrize("deep", DEEP, ids=["lists", "objects"])
@pytest.mark.parametrize(
    ("place", "text"),
    [
        (".claude/tractatus.toml", "x = DEEP"),
        (".claude/tractatus.toml", '[documents."x.json"]\nkey = DEEP'),
        (".claude/tractatus.toml", "k." * 1_300 + "k = 1"),
        (".claude/settings.local.json", '{"hooks": DEEP}'),
        (".git/tractatus/install.json", '{"files": DEEP}'),
        (".git/tractatus/install.json", "DEEP"),
        (".git/tractatus/view-.json", '{"taken": DEEP}'),
        (".git/tractatus/sessions/one11111/session.json", '{"state": DEEP}'),
        (".git/tractatus/sessions/one11111/journal.jsonl", '{"event": "edit", "at": DEEP}\n'),
        (".git/tractatus/sessions/one11111/instruction-history.json", '{"instructions": DEEP}'),
        (VIEW, '{"instructions": [{"id": "a", "text": DEEP}]}'),
        (VIEW, '{"x": DEEP, "instructions": []}'),
    ],
)
def test_a_file_of_any_depth_is_told_and_left(line, place, text, deep):
    """By each verb that reads it: an exit code and a sentence, never a bug; its bytes stay."""
    tool(line, "start", "--id", "one11111")
    path = line / place
    path.write_text(text.replace("DEEP", deep))
    before = path.read_bytes()
    for words in (("status",), ("list",), ("sessions",), ("check", "--all"), ("doctor",), ("merge",),
                  ("view",), ("uninstall", "--agent", "claude")):  # fmt: skip
        ran = run(line, *words)
        assert ran.code in (0, 1, 2, 3), (words, ran.err)
        assert "bug" not in ran.err
    assert path.read_bytes().startswith(before) or place.endswith("view-.json")
