"""What a merge makes of the head: ids, vectors, conflicts, header, log entry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.laws.sessions import NOW, contents_of, incoming, merged, records_of, state_of
from tests.laws.strategies import RECORDS
from tractatus_merge.core import jsontext, summaries
from tractatus_merge.core.incoming import Said
from tractatus_merge.core.plan import closings, later, open_conflicts, plan_merge, resolution_prefix
from tractatus_merge.core.record import Record
from tractatus_merge.core.state import (
    CONFLICTS,
    DOCUMENT,
    INSTRUCTIONS,
    RESOLUTIONS,
    SESSIONS,
    State,
)
from tractatus_merge.core.values import MISSING, same
from tractatus_merge.documents.instructions import HISTORY

BASE = state_of(RECORDS)


def plan(head, session, now=NOW):
    """The plan of one merge."""
    return plan_merge(head, session, HISTORY, now)


def test_an_edit_ticks_once_per_record_and_publication():
    """The vector says who published the record how often; untouched records keep their bytes."""
    done = [("set", "inst_001", ("text",), "a"), ("set", "inst_001", ("notes",), "b")]
    head = merged(BASE, incoming(BASE, done, "k"))
    assert str(records_of(head)["inst_001"].vector) == "kkkkkkkk:1"
    assert records_of(head)["inst_001"].genuine
    assert head.get(INSTRUCTIONS, "inst_002") == BASE.get(INSTRUCTIONS, "inst_002")
    again = merged(head, incoming(head, [("set", "inst_002", ("text",), "c")], "k"))
    assert str(records_of(again)["inst_002"].vector) == "kkkkkkkk:2"
    assert str(records_of(again)["inst_001"].vector) == "kkkkkkkk:1"


def test_a_merged_record_has_the_join():
    """Field-merged or contested, the vector is the join of both."""
    one, two = (incoming(BASE, [("set", "inst_001", ("text",), w)], w) for w in "km")
    head = merged(merged(BASE, one), two)
    assert str(records_of(head)["inst_001"].vector) == "kkkkkkkk:1 mmmmmmmm:1"
    assert records_of(head)["inst_001"].genuine


def test_the_number_spelling_of_the_head_stays():
    """0.90 stays 0.90 in a record that somebody edits elsewhere."""
    head = merged(BASE, incoming(BASE, [("set", "inst_001", ("text",), "a")], "k"))
    assert '"explicitness": 0.90' in head.get(INSTRUCTIONS, "inst_001")


def test_two_new_records_of_one_id_are_both_kept():
    """The head's keeps the id, the incoming one gets the tagged id, and its mentions follow."""
    one = incoming(BASE, [("add", "inst_010", (), "first")], "k")
    two = incoming(BASE, [("add", "inst_010", (), "second"), ("add", "inst_010-x", (), "see inst_010"),
                          ("set", "inst_001", ("notes",), "inst_010 says"),
                          ("set", "inst_002", ("text",), "no mention")], "m")  # fmt: skip
    result = plan(merged(BASE, one), two)
    found = contents_of(result.state)
    assert result.outcome.renamed == {"inst_010": "inst_010_mmmmmmmm"}
    assert found["inst_010"]["text"] == "first"
    assert found["inst_010_mmmmmmmm"] == {"id": "inst_010_mmmmmmmm", "text": "second"}
    assert found["inst_010-x"] == {"id": "inst_010-x", "text": "see inst_010_mmmmmmmm"}
    assert found["inst_001"]["notes"] == "inst_010_mmmmmmmm says"
    assert result.outcome.added == ("inst_010_mmmmmmmm", "inst_010-x")
    assert all(name == content["id"] for name, content in found.items())


def test_the_same_new_record_from_two_is_there_once():
    """Added on both sides with one content: once, and both are its creators."""
    one, two = (incoming(BASE, [("add", "inst_010", (), "same")], w) for w in "km")
    result = plan(merged(BASE, one), two)
    assert result.outcome.renamed == {}
    assert str(records_of(result.state)["inst_010"].vector) == "+kkkkkkkk:1 +mmmmmmmm:1"


