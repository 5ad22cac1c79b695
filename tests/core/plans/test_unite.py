"""Two heads of one line: what the plan says, record by record."""

from __future__ import annotations

from tests.laws.clones import Line, items_of, united
from tests.laws.sessions import contents_of, incoming, merged, records_of, state_of
from tests.laws.strategies import RECORDS
from tractatus_merge.core.model.conflict import (
    EDIT_RETIRE,
    FIELD,
    MEANING,
    Conflict,
    Side,
    conflict_id,
)
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    INSTRUCTIONS,
    RESOLUTIONS,
    SESSIONS,
    State,
)
from tractatus_merge.core.model.summaries import publications
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.collisions import Rename, with_renames
from tractatus_merge.core.plans.outcome import Outcome
from tractatus_merge.core.plans.unite import plan_unite
from tractatus_merge.core.plans.unite_head import common_root, united_summary
from tractatus_merge.core.plans.unite_place import Precedence, merge_diverged
from tractatus_merge.core.plans.unite_record import agreement
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

TEXT = ("text",)
PORT = ("parameters", "port")


def parted(one, other, root=None):
    """A line whose root was left by two sessions in two clones: (line, one, other)."""
    line = Line(root)
    return line, line.session(line.root, one, "k"), line.session(line.root, other, "m")


def test_the_entry_names_both_parents_and_the_later_time():
    """A store can commit the plan as a merge of two heads; the clock never runs backwards."""
    line, one, other = parted([("set", "inst_001", TEXT, "a")], [("set", "inst_002", TEXT, "b")])
    ours, theirs = line.states[one], line.states[other]
    plan = plan_unite(line.base(one, other), ours, theirs, HISTORY, remote=True)
    assert plan.entry.parents == (one, other)
    assert plan.entry.time == theirs.time > ours.time
    assert not plan.entry.author
    there = plan_unite(line.base(one, other), theirs, ours, HISTORY, remote=True)
    assert replace(there.entry, changes=plan.entry.changes) == plan.entry
    assert set(plan.entry.changes) == {(INSTRUCTIONS, "inst_002"), (SESSIONS, "m" * 8)}
    assert set(plan.state.changed) == set(plan.entry.changes)
    assert plan.outcome.edited == ("inst_002",)


def test_an_ancestor_is_nothing_to_commit():
    """A head that we have already brings no version."""
    line, one, _ = parted([("set", "inst_001", TEXT, "a")], [])
    root, ours = line.states[line.root], line.states[one]
    assert plan_unite(root, ours, root, HISTORY, remote=True).entry is None


def test_different_fields_are_merged_and_the_vector_is_the_join():
    """No conflict, no tick."""
    line, one, other = parted([("set", "inst_001", TEXT, "a")], [("set", "inst_001", PORT, "1")])
    record = records_of(line.states[line.unite(one, other)])["inst_001"]
    assert (record.content["text"], record.content["parameters"]["port"]) == ("a", "1")
    assert str(record.vector) == "kkkkkkkk:1 mmmmmmmm:1"
    assert record.genuine


def test_without_a_remote_the_earlier_published_is_in_force():
    """Whichever head is asked; the later waits with its writer."""
    line, one, other = parted([("set", "inst_001", TEXT, "a")], [("set", "inst_001", TEXT, "b")])
    (conflict,) = line.conflicts(line.unite(other, one))
    assert conflict.force.value == "a"
    assert [(s.base, s.value, s.writers[0].session) for s in conflict.sides] == [
        ("Use port 27017", "b", "m")
    ]
    assert conflict.force.writers[0].session == "k"
    (conflict,) = line.conflicts(line.unite(one, other, remote=True))
    assert conflict.force.value == "b"


def test_at_one_instant_the_smaller_tag_is_in_force():
    """Two clones may publish in the same millisecond."""
    line = Line()
    done = [("set", "inst_001", TEXT, "z")], [("set", "inst_001", TEXT, "a")]
    root = line.states[line.root]
    one, other = (merged(root, incoming(root, d, w)) for d, w in zip(done, "km", strict=True))
    for pair in ((one, other), (other, one)):
        (conflict,) = open_conflicts(united(root, *pair))
        assert conflict.force.value == "z"


def test_a_moved_side_and_a_further_side_are_both_there():
    """One clone moved the value in force, the other added a side: the sets unite."""
    line = Line()
    head = line.session(line.root, [("set", "inst_001", TEXT, "a")], "k")
    head = line.session(head, [("set", "inst_001", TEXT, "b")], "m", line.root)
    seen = line.session(line.root, [("set", "inst_001", TEXT, "a")], "k")
    one = line.session(head, [("set", "inst_001", TEXT, "a2")], "n", seen)
    other = line.session(head, [("set", "inst_001", TEXT, "c")], "p", line.root)
    (conflict,) = line.conflicts(line.unite(one, other))
    assert conflict.force.value == "a2"
    assert {side.value for side in conflict.sides} == {"b", "c"}


def test_edits_in_one_clone_wait_against_a_retirement_in_the_other():
    """The edits are in; whether it is active, a person says."""
    line, one, other = parted(
        [("set", "inst_001", TEXT, "a")], [("retire", "inst_001", ("active",), False)]
    )
    state = line.states[line.unite(one, other)]
    (conflict,) = open_conflicts(state)
    assert (conflict.kind, conflict.path) == (EDIT_RETIRE, ("active",))
    assert contents_of(state)["inst_001"]["text"] == "a"
    assert contents_of(state)["inst_001"]["active"] is conflict.force.value is True
    assert [(s.value, s.writers[0].session) for s in conflict.sides] == [(False, "m")]


def test_an_edit_that_a_person_did_not_know_reopens_a_retirement():
    """The answer stays in force, the late edit is in, and the question is asked again."""
    line, one, other = parted(
        [("set", "inst_001", TEXT, "a")], [("retire", "inst_001", ("active",), False)]
    )
    both = line.unite(one, other)
    answered = line.answer(both, line.conflicts(both)[0], "p", value=False)
    late = line.session(both, [("set", "inst_001", ("notes",), "late")], "q")
    for ours, theirs, remote in (
        (answered, late, False),
        (late, answered, False),
        (answered, late, True),
        (late, answered, True),
    ):
        state = line.states[line.unite(ours, theirs, remote=remote)]
        assert contents_of(state)["inst_001"]["active"] is False
        assert contents_of(state)["inst_001"]["notes"] == "late"
        (conflict,) = open_conflicts(state)
        assert conflict.kind == EDIT_RETIRE


