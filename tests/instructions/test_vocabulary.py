"""The framework's words: what a new instruction has, and what a field may be."""

from __future__ import annotations

import pytest

from tractatus_merge.cli.terminal.arguments import json_or_text
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.instructions.schema import FIELDS, faults
from tractatus_merge.instructions.vocabulary import example, new_record


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
def test_nothing_is_wrong_in_a_new_record(form):
    """What the tool itself writes, it does not refuse, neither field nor value."""
    record = new_record(form, "t", now="now", session="s", why="w")
    assert faults(record) == {}
    assert record.keys() <= FIELDS


@pytest.mark.parametrize(
    ("field", "given", "typed"),
    [
        ("persistence", "HUGE", "MEDIUM"),
        ("persistence", "high", "HIGH"),
        ("quadrant", 5, "OPERATIONAL"),
        ("active", "maybe", "true"),
        ("explicitness", 7, "0.9"),
        ("parameters", [], "{}"),
        ("text", 5, "'\"5\"'"),
        ("text", Number("5.0"), "'\"5.0\"'"),
        ("notes", True, "'\"true\"'"),
        ("notes", [], "'TEXT'"),
        ("title", None, "'TEXT'"),
    ],
)
def test_an_example_is_what_may_stand_there(field, given, typed):
    """As it is typed: what was meant where that is plain, and the quotes that a text needs."""
    assert example(field, given) == typed
    assert faults({"text": "t", field: json_or_text(typed.strip("'"))}) == {}
