"""A history that moved: what freezes the old store, and what its versions are called in the new one."""

from __future__ import annotations

import json

import pytest

from tractatus_merge.core.model import moves, needs
from tractatus_merge.core.model.moves import MOVES, Move
from tractatus_merge.core.model.state import DOCUMENT, FORMAT, State
from tractatus_merge.errors import HistoryMoved

KEY = (DOCUMENT, FORMAT)
ODD = ["git:a", "file:/notes to self/h", 'x" to "y', "mongodb://ü/db?a=b", "file:a\nb"]


@pytest.mark.parametrize("source", ODD)
@pytest.mark.parametrize("target", ODD)
def test_a_tombstone_lets_everybody_read_and_nobody_write(source, target):
    """It says from where to where, whatever stands in the URLs, and the command that goes there."""
    state = State(moves.tombstone(State(), Move(source, target), "0.1.0"))
    assert needs.fault(json.loads(state.get(*KEY))) == ""
    needs.must_be_readable(state)
    assert needs.moved(state) == Move(source, target)
    with pytest.raises(HistoryMoved) as told:
        needs.must_be_writable(state)
    assert (told.value.source, told.value.target) == (source, target)
    assert (told.value.exit_code, told.value.version) == (3, None)
    assert source in str(told.value)
    assert told.value.hint.startswith("tractatus-merge migrate ")


def test_a_tombstone_keeps_what_else_the_format_says():
    """Needs, conflicts and keys of later programs stay."""
    said = '{"later": 1, "reader": {"r": "1"}, "writer": {"w": "2"}}'
    state = State({KEY: said})
    found = json.loads(moves.tombstone(state, Move("git:a", "file:"), "0.1.0")[KEY])
    need = 'moved from "git:a" to "file:"'
    assert found == {"later": 1, "reader": {"r": "1"}, "writer": {"w": "2", need: "0.1.0"}}


@pytest.mark.parametrize(
    "need",
    [
        "moved",
        'moved from "a"',
        'moved from "\\x" to "b"',
        'moved from "a" to "b" and more',
        "fans",
    ],
)
def test_another_need_is_no_tombstone(need):
    """It is a later program's, and told as that."""
    assert moves.move_in(need) is None
    state = State({KEY: json.dumps({"writer": {need: "1.0"}})})
    assert needs.moved(state) is None


def test_old_names_lead_to_the_new_ones_over_every_move():
    """Also where a version moved twice; those that are alike only where they are asked for."""
    first = moves.aliases("git:a", {"a1": "b1", "a3": "b3"}, {"a2": "b2"})
    second = moves.aliases("file:", {"b1": "c1", "b2": "c2", "b3": "c3"}, {})
    state = State({**first, **second})
    assert moves.names(state)["a1"] == moves.names(state)["b1"] == "c1"
    assert "a2" not in moves.names(state)
    assert moves.names(state, alike=True)["a2"] == "c2"
    assert [moves.has_come(state, url) for url in ("git:a", "file:", "git:b")] == [
        True,
        True,
        False,
    ]
    assert moves.names(State()) == {}


def test_names_are_kept_in_records_of_a_size():
    """Each holds so many, is named after its first, and none is left out."""
    old = {f"a{number:04}": f"b{number}" for number in range(600)}
    records = moves.aliases("git:a", old, {})
    assert sorted(records) == [(MOVES, "a0000"), (MOVES, "a0256"), (MOVES, "a0512")]
    assert moves.names(State(records)) == old


@pytest.mark.parametrize(
    "text", ["{", "7", '{"versions": 7}', '{"versions": {"a": 7}}', '{"alike": []}']
)
def test_what_is_no_record_of_names_is_passed_over(text):
    """A later program may keep something else there."""
    good = moves.aliases("git:a", {"a1": "b1"}, {})
    state = State({**good, (MOVES, "zz"): text})
    assert moves.names(state, alike=True) == {"a1": "b1"}
    assert moves.has_come(state, "git:a")


def test_names_that_lead_in_a_circle_end():
    """No history makes them; a damaged one stops nobody."""
    state = State({(MOVES, "x"): '{"from": "f", "versions": {"a": "b", "b": "a"}}'})
    assert set(moves.names(state)) == {"a", "b"}
