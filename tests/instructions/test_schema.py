"""What an instruction's fields are."""

from __future__ import annotations

import pytest

from tractatus_merge.instructions.schema import breaches

NOTHING = "it says nothing: no text, description, title or action"


@pytest.mark.parametrize(
    "content",
    [
        {"text": "a"},
        {"description": "a", "parameters": {}},
        {"title": "a", "explicitness": 1, "active": False},
        {"action": "a", "explicitness": 0.5, "notes": None, "own": [1]},
    ],
)
def test_both_schemas_and_keys_of_ones_own_are_well(content):
    """Either says what is to be done; a null is a field left out."""
    assert breaches(content) == set()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({}, {NOTHING}),
        ({"text": " \n"}, {NOTHING}),
        ({"text": 5}, {NOTHING, "its text is not a string"}),
        ({"title": "a", "notes": []}, {"its notes is not a string"}),
        ({"title": "a", "active": 1}, {"its active is not true or false"}),
        ({"title": "a", "explicitness": True}, {"its explicitness is not a number"}),
        ({"title": "a", "explicitness": "1"}, {"its explicitness is not a number"}),
        ({"title": "a", "parameters": []}, {"its parameters is not an object"}),
    ],
)
def test_what_is_wrong_is_said(content, found):
    """A sentence for each."""
    assert breaches(content) == found
