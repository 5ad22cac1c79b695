"""What a merge did, in words."""

from __future__ import annotations

import pytest

from tests.laws.sessions import incoming, state_of
from tests.laws.strategies import RECORDS
from tractatus_merge.core.plans.outcome import Outcome, later, merge_outcome, message
from tractatus_merge.instructions.retirement import is_retired


@pytest.mark.parametrize(
    ("outcome", "word", "line"),
    [
        (Outcome(), "nothing", "header"),
        (Outcome(added=("a",), retired=("b", "c")), "clean", "1 added, 2 retired"),
        (Outcome(edited=("a",), conflicts=("c1",)), "conflicts", "1 edited, 1 in conflict"),
        (Outcome(added=("n",), renamed={"a": "n"}), "clean", "1 added, 1 renamed"),
    ],
)
def test_a_word_and_a_line(outcome, word, line):
    """Conflicts come first; the log's line counts."""
    assert outcome.status == word
    assert message("s1", outcome) == f"Merge session s1: {line}"


BASE = state_of(RECORDS)


def told(done, base=BASE, **more):
    """What a session that did this brought."""
    return merge_outcome(incoming(base, done, "k", **more), is_retired, {"n": "n_k"})


def test_what_a_session_brought_is_told_by_the_ids_after_the_merge():
    """Added under the new id; retired, if it was in force before; else edited."""
    retire = ("set", "inst_001", ("active",), False)
    outcome = told([("add", "n", (), "t"), retire, ("set", "inst_002", ("text",), "x")])
    assert (outcome.added, outcome.edited, outcome.retired) == (
        ("n_k",),
        ("inst_002",),
        ("inst_001",),
    )
    base = state_of({"a": {"id": "a", "active": False}})
    assert told([("set", "a", ("text",), "x")], base).edited == ("a",)
    assert told([("set", "a", ("text",), "x")], base).retired == ()


def test_a_header_is_brought_where_it_differs_from_its_base():
    """A session that left it alone brought none."""
    assert told([]).header is False
    assert told([], header={"version": "9"}).header is True


@pytest.mark.parametrize(
    ("now", "than", "time"),
    [
        ("2026-01-02T00:00:00.000Z", "", "2026-01-02T00:00:00.000Z"),
        ("2026-01-02T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"),
        ("2026-01-02T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "2026-01-02T00:00:00.000Z"),
        ("2026-01-02T00:00:00.000Z", "2026-01-02T00:00:00.001Z", "2026-01-02T00:00:00.001Z"),
        ("2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z", "2026-01-03T00:00:00.000Z"),
        ("2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.001Z", "2026-01-02T00:00:00.000Z"),
        ("2026-01-02T00:00:00.000Z", "2102-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"),
        ("1970-01-01T00:00:07.000Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"),
        ("2024-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"),
        ("2025-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"),
    ],
)
def test_a_version_is_not_before_its_parent_unless_that_is_far_to_come(now, than, time):
    """Within a day it is followed; a clock that was never set follows whatever is there."""
    assert later(now, than) == time
