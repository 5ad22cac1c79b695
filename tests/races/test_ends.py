"""Many sessions end at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import THOROUGH, bakery, in_database, in_files
from tests.crash.forking import Forker
from tests.crash.story import Story
from tests.races.scene import SESSIONS, all_there, end_all, name, prepared

pytestmark = pytest.mark.race


KINDS = {"git": bakery, "files": in_files, "sqlite": in_database, "redis": in_files}


@pytest.fixture(params=[*list(KINDS)[:3], pytest.param("redis", marks=pytest.mark.services)])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The bakery's history, in each kind of store; `redis`: in files, with the lock of a server."""
    place = KINDS[request.param](tmp_path)
    if request.param == "redis":
        with (place / ".claude/tractatus.toml").open("a") as settings:
            settings.write(f'lock = "{request.getfixturevalue("redis")}"\n')
    return place


@pytest.fixture
def run(repo: Path) -> Iterator[Forker]:
    """The command line, in the repository."""
    with Forker(repo) as run:
        yield run


@pytest.mark.parametrize(
    "rounds", [1, *[pytest.param(5, marks=pytest.mark.slow)] * (4 if THOROUGH else 1)]
)
def test_24_sessions_end_at_once(repo: Path, run: Forker, rounds: int) -> None:
    """In 12 processes, so many rounds of each scene: all exit 0 or 1, and nothing is lost."""
    story = prepared(repo, run)
    story.save()
    for _ in range(rounds):
        story.restore()
        done = end_all(story)
        assert len(done) == SESSIONS and {one.status for one in done} <= {0, 1}, done
        all_there(story)
        story.do("view", "--write")
        story.sound()


@pytest.mark.slow
def test_24_sessions_end_at_once_without_the_queue(repo: Path, run: Forker) -> None:
    """The queue is a courtesy: without it some may have to try again (75), and nothing is lost."""
    story = prepared(repo, run)
    story.save()
    for _ in range(3):
        story.restore()
        done = end_all(story, TRACTATUS_QUEUE="off")
        assert {one.status for one in done} <= {0, 1, 75}, done
        for _ in range(3):
            if 75 in {one.status for one in done}:
                done = end_all(story, TRACTATUS_QUEUE="off")
        assert 75 not in {one.status for one in done}
        all_there(story)
        story.do("view", "--write")
        story.sound()


def test_a_clean_end_beside_old_conflicts(repo: Path, run: Forker) -> None:
    """Ten conflicts are open: an `end` that opens none exits 0, one that joins one exits 1."""
    story = Story(repo, run)
    story.do("init")
    for session in ("alpha111", "beta2222", "late5555"):
        story.do("start", "--id", session)
    for session in ("alpha111", "beta2222"):
        sets = [word for key in range(10) for word in ("--set", f"k{key}={session}")]
        story.do("edit", "inst_002", *sets, "--session", session)
        story.do("end", "--session", session)
    assert len(story.conflicts()) == 10
    story.do("add", "Something else.", "--session", "late5555")
    story.do("end", "--session", "late5555", may={0})
    story.do("start", "--id", "late5555")
    story.do("edit", "inst_002", "--set", "k3=late", "--session", "late5555")
    story.do("end", "--session", "late5555", may={1})
    assert len(story.conflicts()) == 10


@pytest.mark.slow
def test_one_session_ended_by_many(repo: Path, run: Forker) -> None:
    """Two processes end one session at once: it is merged once."""
    story = prepared(repo, run)
    story.save()
    for number in range(6):
        story.restore()
        words = ["end", "--session", name(number)]
        story.forget()
        done = run.together([words], [words], [words])
        assert {one.status for (one,) in done} <= {0, 1}, done
        assert story.published()[name(number)] == 1
        assert story.texts()[f"{number} adds."] == 1


def test_two_inits_at_once(repo: Path, run: Forker) -> None:
    """There is one root, whoever was first."""
    story = Story(repo, run)
    story.save()
    roots = set()
    for _ in range(6):
        story.restore()
        done = run.together([["init", "--json"]], [["init", "--json"]], [["init", "--json"]])
        assert {one.status for (one,) in done} == {0}, done
        roots |= {one.json["head"] for (one,) in done}
        assert len(story.do("log", "--json").json["entries"]) == 1
        story.forget()
    assert len(roots) == 1


def test_two_starts_of_one_session_at_once(repo: Path, run: Forker) -> None:
    """Two agents' hooks start the same id at once: there is one session, and both work in it."""
    story = Story(repo, run)
    story.do("init")
    story.save()
    for _ in range(6):
        story.restore()
        one = [["start", "--id", "same", "--json"], ["add", "One.", "--session", "same"]]
        two = [["start", "--id", "same", "--json"], ["add", "Two.", "--session", "same"]]
        done = run.together(one, two)
        assert {each.status for program in done for each in program} == {0}, done
        assert len({program[0].json["tag"] for program in done}) == 1
        story.forget()
        assert len(story.do("sessions", "--json").json["sessions"]) == 1
        texts = story.texts("--session", "same")
        assert (texts["One."], texts["Two."]) == (1, 1)


def test_writes_into_one_session_at_once(repo: Path, run: Forker) -> None:
    """Eight processes add to and edit one session's copy at once: all of it is there."""
    story = Story(repo, run)
    story.do("init")
    story.do("start", "--id", "same")
    programs = [
        [
            words
            for turn in range(3)
            for words in (
                ["add", f"{worker}.{turn}", "--session", "same"],
                ["edit", "inst_002", "--param", f"k{worker}={turn}", "--session", "same"],
            )
        ]
        for worker in range(8)
    ]
    done = run.together(*programs)
    assert {one.status for program in done for one in program} == {0}, done
    story.do("end", "--session", "same")
    texts = story.texts()
    assert [texts[f"{worker}.{turn}"] for worker in range(8) for turn in range(3)] == [1] * 24
    parameters = story.instruction("inst_002")["parameters"]
    assert parameters == {f"k{worker}": "2" for worker in range(8)}
    story.sound()