def test_a_parent_that_one_clone_replaced_absorbs_the_conflict_below_it():
    """One conflict at `parameters` holds the sides of the one at `parameters.port`."""
    line = Line()
    head = line.session(line.root, [("set", "inst_001", PORT, "1")], "k")
    one = line.session(head, [("set", "inst_001", PORT, "2")], "m", line.root)
    other = line.session(head, [("set", "inst_001", ("parameters",), "none")], "n")
    (conflict,) = line.conflicts(line.unite(one, other))
    assert conflict.path == ("parameters",)
    values = [side.value for side in conflict.all_sides]
    assert "none" in values
    assert {v["port"] for v in values if v != "none"} >= {"2"}


def test_two_records_of_one_id_are_both_kept_and_mentions_follow():
    """The one published later gives way, in every clone alike; conflicts and notes go with it."""
    line, one, other = parted(
        [("add", "inst_010", (), "see inst_010 by k")],
        [("add", "inst_010", (), "see inst_010 by m"), ("set", "inst_002", TEXT, "as inst_010")],
    )
    other = line.session(other, [("set", "inst_010", ("notes",), "x")], "n")
    state = line.states[line.unite(other, one, remote=True)]
    contents, renamed = contents_of(state), "inst_010_mmmmmmmm"
    assert contents["inst_010"]["text"] == "see inst_010 by k"
    assert (contents[renamed]["id"], contents[renamed]["notes"]) == (renamed, "x")
    assert contents["inst_002"]["text"] == f"as {renamed}"
    assert all(record.genuine for record in records_of(state).values() if record.stamped)
    assert publications(state, "m" * 8)[0].renamed == {"inst_010": renamed}
    told = {edit["instruction"] for edit in publications(state, "n" * 8)[0].edits}
    assert told == {renamed}


def test_a_clone_that_edits_a_record_which_gave_way_elsewhere_is_understood():
    """The edit reaches the record under its new id; there are two records, not three."""
    line, one, other = parted([("add", "inst_010", (), "by k")], [("add", "inst_010", (), "by m")])
    both = line.unite(one, other)
    other = line.session(other, [("set", "inst_010", ("notes",), "x")], "n")
    contents = contents_of(line.states[line.unite(both, other)])
    assert contents["inst_010_mmmmmmmm"]["notes"] == "x"
    assert [name for name in contents if name.startswith("inst_01")] == [
        "inst_010",
        "inst_010_mmmmmmmm",
    ]


def test_the_same_new_record_in_both_clones_is_there_once():
    """Its vector names both creators."""
    line, one, other = parted([("add", "inst_010", (), "x")], [("add", "inst_010", (), "x")])
    record = records_of(line.states[line.unite(one, other)])["inst_010"]
    assert str(record.vector) == "+kkkkkkkk:1 +mmmmmmmm:1"


def test_counters_are_counted_again_and_dates_are_the_later():
    """The header follows from the records of both."""
    header = '{\n  "last_updated": "2025-01-01",\n  "stats": {"total_instructions": 3},\n  "instructions": []\n}'
    line, one, other = parted(
        [("add", "inst_010", (), "x")], [("add", "inst_011", (), "y")], state_of(RECORDS, header)
    )
    told = HISTORY.header(line.states[line.unite(one, other)].get(DOCUMENT, "header"))
    assert told == {"last_updated": "2025-05-01", "stats": {"total_instructions": 5}}


def layouted(order, version):
    """A state that was adopted in an order."""
    layout = json_text.dump({"form": "flat", "order": order})
    return State({(DOCUMENT, "layout"): layout}, version)


def test_of_two_layouts_the_remote_s_or_the_longer_stays():
    """Without a remote it is a function of the two."""
    one, other = layouted(["a"], "v1"), layouted(["b", "a"], "v2")
    for pair in ((one, other), (other, one)):
        assert united(None, *pair).get(DOCUMENT, "layout") == other.get(DOCUMENT, "layout")
    assert united(None, other, one, remote=True).get(DOCUMENT, "layout") == one.get(
        DOCUMENT, "layout"
    )


def test_a_tag_s_publications_unite():
    """Whatever one head knows of a session and the other does not."""
    line, one, _ = parted([("set", "inst_001", TEXT, "a")], [])
    two = line.session(one, [("set", "inst_001", TEXT, "b")], "k")
    first, second = (line.states[v].get(SESSIONS, "k" * 8) for v in (one, two))
    assert united_summary(first, second) == united_summary(second, first) == second


def test_adopted_records_whose_base_is_unknown_keep_what_both_say():
    """What only one has is added; where they differ, a person is asked; nothing is dropped."""
    one = state_of({"inst_001": {"id": "inst_001", "text": "a", "tags": ["x"], "notes": "n"}})
    other = state_of({"inst_001": {"id": "inst_001", "text": "b", "tags": ["y"], "title": "t"}})
    other = replace(other, version="other")
    state = united(None, one, other, remote=True)
    content = contents_of(state)["inst_001"]
    assert sorted(content.pop("tags")) == ["x", "y"]
    assert content == {"id": "inst_001", "text": "b", "notes": "n", "title": "t"}
    (conflict,) = open_conflicts(state)
    assert [side.value for side in conflict.all_sides] == ["b", "a"]
    assert items_of(united(None, one, other)) == items_of(united(None, other, one))


def test_heads_of_different_roots_have_what_the_roots_share_as_their_base():
    """So an edit of a record that both adopted alike is an edit, no question."""
    more = {**RECORDS, "inst_004": {"id": "inst_004", "text": "only here"}}
    roots = state_of(RECORDS), replace(state_of(more), version="root2")
    one = merged(roots[0], incoming(roots[0], [("set", "inst_001", TEXT, "a")], "k"))
    base = common_root(*roots)
    state = united(base, one, roots[1])
    assert open_conflicts(state) == []
    assert contents_of(state)["inst_001"]["text"] == "a"
    assert "inst_004" in contents_of(state)


def test_an_empty_vector_without_a_known_base_is_no_older_version():
    """Two clones that adopted different files: the edit of one does not swallow the other's file."""
    one = state_of({"inst_001": {"id": "inst_001", "text": "a"}})
    other = replace(state_of({"inst_001": {"id": "inst_001", "text": "b"}}), version="other")
    edited = merged(one, incoming(one, [("set", "inst_001", ("notes",), "n")], "k"))
    (conflict,) = open_conflicts(united(None, edited, other))
    assert {side.value for side in conflict.all_sides} == {"a", "b"}


