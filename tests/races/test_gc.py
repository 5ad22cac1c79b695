"""git takes objects away beside writers, or somebody does by hand."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import git
from tests.crash import story as tale
from tests.crash.forking import Done, Forker
from tests.crash.story import ALPHA, BETA, Story, told

pytestmark = pytest.mark.race

WRITERS, TURNS = 4, 6


@pytest.fixture
def run(repo: Path) -> Iterator[Forker]:
    """The command line, in the repository."""
    with Forker(repo) as run:
        yield run


@contextmanager
def looping(folder: Path, *commands: tuple[str, ...], pause: float = 0) -> Iterator[list[int]]:
    """Run git commands over and over until the block is left; how often each round went through."""
    stop, rounds = threading.Event(), [0]

    def loop() -> None:
        while not stop.is_set():
            for words in commands:
                subprocess.run(["git", "-C", folder, *words], capture_output=True, check=False)
            rounds[0] += 1
            time.sleep(pause)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield rounds
    finally:
        stop.set()
        thread.join()


def sessions(worker: int) -> list[list[str]]:
    """One worker's sessions, one after the other: each adds one instruction and edits one key."""
    words = []
    for turn in range(TURNS):
        name = f"gc-{worker}-{turn}"
        words.append(["start", "--id", name])
        words.append(["add", f"{worker}.{turn} adds.", "--session", name])
        words.append(["edit", "inst_002", "--param", f"{name}=1", "--session", name])
        words.append(["end", "--session", name])
    return words


def write(story: Story) -> list[Done]:
    """All workers write; their `end`s' results."""
    programs = [sessions(worker) for worker in range(WRITERS)]
    story.forget()
    return [one for program in story.run.together(*programs) for one in program]


def everything(story: Story, done: list[Done]) -> None:
    """Each addition and edit that a session was told is in its copy is in the head, once."""
    texts = story.texts()
    words = [words for worker in range(WRITERS) for words in sessions(worker)]
    said = [words for words, one in zip(words, done, strict=True) if one.status == 0]
    added = [words[1] for words in said if words[0] == "add"]
    edited = {words[3].removesuffix("=1") for words in said if words[0] == "edit"}
    assert len(added) >= WRITERS * TURNS / 2, "the storm was too strong to test anything"
    assert [text for text in added if texts[text] != 1] == []
    assert edited - set(story.instruction("inst_002")["parameters"]) == set()
    assert story.conflicts() == []
    story.do("view", "--write")
    story.sound()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("gc", "--quiet"), marks=pytest.mark.slow),
        pytest.param(("gc", "--quiet", "--auto"), marks=pytest.mark.slow),
        ("repack", "-adq"),
    ],
    ids=" ".join,
)
def test_gc_beside_writers(repo: Path, run: Forker, command: tuple[str, ...]) -> None:
    """Garbage collection as git does it by itself takes nothing from a writer."""
    git(repo, "config", "gc.auto", "50")
    git(repo, "config", "gc.autoDetach", "false")
    story = Story(repo, run)
    story.do("init")
    with looping(repo, command) as rounds:
        done = write(story)
    assert {one.status for one in done} == {0}, [one for one in done if one.status]
    assert rounds[0] >= 3
    everything(story, done)


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(2))
def test_prune_now_beside_writers(repo: Path, run: Forker, turn: int) -> None:
    """`gc --prune=now` can eat what a writer has just written: the session's folder still has it."""
    story = Story(repo, run)
    story.do("init")
    commands = [("gc", "--quiet", "--prune=now"), ("prune", "--expire=now")]
    with looping(repo, *commands, pause=0.01) as rounds:
        done = write(story)
    print(f"\n{rounds[0]} rounds; exits {sorted({one.status for one in done})}")
    assert {one.status for one in done} <= {0, 1, 2, 3, 75}, (
        done
    )  # 2: where the start before it was a 3
    assert rounds[0] >= 3
    for number in range(2):
        story.do("start", "--id", f"after-{number}")
    everything(story, done)


