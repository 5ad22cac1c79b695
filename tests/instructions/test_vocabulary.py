"""The framework's words: what a new instruction has, and what is odd in one."""

from __future__ import annotations

import pytest

from tractatus_merge.instructions.vocabulary import new_record, oddities


def test_a_new_record_has_the_frameworks_fields_in_its_order():
    """The flat forms: the words are in `text`, and no field is left out."""
    record = new_record(
        "flat", "Never log tokens", now="2026-01-01T00:00:00Z", session="s1", why="w"
    )
    assert list(record.items()) == [
        ("text", "Never log tokens"),
        ("timestamp", "2026-01-01T00:00:00Z"),
        ("quadrant", "OPERATIONAL"),
        ("persistence", "MEDIUM"),
        ("temporal_scope", "PROJECT"),
        ("verification_required", "REQUIRED"),
        ("explicitness", 0.9),
        ("source", "user"),
        ("session_id", "s1"),
        ("parameters", {}),
        ("active", True),
        ("notes", ""),
    ]


def test_without_a_session_no_session_is_named():
    """A person's own addition: the flat forms have no `session_id`, v3.0 no session in words."""
    flat = new_record("flat", "t", now="now", session="", why="")
    assert "session_id" not in flat
    assert new_record("metadata", "t", now="now", session="", why="")["context"] == "Added now"


def test_a_new_record_of_the_form_with_metadata():
    """v3.0: the words are in `title`, the reason in `rationale`, the origin in `context`."""
    record = new_record("metadata", "Never log tokens", now="2026-01-01", session="s1", why="audit")
    assert list(record.items()) == [
        ("title", "Never log tokens"),
        ("category", "FRAMEWORK_OPERATION"),
        ("quadrant", "OPERATIONAL"),
        ("persistence", "MEDIUM"),
        ("description", "Never log tokens"),
        ("context", "Added 2026-01-01 in session s1"),
        ("rationale", "audit"),
        ("explicitness", 0.9),
        ("temporal_scope", "PROJECT"),
        ("verification_required", "REQUIRED"),
        ("source", "USER"),
        ("parameters", {}),
        ("relatedInstructions", []),
        ("active", True),
    ]


@pytest.mark.parametrize("form", ["flat", "metadata"])
def test_nothing_is_odd_in_a_new_record(form):
    """What the tool itself writes, it does not complain about."""
    assert oddities(new_record(form, "t", now="now", session="s", why="w")) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"quadrant": "ODD"}, "quadrant is 'ODD'; the framework knows STRATEGIC, OPERATIONAL, TACTICAL, SYSTEM, STOCHASTIC, STORAGE"),
        ({"persistence": None}, "persistence is None; the framework knows HIGH, MEDIUM, LOW, VARIABLE"),
        ({"active": "yes"}, "active is 'yes'; it should be true or false"),
        ({"active": None}, "active is None; it should be true or false"),
        ({"parameters": []}, "parameters should be an object"),
        ({"text": ""}, "it says nothing: its text is empty"),
        ({"title": ""}, "it says nothing: its text is empty"),
        ({"text": "", "title": None}, "it says nothing: its text is empty"),
    ],
)  # fmt: skip
def test_what_is_odd_is_said_in_a_sentence(content, said):
    """The field, what it is, and what the framework knows instead."""
    assert oddities(content) == [said]


@pytest.mark.parametrize(
    "content",
    [{}, {"quadrant": "STORAGE", "persistence": "VARIABLE"}, {"active": False}, {"parameters": {}},
     {"text": "", "title": "words"}, {"text": "words", "title": ""}],
)  # fmt: skip
def test_what_is_missing_or_known_is_not_odd(content):
    """No field is required, and one of `text` and `title` is enough."""
    assert oddities(content) == []


def test_everything_odd_is_said_at_once():
    """Nobody mends one thing to be told of the next."""
    assert (
        len(oddities({"quadrant": 1, "persistence": 1, "active": 1, "parameters": 1, "text": ""}))
        == 5
    )
