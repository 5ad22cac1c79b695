"""A real agent on a screen, as a person sees it and types into it."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.agents.desk import Desk
from tests.agents.model_api import Step
from tests.terminal import Terminal


class Look(NamedTuple):
    """How a client shows what is waited for, and how it is started without questions."""

    words: tuple[str, ...]
    empty: str
    """A prompt in which nothing stands: it is ready."""
    over: str
    """What follows the last answer of a turn."""
    again: str
    """What it says to one Ctrl-C at an empty prompt; nothing where that ends it."""


LOOKS = {
    "claude": Look(
        ("claude", "--dangerously-skip-permissions"),
        "^\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}\\s*$",
        r"\s+\S \w+ for \d",
        "again to exit",
    ),
    "codex": Look(
        ("codex", "--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust"),
        "^. Ask Codex to do anything$",
        r"\s+Worked for <?\d",
        "",
    ),
    "gemini": Look(
        ("gemini", "--approval-mode=yolo"),
        r"^ \*   Type your message",
        r"\s+\? for shortcuts",
        "again to exit",
    ),
}


class Screen:
    """One client at work in a terminal; the desk ends it."""

    def __init__(self, desk: Desk, client: str, terminal: Terminal) -> None:
        self.desk, self.terminal = desk, terminal
        self._look = LOOKS[client]

    def until(self, *wanted: str) -> str:
        """Wait until it shows all this."""
        return self.terminal.until(*wanted)

    def until_like(self, pattern: str) -> None:
        """Wait until it shows this."""
        found = re.compile(pattern, re.MULTILINE)
        self.terminal.until(check=lambda shown: bool(found.search(shown)))

    def enter(self, text: str) -> None:
        """Type a line, and press Enter once it stands there: together they would be a paste.

        A client may still be busy with the list of commands that it offers: then Enter is lost.
        """
        self.until_like(self._look.empty)
        self.terminal.press(text)
        self.until(text)
        empty = re.compile(self._look.empty, re.MULTILINE)
        for _ in range(3):
            self.terminal.press("\r")
            if self.terminal.comes(lambda shown: bool(empty.search(shown)), 3.0):
                return

    def do(self, *steps: Step | str, tokens: int = 20_000) -> str:
        """Give a task, and wait until its turn is over; all that the model read meanwhile."""
        text = f"That was turn {len(self.desk.model.requests)}."
        prompt = self.desk.model.task(*steps, Step(text=text, tokens=tokens))
        self.enter(prompt)
        self.until_like(re.escape(text) + self._look.over)
        return self.desk.model.read(prompt)

    def leave(self) -> None:
        """Press Ctrl-C until it ends, and wait until all is over."""
        self.until_like(self._look.empty)
        self.terminal.press("\x03")
        if self._look.again:
            self.until(self._look.again)
            self.terminal.press("\x03")
        self.terminal.end()
        self.desk.idle()
