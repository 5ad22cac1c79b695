"""Two open sessions at one place: told at the edit and by a dry run, before it is a conflict."""

from __future__ import annotations

import json

import pytest

from tests.tool import run, tool


@pytest.fixture
def two(line):
    """A line on which the sessions `one` and `other` are open."""
    for name in ("one", "other"):
        tool(line, "start", "--id", name)
    return line


def edit(folder, session, *words):
    """Edit inst_001 in a session; what was said about others."""
    said = tool(folder, "edit", "inst_001", *words, "--session", session)
    return said.get("heard", [])


def test_an_edit_of_a_field_that_another_session_has_changed(two):
    """It says at once who has, and from what to what; other fields and the same value are none."""
    assert edit(two, "other", "--set", "notes=Theirs", "--param", "port=27020") == []
    assert edit(two, "one", "--set", "context=Mine") == []
    assert edit(two, "one", "--param", "host=x") == []
    (told,) = edit(two, "one", "--set", 'notes="Mine\\nand more"')
    assert told.startswith("session ") and "(other) has changed inst_001 too, unpublished:" in told
    assert told.endswith('the default on purpose." -> "Theirs"')
    assert edit(two, "one", "--set", "notes=Theirs") == [], "the same is no clash"
    said = run(two, "edit", "inst_001", "--param", "port=27021", "--session", "one")
    assert "note: session" in said.err and '-> "27020"' in said.err


def test_a_dry_run_tells_it_before_the_end(two):
    """`merge --dry-run` and `end --dry-run` name the places where others are at work too."""
    edit(two, "other", "--set", "notes=Theirs")
    edit(two, "one", "--set", "notes=Mine")
    for verb in ("merge", "end"):
        said = tool(two, verb, "--dry-run", "--session", "one")
        assert len(said["heard"]) == 1 and '-> "Theirs"' in said["heard"][0]
        assert "  note     session" in run(two, verb, "--dry-run", "--session", "one").out
    tool(two, "end", "--session", "other")
    assert tool(two, "merge", "--dry-run", "--session", "one", code=1)["heard"] == []


def test_what_was_published_since_the_copy_was_made(two):
    """An edit of such a field names who published it, though the session has not refreshed."""
    edit(two, "other", "--set", "notes=Theirs")
    tool(two, "merge", "--session", "other")
    (told,) = edit(two, "one", "--set", "notes=Mine")
    assert told.startswith("inst_001 was changed by session other since this copy was made: notes")
    assert told.endswith('-> "Theirs"')
    assert edit(two, "one", "--set", "context=Mine") == []


@pytest.mark.parametrize("first", ["edit", "retire"])
def test_an_edit_and_a_retirement(two, first):
    """Whoever comes second hears of it: one edits what the other retires."""
    words = {"edit": ("edit", "inst_001", "--set", "notes=n"), "retire": ("retire", "inst_001")}
    tool(two, *words.pop(first), "--session", "other")
    (second,) = words.values()
    (told,) = tool(two, *second, "--session", "one")["heard"]
    assert "active" in told if first == "retire" else "notes" in told


def test_one_new_id_in_two_sessions(two):
    """An addition under an id that another session has just given is said, too."""
    tool(two, "add", "Theirs", "--id", "inst_9", "--session", "other")
    (told,) = tool(two, "add", "Mine", "--id", "inst_9", "--session", "one")["heard"]
    assert told.endswith("has changed inst_9 too, unpublished: it is new there")


def test_a_person_without_a_session_hears_it(two):
    """One command that publishes at once says what open sessions have changed there."""
    edit(two, "other", "--set", "notes=Theirs")
    said = tool(two, "edit", "inst_001", "--set", "notes=Mine")
    assert len(said["heard"]) == 1


@pytest.mark.parametrize("indent", [None, 0, 1, "\t", 4])
def test_whatever_the_layout_of_the_file(repo, indent):
    """On one line or on many: who has changed the place is told."""
    view = repo / ".claude/instruction-history.json"
    view.write_text(json.dumps(json.loads(view.read_text()), indent=indent))
    tool(repo, "init")
    for name in ("one", "other"):
        tool(repo, "start", "--session", name)
    edit(repo, "other", "--set", "notes=Theirs")
    (told,) = edit(repo, "one", "--set", "notes=Mine")
    assert told.endswith('-> "Theirs"')
