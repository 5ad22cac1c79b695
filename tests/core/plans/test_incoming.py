"""What a session brings: its changes, and who said what when."""

from __future__ import annotations

from tests.laws.sessions import incoming, state_of
from tests.laws.strategies import RECORDS
from tractatus_merge.core.model.conflict import Writer
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.plans.incoming import EditNote
from tractatus_merge.value import replace

BASE = state_of(RECORDS)


def test_only_changed_values_are_edits():
    """Another spelling, another key order or another stamp is no edit."""
    session = incoming(BASE, [("add", "n", (), "t"), ("set", "inst_002", ("text",), "x")], "k")
    respelled = Record(session.base["inst_001"].text.replace("0.90", "0.9"))
    session = replace(session, copy={**session.copy, "inst_001": respelled})
    assert session.added() == ["n"]
    assert session.edited() == ["inst_002"]
    assert list(session.edits("inst_002")) == [(("text",), "x")]
    assert list(session.edits("n")) == [((), {"id": "n", "text": "t"})]


def test_who_said_is_found_at_the_nearest_place_above():
    """A note on a record or an object covers what is in it; else the sealing of the copy counts."""
    said = {("i", ()): EditNote("1", "whole"), ("i", ("p",)): EditNote("2", "object", "B")}
    session = replace(incoming(BASE, [], "k"), edit_notes=said)
    assert session.writer("i", ("p", "x"), "now") == Writer("2", "k", "B", "object", "now")
    assert session.writer("i", ("text",)) == Writer("1", "k", "k <k@x>", "whole", "")
    assert session.writer("j", ("text",)).at == session.at
