"""What one head says of a record, and what unites without a question."""

from __future__ import annotations

from tests.laws.sessions import state_of
from tractatus_merge.core.model.conflict import FIELD, Conflict, Side
from tractatus_merge.core.model.findings import Finding, conflict_of
from tractatus_merge.core.model.open_conflicts import resolution_prefix
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, RESOLUTIONS, State
from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.plans.unite_head import Head, common_root, common_vector, united_summary
from tractatus_merge.core.plans.unite_place import Answers
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, canonical
from tractatus_merge.value import replace


def summary(session, *counts):
    """A tag's summary with publications of these counts."""
    items = [{"count": n, "seal": f"s{n}", "edits": []} for n in counts]
    return json_text.dump({"session": session, "publications": items})


def test_a_contradiction_is_no_conflict_of_a_record():
    """It is about two records, and united by its id."""
    conflict = conflict_of(Finding("prohibition", "WARNING", ("a", "b"), "tabs", ("x", "y")))
    state = state_of({"a": {"id": "a"}, "b": {"id": "b"}})
    state = state.with_({(CONFLICTS, conflict.id): json_text.dump(conflict.to_json())})
    assert Head.of(state).open == {}


def place(name, instruction, *path):
    """A conflict under an id of its own."""
    return Conflict(name, FIELD, instruction, path, "MINOR", Side("b", "v"), (Side("b", "u"),))


def with_conflicts(*conflicts):
    """A head with these conflicts."""
    told = {(CONFLICTS, found.id): json_text.dump(found.to_json()) for found in conflicts}
    return Head.of(state_of({"a": {"id": "a"}}).with_(told))


def test_a_head_has_all_conflicts_of_an_instruction():
    """Those of the header under no name; what is about two records hides none."""
    meaning = conflict_of(Finding("prohibition", "WARNING", ("a", "b"), "tabs", ("x", "y")))
    one, two, other = place("c1", "a", "x"), place("c2", "a", "y"), place("c3", None, "z")
    head = with_conflicts(replace(meaning, id="c0"), one, two, other)
    assert head.conflicts("a") == (one, two)
    assert head.conflicts(None) == (other,)
    assert head.conflicts("b") == ()


def test_what_a_head_says_is_its_text_and_all_that_is_open_on_it():
    """In any order; another side or another conflict is another word."""
    one, two = place("c1", "a", "x"), place("c2", "a", "y")
    heads = [with_conflicts(*found) for found in ((one, two), (two, one), (one,), ())]
    said = [head.says(INSTRUCTIONS, "a", "a") for head in heads]
    assert said[0] == said[1]
    assert [len(words) for words in said] == [3, 3, 2, 1]
    assert said[0][:1] == said[3] == [heads[0].state.get(INSTRUCTIONS, "a")]
    other = with_conflicts(one, replace(two, severity="CRITICAL"))
    assert other.says(INSTRUCTIONS, "a", "a") != said[0]
    assert other.says(INSTRUCTIONS, "a", None) == said[3]


def answer(name, published, value, *sides):
    """A person's answer, and the sides that they saw."""
    return {
        "id": name, "path": ["text"], "published": published, **value,
        "sides": list(sides),
    }  # fmt: skip


def test_answers_are_those_on_an_instruction_that_the_other_head_does_not_know():
    """At one place together: the first's time, all that was seen, and what it was made from."""
    prefix = resolution_prefix("a")
    found = {
        f"{prefix}1": answer(f"{prefix}1", "2025-01-01", {"value": "known"}),
        f"{prefix}2": answer(
            f"{prefix}2", "2025-01-03", {"value": "yes"}, {"value": "v", "base": "b"}, {}
        ),
        f"{prefix}3": answer(
            f"{prefix}3", "2025-01-02", {}, {"value": "w", "base": "c"}, {"value": "v", "base": "b"}
        ),
        "r0": answer("r0", "2025-01-01", {"value": "of another"}),
    }
    state = State({(RESOLUTIONS, name): json_text.dump(told) for name, told in found.items()})
    other = State({(RESOLUTIONS, f"{prefix}1"): "{}"})
    seen, bases = ({canonical(v) for v in vs} for vs in (("yes", "v", "w", MISSING), "bc"))
    assert Head.of(state).answers(Head.of(other), "a") == {
        ("text",): Answers(
            ("2025-01-02", f"{prefix}3"), frozenset(seen), frozenset({*bases, canonical(MISSING)})
        )
    }
    assert Head.of(state).answers(Head.of(other), "b") == {}


def test_summaries_unite_to_every_publication_of_either():
    """Told as the newer one tells the session; one that has all is taken as it is."""
    one, other = summary("old", 1, 2), summary("new", 1, 3)
    assert united_summary(one, other) == united_summary(other, one) == summary("new", 1, 2, 3)
    whole = summary("old", 1, 2, 3)
    assert united_summary(whole, other) == united_summary(other, whole) == whole


def test_a_publication_that_was_told_by_new_ids_is_told_by_them():
    """The more of them the newer; of two alike always the same one, whichever is asked first."""

    def told(session, count, seal, **renamed):
        item = {"count": count, "seal": seal, **({"renamed": renamed} if renamed else {})}
        return {"session": session, "publications": [item]}

    cases = [
        (told("k", 1, "s"), told("k", 1, "s", a="b"), [{"a": "b"}]),
        (told("k", 1, "s", a="b"), told("k", 1, "s", a="b", c="d"), [{"a": "b", "c": "d"}]),
        (told("k", 1, "s", a="z"), told("k", 1, "s", a="b"), [{"a": "b"}]),
        (told("k", 1, "s", a="b"), told("m", 1, "t"), [{"a": "b"}, None]),
    ]
    for one, other, renamed in cases:
        texts = [json_text.dump(one), json_text.dump(other)]
        united = united_summary(*texts)
        assert united == united_summary(*reversed(texts))
        value = json_text.parse(united)
        assert [item.get("renamed") for item in value["publications"]] == renamed
        assert value["session"] == other["session"]


def test_common_is_what_both_know():
    """Of each session the fewer publications; of one that only one knows none."""
    one, other = VersionVector({"a": 3, "b": 1, "c": 2}), VersionVector({"a": 2, "c": 5, "d": 1})
    assert common_vector(one, other).counts == common_vector(other, one).counts == {"a": 2, "c": 2}


def test_the_root_of_two_heads_is_what_they_share():
    """The same content counts, whatever its spelling; what differs or is missing does not."""
    one = state_of({"a": {"id": "a"}, "b": {"id": "b", "n": 1}, "c": {"id": "c"}})
    other = state_of({"a": {"id": "a"}, "b": {"id": "b", "n": 2}})
    other = other.with_({(INSTRUCTIONS, "a"): '{ "id":"a" }'})
    assert common_root(one, other).names(INSTRUCTIONS) == ["a"]
