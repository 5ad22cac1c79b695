"""The framework's own scores: held against numbers that its published formula gives."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tractatus_merge.metrics.fold import Metrics
from tractatus_merge.metrics.fold import fold as fold_in
from tractatus_merge.metrics.pressure import Factors, score

fold = partial(fold_in, environment={})

NAMES = {"token_usage": "tokens", "task_depth": "depth", "errors_recent": "errors"}
SEED = [
    ({"tokens": 29_414, "messages": 8}, 0.101474, 0.154121),
    ({"tokens": 85_000, "messages": 42}, 0.28375, 0.5575),
    ({"tokens": 0.85, "messages": 90, "errors": 3, "depth": 5}, 0.7925, 0.875),
    ({"tokens": 2}, 0.38, 0.33),
    ({"tokens": 3, "errors": 1}, 0.080005, 0.063338),
    ({"tokens": 0, "errors": 2, "instructions": 15, "depth": 1}, 0.209, 0.125667),
    ({"tokens": 0, "depth": 3}, 0.072, 0.072),
    ({"tokens": 0, "depth": 9}, 0.15, 0.15),
    ({"tokens": 50, "budget": 100}, 0.205, 0.18),
    ({"tokens": -1, "instructions": 5}, 0.08, 0.055),
    ({"tokens": 0, "depth": 2}, 0.03, 0.03),
    ({"tokens": 0, "depth": 1}, 0.009, 0.009),
]


@pytest.mark.parametrize(("told", "g1", "g2"), SEED)
def test_scores(told, g1, g2):
    """The seed's two sessions, the published checks and the edges of each factor."""
    assert round(score("g1", Factors(**told)), 6) == g1
    assert round(score("g2", Factors(**told)), 6) == g2


def test_golden_vectors(data):
    """Every vector of the published formula, in both generations and as the plain share."""
    golden = json.loads((data / "tractatus/pressure-golden-vectors.json").read_text("utf-8"))
    assert len(golden["vectors"]) > 10
    for vector in golden["vectors"]:
        told = {NAMES.get(key, key): value for key, value in vector["input"].items()}
        for name, key in (("g1", "gen1"), ("g2", "gen2")):
            assert round(score(name, Factors(**told)), 6) == vector[key]["overall_score"]


@pytest.mark.parametrize(("count", "g2"), [(0, 0.13), (1, 0.18), (2, 0.33), (3, 0.43), (9, 0.43)])
def test_compactions_weigh_in_g2_only(count, g2):
    """10 messages count 1.5, 3 and 5 times after so many compactions."""
    told = Factors(messages=10, compactions=count)
    assert round(score("g2", told), 6) == g2
    assert score("g1", told) == score("g1", Factors(messages=10))


def test_a_session_has_each_score():
    """From its own numbers; none where nobody knows how full the context is."""
    found = Metrics("b", prompts=21, replies=21, context=85_000, budget=200_000)
    assert [round(found.score(which), 6) for which in ("ratio", "g1", "g2")] == [
        0.425,
        0.28375,
        0.5575,
    ]
    assert Metrics("x", budget=1).score("g1") is None
    worn = Metrics("d", prompts=10, compactions=1, recent_errors=3, context=0, budget=1)
    assert round(worn.score("g2"), 6) == 0.28
    full = Metrics("c", context=900_000, budget=200_000)
    assert full.score("g1") == score("g1", Factors(2))


def test_errors_count_for_ten_minutes():
    """Those of the session itself, before its last event; an odd time counts as now."""
    kinds = [("failure", "00:00"), ("failure", "09:00"), ("api-error", "12:00"), ("reply", "15:00")]
    events = [{"event": kind, "at": f"2026-01-01T00:{at}Z"} for kind, at in kinds]
    other = {"event": "failure", "at": "2026-01-01T00:14:00Z", "subagent": True}
    assert fold("a", [*events[:3], other, *events[3:]]).recent_errors == 2
    late = [events[0], {"event": "reply", "at": "2026-01-01T00:10:00Z"}]
    assert fold("a", late).recent_errors == 1
    assert fold("a", [{"event": "failure", "at": "soon"}, events[3]]).recent_errors == 1
    assert (
        fold("a", [{"event": "failure", "at": "2026-01-01T00:00:00"}, events[3]]).recent_errors == 1
    )
