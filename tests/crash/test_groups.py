"""Six sessions end at once, one leads, and one of them is killed or stopped before any step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import THOROUGH, bakery
from tests.crash.forking import KILLED, Done, Forker
from tests.crash.story import Story

pytestmark = pytest.mark.race

SIX = [f"agent-{number}" for number in range(6)]
PATIENCE = 0.4


@pytest.fixture(params=["killed", "stopped"])
def story(request: pytest.FixtureRequest, tmp_path: Path, shim: Path) -> Iterator[Story]:
    """Each adds a text of its own and edits the same field; the shim kills, or stops."""
    patience = {"PATIENCE": str(PATIENCE)}
    if request.param == "stopped":
        patience |= {"KILL_SHIM_STOP": "1", "STOPPED": str(4 * PATIENCE)}
    with Forker(bakery(tmp_path), shim=shim, **patience) as run:
        story = Story(tmp_path / "repo", run)
        story.do("init")
        for name in SIX:
            story.do("start", "--id", name)
            story.do("add", f"{name} adds.", "--session", name)
            story.do("edit", "inst_001", "--set", f"text={name} wrote it.", "--session", name)
        story.save()
        yield story


@pytest.mark.parametrize(
    "stride", [pytest.param(5 if THOROUGH else 41, marks=pytest.mark.slow), 67]
)
def test_struck_before_any_step(story: Story, stride: int) -> None:
    """The others are done as if nothing were; what was struck is finished by the next command."""
    step, struck = 1, 0
    while True:
        story.restore()
        before = story.run.together(*([_end(name)] for name in SIX), kill=step)
        done = dict(zip(SIX, [one for (one,) in before], strict=True))
        try:
            _look(story, done)
        except AssertionError as error:
            error.add_note(f"struck before step {step}: {done}")
            raise
        if story.run.steps < step:
            break
        struck, step = struck + 1, step + stride
    print(f"\nstruck {struck} times, of {story.run.steps} steps")
    assert struck > 200 // stride


def _end(name: str) -> list[str]:
    return ["end", "--session", name]


def _look(story: Story, done: dict[str, Done]) -> None:
    """Nobody is lost, nothing is twice, and everybody hears of its conflict; one has none."""
    dead = [name for name, one in done.items() if one.status == KILLED]
    assert len(dead) <= 1
    for name in dead:  # it may have told it all, and been killed then
        again = story.do(*_end(name))
        done[name] = again._replace(out=done[name].out + again.out)
    assert {one.status for one in done.values()} <= {0, 1}
    assert not any("Traceback" in one.err or "bug:" in one.err for one in done.values())
    told = [name for name, one in done.items() if "  conflict " in one.out]
    assert len(told) == 5
    assert all("added" in one.out for one in done.values())
    assert {done[name].status for name in told if name not in dead} == {1}
    texts = story.texts()
    assert [texts[f"{name} adds."] for name in SIX] == [1] * 6
    (conflict,) = story.conflicts()
    assert {side["value"] for side in conflict["sides"]} == {f"{name} wrote it." for name in SIX}
    assert story.published() == {None: 1, **dict.fromkeys(SIX, 1)}
    story.do("view", "--write")
    story.sound()
    assert not list(story.session("").parent.joinpath("waiting").glob("asked/*"))