def test_conflicts_of_the_header_unite_too():
    """A header is a record without a stamp."""
    header = '{\n  "description": "d",\n  "instructions": []\n}'
    line = Line(state_of(RECORDS, header))
    heads = []
    for who in "km":
        root = line.states[line.root]
        theirs = incoming(root, [], who, header={"description": who})
        heads.append(line._keep(merged(root, theirs, line.now()), [line.root]))
    state = line.states[line.unite(*heads)]
    (conflict,) = open_conflicts(state)
    assert (conflict.instruction, conflict.path) == (None, ("description",))
    assert (conflict.force.value, conflict.sides[0].value) == ("k", "m")


def test_a_conflict_s_resolutions_move_with_a_record_that_gives_way():
    """They are found under the new id, and so the next conflict there has the same id everywhere."""
    line, one, other = parted([("add", "inst_010", (), "by k")], [("add", "inst_010", (), "by m")])
    start = other
    for who in "np":
        other = line.session(other, [("set", "inst_010", TEXT, who)], who, start)
    other = line.answer(other, line.conflicts(other)[0], "q", "settled")
    state = line.states[line.unite(one, other)]
    (name,) = state.names(RESOLUTIONS)
    assert json_text.parse(state.get(RESOLUTIONS, name))["instruction"] == "inst_010_mmmmmmmm"
    assert Record(state.get(INSTRUCTIONS, "inst_010_mmmmmmmm")).content["text"] == "settled"


def test_the_earlier_published_is_in_force_also_from_the_younger_head():
    """Not the age of the heads counts, but when the values were published."""
    line, one, other = parted([("set", "inst_001", TEXT, "a")], [("set", "inst_001", TEXT, "b")])
    one = line.session(one, [("set", "inst_002", TEXT, "later")], "n")
    for pair in ((one, other), (other, one)):
        (conflict,) = line.conflicts(line.unite(*pair))
        assert conflict.force.value == "a"


def contested_text():
    """A line with one contested text, and the version before it was contested."""
    line = Line()
    before = line.session(line.root, [("set", "inst_001", TEXT, "first")], "k")
    return line, before, line.session(before, [("set", "inst_001", TEXT, "second")], "m", line.root)


def test_the_earlier_answer_is_in_force_also_from_the_younger_head():
    """As with values: the heads' age is no argument."""
    line, _, head = contested_text()
    (conflict,) = line.conflicts(head)
    one = line.answer(head, conflict, "p", "yes")
    other = line.answer(head, conflict, "q", "no")
    one = line.session(one, [("set", "inst_002", TEXT, "later")], "n")
    for pair in ((one, other), (other, one)):
        (conflict,) = line.conflicts(line.unite(*pair))
        assert (conflict.force.value, conflict.sides[0].value) == ("yes", "no")


def test_an_answer_that_both_know_is_history():
    """What was changed after it is a plain change."""
    line, _, head = contested_text()
    head = line.answer(head, line.conflicts(head)[0], "p", "second")
    one = line.session(head, [("set", "inst_001", TEXT, "third")], "q")
    other = line.session(head, [("set", "inst_001", ("notes",), "n")], "r")
    state = line.states[line.unite(one, other)]
    assert open_conflicts(state) == []
    assert contents_of(state)["inst_001"]["text"] == "third"


def test_all_answers_of_one_clone_count_together():
    """Answered, reopened by a late side, answered again: the first answer saw other sides."""
    line, _, head = contested_text()
    other = line.session(head, [("set", "inst_001", TEXT, "late")], "q", line.root)
    one = line.answer(head, line.conflicts(head)[0], "p", "third")
    one = line.unite(one, other)
    one = line.answer(one, line.conflicts(one)[0], "r", "fourth")
    other = line.session(other, [("set", "inst_001", ("notes",), "n")], "s")
    state = line.states[line.unite(one, other)]
    assert open_conflicts(state) == []
    assert contents_of(state)["inst_001"]["text"] == "fourth"


def test_the_editors_of_both_clones_stand_against_a_retirement():
    """Who edits in a clone that knows of no conflict is named with the others."""
    line = Line()
    one = line.session(line.root, [("set", "inst_001", TEXT, "a")], "k")
    one = line.session(one, [("retire", "inst_001", ("active",), False)], "m", line.root)
    other = line.session(line.root, [("set", "inst_001", ("notes",), "b")], "n")
    (conflict,) = line.conflicts(line.unite(one, other))
    assert [w.session for w in conflict.force.writers] == ["k", "n"]


def test_an_edit_that_waits_counts_as_an_edit_against_a_retirement():
    """Else retiring would win over it without a word."""
    line, _, head = contested_text()
    one = line.answer(head, line.conflicts(head)[0], "p", "first")
    one = line.session(one, [("set", "inst_001", TEXT, "late")], "q", line.root)
    other = line.session(head, [("retire", "inst_001", ("active",), False)], "r")
    kinds = {conflict.kind for conflict in line.conflicts(line.unite(one, other))}
    assert kinds == {"field", EDIT_RETIRE}


def test_a_contested_place_merges_by_its_rule_where_it_can():
    """Both clones moved the value in force, each another key of it: both keys are in."""
    line = Line()
    seen = line.session(line.root, [("set", "inst_001", ("extra",), {"a": "1", "b": "1"})], "k")
    head = line.session(seen, [("set", "inst_001", ("extra",), "none")], "m", line.root)
    one = line.session(head, [("set", "inst_001", ("extra", "a"), "2")], "n", seen)
    other = line.session(head, [("set", "inst_001", ("extra", "b"), "2")], "p", seen)
    (conflict,) = line.conflicts(line.unite(one, other))
    assert conflict.force.value == {"a": "2", "b": "2"}
    assert [side.value for side in conflict.sides] == ["none"]


def exchanged():
    """Two heads that took each other for their remote: the same sides, in other roles."""
    line, one, other = parted([("set", "inst_001", TEXT, "a")], [("set", "inst_001", TEXT, "b")])
    return line, line.unite(one, other, remote=True), line.unite(other, one, remote=True)


