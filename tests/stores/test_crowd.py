"""Developers far away from their server lose nothing: benchmarks/crowd.py with small numbers."""

from __future__ import annotations

import pytest

from benchmarks.crowd import Size, crowd


@pytest.mark.slow
@pytest.mark.race
@pytest.mark.services
@pytest.mark.parametrize("service", ["postgresql", "mongodb"])
def test_developers_far_away_lose_nothing_and_publish_nothing_twice(service, request, tmp_path):
    """Four processes with two sessions each, 30 ms away: all that was told is there, once."""
    server = request.getfixturevalue(service)
    found = crowd(server, tmp_path, Size(processes=4, sessions=2, seconds=5))
    print(found)
    assert found.ends >= 8
    assert (found.lost, found.twice) == ([], [])
