"""Histories of which it is known what each commit lost: the audit tells that, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.losses import MODELS, build, found


def compare(folder: Path, model: type, commits: int, seed: int) -> None:
    """The records that were lost, commit by commit, by the oracle and by the audit."""
    made = build(model, folder, commits, seed)
    assert len(made.losses) * 40 > commits
    assert found(made) == made.losses


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("model", MODELS)
def test_every_planted_loss_is_told_and_nothing_innocent(tmp_path, model, seed):
    """A hundred commits of each model."""
    compare(tmp_path / "repo", model, 100, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
@pytest.mark.parametrize("model", MODELS)
def test_so_in_a_thousand_commits(tmp_path, model, seed):
    """With every kind of loss and of innocent commit many times."""
    compare(tmp_path / "repo", model, 1000, seed)
