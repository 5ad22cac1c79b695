"""A line that a person types at the foot of the screen: letters, Backspace, Enter; Esc gives up."""

from __future__ import annotations

import codecs
import os
import re
import sys
import termios
import tty
from collections.abc import Callable

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)")
"""An arrow, or another key that a terminal spells in several letters: it types nothing."""
_ENTER, _CANCEL = "\r\n", "\x1b\x03\x04"
_BACK, _ALL, _WORD = "\x7f\x08", "\x15", "\x17"


class TypedLine:
    """What was typed so far, after a label."""

    def __init__(self, label: str, text: str = "") -> None:
        self.label, self.text = label, text

    def take(self, typed: str) -> bool | None:
        """Type this: True when the line is finished, False when it was given up, else None."""
        for letter in _SEQUENCE.sub("", typed):
            if letter in _ENTER:
                return True
            if letter in _CANCEL:
                return False
            if letter in _BACK:
                self.text = self.text[:-1]
            elif letter == _ALL:
                self.text = ""
            elif letter == _WORD:
                self.text = re.sub(r"\S*\s*$", "", self.text)
            elif letter.isprintable():
                self.text += letter
        return None

    def read(self, draw: Callable[[], None]) -> str | None:
        """The line that a person types, drawn after each key; None where it was given up.

        Until the end the terminal shows nothing by itself. EOFError where it is gone.
        """
        fd = sys.stdin.fileno()
        before = termios.tcgetattr(fd)
        letters = codecs.getincrementaldecoder(sys.stdin.encoding)("replace")
        try:
            tty.setraw(fd)
            done = None
            while done is None:
                draw()
                done = self.take(letters.decode(_bytes(fd)))
            return self.text if done else None
        finally:
            termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _bytes(fd: int) -> bytes:
    try:
        data = os.read(fd, 1024)
    except OSError:  # the other end was closed
        data = b""
    if not data:
        raise EOFError
    return data
