"""What persons answered before: what it settles again, and what it suggests."""

from __future__ import annotations

import pytest

from tractatus_merge.core.model.conflict import EDIT_RETIRE, FIELD, MEANING, Conflict, Side, Writer
from tractatus_merge.core.model.resolutions import (
    REVOKES,
    Closing,
    Suggestion,
    active_resolutions,
    byline,
    closings,
    possible_answers,
    suggest,
)
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.values.equality import MISSING

WRITER = (Writer("2026-01-01T00:00:00Z", "one"),)


def conflict(*values, base="base", path=("text",), instruction="inst_001", kind=FIELD):
    """A conflict between values, the first in force."""
    force, *sides = (Side(base, value, WRITER) for value in values)
    return Conflict("c1", kind, instruction, path, "MINOR", force, tuple(sides))


def answer(about, value, name="r1", at="2026-01-02T03:04:05Z", why="", **more):
    """A resolution of a conflict, as it is kept."""
    told = {key: about.to_json()[key] for key in ("kind", "instruction", "field", "path", "sides")}
    said = {} if value is MISSING else {"value": value}
    return {"id": name, **told, **said, "why": why, "author": "Jo <>", "published": at, **more}


def test_a_resolution_answers_the_sides_that_it_chose_from():
    """With their bases, and only while its value stands."""
    (closing,) = closings([answer(conflict("A", "B"), "B")])
    assert closing == Closing("r1", ("text",), FIELD, "B", (("base", "A"), ("base", "B")))
    assert closing.answers(Merge("base", "B", "A"))
    assert not closing.answers(Merge("base", "C", "A"))
    assert not closing.answers(Merge("base", "B", "C"))
    assert not closing.answers(Merge("other", "B", "A"))


def test_a_revoked_answer_and_one_about_a_whole_record_answer_no_late_side():
    """They are known as closings all the same: a late side is then a question."""
    told = [answer(conflict("A", "B"), MISSING), {"id": "r2", REVOKES: "r1"}]
    retire = answer(conflict(True, False, path=("active",), kind=EDIT_RETIRE), False, "r3")
    assert closings([*told, retire]) == [
        Closing("r1", ("text",), FIELD),
        Closing("r3", ("active",), EDIT_RETIRE, False),
    ]


def test_a_side_may_be_that_nothing_is_there():
    """As a base, as a value, as the answer."""
    (closing,) = closings([answer(conflict("A", MISSING, base=MISSING), MISSING)])
    assert closing.answered == ((MISSING, "A"), (MISSING, MISSING))
    assert closing.answers(Merge(MISSING, MISSING, "A"))
    assert suggest(conflict("A", MISSING), [answer(conflict("A", MISSING), MISSING)]).take == "2"
    other = answer(conflict("A", None, instruction="inst_009"), "A")
    assert suggest(conflict("A", MISSING), [other]) is None
    alike = answer(conflict("A", MISSING, instruction=None), "A")
    found = suggest(conflict("A", MISSING), [alike])
    assert found.reason == "Jo settled the same choice at header text so on 2026-01-02"


def test_what_stands_is_told_newest_first():
    """Revocations are no answers, and what they revoke stands no more."""
    about = conflict("A", "B")
    old, new, gone = (
        answer(about, "A", name, at)
        for name, at in (("r1", "2026-01-01"), ("r2", "2026-01-03"), ("r3", "2026-01-02"))
    )
    assert active_resolutions([old, gone, {"id": "r4", REVOKES: "r3"}, new]) == [new, old]


HERE, ELSEWHERE = conflict("A", "B"), conflict("A", "B", instruction="inst_009")


@pytest.mark.parametrize(
    ("told", "take", "reason"),
    [
        (
            [answer(HERE, "B", why="it is so")],
            "2",
            'Jo settled this place so on 2026-01-02: "it is so"',
        ),
        ([answer(HERE, "base")], "base", "this place"),
        ([answer(HERE, "X"), answer(ELSEWHERE, "A")], "1", "the same choice at inst_009 text"),
        ([answer(ELSEWHERE, "B", by="agent")], "2", "Jo, by: agent settled the same choice"),
        ([answer(HERE, "A", "r2"), answer(HERE, "B")], "1", "this place"),
        ([answer(HERE, "X", "r2"), answer(HERE, "B"), answer(ELSEWHERE, "A")], "1", "inst_009"),
    ],
)
def test_an_answer_given_before_is_suggested_with_where_it_came_from(told, take, reason):
    """The last one here first; else one to the same choice in a field of that name."""
    found = suggest(HERE, told)
    assert found is not None
    assert found.take == take
    assert reason in found.reason


@pytest.mark.parametrize(
    "told",
    [
        [],
        [answer(HERE, "X")],
        [answer(conflict("A", "C", instruction="inst_009"), "A")],
        [answer(conflict("A", "B", instruction="inst_009", path=("notes",)), "A")],
        [answer(conflict("A", MISSING, instruction="inst_009"), "A")],
        [answer(conflict("A", "B", base="older"), "A")],
        [answer(conflict("A", "B", base="older", instruction="inst_009"), "A")],
        [answer(conflict("base", "B", base="older"), "base")],
        [answer(conflict("A", "C"), "base")],
        [answer(conflict("A", "B", kind=EDIT_RETIRE), "A")],
    ],
)
def test_nothing_is_suggested_where_nothing_fits(told):
    """An answer that is no side here, another choice, field or base; never what both sides left."""
    assert suggest(HERE, told) is None


def test_a_late_side_is_the_same_question():
    """The answer is one of the sides, and the base is the one that was left then."""
    found = suggest(conflict("B", "late"), [answer(HERE, "B")])
    assert (found.take, "this place" in found.reason) == ("1", True)


def test_words_that_hold_all_others_are_suggested():
    """Of texts alone; and never for contradictions and retirements."""
    long = conflict("Test.", "Test. Always.", base="x")
    assert suggest(long, []) == Suggestion("2", "side 2 says all that the others say, and more")
    assert suggest(conflict("a", "b", "abc"), []).take == "3"
    assert suggest(conflict("a", "a "), []).take == "1"
    assert suggest(conflict("a", 1), []) is None
    assert suggest(conflict("a", "a"), []) is None
    assert suggest(conflict("a", "ab", kind=MEANING), []) is None


@pytest.mark.parametrize(
    ("about", "takes"),
    [
        (conflict("A", "B"), ["1", "2", "base", "both", "retire"]),
        (conflict("A", "B", "C", base=MISSING), ["1", "2", "3", "both", "retire"]),
        (conflict("base", "B"), ["1", "2", "both", "retire"]),
        (conflict("A", "B", instruction=None), ["1", "2", "base"]),
        (conflict(True, 1, path=("active",)), ["1", "2", "base", "both"]),
        (conflict(True, False, path=("active",), kind=EDIT_RETIRE), ["1", "2"]),
        (conflict({}, {}, kind=MEANING), ["1", "2", "both"]),
    ],
)
def test_every_kind_of_conflict_has_its_answers(about, takes):
    """In the order in which they are offered."""
    assert possible_answers(about) == takes


def test_only_a_person_needs_no_name():
    """Else the answer says whose word it is."""
    assert (byline("person"), byline("agent")) == ("", ", by: agent")
