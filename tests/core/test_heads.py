"""What one head says of a record, and what unites without a question."""

from __future__ import annotations

from tests.laws.sessions import state_of
from tractatus_merge.core import jsontext
from tractatus_merge.core.conflicts import to_json
from tractatus_merge.core.findings import Finding, conflict_of
from tractatus_merge.core.heads import Head, common_root, united_summary
from tractatus_merge.core.state import CONFLICTS, INSTRUCTIONS


def summary(session, *counts):
    """A tag's summary with publications of these counts."""
    items = [{"count": n, "seal": f"s{n}", "edits": []} for n in counts]
    return jsontext.dump({"session": session, "publications": items})


def test_a_contradiction_is_no_conflict_of_a_record():
    """It is about two records, and united by its id."""
    conflict = conflict_of(Finding("prohibition", "WARNING", ("a", "b"), "tabs", ("x", "y")))
    state = state_of({"a": {"id": "a"}, "b": {"id": "b"}})
    state = state.with_({(CONFLICTS, conflict.id): jsontext.dump(to_json(conflict))})
    assert Head.of(state).open == {}


def test_summaries_unite_to_every_publication_of_either():
    """Told as the newer one tells the session; one that has all is taken as it is."""
    one, other = summary("old", 1, 2), summary("new", 1, 3)
    assert united_summary(one, other) == united_summary(other, one) == summary("new", 1, 2, 3)
    whole = summary("old", 1, 2, 3)
    assert united_summary(whole, other) == united_summary(other, whole) == whole


def test_the_root_of_two_heads_is_what_they_share():
    """The same content counts, whatever its spelling; what differs or is missing does not."""
    one = state_of({"a": {"id": "a"}, "b": {"id": "b", "n": 1}, "c": {"id": "c"}})
    other = state_of({"a": {"id": "a"}, "b": {"id": "b", "n": 2}})
    other = other.with_({(INSTRUCTIONS, "a"): '{ "id":"a" }'})
    assert common_root(one, other).names(INSTRUCTIONS) == ["a"]
