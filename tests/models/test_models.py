"""Random models: whatever people, agents, scripts and crashes do, every text is where it belongs.

A seed makes a story. The long tests tell the same stories each time. To hear new ones, give the
first seed by TRACTATUS_SEED, and by TRACTATUS_MINUTES how long they go on:
`TRACTATUS_MINUTES=30 TRACTATUS_SEED=1000 pytest tests/models -m slow -n 2`.
"""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import HOME, MINUTES, PACE, SEED, bakery, git
from tests.crash.forking import Done, Forker
from tests.git.sync.crowd import clone_of, hub_of
from tests.models.play import Play
from tests.models.world import VIEW, Clone, World
from tests.tool import run, tool

FIRST = int(os.environ.get(SEED, "0"))
LONG = float(os.environ.get(MINUTES, "0"))
NAMES = ("ada", "bo", "cleo")


def here(*words: str) -> Done:
    """Run a command in this process: starting a thousand of them takes most of a minute."""
    ran = run(Path("/"), *words)
    return Done(ran.code, ran.out, ran.err)


def killing(fork: Forker) -> Callable[..., Done]:
    """Run a command here; one that is to be killed in a process of its own."""
    return lambda *words, kill=0: fork(*words, kill=kill) if kill else here(*words)


def untracked(clone: Path) -> None:
    """Let git ignore the history file, as `init` advises."""
    git(clone, "rm", "-q", "--cached", VIEW)
    (clone / ".git" / "info" / "exclude").write_text("/.claude/\n")


def sessions(folder: Path, seed: int, steps: int, fork: Forker | None = None) -> None:
    """One clone, three sessions, every verb; where the seed says so, commands that are killed."""
    folder.mkdir()
    line = bakery(folder, taken_in=True)
    if seed % 2:
        untracked(line)
    world = World(killing(fork) if fork else here, [Clone(line)], None)
    Play(world, seed, kills=fork is not None and seed % 3 == 0).act(steps)


@functools.cache
def _three() -> Path:
    """What `clones` copies: a hub and three clones that have the same history."""
    folder = Path(HOME.name, "templates", "three")
    folder.mkdir(parents=True)
    hub = hub_of(folder, bakery(folder))
    for name in NAMES:
        clone = clone_of(folder, hub, name)
        tool(clone, "init")
        tool(clone, "sync")
    for sample in folder.glob("**/hooks/*.sample"):
        sample.unlink()
    return folder


def clones(folder: Path, seed: int, steps: int) -> None:
    """Three clones that give one id to three records, and share them through a hub."""
    shutil.copytree(_three(), folder, symlinks=True)
    hub, found = folder / "hub.git", [Clone(folder / name) for name in NAMES]
    for config in (hub / "config", *(clone.folder / ".git" / "config" for clone in found)):
        config.write_text(config.read_text("utf-8").replace(str(_three()), str(folder)), "utf-8")
    for clone in found if seed % 2 else ():
        untracked(clone.folder)
    Play(World(here, found, hub), seed).act(steps)


def many(folder: Path, story: Callable[[Path, int], None], count: int) -> None:
    """So many stories, or story after story for as long as is asked for."""
    ends = time.monotonic() + LONG * 60
    for seed in itertools.count(FIRST) if LONG else range(FIRST, FIRST + count):
        place = folder / f"seed-{seed}"
        try:
            story(place, seed)
        except AssertionError as error:
            error.add_note(f"seed {seed}, the {seed - FIRST + 1}th story")
            raise
        shutil.rmtree(place)
        if LONG and time.monotonic() > ends:
            print(f"{seed - FIRST + 1} stories")
            return


@pytest.mark.parametrize("seed", range(3))
def test_a_short_story_of_one_clone_loses_nothing(tmp_path, seed):
    """The first steps of what the long test does."""
    sessions(tmp_path / "one", seed, 8)


@pytest.mark.parametrize("seed", range(2))
def test_a_short_story_of_three_clones_loses_nothing(tmp_path, seed):
    """The first steps of what the long test does."""
    clones(tmp_path / "three", seed, 4)


@pytest.mark.slow
@pytest.mark.timeout(LONG * 60 + 400)
def test_three_sessions_of_one_clone_lose_nothing(tmp_path, shim):
    """Every verb, scripts, answers, undos, a view that is edited, commands that are killed."""
    with Forker(tmp_path, shim=shim) as fork:
        many(tmp_path, lambda folder, seed: sessions(folder, seed, 40, fork), 60 // PACE)


@pytest.mark.slow
@pytest.mark.timeout(LONG * 60 + 400)
def test_three_clones_lose_nothing(tmp_path):
    """Ids that meet, renames, and edits under the old and the new id."""
    many(tmp_path, lambda folder, seed: clones(folder, seed, 40), 24 // PACE)
