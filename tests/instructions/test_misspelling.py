"""Fields that nobody meant."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.record import Record
from tractatus_merge.instructions.misspelling import meant, misspelt
from tractatus_merge.instructions.schema import FIELDS


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("verison", "version"),
        ("presistence", "persistence"),
        ("persistance", "persistence"),
        ("Persistence", "persistence"),
        ("aktive", "active"),
        ("activ", "active"),
        ("txet", "text"),
        ("textt", "text"),
        ("txt", "text"),
        ("titel", "title"),
        ("note", "notes"),
        ("example", "examples"),
        ("parametrs", "parameters"),
        ("verfication_requred", "verification_required"),
        ("verification-required", "verification_required"),
        ("verificationRequird", "verification_required"),
        ("verificationrequired", "verification_required"),
        ("temporal_scpoe", "temporal_scope"),
        ("explictnes", "explicitness"),
        ("persitance", "persistence"),
        ("explictness", "explicitness"),
        ("exlpicitnes", "explicitness"),
        ("sessionId", "session_id"),
    ],
)
def test_a_slip_of_the_pen_is_known(key, field):
    """Letters left out, added, changed, exchanged; other joints and capitals."""
    assert meant(key) == field


@pytest.mark.parametrize(
    "key", ["own", "x", "", "tags", "test", "next", "owner", "status", "reason", "created",
            "sources", "actions", "contents", "severity", "summary", "conditions", "violation",
            "param", "scop_of_it", "vers", *sorted(FIELDS)]
)  # fmt: skip
def test_a_field_of_ones_own_is_free(key):
    """Far from every known one, a plain word of its own, or more of a known one."""
    assert meant(key) is None


def test_what_others_have_is_no_slip():
    """A history that has it elsewhere means it."""
    others = [Record.of({"id": "a", "text": "t", "note": "n"})]
    assert misspelt(["note", "txet", "own"], others) == {"txet": "text"}
    assert misspelt(["note"], []) == {"note": "notes"}
    assert misspelt(["own"], others) == {}
