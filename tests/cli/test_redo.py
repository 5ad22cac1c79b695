"""Steps of a person, back and forward, through the command line."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import git
from tests.tool import run, texts, tool

PERSON = {"Jo Baker": "jo@bakery.example", "Al": "al@bakery.example"}


def be(folder: Path, name: str) -> None:
    """From now on this person works here."""
    git(folder, "config", "user.name", name)
    git(folder, "config", "user.email", PERSON[name])


def stands(folder: Path) -> tuple:
    """What is in force, and what waits for an answer: ids of conflicts and stamps aside."""
    listed = tool(folder, "list")["instructions"]
    records = {item["id"]: {k: v for k, v in item.items() if k != "version_vector"}
               for item in listed}  # fmt: skip
    waiting = [
        (one["instruction"], one["path"], one["kind"],
         [(side.get("base"), side.get("value")) for side in one["sides"]])
        for one in (tool(folder, "show", name["id"]) for name in conflicts(folder))
    ]  # fmt: skip
    return records, sorted(waiting, key=str)


def conflicts(folder: Path) -> list:
    """The open conflicts."""
    found = tool(folder, "conflicts")["conflicts"]
    return [one if isinstance(one, dict) else {"id": one} for one in found]


def contest(folder: Path, instruction: str, field: str, *, number: int, values=("A", "B")) -> str:
    """Two sessions write one field: the conflict of it."""
    names = [f"{letter}{number:07}" for letter in "ab"]
    for name in names:
        tool(folder, "start", "--id", name)
    for name, value in zip(names, values, strict=True):
        tool(folder, "edit", instruction, "--set", f"{field}={value}", "--session", name)
    tool(folder, "end", "--session", names[0])
    (conflict,) = tool(folder, "end", "--session", names[1], code=1)["conflicts"]
    return conflict


def sync(*folders: Path) -> None:
    """Sync each; that it leaves conflicts to answer is no failure."""
    for folder in folders:
        ran = run(folder, "sync")
        assert ran.code in (0, 1), ran.err


def deeds(folder: Path):
    """Ten versions of a person, of every kind: each call makes one."""
    tool(folder, "edit", "inst_001", "--set", "text=One")
    yield
    tool(folder, "add", "Two", "--id", "inst_060")
    yield
    for name in ("c0000001", "d0000001"):
        tool(folder, "start", "--id", name)
    tool(folder, "edit", "inst_002", "--set", "text=A", "--session", "c0000001")
    tool(folder, "edit", "inst_002", "--set", "text=B", "--session", "d0000001")
    tool(folder, "end", "--session", "c0000001")
    yield
    (conflict,) = tool(folder, "end", "--session", "d0000001", code=1)["conflicts"]
    yield
    tool(folder, "resolve", conflict, "--take", "both")
    yield
    tool(folder, "retire", "inst_060")
    yield
    told = tool(folder, "conflicts", "--settled")["resolutions"]
    again = tool(folder, "resolve", "--revoke", told[0]["id"])["conflict"]
    yield
    tool(folder, "resolve", again, "--take", "retire")
    yield
    tool(folder, "edit", "inst_001", "--set", "notes=N", "--set", "persistence=LOW")
    yield
    tool(folder, "edit", "inst_060", "--set", "active=true")
    yield


@pytest.mark.slow
def test_ten_steps_back_and_ten_forward(line):
    """Over edits, additions, answers, "both", retirements and a revocation."""
    seen = [stands(line)]
    seen += [stands(line) for _ in deeds(line)]
    assert len(seen) == 11
    for before in reversed(seen[:-1]):
        tool(line, "undo")
        assert stands(line) == before
    assert run(line, "undo").code == 2
    for after in seen[1:]:
        tool(line, "redo")
        assert stands(line) == after
    assert run(line, "redo").code == 2


def test_undo_lists_what_is_next_and_redo_ends_with_something_new(line):
    """The list is what the next commands do; something else of one's own ends what can be redone."""
    versions = [
        tool(line, "edit", "inst_001", "--set", f"text={text}")["head"] for text in ("A", "B", "C")
    ]
    tool(line, "undo")
    tool(line, "undo")
    listed = tool(line, "undo", "--list")
    assert [step["version"] for step in listed["undo"]] == versions[:1]
    assert [step["version"] for step in listed["redo"]] == versions[1:]
    assert tool(line, "redo")["version"] == versions[1]
    assert texts(line)["inst_001"] == "B"
    tool(line, "edit", "inst_002", "--set", "text=new")
    assert tool(line, "undo", "--list")["redo"] == []
    assert run(line, "redo").code == 2
    tool(line, "undo")
    tool(line, "undo")
    assert texts(line)["inst_001"] == "A"