def test_absence_is_no_deletion():
    """What a copy no longer has stays, and the outcome says so."""
    session = incoming(BASE, [("set", "inst_001", ("text",), "a")], "k")
    session = replace(session, copy={"inst_001": session.copy["inst_001"]})
    result = plan(BASE, session)
    assert result.outcome.kept == ("inst_002", "inst_003")
    assert set(contents_of(result.state)) == set(RECORDS)


def test_the_outcome_says_what_was_done():
    """Added, edited, retired, in conflict; in one word clean, conflicts or nothing."""
    done = [
        ("retire", "inst_001", ("active",), False),
        ("set", "inst_002", ("text",), "x"),
        ("add", "n", (), "n"),
    ]
    outcome = plan(BASE, incoming(BASE, done, "k")).outcome
    assert (outcome.added, outcome.edited, outcome.retired) == (
        ("n",),
        ("inst_002",),
        ("inst_001",),
    )
    assert outcome.word == "clean"
    assert plan(BASE, incoming(BASE, [], "k")).outcome.word == "nothing"
    head = merged(BASE, incoming(BASE, done[1:2], "m"))
    contested = plan(head, incoming(BASE, [("set", "inst_002", ("text",), "y")], "k"))
    assert contested.outcome.word == "conflicts"
    assert contested.outcome.conflicts == tuple(c.id for c in open_conflicts(contested.state))


def test_the_entry_holds_what_the_log_needs():
    """Message, session, tag, author, time, base, changes; and the session's own state."""
    session = incoming(BASE, [("set", "inst_002", ("text",), "x")], "k")
    entry = plan(BASE, session).entry
    assert (entry.message, entry.session, entry.tag) == (
        "Merge session k: 1 edited",
        "k",
        "kkkkkkkk",
    )
    assert (entry.author, entry.time, entry.base) == ("k <k@x>", NOW, "base")
    assert set(entry.changes) == {
        (INSTRUCTIONS, "inst_002"),
        (DOCUMENT, "header"),
        (SESSIONS, "kkkkkkkk"),
    }
    assert set(entry.own.changed) == {(INSTRUCTIONS, "inst_002")}
    assert plan(BASE, replace(session, note="because")).entry.message == "because"


def test_time_never_runs_backwards():
    """A merge by a slow clock is published when its parent was."""
    head = State(BASE.items, "v", "2030-01-01T00:00:00.000Z")
    assert plan(head, incoming(head, [("add", "n", (), "n")], "k")).entry.time == head.time
    assert later("2", "1") == "2"


def test_a_copy_already_in_is_known_by_its_seal():
    """Merging again after a crash changes nothing, renames are told again; new edits do count."""
    head = merged(BASE, incoming(BASE, [("add", "inst_010", (), "first")], "k"))
    session = incoming(BASE, [("add", "inst_010", (), "second")], "m")
    after = merged(head, session)
    again = plan(after, session)
    assert again.entry is None
    assert again.state is after
    assert again.outcome.renamed == {"inst_010": "inst_010_mmmmmmmm"}
    other = replace(session, base_version="another")
    assert plan(after, other).entry is not None


def test_the_header_follows():
    """The date of the last edit in the form it had; a header key one session changed is taken."""
    session = incoming(
        BASE, [("add", "n", (), "n")], "k", header={"description": "new", "version": "1.1"}
    )
    header = HISTORY.header(plan(BASE, session).state.get(DOCUMENT, "header"))
    assert header == {"version": "1.1", "last_updated": "2025-05-01", "description": "new"}


def test_a_header_conflict_names_both():
    """A contested header key is a conflict of no instruction, with the writers of both sides."""
    one, two = (incoming(BASE, [], w, header={"description": w}) for w in "km")
    first = plan(BASE, one)
    assert (first.outcome.word, first.outcome.header) == ("clean", True)
    assert first.entry.message.endswith("header")
    (conflict,) = open_conflicts(merged(merged(BASE, one), two))
    assert (conflict.instruction, conflict.path, conflict.force.value) == (
        None,
        ("description",),
        "k",
    )
    assert [[w.session for w in side.writers] for side in conflict.all_sides] == [["k"], ["m"]]


