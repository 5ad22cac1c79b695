"""A session's numbers from its journal: each number's own, and what cannot be added up."""

from __future__ import annotations

from functools import partial

import pytest

from tractatus_merge.metrics.fold import Metrics, due_checkpoints, totals
from tractatus_merge.metrics.fold import fold as fold_in
from tractatus_merge.metrics.levels import level_of, passed_checkpoints
from tractatus_merge.value import asdict

fold = partial(fold_in, environment={})


def event(kind, at="2026-01-01T00:00:00Z", **fields):
    """One line of a journal."""
    return {"event": kind, "at": at, **fields}


def spoken(prompts, tokens):
    """A session of so many prompts, each answered."""
    turns = [event(kind, tokens=tokens) for _ in range(prompts) for kind in ("prompt", "reply")]
    return [event("start"), *turns]


def test_the_example_of_the_seed():
    """A (8 messages, 29,414 tokens) is 14.7 % NORMAL; B (42, 85,000) is 42.5 % ELEVATED."""
    a, b = fold("a", spoken(4, 29_414)), fold("b", spoken(21, 85_000))
    assert (a.messages, a.pressure_score, a.level) == (8, 14.7, "NORMAL")
    assert (b.messages, b.pressure_score, b.level) == (42, 42.5, "ELEVATED")


def test_metrics_of_two_sessions_do_not_add_up():
    """The types offer no sum of two sessions, and totals have no context, pressure or level."""
    with pytest.raises(TypeError):
        Metrics("a") + Metrics("b")
    names = {*asdict(totals([]))}
    assert not names & {"context", "peak", "budget", "pressure_score", "ratio", "level"}


def test_totals():
    """Counters are summed; how many sessions and checkpoints there were is counted."""
    marked = [*spoken(1, 60_000), event("checkpoint", percentage=25, tokens=60_000, budget=200_000)]
    found = totals([fold("a", marked), fold("b", spoken(2, 1))])
    assert (found.sessions, found.prompts, found.checkpoints) == (2, 3, 1)


def test_counters():
    """Each kind of event moves its own counter, a subagent's call not the session's."""
    kinds = ("tool", "failure", "api-error", "subagent")
    found = fold("a", [*map(event, kinds), event("failure", subagent=True), event("edit"), {}])
    assert (found.tool_calls, found.tool_errors, found.subagent_tool_calls) == (2, 1, 1)
    assert (found.api_errors, found.subagents, found.messages) == (1, 1, 0)
    assert (found.session, found.compactions) == ("a", 0)


def test_a_compaction_told_twice_counts_once():
    """Until the session itself goes on, further words on the compaction are the same one."""
    again = [event("compacted"), event("tool", subagent=True), event("compacted")]
    found = fold("a", [event("tool", tokens=5), event("compacting", tokens=9), *again])
    assert (found.compactions, found.context, found.peak) == (1, None, 9)
    assert (found.pressure_score, found.level) == (None, None)
    later = fold("a", [*again, event("prompt"), event("compacted", tokens=3)])
    assert (later.compactions, later.context) == (2, 3)


def test_odd_values_change_nothing():
    """What is not of the table, and a value of another kind, is passed over."""
    odd = [
        event("tool", tokens="12"),
        event("tool", tokens=-1),
        event("tool", tokens=True),
        event("context", window="big", model=7),
        event("checkpoint", percentage=None, tokens=3),
        {"event": ["tool"], "at": 5},
    ]
    found = fold("a", odd)
    assert (found.context, found.peak, found.budget, found.model) == (None, None, 200_000, "")
    assert found.checkpoints == ()
    assert (found.tool_calls, found.last) == (3, "2026-01-01T00:00:00Z")


def test_budget():
    """The configured budget counts, else the window that was measured, else the model's."""
    told = [event("context", tokens=9, window=500_000, model="claude-sonnet-5")]
    assert fold("a", told, 100).budget == 100
    assert fold("a", told).budget == 500_000
    measured = fold("a", [event("start", model="claude-sonnet-5")])
    assert (measured.budget, measured.model) == (1_000_000, "claude-sonnet-5")