def removed(folder: Path, tip: str, *without: str) -> int:
    """Delete every object that the tip has and the others have not; how many those were."""
    words = ["rev-list", "--objects", tip, *(f"^{commit}" for commit in without)]
    names = [line.split()[0] for line in git(folder, *words).splitlines()]
    for name in names:
        (folder / ".git" / "objects" / name[:2] / name[2:]).unlink()
    return len(names)


def test_last_merge_deleted_by_hand(repo: Path, run: Forker) -> None:
    """All objects of the last merge are gone: the next start brings everything back, once."""
    story = told(repo, run)
    before = git(repo, "rev-parse", "tractatus/history").strip()
    story.do("end", "--session", ALPHA)
    tip = git(repo, "rev-parse", "tractatus/history").strip()
    assert removed(repo, tip, before) >= 10
    story.do("start", "--id", "delta444")
    story.do("end", "--session", ALPHA)
    tale.all_there(story)


@pytest.mark.parametrize(
    "kind", ["commit", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("tree", "blob"))]
)
def test_one_object_of_the_last_merge_deleted(repo: Path, run: Forker, kind: str) -> None:
    """Any single object of the last merge is gone, the session's own commit's among them."""
    story = told(repo, run)
    before = git(repo, "rev-parse", "tractatus/history").strip()
    story.do("end", "--session", ALPHA)
    listed = git(repo, "rev-list", "--objects", "tractatus/history", f"^{before}").splitlines()
    names = [line.split()[0] for line in listed]
    names = [name for name in names if git(repo, "cat-file", "-t", name).strip() == kind]
    story.save()
    for name in names:
        story.restore()
        (repo / ".git" / "objects" / name[:2] / name[2:]).unlink()
        try:
            story.do("start", "--id", "delta444")
            story.do("end", "--session", ALPHA)
            tale.all_there(story)
        except AssertionError as error:
            error.add_note(f"without the {kind} {[line for line in listed if name in line]}")
            raise


@pytest.mark.slow
def test_two_merges_deleted_by_hand(repo: Path, run: Forker) -> None:
    """A session published twice, and both merges are gone, with another's in between."""
    story = told(repo, run)
    before = git(repo, "rev-parse", "tractatus/history").strip()
    story.do("start", "--id", "delta444")
    story.do("add", "Delta adds first.", "--session", "delta444")
    story.do("merge", "--session", "delta444")
    story.do("end", "--session", ALPHA)
    story.do("add", "Delta adds second.", "--session", "delta444")
    story.do("edit", "inst_002", "--set", "source=delta", "--session", "delta444")
    story.do("end", "--session", "delta444")
    removed(repo, git(repo, "rev-parse", "tractatus/history").strip(), before)
    story.do("start", "--id", "epsilon5")
    texts = story.texts()
    assert [texts[text] for text in ("Delta adds first.", "Delta adds second.")] == [1, 1], texts
    assert texts[tale.ADDED] == texts[tale.WRITTEN] == texts[tale.OURS] == texts[tale.TAKEN] == 1
    assert story.instruction("inst_002")["source"] == "delta"
    assert len(story.conflicts()) == 1
    assert story.published()[BETA] == 1


@pytest.mark.slow
def test_an_answer_deleted_by_hand(repo: Path, run: Forker) -> None:
    """A person's answer was eaten: the next start gives it again."""
    story = told(repo, run)
    story.do("end", "--session", ALPHA)
    before = git(repo, "rev-parse", "tractatus/history").strip()
    story.do("resolve", story.conflicts()[0]["id"], "--take", ALPHA)
    removed(repo, git(repo, "rev-parse", "tractatus/history").strip(), before)
    story.do("start", "--id", "delta444")
    tale.all_there(story, settled=tale.THEIRS)