def test_a_remote_s_value_stands_where_only_the_roles_differ():
    """Where both heads exchanged them, or nothing is known of before."""
    line, one, other = exchanged()
    newer = line.session(one, [("set", "inst_001", ("notes",), "n")], "n")
    for ours, theirs in ((one, other), (other, one), (newer, other), (other, newer)):
        found = united(None, line.states[ours], line.states[theirs], remote=True)
        there = contents_of(line.states[theirs])["inst_001"]["text"]
        (conflict,) = open_conflicts(found)
        assert contents_of(found)["inst_001"]["text"] == conflict.force.value == there
        assert {side.value for side in conflict.all_sides} == {"a", "b"}


def test_a_value_that_stood_before_gives_way_to_an_exchange_of_roles():
    """Who exchanged them changed something, who did not has not: two remotes come to one value."""
    line, mine, yours = exchanged()
    edited = line.session(mine, [("set", "inst_001", ("notes",), "n")], "n")
    older = line.session(yours, [("set", "inst_001", ("notes",), "n")], "n")
    for one, other in ((mine, yours), (edited, yours), (mine, older)):
        for pair in ((one, other), (other, one)):
            state = line.states[line.unite(*pair, remote=True)]
            (conflict,) = open_conflicts(state)
            assert contents_of(state)["inst_001"]["text"] == conflict.force.value == "b"
            assert {side.value for side in conflict.all_sides} == {"a", "b"}


def test_different_header_keys_are_merged():
    """By the same three-way merge as a record."""
    header = '{\n  "description": "d",\n  "owner": "o",\n  "instructions": []\n}'
    line = Line(state_of(RECORDS, header))
    root, heads = line.states[line.root], []
    for who, words in (("k", {"description": "new"}), ("m", {"owner": "new"})):
        theirs = incoming(root, [], who, header=words)
        heads.append(line._keep(merged(root, theirs, line.now()), [line.root]))
    state = line.states[line.unite(*heads)]
    assert open_conflicts(state) == []
    told = HISTORY.header(state.get(DOCUMENT, "header"))
    assert told == {"description": "new", "owner": "new"}


def test_an_open_conflict_moves_with_a_record_that_gives_way():
    """It is open at the new id; an answer on another record is left where it is."""
    line, one, other = parted([("add", "inst_010", (), "by k")], [("add", "inst_010", (), "by m")])
    start = other
    for who in "np":
        other = line.session(other, [("set", "inst_010", TEXT, who)], who, start)
        other = line.session(other, [("set", "inst_002", TEXT, who)], who + "2", start)
    settled = next(c for c in line.conflicts(other) if c.instruction == "inst_002")
    other = line.answer(other, settled, "q", "settled")
    head = line.unite(one, other)
    (conflict,) = line.conflicts(head)
    assert conflict.instruction == "inst_010_mmmmmmmm"
    assert [side.value for side in conflict.all_sides] == ["n", "p"]
    (name,) = line.states[head].names(RESOLUTIONS)
    assert json_text.parse(line.states[head].get(RESOLUTIONS, name))["instruction"] == "inst_002"


def test_a_contested_mention_follows_and_one_that_has_no_place_any_more_is_passed_over():
    """The value in force names the new id, in the record and in its conflict."""
    line, one, other = parted(
        [("add", "inst_010", (), "by k")],
        [
            ("add", "inst_010", (), "by m"),
            ("set", "inst_002", TEXT, "as inst_010"),
            ("set", "inst_001", PORT, "see inst_010"),
        ],
    )
    other = line.session(other, [("set", "inst_002", TEXT, "otherwise")], "n", line.root)
    other = line.session(other, [("set", "inst_001", ("parameters",), "none")], "p")
    other = line.session(other, [("set", "inst_003", TEXT, "of another matter")], "m")
    head = line.unite(one, other)
    (conflict,) = line.conflicts(head)
    assert conflict.force.value == "as inst_010_mmmmmmmm"
    assert contents_of(line.states[head])["inst_002"]["text"] == "as inst_010_mmmmmmmm"
    assert contents_of(line.states[head])["inst_001"]["parameters"] == "none"


def test_a_record_whose_sessions_left_no_summary_is_renamed_all_the_same():
    """Summaries may be gone; the record tells by its vector who created it."""
    vector = VersionVector({"aaaaaaaa": 1}, frozenset({"aaaaaaaa"}))
    stamped = Record("{}").published({"id": "inst_010", "text": "x"}, vector)
    state = State({(INSTRUCTIONS, "inst_010"): stamped.text})
    rename = Rename("inst_010", "inst_010_b", vector.creators, vector, VersionVector())
    assert contents_of(with_renames(state, [rename])) == {
        "inst_010_b": {"id": "inst_010_b", "text": "x"}
    }


def test_heads_of_one_age_have_an_order_too():
    """Without versions and times their content decides, whichever is asked first."""
    one, other = (
        replace(state_of({"inst_001": {"id": "inst_001", "text": text}}), version=None)
        for text in "ab"
    )
    assert items_of(united(None, one, other)) == items_of(united(None, other, one))


def test_a_header_that_has_seen_the_other_s_publications_is_the_newer():
    """Also where no common version is known; concurrent ones are asked."""
    root = state_of(RECORDS)
    one = merged(root, incoming(root, [], "k", header={"project": "a"}))
    newer = merged(one, incoming(one, [], "m", header={"project": "b"}))
    for pair in ((one, newer), (newer, one)):
        state = united(None, *pair)
        assert HISTORY.header(state.get(DOCUMENT, "header"))["project"] == "b"
        assert open_conflicts(state) == []
    beside = merged(root, incoming(root, [], "n", header={"project": "c"}))
    assert open_conflicts(united(None, one, beside))


def test_what_two_versions_without_a_base_agree_on_is_their_base():
    """Element by element where a list has ids; what differs is no part of it."""
    one = {"steps": [{"id": "a", "x": 1, "y": 2}, {"id": "c"}], "n": 1}
    other = {"steps": [{"id": "b"}, {"id": "a", "x": 1, "y": 3}], "n": 2}
    assert agreement(one, other) == {"steps": [{"id": "a", "x": 1}]}