def test_a_conflict_says_who_when_and_why():
    """Writers of both sides: session, author, moment, reason, publication."""
    said = {("inst_001", ("text",)): Said("2025-05-02T00:00:00.000Z", "asked for", "P <p@x>")}
    one = replace(incoming(BASE, [("set", "inst_001", ("text",), "k")], "k"), said=said)
    two = incoming(BASE, [("set", "inst_001", ("text",), "m")], "m")
    (conflict,) = open_conflicts(merged(merged(BASE, one), two, "2025-07-01T00:00:00.000Z"))
    (mine,), (theirs,) = conflict.force.writers, conflict.sides[0].writers
    assert (mine.session, mine.author, mine.at, mine.why) == (
        "k",
        "P <p@x>",
        "2025-05-02T00:00:00.000Z",
        "asked for",
    )
    assert mine.published == NOW
    assert (theirs.session, theirs.published) == ("m", "2025-07-01T00:00:00.000Z")
    assert conflict.severity == "CRITICAL"


def test_a_closed_conflict_leaves_the_state():
    """Where the algebra leaves no side, the conflict's record goes."""
    one, two = (incoming(BASE, [("set", "inst_001", ("text",), w)], w) for w in "km")
    head = merged(merged(BASE, one), two)
    assert len(head.names(CONFLICTS)) == 1
    back = incoming(merged(BASE, two), [("set", "inst_001", ("text",), "k")], "m")
    assert merged(head, back).names(CONFLICTS) == []


def test_resolutions_are_found_by_instruction():
    """Their ids begin with a digest of it, so that others are not read."""
    name = resolution_prefix("inst_001") + "1"
    text = jsontext.dump({"path": ["text"], "kind": "field"})
    head = BASE.with_({(RESOLUTIONS, name): text, (RESOLUTIONS, "r0-x"): "not json"})
    assert [(c.id, c.path) for c in closings(head, "inst_001")] == [(name, ("text",))]
    assert closings(head, "inst_002") == ()
    assert closings(head, None) == ()


@pytest.mark.parametrize("name", ["../../x", "a b", "é", "x" * 119, "\ud800", "("])
def test_odd_ids_collide_like_others(name):
    """Ids are data: a collision of odd ones renames them, and nothing else."""
    one, two = (incoming(BASE, [("add", name, (), w)], w) for w in "km")
    found = contents_of(merged(merged(BASE, one), two))
    assert found[name]["text"] == "k"
    assert found[f"{name}_mmmmmmmm"] == {"id": f"{name}_mmmmmmmm", "text": "m"}


def test_a_record_that_vanished_from_the_head_comes_back():
    """There is no deletion: a session that edited it brings it whole."""
    head = BASE.with_({(INSTRUCTIONS, "inst_002"): None})
    session = incoming(BASE, [("set", "inst_002", ("text",), "x")], "k")
    assert contents_of(plan(head, session).state)["inst_002"]["text"] == "x"


def test_nested_beyond_reason_is_still_merged():
    """190 levels of objects merge without a traceback."""
    deep, other = {"n": 1}, {"n": 1, "x": 2}
    for _ in range(190):
        deep, other = {"d": deep, "k": 0}, {"d": other, "k": 1}
    base = state_of({"i": {"id": "i", "deep": deep}})
    session = incoming(base, [("set", "i", ("deep",), other)], "k")
    head = merged(base, incoming(base, [("set", "i", ("text",), "t")], "m"))
    assert same(contents_of(merged(head, session))["i"]["deep"], other)


def test_a_summary_remembers_what_was_published():
    """Count, moment, base, seal, renames, edits; the next publication is added."""
    session = incoming(BASE, [("set", "inst_002", ("text",), "x")], "k")
    head = merged(BASE, session)
    (first,) = summaries.publications(head, "kkkkkkkk")
    assert (first.count, first.published, first.base, first.seal) == (1, NOW, "base", session.seal)
    assert [edit["path"] for edit in first.edits] == [["text"]]
    after = merged(head, incoming(head, [("add", "n", (), "n")], "k"))
    assert [p.count for p in summaries.publications(after, "kkkkkkkk")] == [1, 2]
    assert MISSING is not None
    assert isinstance(records_of(after)["n"], Record)