def test_only_one_s_own_versions_are_stepped_over_and_others_words_stay(line):
    """Another person's later edit of the field is in force; the step opens a conflict, and says so."""
    be(line, "Jo Baker")
    mine = tool(line, "edit", "inst_001", "--set", "text=Mine", "--set", "notes=N")["head"]
    be(line, "Al")
    tool(line, "edit", "inst_001", "--set", "text=Theirs")
    be(line, "Jo Baker")
    done = tool(line, "undo", code=1)
    assert (done["version"], len(done["conflicts"])) == (mine, 1)
    assert texts(line)["inst_001"] == "Theirs"
    assert tool(line, "show", "inst_001")["notes"] != "N"
    be(line, "Al")
    assert run(line, "redo").code == 2, "who undid can redo, and nobody else"


def test_a_step_over_what_another_has_gone_on_from_says_so_and_goes_on(line):
    """An answer whose place is in conflict again is not revoked; the next step goes one further."""
    tool(line, "edit", "inst_002", "--set", "notes=first")
    conflict = contest(line, "inst_001", "text", number=1)
    tool(line, "start", "--id", "e0000001")
    tool(line, "edit", "inst_001", "--set", "text=Late", "--session", "e0000001")
    answer = tool(line, "resolve", conflict, "--take", "1")["head"]
    be(line, "Al")
    tool(line, "resolve", "--revoke", tool(line, "conflicts", "--settled")["resolutions"][0]["id"])
    be(line, "Jo Baker")
    before = stands(line)
    ran = run(line, "undo")
    assert (ran.code, "is left to undo" in ran.out) == (0, True)
    assert stands(line) == before
    assert answer not in [step["version"] for step in tool(line, "undo", "--list")["undo"]]


@pytest.mark.slow
def test_two_clones_step_alike(line, tmp_path):
    """After a sync each clone knows where the person stands, and what is undone in one is in both."""
    hub, other = tmp_path / "hub.git", tmp_path / "other"
    git(tmp_path, "init", "-q", "--bare", str(hub))
    git(line, "remote", "add", "origin", str(hub))
    git(line, "push", "-q", "origin", "HEAD")
    tool(line, "sync")
    git(tmp_path, "clone", "-q", str(hub), str(other))
    be(other, "Jo Baker")
    tool(other, "sync")
    seen, clones = [stands(line)], (line, other)
    for number, _ in enumerate(deeds(line)):
        seen.append(stands(line))
        if number == 4:
            tool(line, "sync")
    tool(line, "sync")
    tool(other, "sync")
    for number, before in enumerate(reversed(seen[:-1])):
        tool(clones[number % 2], "undo")
        sync(*clones, *clones)
        assert [stands(clone) for clone in clones] == [before, before], number
        lists = [tool(clone, "undo", "--list") for clone in clones]
        assert lists[0] == lists[1]
    for number, after in enumerate(seen[1:]):
        tool(clones[number % 2], "redo")
        sync(*clones, *clones)
        assert [stands(clone) for clone in clones] == [after, after], number


@pytest.mark.slow
def test_every_advice_of_an_undo_can_be_typed(line):
    """What `show VERSION` says of undoing it, for a version of every kind, does not refuse."""
    for _ in deeds(line):
        pass
    tool(line, "undo")
    tool(line, "redo")
    tool(line, "undo")
    for entry in tool(line, "log")["entries"]:
        said = run(line, "show", entry["version"]).out
        for advice in re.findall(r"tractatus-merge (undo .*?)(?: \[.*)?$", said, re.MULTILINE):
            ran = run(line, *shlex.split(advice), "--dry-run")
            assert ran.code in (0, 1), (entry["message"], ran.err)
            assert not ran.err


def test_an_agent_may_not_redo(line, monkeypatch):
    """It is told what to say to a person."""
    tool(line, "edit", "inst_001", "--set", "text=New")
    tool(line, "undo")
    monkeypatch.setenv("CLAUDECODE", "1")
    refused = run(line, "redo")
    assert (refused.code, "tractatus-merge redo" in refused.err) == (2, True)
    assert json.loads(run(line, "undo", "--list", "--json").out)["redo"]
