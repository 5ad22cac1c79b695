"""What a merge or a write lost, told from the records alone."""

from __future__ import annotations

from typing import Any

import pytest

from tractatus_merge.core.values import MISSING
from tractatus_merge.documents import losses
from tractatus_merge.documents.losses import Loss, lost

OLD = {"id": "a", "text": "Ask first", "port": 1, "tags": ["x"]}
EDIT = {**OLD, "port": 2}
OTHER = {**OLD, "tags": ["x", "y"]}
BOTH = {**EDIT, "tags": ["x", "y"]}
CONTEST = {**OLD, "port": 3}
LESS = {"id": "a", "text": "Ask first", "tags": ["x"]}
STRANGER = {"id": "a", "text": "Never on Fridays", "port": 9}


def told(found: list[Loss]) -> list[tuple]:
    """The losses in short: kind, fields, side."""
    return [(loss.kind, [".".join(path) for path in loss.fields], loss.side) for loss in found]


def records(*given: Any) -> losses.Records:
    """Those that are there, under their ids."""
    there = [record for record in given if record is not MISSING]
    return {r["id"]: tuple(o for o in there if o["id"] == r["id"]) for r in there}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        (OLD, EDIT, OTHER, BOTH),
        (OLD, EDIT, OLD, EDIT),
        (OLD, EDIT, EDIT, EDIT),
        (OLD, EDIT, CONTEST, EDIT),
        (OLD, EDIT, CONTEST, CONTEST),
        (OLD, EDIT, CONTEST, {**OLD, "port": 4}),
        (OLD, EDIT, LESS, LESS),
        (OLD, MISSING, OLD, MISSING),
        (OLD, MISSING, EDIT, MISSING),
        (OLD, MISSING, EDIT, EDIT),
        (MISSING, EDIT, MISSING, EDIT),
        (MISSING, EDIT, CONTEST, EDIT),
        (MISSING, MISSING, MISSING, OLD),
        (MISSING, OLD, OLD, OLD),
    ],
)
def test_a_faithful_merge_lost_nothing(base, ours, theirs, result):
    """One-sided changes are in; where both sides changed a place, any answer is a person's."""
    sides = [records(ours), records(theirs)]
    assert lost([records(base)], sides, records(result)) == []
    assert lost([records(base)], sides[::-1], records(result)) == []


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result", "expected"),
    [
        (MISSING, OLD, MISSING, MISSING, [("dropped", [], 0)]),
        (OLD, EDIT, OLD, MISSING, [("dropped", [], 0)]),
        (OLD, OLD, OLD, MISSING, [("dropped", [], None)]),
        (OLD, EDIT, OTHER, MISSING, [("dropped", [], 0)]),
        (OLD, OLD, OLD, LESS, [("dropped", ["port"], None)]),
        (OLD, EDIT, OLD, LESS, [("dropped", ["port"], 0)]),
        (OLD, EDIT, OLD, OLD, [("reverted", ["port"], 0)]),
        (OLD, EDIT, OTHER, EDIT, [("reverted", ["tags"], 1)]),
        (OLD, EDIT, CONTEST, OLD, [("reverted", ["port"], 0), ("reverted", ["port"], 1)]),
        (OLD, LESS, CONTEST, OLD, [("reverted", ["port"], 1)]),
        (OLD, MISSING, EDIT, OLD, [("reverted", ["port"], 1)]),
        (OLD, MISSING, OLD, OLD, [("brought back", [], 0)]),
        (OLD, OLD, MISSING, EDIT, [("brought back", [], 1)]),
        (OLD, LESS, OLD, OLD, [("brought back", ["port"], 0)]),
        (OLD, OLD, OLD, EDIT, [("altered", ["port"], None)]),
        (OLD, EDIT, OLD, CONTEST, [("altered", ["port"], 0)]),
        (MISSING, OLD, STRANGER, OLD, [("dropped", [], 1)]),
        (MISSING, OLD, {**OTHER, "note": "new"}, OLD, [("reverted", ["note"], 1)]),
        ({"id": "a", "p": {"q": 1, "r": 1}}, {"id": "a", "p": {"q": 2, "r": 1}},
         {"id": "a", "p": {"q": 1, "r": 2}}, {"id": "a", "p": {"q": 1, "r": 2}},
         [("reverted", ["p.q"], 0)]),
    ],
)  # fmt: skip
def test_a_loss_is_named_with_its_place_and_side(base, ours, theirs, result, expected):
    """What only one side brought and is not there; in which fields; and which side it was."""
    found = lost([records(base)], [records(ours), records(theirs)], records(result))
    assert told(found) == expected
    assert all(loss.name == "a" for loss in found)
