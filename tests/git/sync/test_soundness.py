"""Which records the program can read; tests/git/sync/test_damaged.py has what comes by a remote."""

from __future__ import annotations

import json

import pytest

from tractatus_merge.core.model.state import DOCUMENT, HEADER, INSTRUCTIONS, LAYOUT, State
from tractatus_merge.git.sync.soundness import fault, fault_of_file
from tractatus_merge.instructions.history_file import EMPTY

WRITER = {"at": "t", "session": "s"}
SIDES = [{"writers": [WRITER]}, {"value": 1, "writers": []}]
CONFLICT = {
    "id": "c", "kind": "field", "instruction": "i", "path": ["text"], "sides": SIDES,
    "severity": "MINOR",
}  # fmt: skip
SAID = {"conflict": "c", "session": "s", "author": "A", "why": "", "published": "p"}
ANSWER = {**CONFLICT, **SAID, "id": "r", "field": "text"}
SAYS = {"value": {"instruction": "i", "says": None}, "writers": []}
ABOUT = {"kind": "meaning", "path": ["meaning", "j", "x"], "sides": [SAYS, SAYS]}
DONE = {"count": 1, "published": "p", "base": None, "seal": "s", "edits": []}
SUMMARY = {"session": "s", "tag": "t", "publications": [DONE]}


def judged(collection, name, value):
    """What is said of a record in a version that has the instruction i."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return fault((collection, name), data, {"i"})


@pytest.mark.parametrize(
    ("collection", "name", "value"),
    [
        ("instructions", "i", {"id": "i"}),
        ("instructions", "x" * 120, {"id": "x" * 120, "text": [], "version_vector": 7}),
        ("instructions", "\ud800", {"id": "\ud800"}),
        ("conflicts", "c", CONFLICT),
        ("conflicts", "c", {**CONFLICT, "instruction": None, "path": ["id"]}),
        ("conflicts", "c", {**CONFLICT, **ABOUT, "instruction": "gone"}),
        ("resolutions", "r", ANSWER),
        ("resolutions", "r", {**ANSWER, **ABOUT, "value": SAYS["value"]}),
        ("resolutions", "r", {**SAID, "id": "r", "revokes": "q"}),
        ("sessions", "t", SUMMARY),
        ("document", "layout", {"order": ["i"], "unit": None, "end": "\n", "bom": False}),
        ("document", "header", []),
        ("document", "of a newer version", {}),
        ("document", "of a newer version", b"no JSON"),
        ("document", "format", {"reader": {}, "writer": {"fans": "0.3.0"}, "more": 1}),
        ("requests", "layout", []),
        ("requests", "r", b"no JSON"),
        ("conflicts", "c", {"kind": "quorum"}),
        ("resolutions", "r", {"kind": "quorum"}),
    ],
)
def test_what_can_be_read(collection, name, value):
    """Nothing is said of it."""
    assert judged(collection, name, value) == ""


@pytest.mark.parametrize(
    ("collection", "name", "value", "why"),
    [
        ("instructions", "i", b'"\xff"', "it is not UTF-8"),
        ("instructions", "i", b"", "the text is empty"),
        ("instructions", "i", [], "it is no object"),
        ("instructions", "i", {"id": "j"}, 'its "id" is not the name of its file'),
        ("instructions", " ", {"id": " "}, "its id is empty"),
        ("instructions", "x" * 121, {"id": "x" * 121}, "its id is longer than 120 bytes"),
        ("conflicts", "c", {}, "Object missing required field `id`"),
        ("conflicts", "c", {**CONFLICT, "kind": 5}, "Expected `str`, got `int` - at `$.kind`"),
        ("conflicts", "d", CONFLICT, 'its "id" is not the name of its file'),
        ("conflicts", "c", {**CONFLICT, "instruction": "j"}, "it is about an instruction that is not there"),
        ("conflicts", "c", {**CONFLICT, "path": []}, "Expected `array` of length >= 1 - at `$.path`"),
        ("conflicts", "c", {**CONFLICT, "path": ["id"]}, "it is about the id of an instruction"),
        ("conflicts", "c", {**CONFLICT, "path": ["version_vector"]}, "it is about the version_vector of an instruction"),
        ("conflicts", "c", {**CONFLICT, **ABOUT, "instruction": None}, "Expected `str`, got `null` - at `$.instruction`"),
        ("resolutions", "r", {"revokes": "q"}, "Object missing required field `id`"),
        ("resolutions", "q", {**SAID, "id": "r", "revokes": "q"}, 'its "id" is not the name of its file'),
        ("resolutions", "q", ANSWER, 'its "id" is not the name of its file'),
        ("resolutions", "r", {**ANSWER, "added": "i"}, "Expected `array`, got `str` - at `$.added`"),
        ("resolutions", "r", {**ANSWER, **ABOUT}, "Object missing required field `value`"),
        ("sessions", "u", SUMMARY, 'its "tag" is not the name of its file'),
        ("sessions", "t", {**SUMMARY, "publications": []}, "it has no publications"),
        ("requests", "r", b'"\xff"', "it is not UTF-8"),
        ("document", "format", [], "it is no object"),
        ("document", "format", {"reader": ["x"]}, 'its "reader" is no object'),
        ("document", "format", {"writer": {"x": 2}}, 'its "writer" names no version for "x"'),
        ("document", "layout", {}, "Object missing required field `order`"),
        ("document", "layout", {"order": [], "newline": "x"}, "Invalid enum value 'x' - at `$.newline`"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(collection, name, value, why):
    """What is wrong is said, and where in the record."""
    assert judged(collection, name, value) == why


def test_the_file_that_a_state_shows():
    """It can be read again; where the header has no place for the list, that is said."""
    layout = json.dumps(EMPTY.layout.to_json())
    items = {(INSTRUCTIONS, "i"): '{"id": "i"}', (DOCUMENT, LAYOUT): layout}
    assert fault_of_file(State({**items, (DOCUMENT, HEADER): EMPTY.header})) == ""
    why = fault_of_file(State({**items, (DOCUMENT, HEADER): "{}"}))
    assert why == 'document/header.json: the object has no list "instructions"'