def test_two_heads_that_each_went_to_what_the_other_gave_up_keep_both():
    """Nobody knows better: one stands, the other waits. Without a known base, all that is new."""
    who = Precedence(False, lambda side: (side.value,))
    was = Conflict("c1", FIELD, "inst_001", TEXT, "MINOR", Side("o", "a"), (Side("o", "b"),))
    first = replace(was, force=Side("o", "b"), sides=())
    second = replace(was, sides=())
    result = merge_diverged(was, first, second, who)
    assert {side.value for side in result.all_sides} == {"a", "b"}
    unknown = merge_diverged(None, replace(first, force=Side("o", "c")), second, who)
    assert {side.value for side in unknown.all_sides} == {"a", "c"}


def test_the_outcome_and_the_entry_tell_what_came_to_our_head():
    """Added, edited, retired, renamed, contested, the header; not what we brought ourselves."""
    line, one, other = parted(
        [("add", "inst_010", (), "by k"), ("set", "inst_003", TEXT, "a")],
        [
            ("add", "inst_010", (), "by m"),
            ("set", "inst_003", TEXT, "b"),
            ("set", "inst_002", TEXT, "b"),
            ("retire", "inst_001", ("active",), False),
        ],
    )
    ours, theirs = line.states[one], line.states[other]
    plan = plan_unite(line.base(one, other), ours, theirs, HISTORY, remote=False)
    (conflict,) = open_conflicts(plan.state)
    renamed = "inst_010_mmmmmmmm"
    assert plan.outcome == Outcome(
        (renamed,), ("inst_002",), ("inst_001",),
        renamed={"inst_010": renamed}, conflicts=(conflict.id,),
    )  # fmt: skip
    assert conflict.id == conflict_id("inst_003", TEXT, [])
    assert plan.entry.conflicts == (conflict.id,)
    assert plan.entry.message == f"Unite {one} and {other}"
    nameless = plan_unite(None, ours, replace(theirs, version=None), HISTORY, remote=False)
    assert nameless.entry.message == f"Unite {one}"
    assert nameless.entry.parents == (one,)


def test_a_record_that_was_retired_before_is_edited():
    """What only ticks a record is no change of it; what we had contested is not told again."""
    line, _, head = contested_text()
    head = line.session(head, [("retire", "inst_002", ("active",), False)], "n")
    one = line.session(head, [("set", "inst_003", TEXT, "a")], "p")
    other = line.session(head, [("set", "inst_002", TEXT, "b")], "q")
    other = line.session(other, [("set", "inst_003", ("notes",), "c")], "r")
    other = line.session(other, [("set", "inst_003", ("notes",), MISSING)], "s")
    ours, theirs = line.states[one], line.states[other]
    plan = plan_unite(line.states[head], ours, theirs, HISTORY, remote=False)
    assert str(records_of(plan.state)["inst_003"].vector).count(":") == 3
    assert plan.outcome == Outcome(edited=("inst_002",))


def test_the_header_of_another_head_is_told_as_changed():
    """It came whole, with the text that it has."""
    line = Line()
    session = incoming(line.states[line.root], [], "m", header={"project": "x"})
    other = line._keep(merged(line.states[line.root], session, line.now()), [line.root])
    one = line.session(line.root, [("set", "inst_001", TEXT, "a")], "k")
    ours, theirs = line.states[one], line.states[other]
    plan = plan_unite(line.states[line.root], ours, theirs, HISTORY, remote=False)
    assert plan.outcome == Outcome(header=True)
    assert HISTORY.header(plan.state.get(DOCUMENT, "header"))["project"] == "x"


def test_an_ancestor_leaves_our_head_as_it_is():
    """The very state; a head of no version is no ancestor."""
    line, one, _ = parted([("set", "inst_001", TEXT, "a")], [])
    root, ours = line.states[line.root], line.states[one]
    for base, theirs in ((root, root), (root, ours)):
        plan = plan_unite(base, ours, theirs, HISTORY, remote=True)
        assert (plan.entry, plan.state is ours) == (None, True)
    assert plan_unite(None, replace(ours, version=None), replace(ours, version=None), HISTORY,
                      remote=False).entry is not None  # fmt: skip


def spelled(text, version=None, time=""):
    """A head of one record, spelled in its own way."""
    return State({(INSTRUCTIONS, "inst_001"): text}, version, time)


def test_the_older_head_s_spelling_stays():
    """By time, then by version; of two of one age and version what they say decides."""
    one, other = '{"id": "inst_001"}', '{"id":"inst_001"}'
    for first, second in (
        (spelled(one, "v2", "2025-01-01"), spelled(other, "v1", "2025-01-02")),
        (spelled(one, "v1", "2025-01-01"), spelled(other, "v2", "2025-01-01")),
        (spelled(one, None, "2025-01-01"), spelled(other, "v2", "2025-01-01")),
        (spelled(one, None, "2025-01-01"), spelled(other, "2", "2025-01-01")),
    ):
        for pair in ((first, second), (second, first)):
            state = plan_unite(None, *pair, HISTORY, remote=False).state
            assert state.get(INSTRUCTIONS, "inst_001") == one
    pair = spelled(one), spelled(other)
    texts = {
        plan_unite(None, *heads, HISTORY, remote=False).state.get(INSTRUCTIONS, "inst_001")
        for heads in (pair, pair[::-1])
    }
    assert len(texts) == 1
    assert (
        plan_unite(None, *pair, HISTORY, remote=True).state.get(INSTRUCTIONS, "inst_001") == other
    )


def test_a_conflict_at_a_place_that_was_settled_has_another_id():
    """The one that the place and all that was settled there give it."""
    line, _, head = contested_text()
    (conflict,) = line.conflicts(head)
    one = line.answer(head, conflict, "p", "yes")
    other = line.answer(head, conflict, "q", "no")
    state = line.states[line.unite(one, other)]
    names = state.names(RESOLUTIONS)
    assert len(names) == 2
    assert [c.id for c in open_conflicts(state)] == [conflict_id("inst_001", TEXT, names)]


def test_of_two_answers_of_one_name_the_lesser_stays():
    """Whichever head is asked; one that only one head has is kept."""
    texts = [json_text.dump({"path": ["text"], "kind": "field", "value": value}) for value in "ab"]
    one, other = (State({(RESOLUTIONS, "r1"): text}, text) for text in texts)
    more = other.with_({(RESOLUTIONS, "r2"): texts[1]})
    older = replace(more, version=" older")
    for pair in ((one, more), (more, one), (one, older), (older, one)):
        items = items_of(plan_unite(None, *pair, HISTORY, remote=False).state)
        assert items == {(RESOLUTIONS, "r1"): texts[0], (RESOLUTIONS, "r2"): texts[1]}


