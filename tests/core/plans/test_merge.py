"""What a merge makes of the head: ids, vectors, conflicts, header, log entry."""

from __future__ import annotations

import pytest

from tests.laws.sessions import NOW, contents_of, incoming, merged, records_of, state_of
from tests.laws.strategies import RECORDS
from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, MEANING, Writer
from tractatus_merge.core.model.open_conflicts import closings, open_conflicts, resolution_prefix
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import Closing
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    INSTRUCTIONS,
    RESOLUTIONS,
    SESSIONS,
    State,
)
from tractatus_merge.core.plans.incoming import EditNote, Seen
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.outcome import Outcome
from tractatus_merge.core.plans.person_decision import Answer
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, digest, same
from tractatus_merge.core.values.json_text import RECORD_DEPTH
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

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
    assert outcome.status == "clean"
    assert plan(BASE, incoming(BASE, [], "k")).outcome.status == "nothing"
    head = merged(BASE, incoming(BASE, done[1:2], "m"))
    contested = plan(head, incoming(BASE, [("set", "inst_002", ("text",), "y")], "k"))
    assert contested.outcome.status == "conflicts"
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
    usual = plan(BASE, incoming(BASE, [("add", "n", (), "n")], "k")).entry.time
    head = State(BASE.items, "v", f"{usual[:10]}T23:59:59.999Z")
    assert plan(head, incoming(head, [("add", "n", (), "n")], "k")).entry.time == head.time > usual


def test_a_bad_clock_is_not_followed():
    """What is far to come is nobody's time but its own, and no edit is later than its merge."""
    far = State(BASE.items, "v", "2102-01-01T00:00:00.000Z")
    usual = plan(BASE, incoming(BASE, [("add", "n", (), "n")], "k")).entry.time
    assert plan(far, incoming(far, [("add", "n", (), "n")], "k")).entry.time == usual


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
    assert (first.outcome.status, first.outcome.header) == ("clean", True)
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
    said = {("inst_001", ("text",)): EditNote("2025-05-02T00:00:00.000Z", "asked for", "P <p@x>")}
    one = replace(incoming(BASE, [("set", "inst_001", ("text",), "k")], "k"), edit_notes=said)
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
    text = json_text.dump({"id": name, "path": ["active"], "kind": EDIT_RETIRE})
    head = BASE.with_({(RESOLUTIONS, name): text, (RESOLUTIONS, "r0-x"): "not json"})
    assert closings(head, "inst_001") == (Closing(name, ("active",), EDIT_RETIRE),)
    assert closings(head, "inst_002") == ()
    assert closings(head, None) == ()


@pytest.mark.parametrize("name", ["../../x", "a b", "é", "x" * 119, "\ud800", "("])
def test_odd_ids_collide_like_others(name):
    """Ids are data: a collision of odd ones renames them, and nothing else."""
    one, two = (incoming(BASE, [("add", name, (), w)], w) for w in "km")
    found = contents_of(merged(merged(BASE, one), two))
    assert found[name]["text"] == "k"
    new = f"{name[:111]}_mmmmmmmm"
    assert found[new] == {"id": new, "text": "m"}


def test_a_record_that_vanished_from_the_head_comes_back():
    """There is no deletion: a session that edited it brings it whole."""
    head = BASE.with_({(INSTRUCTIONS, "inst_002"): None})
    session = incoming(BASE, [("set", "inst_002", ("text",), "x")], "k")
    assert contents_of(plan(head, session).state)["inst_002"]["text"] == "x"


def test_nested_beyond_reason_is_still_merged():
    """A record merges down to the deepest level that one may have."""
    deep, other = {"n": 1}, {"n": 1, "x": 2}
    for _ in range(RECORD_DEPTH - 2):
        deep, other = {"d": deep, "k": 0}, {"d": other, "k": 1}
    base = state_of({"i": {"id": "i", "deep": deep}})
    session = incoming(base, [("set", "i", ("deep",), other)], "k")
    head = merged(base, incoming(base, [("set", "i", ("text",), "t")], "m"))
    assert same(contents_of(merged(head, session))["i"]["deep"], other)


def test_the_ids_of_resolutions_never_change():
    """They are the same in every clone."""
    assert resolution_prefix("inst_001") == "ra930ca38-"
    assert resolution_prefix(None) == "r1d8fc6ce-"


TABS, SPACES = "Always use tabs in source files.", "Never use tabs in source files."


