"""The policy of the instruction history, rule by rule."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.conflict import EDIT_RETIRE
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.generic import fields
from tractatus_merge.core.rules.lists import by_shape
from tractatus_merge.core.values.equality import MISSING, same
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.core.values.places import get
from tractatus_merge.instructions.edit_against_retire import edit_against_retire
from tractatus_merge.instructions.field_rules import HISTORY, INSTRUCTION
from tractatus_merge.instructions.retirement import ACTIVE, is_retired, stance
from tractatus_merge.instructions.schema import words
from tractatus_merge.instructions.severity import severity

BASE = {
    "id": "i", "text": "t", "title": "T", "persistence": "HIGH", "quadrant": "SYSTEM", "active": True,
    "notes": "n", "description": "d", "context": "c", "rationale": "r", "explicitness": Number("0.90"),
    "parameters": {"port": "1", "host": "h"}, "tags": ["a", "b"], "steps": [{"id": "s", "n": 1}],
    "examples": [{"x": 1}], "odd": {"deep": {"k": 1}},
}  # fmt: skip


def merge(ours, theirs, base=BASE):
    """Two sides' changes to a record, merged. The rule is made here: so a mutant of it shows."""
    rule = edit_against_retire(fields(INSTRUCTION, by_shape))
    return rule((), Merge(base, {**base, **ours}, {**base, **theirs}))


def contested(merged):
    """The contested places."""
    return [contest.path for contest in merged.contests]


@pytest.mark.parametrize(
    "field", ["text", "title", "persistence", "quadrant", "notes", "description", "context", "rationale",
              "explicitness", "unknown", "parameters.port", "odd.deep.k", "examples"],
)  # fmt: skip
def test_both_changed_one_field_differently(field):
    """A conflict on that field; the head's value stands."""
    path = tuple(field.split("."))

    def change(value):
        return (
            {path[0]: value}
            if len(path) == 1
            else {path[0]: _nested(BASE[path[0]], path[1:], value)}
        )

    merged = merge(change([{"y": "ours"}]), change([{"y": "theirs"}]))
    assert contested(merged) == [path]
    assert get(merged.value, path) == [{"y": "ours"}]


def _nested(value, path, new):
    return {**value, path[0]: new if len(path) == 1 else _nested(value[path[0]], path[1:], new)}


@pytest.mark.parametrize("field", ["text", "title", "unknown", "persistence", "quadrant", "notes"])
def test_one_sided_changes_are_taken(field):
    """Whatever the field, a change that nobody contests is in."""
    merged = merge({field: "new"}, {"explicitness": 1})
    assert (merged.value[field], merged.value["explicitness"], merged.contests) == ("new", 1, ())
    assert same(merge({}, {field: "new"}).value[field], "new")


@pytest.mark.parametrize(
    ("ours", "theirs", "value"),
    [
        ({"parameters": {"port": "2", "host": "h"}}, {"parameters": {"port": "1", "host": "x", "db": "y"}},
         {"parameters": {"port": "2", "host": "x", "db": "y"}}),
        ({"tags": ["a", "b", "c"]}, {"tags": ["b", "d"]}, {"tags": ["b", "c", "d"]}),
        ({"steps": [{"id": "s", "n": 1, "m": 2}]}, {"steps": [{"id": "s", "n": 5}, {"id": "t"}]},
         {"steps": [{"id": "s", "n": 5, "m": 2}, {"id": "t"}]}),
        ({"odd": {"deep": {"k": 1, "a": 1}}}, {"odd": {"deep": {"k": 1}, "b": 1}}, {"odd": {"deep": {"k": 1, "a": 1}, "b": 1}}),
    ],
    ids=["objects", "sets", "keyed", "deep"],
)  # fmt: skip
def test_structures_merge_by_their_shape(ours, theirs, value):
    """Objects key by key, lists of scalars as sets, lists of objects by id; known field or not."""
    merged = merge(ours, theirs)
    assert merged.contests == ()
    assert same(merged.value, {**BASE, **value})


def test_the_head_s_spelling_stays():
    """Theirs wrote 0.9 where 0.90 stands: the same number, no change."""
    merged = merge({"text": "x"}, {"explicitness": Number("0.9"), "notes": "x"})
    assert merged.value["explicitness"].text == "0.90"