def test_a_summary_that_both_heads_have_alike_keeps_its_bytes():
    """However it is spelled."""
    text = '{"session":"k","publications":[]}'
    one, other = (State({(SESSIONS, "k" * 8): text}, version) for version in ("v1", "v2"))
    state = plan_unite(None, one, other, HISTORY, remote=False).state
    assert state.get(SESSIONS, "k" * 8) == text


def test_a_record_that_vanished_from_one_head_is_the_other_s():
    """There is no deletion; nothing is stamped anew."""
    root = state_of(RECORDS)
    lost = replace(root.with_({(INSTRUCTIONS, "inst_002"): None}), version="lost")
    edited = merged(root, incoming(root, [("set", "inst_002", TEXT, "a")], "k"))
    for base, there in ((None, root), (None, edited), (root, edited)):
        text = there.get(INSTRUCTIONS, "inst_002")
        for pair in ((lost, replace(there, version="x")), (replace(there, version="x"), lost)):
            for remote in (False, True):
                state = united(base, *pair, remote=remote)
                assert state.get(INSTRUCTIONS, "inst_002") == text


def test_what_both_heads_say_alike_keeps_its_bytes():
    """Also a record that was changed by hand, under a stamp that is not its own."""
    text = '{"id":"inst_001", "version_vector": "aaaaaaaa:1 #00000000"}'
    one, other = spelled(text, "v1"), spelled(text, "v2")
    assert united(None, one, other).get(INSTRUCTIONS, "inst_001") == text


def test_what_one_head_alone_changed_is_taken_as_it_is_spelled():
    """Also where no vector says that it is the newer."""
    was, now = '{"id": "inst_001"}', '{"id":"inst_001","text":"new"}'
    base, same_, other = spelled(was, "v0"), spelled(was, "v1"), spelled(now, "v2")
    for pair in ((same_, other), (other, same_)):
        assert united(base, *pair).get(INSTRUCTIONS, "inst_001") == now
        assert united(base, *pair, remote=True).get(INSTRUCTIONS, "inst_001") == now


def test_a_record_that_has_seen_the_other_s_publications_is_the_newer():
    """Also where no common version is known: what it no longer has stays away."""
    root = state_of(RECORDS)
    one = merged(root, incoming(root, [("set", "inst_001", ("notes",), "n")], "k"))
    newer = merged(one, incoming(one, [("set", "inst_001", ("notes",), MISSING)], "m"))
    for pair in ((one, newer), (newer, one)):
        for remote in (False, True):
            state = united(None, *pair, remote=remote)
            assert state.get(INSTRUCTIONS, "inst_001") == newer.get(INSTRUCTIONS, "inst_001")
            assert open_conflicts(state) == []


def test_a_header_that_is_the_newer_is_it_for_every_clone():
    """Whichever head is a remote's."""
    root = state_of(RECORDS)
    one = merged(root, incoming(root, [], "k", header={"project": "a"}))
    newer = merged(one, incoming(one, [], "m", header={"project": "b"}))
    for pair in ((one, newer), (newer, one)):
        state = united(None, *pair, remote=True)
        assert HISTORY.header(state.get(DOCUMENT, "header"))["project"] == "b"
        assert open_conflicts(state) == []


def test_a_header_that_one_head_alone_has_or_changed_is_taken_as_it_is_spelled():
    """Where both changed it, the remote's spelling stays."""
    root = state_of(RECORDS)
    bare = replace(root.with_({(DOCUMENT, "header"): None}), version="bare")
    for base in (None, bare):
        for pair in ((bare, root), (root, bare)):
            heads = [replace(state, version=f"{state.version}+") for state in pair]
            for remote in (False, True):
                state = united(base, *heads, remote=remote)
                assert state.get(DOCUMENT, "header") == root.get(DOCUMENT, "header")

    def headed(text, version):
        return replace(root.with_({(DOCUMENT, "header"): text}), version=version)

    one = headed('{"version":"1.0", "description":"d", "instructions": []}', "v1")
    other = headed('{ "version": "1.0", "owner": "o", "instructions": [] }', "v2")
    for pair in ((root, one), (one, root)):
        heads = [replace(state, version=f"{state.version}+") for state in pair]
        assert united(root, *heads).get(DOCUMENT, "header") == one.get(DOCUMENT, "header")
    base = headed('{"version": "1.0", "instructions": []}', "v0")
    assert united(base, one, other, remote=True).get(DOCUMENT, "header").startswith("{ ")
    assert united(base, other, one, remote=True).get(DOCUMENT, "header").startswith('{"version":')


def test_of_what_was_open_a_moved_side_leaves_its_old_place():
    """In a record and in the header: the base's conflicts say what was there."""
    line = Line()
    head = line.session(line.root, [("set", "inst_001", TEXT, "a")], "k")
    seen = line.session(line.root, [("set", "inst_001", TEXT, "b")], "m")
    head = line.session(head, [("set", "inst_001", TEXT, "b")], "m", line.root)
    one = line.session(head, [("set", "inst_001", TEXT, "b2")], "m", seen)
    other = line.session(head, [("set", "inst_001", TEXT, "c")], "p", line.root)
    (conflict,) = line.conflicts(line.unite(one, other))
    assert conflict.force.value == "a"
    assert sorted(side.value for side in conflict.sides) == ["b2", "c"]

    def described(head, word, who, base):
        session = incoming(line.states[base], [], who, header={"description": word})
        return line._keep(merged(line.states[head], session, line.now()), [head])

    head = described(line.root, "a", "k", line.root)
    seen = described(line.root, "b", "m", line.root)
    head = described(head, "b", "m", line.root)
    one, other = described(head, "b2", "m", seen), described(head, "c", "p", line.root)
    (conflict,) = line.conflicts(line.unite(one, other))
    assert (conflict.instruction, conflict.force.value) == (None, "a")
    assert sorted(side.value for side in conflict.sides) == ["b2", "c"]