def test_a_new_record_that_gets_another_id_is_asked_about_under_it():
    """A contradiction is told with the other conflicts, and hides none that is open."""
    head = merged(BASE, incoming(BASE, [("add", "inst_010", (), TABS)], "k"))
    result = plan(head, incoming(BASE, [("add", "inst_010", (), SPACES)], "m"))
    (conflict,) = open_conflicts(result.state)
    renamed = "inst_010_mmmmmmmm"
    assert (conflict.kind, conflict.instruction, conflict.path[1]) == (MEANING, "inst_010", renamed)
    assert result.outcome.conflicts == result.entry.conflicts == (conflict.id,)
    first = {(CONFLICTS, "c0"): json_text.dump(replace(conflict, id="c0").to_json())}
    head = BASE.with_(first)
    for word in "kmn":
        head = merged(head, incoming(BASE, [("set", "inst_001", ("text",), word)], word))
    field = next(c for c in open_conflicts(head) if c.kind == FIELD)
    assert [side.value for side in field.all_sides] == ["k", "m", "n"]


def test_an_id_that_the_head_has_is_no_new_id():
    """The next one is taken."""
    head = merged(BASE, incoming(BASE, [("add", "inst_010", (), "k")], "k"))
    head = merged(head, incoming(head, [("add", "inst_010_mmmmmmmm", (), "n")], "n"))
    result = plan(head, incoming(BASE, [("add", "inst_010", (), "m")], "m"))
    assert result.outcome.renamed == {"inst_010": "inst_010_mmmmmmmm_2"}


def test_only_what_the_session_wrote_follows_its_renames():
    """A field that it left as it was means the record that kept the id."""
    base = state_of({"inst_001": {"id": "inst_001", "text": "see inst_010", "notes": ""}})
    head = merged(base, incoming(base, [("add", "inst_010", (), "k")], "k"))
    done = [("add", "inst_010", (), "m"), ("set", "inst_001", ("notes",), "as inst_010")]
    assert contents_of(merged(head, incoming(base, done, "m")))["inst_001"] == {
        "id": "inst_001", "text": "see inst_010", "notes": "as inst_010_mmmmmmmm",
    }  # fmt: skip


def test_the_session_s_own_state_has_its_base_s_vectors():
    """Ticked; it is kept beside the version that it was made from."""
    head = merged(BASE, incoming(BASE, [("set", "inst_001", ("text",), "a")], "k"))
    session = replace(incoming(head, [("set", "inst_001", ("notes",), "b")], "m"), agent="robot")
    entry = plan(head, session).entry
    assert str(records_of(entry.own)["inst_001"].vector) == "kkkkkkkk:1 mmmmmmmm:1"
    assert (entry.own.version, entry.base, entry.agent) == (head.version, head.version, "robot")


def test_a_head_without_a_header_stays_without():
    """Records merge all the same."""
    bare = BASE.with_({(DOCUMENT, "header"): None})
    state = plan(bare, incoming(bare, [("add", "n", (), "n")], "k")).state
    assert (contents_of(state)["n"]["text"], state.names(DOCUMENT)) == ("n", [])


def test_a_header_in_which_nothing_follows_is_not_changed():
    """No date, no counter: not even its key is among the changes."""
    bare = state_of(RECORDS, '{"project": "x", "instructions": []}')
    entry = plan(bare, incoming(bare, [("add", "n", (), "n")], "k")).entry
    assert set(entry.changes) == {(INSTRUCTIONS, "n"), (SESSIONS, "kkkkkkkk")}


def test_counters_are_counted_again():
    """Of what the head had, and of what it has now."""
    counted = state_of(RECORDS, '{"stats": {"total_instructions": 3}, "instructions": []}')
    state = plan(counted, incoming(counted, [("add", "n", (), "n")], "k")).state
    assert HISTORY.header(state.get(DOCUMENT, "header"))["stats"] == {"total_instructions": 4}


AT, WHY, WHO = "2025-05-02T00:00:00.000Z", "asked for", "P <p@x>"


def test_what_a_session_wrote_in_the_header_is_remembered_with_its_reason():
    """And told as any side of a conflict is."""
    one, two = (incoming(BASE, [], w, header={"description": w}) for w in "km")
    two = replace(two, edit_notes={("", ("description",)): EditNote(AT, WHY, WHO)})
    head = merged(merged(BASE, one), two)
    (told,) = summaries.publications(head, "mmmmmmmm")
    assert told.edits == (
        {"instruction": None, "path": ["description"], "value": digest("m"), "at": AT,
         "author": WHO, "why": WHY},
    )  # fmt: skip
    (conflict,) = open_conflicts(head)
    assert conflict.sides[0].writers == (Writer(AT, "m", WHO, WHY, NOW),)