def test_the_id_never_merges():
    """A record is known by its id; a copy cannot change it."""
    assert merge({"text": "x"}, {"id": "other"}).value["id"] == "i"


@pytest.mark.parametrize("retire_first", [True, False])
def test_edit_against_retire(retire_first):
    """Both the edit and the question are there; one contest, at `active`."""
    sides = [{"active": False}, {"text": "new"}]
    merged = merge(*(sides if retire_first else sides[::-1]))
    assert [(c.path, c.kind) for c in merged.contests] == [(ACTIVE, EDIT_RETIRE)]
    assert merged.value == {**BASE, "text": "new", "active": not retire_first}
    assert merged.contests[0].merge == Merge(True, *(side.get("active", True) for side in (
        sides if retire_first else sides[::-1])))  # fmt: skip


def test_an_edit_of_a_record_without_active_against_its_retirement():
    """The head says nothing of it, and so does the merged record; what a rule settled is told."""
    base = {key: value for key, value in BASE.items() if key != "active"} | {"notes": "a\nb\nc"}
    ours, theirs = {"notes": "A\nb\nc"}, {"notes": "a\nb\nC", "active": False}
    merged = merge(ours, theirs, base)
    assert [(c.path, c.merge) for c in merged.contests] == [
        (ACTIVE, Merge(MISSING, MISSING, False))
    ]
    assert merged.value == {**base, "notes": "A\nb\nC"}
    assert [(each.path, each.rule) for each in merged.settled] == [(("notes",), "text")]


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "kinds"),
    [
        ({}, {"active": False, "text": "x"}, {"active": False, "notes": "y"}, []),
        ({}, {"active": False}, {}, []),
        ({"active": False}, {"active": True}, {"text": "x"}, []),
        ({"active": False}, {"text": "x"}, {"notes": "y"}, []),
        ({}, {"active": False}, {"active": None}, [EDIT_RETIRE]),
        ({}, {"active": False, "text": "x"}, {"text": "y"}, ["field", EDIT_RETIRE]),
        ({"active": False}, {"active": True}, {"active": None}, ["field"]),
    ],
)
def test_when_an_edit_stands_against_a_retirement(base, ours, theirs, kinds):
    """Both retire, one retires alone, one brings back: no question; retire against edit: one."""
    assert [c.kind for c in merge(ours, theirs, {**BASE, **base}).contests] == kinds


def test_a_stance_is_an_edit_or_a_change_of_active():
    """Who looked only takes no part; nor who edits what is retired already."""
    assert stance(BASE, {**BASE, "new": None}, ACTIVE)
    assert stance(BASE, {**BASE, "active": False}, ACTIVE)
    assert stance({**BASE, "new": None}, BASE, ACTIVE)
    assert not stance(BASE, {**BASE, "explicitness": Number("0.9")}, ACTIVE)
    assert not stance({**BASE, "active": False}, {**BASE, "active": False, "text": "x"}, ACTIVE)
    assert not stance(BASE, {**BASE, "text": "x"}, ("text",))
    assert not stance(MISSING, BASE, ACTIVE)
    assert is_retired({"active": False})
    assert not any(map(is_retired, ({}, {"active": 0}, {"active": None}, "x", MISSING)))


@pytest.mark.parametrize(
    ("content", "path", "grave"),
    [
        ({"persistence": "HIGH"}, ("text",), "CRITICAL"),
        ({"explicitness": 0.7}, ("parameters", "port"), "CRITICAL"),
        ({"explicitness": 0.7}, ("parameters", "database"), "CRITICAL"),
        ({"explicitness": 0.7}, ("parameters", "host"), "CRITICAL"),
        ({"explicitness": 0.7}, ("parameters", "url"), "CRITICAL"),
        ({"explicitness": 0.7}, ("parameters", "confirmed"), "CRITICAL"),
        ({"explicitness": 0.6}, ("parameters", "port"), "MINOR"),
        ({"explicitness": 0.7}, ("parameters", "x"), "WARNING"),
        ({"persistence": "MEDIUM"}, ("text",), "WARNING"),
        ({"persistence": "LOW"}, (), "MINOR"),
        ({"explicitness": True}, ("port",), "MINOR"),
        (MISSING, (), "MINOR"),
    ],
)
def test_severity_is_the_framework_s_table(content, path, grave):
    """The first match wins."""
    assert severity(content, path) == grave


