"""The conversation of a review: draws a question, reads a key, does what it means."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from tractatus_merge.cli.screen.deck import Deck
from tractatus_merge.cli.screen.last_screen import last_headline, last_keys, last_lines
from tractatus_merge.cli.screen.question_lines import (
    alike_keys,
    alike_lines,
    body,
    headline,
    help_lines,
    keys,
    typed_lines,
)
from tractatus_merge.cli.screen.typed_line import TypedLine
from tractatus_merge.cli.terminal.colour import Line, broken, painted
from tractatus_merge.cli.terminal.output import in_colour
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.review.questions import KEYS, Question, question

_TAKES = {key: take for take, key in KEYS.items()}
_LEFT, _RIGHT = ("\x1b[D", "\x1bOD"), ("\x1b[C", "\x1bOC")
_DOWN = (" ", "j", "\x1b[B", "\x1bOB", "\x1b[6~")
_UP = ("-", "\x1b[A", "\x1bOA", "\x1b[5~")
_END, _QUIT, _ENTER = "\x04", ("q", "Q"), ("\r", "\n")
_LEAST = 4  # so many lines of a question are worth more than the list of keys
_MANY = 9  # so many sides have a key of their own


class Screen:
    """One person at one terminal.

    Invariant: `asked` is None on the last screen, when nothing is left to ask.
    """

    def __init__(self, deck: Deck) -> None:
        self.deck = deck
        self.colour = in_colour()
        self.plain = os.environ.get("TERM", "dumb") == "dumb"
        self.notice = ""
        self.why = ""
        self.top = 0
        self.unfolded = self.helping = self.for_all = False
        self.asked: Question | None = None
        self.typing: TypedLine | None = None

    def run(self) -> None:
        """Until the person quits, or nothing was ever answered and all is skipped."""
        with self._whole_screen(), contextlib.suppress(EOFError, KeyboardInterrupt):
            while self._is_wanted():
                self._draw()
                key = _pressed()
                if key == _END or (key in _QUIT and not (self.helping or self.for_all)):
                    return
                if self.asked is not None:
                    self._do(key, self.asked)
                elif key in _ENTER:
                    return
                else:
                    self._look_back(key)

    def _is_wanted(self) -> bool:
        """Whether there is something to show; after the last answer that is how to undo it."""
        self.asked = self.deck.current()
        return self.asked is not None or bool(self.deck.given or self.notice)

    def _do(self, key: str, asked: Question) -> None:
        self.notice = ""
        if self.helping:
            self.helping = False
        elif (take := self._take(key, asked)) is not None:
            self._answer(asked, take, MISSING)
        elif key == "e" and asked.editable:
            self._edit(asked)
        elif key == "a" and asked.alike and not self.for_all:
            self.for_all, self.top = True, 0
        elif self.for_all and key not in (*_DOWN, *_UP):
            self.for_all, self.top = False, 0
        else:
            self._move(key)

    def _look_back(self, key: str) -> None:
        """On the last screen: what a key does there."""
        self.notice = ""
        if key == "u":
            self._undo()
        elif key in ("p", *_LEFT):
            self.deck.back()
        else:
            self.notice = "nothing is left to answer: u undoes the last answer, q ends the review"

    def _move(self, key: str) -> None:
        moves: dict[str, Callable[[], None]] = {
            "s": self.deck.skip, "n": self.deck.skip, "p": self.deck.back, "u": self._undo,
            "w": self._say_why, "?": self._help, "h": self._help, "m": self._fold,
        }  # fmt: skip
        moves |= dict.fromkeys(_RIGHT, self.deck.skip) | dict.fromkeys(_LEFT, self.deck.back)
        if key in moves:
            self.top = 0
            moves[key]()
        elif key in _DOWN:
            self.top += self._height() - 1
        elif key in _UP:
            self.top -= self._height() - 1
        else:
            self.notice = "no answer has that key; ? shows them all"

    def _help(self) -> None:
        self.helping = True

    def _fold(self) -> None:
        self.unfolded = not self.unfolded

    def _take(self, key: str, asked: Question) -> str | None:
        """The answer that a key means."""
        offers = {offer.take for offer in asked.offers}
        if key.isdigit() and len(asked.side_views) > _MANY:
            typed = self._typed(f"side (1-{len(asked.side_views)})", key)
            return typed if typed in offers else None
        take = _TAKES.get(key, key)
        return take if take in offers else None

    def _answer(self, asked: Question, take: str, value: Json) -> None:
        ids = [asked.conflict.id, *(asked.alike if self.for_all else ())]
        self.for_all = False
        told = self.deck.answer(asked, ids, take, value, self.why)
        self.notice, self.why, self.top, self.unfolded = told, "", 0, False

    def _undo(self) -> None:
        self.notice = self.deck.undo()

    def _edit(self, asked: Question) -> None:
        value = asked.conflict.force.value
        text = value if asked.is_text else "" if value is MISSING else json_text.dump(value)
        with self._out():
            edited = click.edit(text, extension=".txt" if asked.is_text else ".json")
        if edited is None:
            self.notice = "nothing was changed in the editor"
            return
        try:
            given = edited.removesuffix("\n") if asked.is_text else json_text.parse(edited)
        except JsonError as error:
            self.notice = f"that is not JSON: {error.why}"
            return
        self._answer(asked, "value", given)

    def _say_why(self) -> None:
        typed = self._typed("why", self.why)
        self.why = self.why if typed is None else typed

    def _typed(self, label: str, before: str = "") -> str | None:
        """A line that a person types at the foot of the screen; None where Esc gave it up."""
        if self.plain:  # a terminal that cannot be drawn on
            return before + str(
                click.prompt(label, default="", show_default=False, prompt_suffix=f": {before}")
            )
        self.typing = TypedLine(label, before)
        try:
            return self.typing.read(self._draw)
        finally:
            self.typing = None

    def _height(self) -> int:
        return max(_size().lines, 6)

    def _draw(self) -> None:
        """The whole screen: the headline, the part of the body that fits, the answers."""
        width, height = max(_size().columns - 1, 20), self._height()
        title, middle, foot = self._parts(width)
        notes = [broken([("new", self.notice)], width)] if self.notice else []
        if self.why and self.typing is None:
            notes += [broken([("faint", "why: "), ("", self.why)], width)]
        head: list[Line] = [*broken(title, width), *(line for n in notes for line in n), []]
        if height - len(head) - len(foot) - 2 < _LEAST:  # the question comes first
            head, foot = list(head[:1]), foot if self.typing else _note("? help")
        room = height - len(head) - len(foot) - 2
        self.top = max(0, min(self.top, len(middle) - max(room, 1)))
        if self.plain:
            self._print([*head, *middle, [], *foot])
            return
        shown = list(middle[self.top : self.top + max(room, 1)])
        shown += [[]] * (room - len(shown))
        rest = len(middle) - self.top - len(shown)
        more: Line = (
            [("faint", f"-- {rest} more line{'s' * (rest != 1)}: space --"[:width])]
            if rest > 0
            else []
        )
        self._print([*head, *shown, more, *foot], clear=True)

    def _parts(self, width: int) -> tuple[Line, list[Line], list[Line]]:
        """The headline, the body and the foot of what is shown now."""
        asked, deck = self.asked, self.deck
        if asked is None:
            return last_headline(deck), last_lines(deck, width), last_keys(deck)
        title = headline(asked, *deck.progress(), width)
        if self.helping:
            middle, foot = help_lines(asked, width), _note("any key goes back")
        elif self.for_all:
            every = [asked, *(question(deck.head, name) for name in asked.alike)]
            middle, foot = alike_lines(every, width), alike_keys(asked, width)
        else:
            middle = body(asked, width, unfolded=self.unfolded)
            foot = keys(asked, width)
        return title, middle, typed_lines(self.typing, width) if self.typing else foot

    def _print(self, lines: Sequence[Line], *, clear: bool = False) -> None:
        text = "\r\n".join(painted(line, colour=self.colour) for line in lines)  # it may be raw now
        start, end = "\x1b[H\x1b[2J" if clear else "", "" if self.typing else "\r\n"
        click.echo(f"{start}{text}{end}", nl=False, color=True)
        sys.stdout.flush()

    @contextmanager
    def _whole_screen(self) -> Iterator[None]:
        """The terminal's other screen, drawn again when its size changes."""

        def resized(_number: int, _frame: FrameType | None) -> None:
            self._draw()

        def ended(number: int, _frame: FrameType | None) -> None:
            raise SystemExit(128 + number)  # what is open below puts the terminal back

        before: Any = signal.signal(signal.SIGWINCH, resized)
        both = (signal.SIGTERM, signal.SIGHUP)  # but not what `nohup` told us to ignore
        heard = [n for n in both if signal.getsignal(n) != signal.SIG_IGN]
        stopped: Any = [(n, signal.signal(n, ended)) for n in heard]
        try:
            with self._switched("\x1b[?1049h", "\x1b[?1049l"):
                yield
        finally:
            for number, old in (*stopped, (signal.SIGWINCH, before)):
                signal.signal(number, old)

    @contextmanager
    def _out(self) -> Iterator[None]:
        """The terminal's own screen, for an editor."""
        with self._switched("\x1b[?1049l", "\x1b[?1049h"):
            yield

    @contextmanager
    def _switched(self, there: str, back: str) -> Iterator[None]:
        if self.plain:
            yield
            return
        click.echo(there, nl=False, color=True)
        try:
            yield
        finally:
            click.echo(back, nl=False, color=True)


def _size() -> os.terminal_size:
    """The window as it is now, whatever an old COLUMNS says."""
    try:
        return os.get_terminal_size(sys.stdout.fileno())
    except OSError:  # a terminal that does not know
        return os.terminal_size((80, 24))


def _pressed() -> str:
    """One key. What was typed ahead is thrown away: it would answer what nobody has seen yet."""
    with contextlib.suppress(termios.error):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    typed = click.getchar()
    return typed if typed.startswith("\x1b") else typed[:1]


def _note(text: str) -> list[Line]:
    return [[("faint", text)]]
