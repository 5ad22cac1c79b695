"""A desk with the real agents, and Claude Code on a screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.agents.desk import Desk, missing
from tests.agents.model_api import Model, Step
from tests.terminal import Terminal

EMPTY = re.compile("^\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}\\s*$", re.MULTILINE)
"""Claude Code's prompt, in which nothing stands."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A machine with the real clients; without them there is none, and CI is to have them."""
    if missing():
        pytest.skip(missing())
    with Model() as model, Desk(tmp_path / "home", model) as desk:
        yield desk


class Screen:
    """Claude Code as a person sees it."""

    def __init__(self, desk: Desk, terminal: Terminal) -> None:
        self.desk, self.terminal = desk, terminal
        self.until("/effort")  # it is ready for a prompt

    def until(self, *wanted: str) -> str:
        """Wait until it shows all this."""
        return self.terminal.until(*wanted)

    def enter(self, text: str) -> None:
        """Type a line, and press Enter once it stands there: together they would be a paste."""
        self.terminal.until(check=lambda shown: bool(EMPTY.search(shown)))
        self.terminal.press(text)
        self.until(text)
        self.terminal.press("\r")

    def do(self, *steps: Step | str, tokens: int = 20_000) -> str:
        """Give a task, and wait until its turn is over; all that the model read meanwhile."""
        text = f"That was turn {len(self.desk.model.requests)}."
        prompt = self.desk.model.task(*steps, Step(text=text, tokens=tokens))
        self.enter(prompt)
        over = re.compile(re.escape(text) + r"\s+\S \w+ for \d+")
        self.terminal.until(text, check=lambda shown: bool(over.search(shown)))
        return self.desk.model.read(prompt)

    def leave(self) -> None:
        """Press Ctrl-C twice, and wait until all is over."""
        self.terminal.press("\x03")
        self.until("again to exit")
        self.terminal.press("\x03")
        self.terminal.end()
        self.desk.idle()


@pytest.fixture
def claude(desk: Desk) -> Callable[..., Screen]:
    """Open Claude Code on a screen, in a folder, with more words."""

    def opened(folder: Path, *words: str) -> Screen:
        words = ("claude", "--dangerously-skip-permissions", *words)
        return Screen(desk, desk.terminal(folder, *words))

    return opened


@pytest.fixture
def installed(desk: Desk, line: Path) -> Path:
    """The bakery's repository, after `install` for Claude Code."""
    desk.trust(line)
    desk.tool(line, "install")
    return line