def test_the_writers_of_one_clone_s_text_are_those_since_the_clones_parted():
    """Who wrote what stands there; of a merged text all who wrote in it, nobody before."""
    notes = ("inst_001", ("notes",))
    line = Line()
    base = line.session(
        line.root, [("set", *notes, "a\nb\nc\nd\n"), ("set", "inst_002", TEXT, "j")], "j"
    )
    one = line.session(base, [("set", *notes, "A\nb\nc\nd\n"), ("set", "inst_002", TEXT, "k")], "k")
    one = line.session(one, [("set", *notes, "a\nb\nc\nD\n")], "m", base)
    one = line.session(one, [("set", "inst_002", TEXT, "p")], "p")
    other = [("set", *notes, "n\nb\nc\nd\n"), ("set", "inst_002", TEXT, "n")]
    head = line.unite(one, line.session(base, other, "n"))
    found = {c.path: [w.session for w in c.force.writers] for c in line.conflicts(head)}
    assert found == {("notes",): ["k", "m"], TEXT: ["p"]}


def test_what_was_adopted_stands_before_what_was_published_and_the_lesser_of_two():
    """Nobody is known to have written it."""
    one = state_of({"inst_001": {"id": "inst_001", "text": "b"}})
    other = replace(state_of({"inst_001": {"id": "inst_001", "text": "a"}}), version="z")
    published = merged(one, incoming(one, [("set", "inst_001", TEXT, "0")], "k"))
    for pair in ((one, other), (other, one), (replace(other, version=""), one)):
        (conflict,) = open_conflicts(united(None, *pair))
        assert conflict.force.value == "a"
    for pair in ((published, other), (other, published)):
        (conflict,) = open_conflicts(united(None, *pair))
        assert conflict.force.value == "a"


def test_an_adopted_record_that_somebody_made_anew_is_one_record():
    """The base knows it: nothing gives way."""
    base = spelled('{"id": "inst_001", "text": "a"}', "v0")
    vector = VersionVector({"mmmmmmmm": 1}, frozenset({"mmmmmmmm"}))
    anew = Record("{}").published({"id": "inst_001", "text": "b"}, vector).text
    state = united(base, spelled('{"id": "inst_001", "text": "c"}', "v1"), spelled(anew, "v2"))
    assert state.names(INSTRUCTIONS) == ["inst_001"]


def test_a_side_that_one_clone_withdrew_is_gone():
    """Though the record itself reads as it did before: what is open on it is a part of it."""
    line, _, head = contested_text()
    there = line.states[head]
    closed = there.with_(dict.fromkeys((CONFLICTS, name) for name in there.names(CONFLICTS)))
    one = line._keep(closed, [head])
    other = line.session(head, [("set", "inst_002", TEXT, "b")], "n")
    for remote in (False, True):
        for pair in ((one, other), (other, one)):
            assert line.conflicts(line.unite(*pair, remote=remote)) == []


def test_without_a_known_base_the_earlier_stands_where_only_the_roles_differ():
    """Whichever of the two heads is the older; a remote's value stands."""
    line, one, other = parted([("set", "inst_001", TEXT, "a")], [("set", "inst_001", TEXT, "b")])
    heads = [line.unite(one, other, remote=True), line.unite(other, one, remote=True)]
    states = [line.states[head] for head in heads]
    for pair in (states, states[::-1]):
        aged = [replace(state, time=time) for state, time in zip(pair, "12", strict=True)]
        (conflict,) = open_conflicts(united(None, *aged))
        assert conflict.force.value == "a"
        (conflict,) = open_conflicts(united(None, *aged, remote=True))
        assert conflict.force.value == contents_of(aged[1])["inst_001"]["text"]


def test_without_a_known_base_what_both_headers_know_is_history():
    """Who wrote before stands for nothing; a side that the newer one moved has moved."""

    def described(head, word, who, base):
        return merged(head, incoming(base, [], who, header={"description": word}))

    root = state_of(RECORDS)
    both = described(root, "x", "k", root)
    one = described(both, "y", "m", both)
    one, other = described(one, "x", "p", one), described(both, "z", "n", both)
    (conflict,) = open_conflicts(united(None, one, other))
    writers = {side.value: [w.session for w in side.writers] for side in conflict.all_sides}
    assert writers == {"x": ["p"], "z": ["n"]}
    seen = described(root, "b", "m", root)
    head = described(both, "b", "m", root)
    newer = described(head, "b2", "m", seen)
    for pair in ((head, newer), (newer, head)):
        (conflict,) = open_conflicts(united(None, *pair, remote=True))
        assert [side.value for side in conflict.all_sides] == ["x", "b2"]


def contested():
    """A line at whose head a field is contested: (line, head, the conflict)."""
    line = Line()
    one = line.session(line.root, [("set", "inst_001", TEXT, "a")], "k")
    head = line.session(one, [("set", "inst_001", TEXT, "b")], "m", line.root)
    (conflict,) = line.conflicts(head)
    return line, head, conflict


def test_an_answer_that_was_revoked_is_none():
    """The other clone, which edited the record or knew of neither, has the conflict open too."""
    line, head, conflict = contested()
    answered = line.answer(head, conflict, "p", "b")
    revoked = line.revoke(answered, "q")
    for start in (head, answered):
        other = line.session(start, [("set", "inst_001", PORT, "1")], "n")
        for pair in ((revoked, other), (other, revoked)):
            for remote in (True, False):
                united_ = line.states[line.unite(*pair, remote=remote)]
                (again,) = open_conflicts(united_)
                assert again.terms == conflict.terms
                assert contents_of(united_)["inst_001"]["parameters"]["port"] == "1"


def test_revocations_follow_a_record_that_gives_way():
    """The record of a revocation names the answer by the new id of its instruction."""
    line = Line()
    one = line.session(line.root, [("add", "inst_010", (), "one")], "k")
    other = line.session(line.root, [("add", "inst_010", (), "other")], "m")
    base = other
    other = line.session(other, [("set", "inst_010", TEXT, "x")], "n")
    other = line.session(other, [("set", "inst_010", TEXT, "y")], "p", base)
    (conflict,) = line.conflicts(other)
    other = line.revoke(line.answer(other, conflict, "q", "y"), "r")
    state = line.states[line.unite(one, other)]
    (again,) = open_conflicts(state)
    assert again.instruction == "inst_010_mmmmmmmm"
    told = {
        name: json_text.parse(state.get(RESOLUTIONS, name)) for name in state.names(RESOLUTIONS)
    }
    (revokes,) = [item["revokes"] for item in told.values() if "revokes" in item]
    assert told[revokes]["instruction"] == again.instruction
    assert active_resolutions(list(told.values())) == []


