"""What an instruction's fields are."""

from __future__ import annotations

import pytest

from tractatus_merge.core.values.numbers import Number
from tractatus_merge.instructions.schema import CHOICES, FIELDS, WORDS, breaches, faults

GRADES = "one of HIGH, MEDIUM, LOW, VARIABLE"
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
        ({"text": 5}, {NOTHING, "its text is 5, not a string"}),
        ({"title": "a", "notes": []}, {"its notes is a list, not a string"}),
        ({"title": "a", "active": 1}, {"its active is 1, not true or false"}),
        ({"title": "a", "active": "maybe"}, {'its active is "maybe", not true or false'}),
        ({"title": "a", "active": None}, {"its active is null, not true or false"}),
        ({"title": "a", "parameters": []}, {"its parameters is a list, not an object"}),
        ({"title": "a", "persistence": "HUGE"}, {f'its persistence is "HUGE", not {GRADES}'}),
        ({"title": "a", "persistence": "high"}, {f'its persistence is "high", not {GRADES}'}),
        ({"title": "a", "persistence": 1}, {f"its persistence is 1, not {GRADES}"}),
        ({"title": "a", "persistence": ["HIGH"]}, {f"its persistence is a list, not {GRADES}"}),
        ({"title": "a", "persistence": {}}, {f"its persistence is an object, not {GRADES}"}),
        ({"title": "a", "persistence": None}, {f"its persistence is null, not {GRADES}"}),
        ({"title": "a", "source": "x" * 99, "session_id": True}, {"its session_id is true, not a string"}),
        ({"title": "a", "persistence": "x" * 99}, {f'its persistence is "{"x" * 58}…, not {GRADES}'}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(content, found):
    """A sentence for each: the field, what it is, and what it may be."""
    assert breaches(content) == found


@pytest.mark.parametrize("share", [0, 1, 0.9, Number("0.90"), Number("1e0")])
def test_explicitness_is_a_number_from_0_to_1(share):
    """However its reader keeps it."""
    assert breaches({"text": "a", "explicitness": share}) == set()


@pytest.mark.parametrize(
    "odd", [True, "1", -0.1, 1.5, Number("2"), Number("1e999"), 10**400, float("nan"), []]
)
def test_another_explicitness_is_wrong(odd):
    """Numbers too large for any double among them."""
    assert list(faults({"text": "a", "explicitness": odd})) == ["explicitness"]


@pytest.mark.parametrize(("field", "words"), CHOICES.items())
def test_each_word_of_the_framework_is_known(field, words):
    """Those of every version of it; a time scope also in small letters, as documents have it."""
    for word in words:
        assert breaches({"text": "a", field: word}) == set()
        small = faults({"text": "a", field: word.lower()})
        assert list(small) == ([] if field == "temporal_scope" else [field])


def test_every_field_that_is_judged_is_a_known_one():
    """One list of names, for what is judged and for what is only known."""
    assert {*WORDS, *CHOICES, "active", "parameters", "explicitness"} <= FIELDS