HEADER = {"version": "4.4", "last_updated": "2025-01-01", "metadata": {"version": "3.0.0", "k": 1}}


def merge_header(ours, theirs):
    """Two sides' changes to the header, merged."""
    return HISTORY.header_policy.rule((), Merge(HEADER, {**HEADER, **ours}, {**HEADER, **theirs}))


@pytest.mark.parametrize(
    ("ours", "theirs", "value"),
    [("4.9", "4.10", "4.10"), ("4.5", "4.4", "4.5"), ("v5", "4.5", "v5"), ("4.4.1", "4.5", "4.5")],
)
def test_the_version_is_the_higher(ours, theirs, value):
    """By its numbers, not its letters; at both places."""
    assert merge_header({"version": ours}, {"version": theirs}).value["version"] == value
    merged = merge_header(
        {"metadata": {"version": ours, "k": 1}}, {"metadata": {"version": theirs, "k": 2}}
    )
    assert merged.value["metadata"] == {"version": value, "k": 2}
    assert merged.contests == ()


@pytest.mark.parametrize("odd", ["beta", "1." + "9" * 5000, "", None, 5, "٣.1"])
def test_what_is_no_version_or_date_conflicts_like_any_scalar(odd):
    """Never an error, never a guess."""
    for key, other in (("version", "5.0"), ("last_updated", "2025-02-02")):
        merged = merge_header({key: odd}, {key: other})
        assert contested(merged) == [(key,)]
        assert merged.value[key] == odd


@pytest.mark.parametrize(
    ("ours", "theirs", "value"),
    [
        ("2025-02-01", "2025-03-01", "2025-03-01"),
        ("2025-02-01T10:00:00Z", "2025-02-01", "2025-02-01T10:00:00Z"),
        ("2025-02-01T10:00:00+13:00", "2025-02-01T01:00:00Z", "2025-02-01T01:00:00Z"),
        ("2025-02-01T10:00:00.5Z", "2025-02-01T10:00:00Z", "2025-02-01T10:00:00.5Z"),
    ],
)
def test_the_last_update_is_the_latest(ours, theirs, value):
    """As moments, whatever their zone or form; kept as written."""
    merged = merge_header({"last_updated": ours}, {"last_updated": theirs})
    assert (merged.value["last_updated"], merged.contests) == (value, ())


def test_sessions_never_merge_counters():
    """What two sessions made of a derived number is the head's, without a question."""
    base = {
        "stats": {"total_instructions": 1},
        "metadata": {"totalInstructions": 1, "activeInstructions": 1},
    }
    ours = {
        "stats": {"total_instructions": 2},
        "metadata": {"totalInstructions": 2, "activeInstructions": 1},
    }
    theirs = {
        "stats": {"total_instructions": 5},
        "metadata": {"totalInstructions": 5, "activeInstructions": 5},
    }
    for head in (ours, base):
        merged = HISTORY.header_policy.rule((), Merge(base, head, theirs))
        assert same(merged.value, head)
        assert merged.contests == ()


def test_what_is_brought_is_compared_with_what_is_there():
    """By what the texts say; nothing brought, or nothing there, contradicts nothing."""
    ban, wish = ({"n": {"id": "n", "text": "Never use npm"}}, {"o": {"id": "o", "text": "Use npm"}})
    assert [finding.ids for finding in HISTORY.meaning(ban, wish)] == [("n", "o")]
    assert HISTORY.meaning(ban, {}) == HISTORY.meaning({}, ban) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"text": "One", "title": "Two"}, "One"),
        ({"text": "", "title": "Two", "description": "Three"}, "Two"),
        ({"description": "Three"}, "Three"),
        ({"text": None}, ""),
    ],
)
def test_an_instruction_says_its_text_or_its_title(content, said):
    """The first of text, title and description that is not empty; else nothing."""
    assert words(content) == said
