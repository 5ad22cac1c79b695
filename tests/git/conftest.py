"""Repositories to try the stores on."""

from __future__ import annotations

import itertools
import subprocess

import pytest

from tractatus_merge.git.plumbing import Plumbing, discover
from tractatus_merge.git.store import GitStore
from tractatus_merge.repository.settings import DEFAULT_BRANCH


def run(folder, *words, check=True, env=None):
    """Run git in a folder; its output."""
    done = subprocess.run(
        ["git", *words], cwd=folder, check=check, capture_output=True, text=True, env=env
    )
    return done.stdout.strip()


@pytest.fixture
def new_repository(tmp_path):
    """Make empty repositories, as many as asked for."""
    numbers = itertools.count()

    def make(*words):
        folder = tmp_path / f"repository{next(numbers)}"
        run(tmp_path, "init", "-q", "-b", "main", *words, str(folder))
        return folder

    return make


@pytest.fixture
def open_store():
    """Open git stores; each is closed at the end."""
    opened = []

    def make(folder, branch=DEFAULT_BRANCH):
        opened.append(GitStore(Plumbing(discover(folder)), branch))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def git():
    """Git, run in a folder."""
    return run
