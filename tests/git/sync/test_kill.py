"""kill -9 before any step of a sync, here or in git: the next sync completes, nothing twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import THOROUGH, bakery, git
from tests.crash.forking import KILLED, Forker
from tests.git.sync.crowd import clone_of, head, hub_of
from tests.tool import texts, tool

pytestmark = pytest.mark.race

CLOSE = 5 if THOROUGH else 11
"""A kill before each of so many steps."""


class Play:
    """A hub and two clones that have to be united; each round begins there anew."""

    def __init__(self, folder: Path, shim_: Path) -> None:
        self.folder, self.saved = folder / "play", folder / "saved"
        self.folder.mkdir()
        self.hub = hub_of(self.folder, bakery(folder))
        self.ada, self.bo = (clone_of(self.folder, self.hub, name) for name in ("ada", "bo"))
        for clone in (self.ada, self.bo):
            tool(clone, "init")
            tool(clone, "sync")
        tool(self.bo, "add", "From Bo", "--id", "inst_one")
        tool(self.bo, "sync")
        tool(self.ada, "add", "From Ada", "--id", "inst_one")
        tool(self.ada, "edit", "inst_001", "--set", "text=Ada's")
        shutil.copytree(self.folder, self.saved, symlinks=True)
        self.run = Forker(self.ada, shim=shim_)

    def again(self) -> None:
        """Everything as it was."""
        for name in ("ada", "bo", "hub.git"):
            shutil.rmtree(self.folder / name)
            shutil.copytree(self.saved / name, self.folder / name, symlinks=True)

    def whole(self) -> None:
        """After the next syncs all have all, once, and git finds no fault."""
        tool(self.ada, "sync")
        tool(self.bo, "sync")
        assert head(self.ada) == head(self.bo) == head(self.hub)
        said = sorted(texts(self.bo).values())
        assert [said.count(text) for text in ("From Ada", "From Bo", "Ada's")] == [1, 1, 1]
        told = [entry["message"] for entry in tool(self.bo, "log")["entries"]]
        assert sum("Merge session" in text for text in told) == 3
        for folder in (self.ada, self.hub):
            git(folder, "fsck", "--strict")


@pytest.fixture
def play(tmp_path: Path, shim: Path) -> Iterator[Play]:
    """Two clones that have to be united."""
    play = Play(tmp_path, shim)
    with play.run:
        yield play


@pytest.mark.parametrize("stride", [pytest.param(CLOSE, marks=pytest.mark.slow), 47])
def test_sync_killed_anywhere(play: Play, stride: int) -> None:
    """The whole group, our process and every git, before each of the writes of a sync."""
    step, rounds = 1, 0
    while play.run("sync", kill=step).status == KILLED:
        try:
            play.whole()
        except AssertionError as error:
            error.add_note(f"killed before step {step}")
            raise
        play.again()
        step, rounds = step + stride, rounds + 1
    play.whole()
    print(f"\nsync: killed before {rounds} of its {play.run.steps} steps")
    assert rounds > 110 // stride
