"""kill -9 before any step of a command: then the next command, and nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import PACE, bakery, in_database, in_files
from tests.crash.forking import KILLED, Forker
from tests.crash.story import (
    ADDED,
    ALPHA,
    BETA,
    GAMMA,
    OURS,
    TAKEN,
    THEIRS,
    WAITING,
    Story,
    add_waiting,
    aged,
    all_there,
    not_reverted,
    told,
)

pytestmark = pytest.mark.race

END = ("end", "--session", ALPHA)


@pytest.fixture(params=[bakery, in_files, in_database], ids=["git", "files", "sqlite"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The bakery's history, in each kind of store."""
    place: Path = request.param(tmp_path)
    return place


@pytest.fixture
def story(repo: Path, shim: Path) -> Iterator[Story]:
    """Two sessions that disagree; one has published."""
    with Forker(repo, shim=shim) as run:
        yield told(repo, run)


def each_step(
    story: Story,
    words: tuple[str, ...],
    check: Callable[[int], None],
    *,
    alone: bool = False,
    stride: int = 1,
    least: int = 1,
) -> None:
    """Kill the command before its every step (or each of a stride), each from the saved state.

    Of these one in PACE, and not the same ones in each kind of store.
    """
    stride, least = PACE * stride, least // PACE
    step, killed = 1 if story.in_git else 1 + stride // 2, 0
    while (done := story.kill(words, step, alone=alone)).status == KILLED:
        try:
            not_reverted(story, *(() if words[0] in ("resolve", "undo") else (OURS,)))
            check(step)
        except AssertionError as error:
            error.add_note(f"killed before step {step} of: {' '.join(words)}")
            raise
        killed += 1
        step += stride
    assert done.status in (0, 1), done
    print(f"\n{' '.join(words)}: killed before {killed} of its {story.run.steps} steps")
    check(step)
    assert killed >= (least if story.in_git else least // 3)  # files take fewer steps than git


@pytest.mark.parametrize("stride", [pytest.param(1, marks=pytest.mark.slow), 6])
def test_end_killed_anywhere_and_repeated(story: Story, stride: int) -> None:
    """`end` conflicts, renames and re-bases; killed before any step, the same command finishes it."""
    story.save()

    def check(_: int) -> None:
        first = story.last.out
        again = story.do(*END)
        assert again.status == 1 or "conflict" in first, "nobody was told of the conflict"
        all_there(story)

    each_step(story, END, check, stride=stride, least=40 // stride)


@pytest.mark.slow
def test_end_killed_anywhere_and_finished_by_another(story: Story) -> None:
    """Killed before any step, and written into since: the start of another session finishes it."""
    story.save()
    text = "Alpha lives, and writes on."

    def check(_: int) -> None:
        story.write(ALPHA, {"id": "inst_077", "text": text, "active": True})
        story.do("start", "--id", "delta444")
        story.do(*END)
        story.do("end", "--session", "delta444")
        all_there(story, text, merges={1, 2})

    each_step(story, END, check, stride=2, least=40)


@pytest.mark.slow
def test_end_and_its_recovery_killed(story: Story) -> None:
    """The command that finishes a killed `end` is killed too, at several places."""
    story.save()
    again = [*range(1, 20, 3), *range(20, 120, 17)]

    def check(step: int) -> None:
        story.kill(END, again[step % len(again)], fresh=False)
        not_reverted(story, OURS)
        story.kill(("start", "--id", ALPHA), again[step // 2 % len(again)], fresh=False)
        not_reverted(story, OURS)
        story.do(*END)
        all_there(story)

    each_step(story, END, check, stride=2, least=40)


@pytest.mark.slow
def test_end_with_only_python_killed(story: Story) -> None:
    """Python dies, the git it started goes on by itself: nothing is lost, nothing is doubled."""
    story.save()

    def check(_: int) -> None:
        story.do(*END)
        all_there(story)

    each_step(story, END, check, alone=True, stride=2, least=40)


@pytest.mark.slow
def test_resolve_killed_anywhere(story: Story) -> None:
    """Killed before any step, `resolve` is repeated; or another answer is given, and that stands."""
    story.do(*END)
    (conflict,) = story.conflicts()
    story.save()
    words = ("resolve", conflict["id"], "--take", ALPHA, "--why", "Alpha is right.")

    def check(step: int) -> None:
        other = step % 2 == 0
        second = ("resolve", conflict["id"], "--take", "1") if other else words
        accepted = story.do(*second, may={0, 2}).status == 0
        value = OURS if other and accepted else THEIRS
        for name in ("delta444", "epsilon5"):
            aged(story)
            story.do("start", "--id", name)
            story.do("end", "--session", name)
        all_there_settled(story, value)

    each_step(story, words, check, least=20)


@pytest.mark.slow
def test_revoke_killed_anywhere(story: Story) -> None:
    """Killed before any step, `resolve --revoke` is repeated: the conflict is open, and once."""
    story.do(*END)
    (conflict,) = story.conflicts()
    story.do("resolve", conflict["id"], "--take", ALPHA)
    story.save()
    words = ("resolve", "--revoke", conflict["id"], "--why", "Alpha was wrong.")

    def check(_: int) -> None:
        story.do(*words, may={0, 2})
        aged(story)
        story.do("start", "--id", "delta444")
        story.do("end", "--session", "delta444")
        (again,) = story.conflicts()
        assert (again["terms"], again["path"]) == (conflict["terms"], conflict["path"])
        assert story.instruction("inst_001")["text"] == OURS
        revoked = [entry["message"] for entry in story.do("log", "--json").json["entries"]]
        assert sum(message.startswith("Revoke") for message in revoked) == 1
        story.do("view", "--write")
        story.sound()

    each_step(story, words, check, stride=2, least=20)


@pytest.mark.slow
def test_a_step_back_killed_anywhere(story: Story) -> None:
    """Killed before any step, `undo` of an answer is done once or not at all, and says which."""
    story.do(*END)
    (conflict,) = story.conflicts()
    story.do("resolve", conflict["id"], "--take", ALPHA)
    story.save()

    def check(_: int) -> None:
        aged(story)
        story.do("start", "--id", "delta444")
        story.do("end", "--session", "delta444")
        steps = story.do("undo", "--list", "--json").json
        found = [(one["terms"], one["path"]) for one in story.conflicts()]
        assert found == [(conflict["terms"], conflict["path"])] * len(steps["redo"])
        assert story.instruction("inst_001")["text"] == (OURS if found else THEIRS)
        if found:
            story.do("redo")
            assert story.instruction("inst_001")["text"] == THEIRS
        story.do("view", "--write")
        story.sound()

    each_step(story, ("undo",), check, stride=5, least=5)


def all_there_settled(story: Story, value: str) -> None:
    """One answer is in the history, and only it."""
    all_there(story, settled=value)
    settled = [name for name, count in story.published().items() if name not in (ALPHA, BETA, None)]
    assert len(settled) == 1 and story.published()[settled[0]] == 1


@pytest.mark.slow
def test_add_killed_anywhere(story: Story) -> None:
    """`add` is in the copy or it is not; the copy can always be read, and merges once."""
    text = "Alpha adds this too."
    story.save()

    def check(_: int) -> None:
        there = story.texts("--session", ALPHA)[text]
        assert there in (0, 1) and story.texts("--session", ALPHA)[ADDED] == 1
        story.do(*END)
        assert story.texts()[text] == there
        story.do("start", "--id", ALPHA)
        story.do("edit", "inst_002", "--set", "notes=Still writable.", "--session", ALPHA)
        story.sound()

    each_step(story, ("add", text, "--session", ALPHA), check, least=4)


@pytest.mark.slow
def test_add_by_a_person_killed_anywhere(story: Story) -> None:
    """A person's `add` is a session of one command: somebody finishes it, or it never was."""
    text = "A person adds this."
    story.do(*END)
    story.save()

    def check(_: int) -> None:
        aged(story)
        story.do("start", "--id", "delta444")
        there = story.texts()[text]
        story.do("end", "--session", "delta444")
        aged(story)
        story.do("start", "--id", "epsilon5")
        assert story.texts()[text] == there <= 1
        left = [path.name for path in story.session("x").parent.iterdir()]
        assert not [name for name in left if name.startswith(".new-")]
        story.sound()

    each_step(story, ("add", text), check, stride=2, least=35)


@pytest.mark.slow
def test_start_killed_anywhere(story: Story) -> None:
    """`start` resumes a session that is behind and finishes one that ended: killed, then repeated."""
    add_waiting(story)
    story.save()
    words = ("start", "--id", ALPHA)

    def check(_: int) -> None:
        story.do(*words)
        mine = story.texts("--session", ALPHA)
        assert (mine[THEIRS], mine[ADDED], mine[TAKEN]) == (1, 1, 0), mine
        assert story.texts()[WAITING] == 1
        story.do(*END)
        story.do("end", "--session", GAMMA)
        all_there(story, waiting=True)

    each_step(story, words, check, least=50)


@pytest.mark.slow
def test_first_start_killed_anywhere(story: Story) -> None:
    """A new session's folder is there whole or not at all."""
    story.save()

    def check(_: int) -> None:
        story.do("start", "--id", "delta444")
        story.do("edit", "inst_002", "--set", "source=delta", "--session", "delta444")
        story.do("end", "--session", "delta444")
        assert story.instruction("inst_002")["source"] == "delta"
        story.do(*END)
        all_there(story)

    each_step(story, ("start", "--id", "delta444"), check, least=7)