def test_the_side_that_waits_says_why():
    """By what was noted of that very place."""
    one, two = (incoming(BASE, [("set", "inst_001", ("text",), w)], w) for w in "km")
    two = replace(two, edit_notes={("inst_001", ("text",)): EditNote(AT, WHY, WHO)})
    (conflict,) = open_conflicts(merged(merged(BASE, one), two))
    assert conflict.sides[0].writers == (Writer(AT, "m", WHO, WHY, NOW),)


def test_a_merge_asks_what_the_copy_showed_of_each_record():
    """Of the header by no name."""
    asked = []

    def seen(name):
        asked.append(name)
        return Seen()

    session = incoming(BASE, [("set", "inst_001", ("text",), "a")], "k", header={"project": "x"})
    plan(BASE, replace(session, seen=seen))
    assert asked == ["inst_001", ""]


def test_a_session_that_did_not_know_of_an_answer_reopens_it():
    """The answer is in force, what came late waits, under another id."""
    one, two = (incoming(BASE, [("set", "inst_001", ("text",), w)], w) for w in "km")
    head = merged(merged(BASE, one), two)
    (conflict,) = open_conflicts(head)
    answer = Answer(
        conflict.id, conflict.terms, "answer", session="p", tag="pppppppp", author="P <>", at=NOW
    )
    head = plan_resolve(head, answer, HISTORY, NOW).state
    (again,) = open_conflicts(
        merged(head, incoming(BASE, [("set", "inst_001", ("text",), "n")], "n"))
    )
    assert [side.value for side in again.all_sides] == ["answer", "n"]
    assert again.id != conflict.id


def test_only_who_wrote_the_value_in_force_stands_for_it():
    """Not who wrote another there; of a merged text all who wrote since the session's base."""
    head = BASE
    for word in "km":
        head = merged(head, incoming(head, [("set", "inst_001", ("text",), word)], word))
    (conflict,) = open_conflicts(
        merged(head, incoming(BASE, [("set", "inst_001", ("text",), "n")], "n"))
    )
    assert [writer.session for writer in conflict.force.writers] == ["m"]
    notes = ("inst_001", ("notes",))
    base = merged(BASE, incoming(BASE, [("set", *notes, "a\nb\nc\nd\ne\n")], "j"))
    head = base
    for who, text in (("k", "A\nb\nc\nd\ne\n"), ("m", "a\nb\nc\nd\nE\n")):
        head = merged(head, incoming(base, [("set", *notes, text)], who))
    session = incoming(base, [("set", *notes, "n\nb\nc\nd\ne\n")], "n")
    (conflict,) = open_conflicts(merged(head, session))
    assert [writer.session for writer in conflict.force.writers] == ["k", "m"]


def test_the_outcome_names_the_conflicts_of_all_records():
    """So does the entry."""
    done = [("set", name, ("text",), "{}") for name in ("inst_001", "inst_002")]
    one, two = (
        incoming(BASE, [(*did[:3], word) for did in done], word) for word in "km"
    )  # fmt: skip
    result = plan(merged(BASE, one), two)
    found = sorted(conflict.id for conflict in open_conflicts(result.state))
    assert len(found) == 2
    assert sorted(result.outcome.conflicts) == sorted(result.entry.conflicts) == found


def test_a_merge_that_changes_nothing_is_no_version():
    """What the copy lacks is told; a header that the head has anyway is no change."""
    one, two = (incoming(BASE, [], w, header={"description": "new"}) for w in "km")
    head = merged(BASE, one)
    two = replace(two, copy={})
    result = plan(head, two)
    assert (result.entry, result.state) == (None, head)
    assert result.outcome == Outcome(kept=("inst_001", "inst_002", "inst_003"))


def test_a_retirement_already_in_is_told_as_one():
    """Merging again tells the same as the first time."""
    session = incoming(BASE, [("retire", "inst_001", ("active",), False)], "k")
    again = plan(merged(BASE, session), session)
    assert (again.entry, again.outcome.retired) == (None, ("inst_001",))


def test_a_copy_without_a_seal_is_never_known():
    """Two of them from one base are two publications."""
    first = replace(incoming(BASE, [("set", "inst_001", ("text",), "a")], "k"), seal="")
    head = merged(BASE, first)
    second = replace(incoming(BASE, [("set", "inst_002", ("text",), "b")], "k"), seal="")
    assert plan(head, second).entry is not None


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