def test_a_revoked_answer_to_a_contradiction_stays_revoked():
    """The clone that still has the answer does not bring it back."""
    line, contested_, field = contested()
    start = line.answer(contested_, field, "n", "b")
    (kept,) = line.states[start].names(RESOLUTIONS)
    one = line.session(start, [("add", "inst_010", (), "Always use tabs for indentation")], "k")
    head = line.session(
        one, [("add", "inst_011", (), "Never use tabs for indentation")], "m", start
    )
    (conflict,) = [c for c in line.conflicts(head) if c.kind == MEANING]
    answered = line.answer(head, conflict, "p", both=True, take="both")
    revoked = line.revoke(answered, "q")
    other = line.session(answered, [("set", "inst_001", PORT, "1")], "r")
    for pair in ((revoked, other), (other, revoked)):
        state = line.states[line.unite(*pair)]
        assert [c.kind for c in open_conflicts(state)] == [MEANING]
        assert state.names(RESOLUTIONS) == [kept]


def test_a_side_that_was_withdrawn_stays_withdrawn():
    """An undo that takes back a side publishes no record: an edit in the other clone keeps it out."""
    line, head, conflict = contested()
    state = line.states[head]
    gone = line._keep(state.with_({(CONFLICTS, conflict.id): None}), [head])
    other = line.session(head, [("set", "inst_001", PORT, "1")], "n")
    for pair in ((gone, other), (other, gone)):
        for remote in (True, False):
            found = line.states[line.unite(*pair, remote=remote)]
            assert open_conflicts(found) == []
            assert contents_of(found)["inst_001"]["parameters"]["port"] == "1"


def test_of_several_sides_only_the_withdrawn_one_is_gone():
    """One that shares its base waits on, and so does one that says the same of another base."""
    line, head, conflict = contested()
    further = line.session(head, [("set", "inst_001", TEXT, "c")], "p", line.root)
    further = line.session(further, [("set", "inst_001", TEXT, "b")], "q", head)
    (whole,) = line.conflicts(further)
    assert [(side.base, side.value) for side in whole.sides] == [
        (conflict.force.base, "b"),
        (conflict.force.base, "c"),
        ("a", "b"),
    ]
    state = line.states[further]
    left = json_text.dump(replace(whole, sides=whole.sides[1:]).to_json())
    gone = line._keep(state.with_({(CONFLICTS, whole.id): left}), [further])
    other = line.session(further, [("set", "inst_001", PORT, "1")], "n")
    for pair in ((gone, other), (other, gone)):
        (found,) = line.conflicts(line.unite(*pair))
        assert found.sides == whole.sides[1:]


def contradicting():
    """A line at whose head two instructions contradict each other: (line, head, the conflict)."""
    line = Line()
    one = line.session(line.root, [("add", "inst_010", (), "Always use tabs for indentation")], "k")
    head = line.session(
        one, [("add", "inst_011", (), "Never use tabs for indentation")], "m", line.root
    )
    (conflict,) = [c for c in line.conflicts(head) if c.kind == MEANING]
    return line, head, conflict


def told(line, head, conflict, who, take):
    """The head after an answer to a contradiction."""
    value = {"1": conflict.force.value, "2": conflict.sides[0].value}.get(take)
    return line.answer(head, conflict, who, value, take=take, both=take == "both")


def active(line, head):
    """Which of the two are in force."""
    found = contents_of(line.states[head])
    return [found[name].get("active", True) for name in ("inst_010", "inst_011")]


def test_two_answers_to_a_contradiction_that_differ_open_it_again():
    """Both stand until a person decides anew; and that decision stands in every clone."""
    for takes in (("1", "2"), ("both", "2")):
        line, head, conflict = contradicting()
        one, other = (told(line, head, conflict, w, t) for w, t in zip("pq", takes, strict=True))
        for pair in ((one, other), (other, one)):
            for remote in (True, False):
                after = line.unite(*pair, remote=remote)
                (again,) = line.conflicts(after)
                assert (again.id, again.terms) == (conflict.id, conflict.terms)
                assert active(line, after) == [True, True]
                anew = told(line, after, again, "r", "1")
                for old in pair:
                    later = line.session(old, [("set", "inst_001", PORT, "1")], "n")
                    for both_ in ((anew, later), (later, anew)):
                        last = line.unite(*both_, remote=remote)
                        assert line.conflicts(last) == []
                        assert active(line, last) == [True, False]
                        (name,) = line.states[last].names(RESOLUTIONS)
                        kept = json_text.parse(line.states[last].get(RESOLUTIONS, name))
                        assert kept["session"] == "r"


def test_what_somebody_else_retired_is_not_revived_by_answers_that_differ():
    """Only what an answer retired is in force again; the other says nothing more to ask about."""
    line, head, conflict = contradicting()
    one = told(line, head, conflict, "p", "1")
    other = line.session(
        told(line, head, conflict, "q", "2"), [("retire", "inst_011", ("active",), False)], "n"
    )
    for pair in ((one, other), (other, one)):
        after = line.unite(*pair)
        assert line.conflicts(after) == []
        assert active(line, after) == [True, False]


def test_two_answers_to_a_contradiction_that_agree_are_one():
    """One of them is kept."""
    line, head, conflict = contradicting()
    one, other = (told(line, head, conflict, who, "1") for who in "pq")
    after = line.unite(one, other)
    assert line.conflicts(after) == [] and active(line, after) == [True, False]
    assert len(line.states[after].names(RESOLUTIONS)) == 1


def test_two_sessions_of_one_tag_lose_nothing():
    """A copied clone: the vectors look as if one had seen the other, and both wrote."""
    line, one, other = parted([("set", "inst_001", TEXT, "first")], [])
    other = line.session(line.root, [("set", "inst_001", TEXT, "second")], "k")
    summary = json_text.parse(line.states[other].get(SESSIONS, "k" * 8))
    summary["publications"][0]["seal"] = "another"
    text = json_text.dump(summary)
    other = line._keep(line.states[other].with_({(SESSIONS, "k" * 8): text}), [line.root])
    one = line.session(one, [("set", "inst_001", PORT, "1")], "m")
    for pair in ((one, other), (other, one)):
        for remote in (True, False):
            state = line.states[line.unite(*pair, remote=remote)]
            (conflict,) = open_conflicts(state)
            assert {side.value for side in conflict.all_sides} == {"first", "second"}
            assert contents_of(state)["inst_001"]["parameters"]["port"] == "1"
            assert len(publications(state, "k" * 8)) == 2