def test_before_anything_was_measured_the_environment_counts():
    """Behind another address than Anthropic's own a model has not its native window."""
    gateway = {"ANTHROPIC_BASE_URL": "https://gateway.example"}
    started = [event("start", model="claude-sonnet-5")]
    assert fold("a", started, environment=gateway).budget == 200_000
    later = [*started, event("tool", tokens=9, window=500_000)]
    assert fold("a", later, environment=gateway).budget == 500_000


def test_a_window_that_the_tokens_disprove():
    """A session was never more than full: it has the next window, also when it is emptied again."""
    full = event("tool", tokens=340_000, window=200_000, model="claude-opus-4-6")
    found = fold("a", [full])
    assert (found.budget, found.pressure_score, found.level) == (1_000_000, 34.0, "ELEVATED")
    emptied = fold("a", [full, event("compacted"), {**full, "tokens": 20_000}])
    assert (emptied.budget, emptied.pressure_score) == (1_000_000, 2.0)
    other = fold("a", [full, {**full, "tokens": 20_000, "model": "claude-haiku-4-5"}])
    assert (other.budget, other.pressure_score) == (200_000, 10.0)


def test_a_window_that_nobody_knows():
    """There are tokens then, and no pressure, no level, no score, no checkpoint."""
    strange = event("tool", tokens=190_000, window=0, model="qwen3-coder")
    found = fold("a", [event("tool", tokens=9, window=200_000), strange])
    assert (found.context, found.budget) == (190_000, 0)
    assert (found.pressure_score, found.level, found.score("g2")) == (None, None, None)
    assert due_checkpoints(found) == []


def test_time():
    """The duration is from the first event to the last, and none where nothing has happened."""
    found = fold("a", [event("start"), event("end", at="2026-01-01T00:01:30Z")])
    assert found.seconds == 90.0
    assert fold("a", []).seconds is None


@pytest.mark.parametrize(
    ("ratio", "level"),
    [(0, "NORMAL"), (0.2999, "NORMAL"), (0.3, "ELEVATED"), (0.5, "HIGH"), (0.7, "CRITICAL"), (0.85, "DANGEROUS"), (3, "DANGEROUS"), (-1, "NORMAL")],
)  # fmt: skip
def test_levels(ratio, level):
    """A level's lower bound belongs to it."""
    assert level_of(ratio) == level


def test_checkpoints():
    """A checkpoint is due when its share is reached, and once it fired never again."""
    assert passed_checkpoints(49_999, 200_000) == []
    assert passed_checkpoints(150_000, 200_000) == [25, 50, 75]
    first = event("checkpoint", percentage=25, tokens=50_000)
    events = [event("tool", tokens=100_000), first, {**first, "tokens": 7}, event("compacted")]
    found = fold("a", events)
    assert [(mark.percentage, mark.tokens) for mark in found.checkpoints] == [(25, 50_000)]
    assert due_checkpoints(found) == [50]
    later = [event("checkpoint", at="x", percentage=75, tokens=9), first]
    assert [(mark.percentage, mark.at) for mark in fold("a", later).checkpoints] == [
        (25, "2026-01-01T00:00:00Z"),
        (75, "x"),
    ]
    timeless = {"event": "checkpoint", "percentage": 25, "tokens": 0}
    assert fold("a", [timeless]).checkpoints[0].at == ""


def test_an_empty_context():
    """It is known, it is no peak yet, and no checkpoint of the smallest budget is due."""
    found = fold("a", [event("tool", tokens=0)], budget=2)
    assert (found.context, found.peak, found.ratio, due_checkpoints(found)) == (0, 0, 0, [])
    assert due_checkpoints(Metrics("b", budget=2)) == []


def test_what_two_hooks_heard_of_counts_once():
    """By what tells an event from others of its kind; a tool's id is that of its turn."""
    prompts = [event("prompt", once="p1"), event("prompt", once="p1"), event("prompt", once="p2")]
    assert fold("a", prompts).prompts == 2
    tools = [event("tool", once="t"), event("tool", once="t"), event("failure", once="t")]
    assert fold("a", [*tools, event("prompt"), event("tool", once="t")]).tool_calls == 3
    assert fold("a", [event("tool", once=""), event("tool", once=7), event("tool")]).tool_calls == 3
