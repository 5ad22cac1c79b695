"""Scripts that know nothing of the tool rewrite a session's copy while the tool does."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.forking import Forker
from tests.crash.story import Story

pytestmark = pytest.mark.race

ALL = itertools.product(["add", "merge", "refresh"], [0.0005, 0.004, 0.02], [60])

SCRIPT = """
import json, sys, time
path, name, turns, pause = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
for turn in range(turns):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    document["instructions"].append({"id": f"{name}_{turn}", "text": f"{name} writes {turn}."})
    text = json.dumps(document, indent=2)
    time.sleep(pause)
    with open(path, "w", encoding="utf-8") as file:  # in place, as node's writeFileSync does
        file.write(text[: len(text) // 2])
        file.flush()
        time.sleep(pause)
        file.write(text[len(text) // 2 :])
    time.sleep(pause)
"""


@pytest.fixture
def run(repo: Path) -> Iterator[Forker]:
    """The command line, in the repository."""
    with Forker(repo) as run:
        yield run


@pytest.mark.parametrize(
    ("command", "pause", "turns"),
    [("add", 0.02, 15), *(pytest.param(*one, marks=pytest.mark.slow) for one in ALL)],
)
def test_a_script_beside_the_tool(
    repo: Path, run: Forker, command: str, pause: float, turns: int
) -> None:
    """Whatever the script wrote in place is there, whichever file it had opened at the time."""
    story = Story(repo, run)
    story.do("init")
    story.do("start", "--id", "same")
    path = story.session("same") / "instruction-history.json"
    words = [sys.executable, "-c", SCRIPT, str(path), "script", str(turns), str(pause)]
    script, done = subprocess.Popen(words), 0
    while script.poll() is None or done < 3:  # a fast script is over after two
        extra = [f"The tool adds {done}."] if command == "add" else []
        # 2: the script was in the middle of writing, and nothing was changed
        story.do(command, *extra, "--session", "same", may={0, 2})
        done += 1
    assert script.returncode == 0
    story.do("end", "--session", "same")
    texts = story.texts()
    assert [n for n in range(turns) if texts[f"script writes {n}."] != 1] == [], done
    story.sound()
