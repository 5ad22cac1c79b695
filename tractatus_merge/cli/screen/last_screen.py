"""The last screen of a review: nothing is left to ask, and the last answer can be undone yet."""

from __future__ import annotations

from tractatus_merge.cli.screen.deck import Deck
from tractatus_merge.cli.terminal.colour import Line, broken


def last_headline(deck: Deck) -> Line:
    """How many were settled, and how many are open."""
    return [("strong", summary(deck))]


def last_lines(deck: Deck, width: int) -> list[Line]:
    """Each answer of this review, the last one first."""
    lines: list[Line] = []
    for answered in reversed(deck.given):
        lines += broken([("", f"{', '.join(answered.places)}: {answered.said}")], width, 2)
    return lines


def last_keys(deck: Deck) -> list[Line]:
    """What can be done yet."""
    rows = [("u", "undo the last answer"), ("p", "back to what was skipped"), ("q", "end")]
    offered = {"u": bool(deck.given), "p": deck.skipped(), "q": True}
    pieces = [[("key", key), ("", f" {word}  ")] for key, word in rows if offered[key]]
    return [[piece for pair in pieces for piece in pair]]


def summary(deck: Deck) -> str:
    """So many settled, so many open."""
    left = len(deck.open())
    done = sum(len(answered.resolutions) for answered in deck.given)
    return f"{f'{done} settled, ' if done else ''}{left} conflict{'s' * (left != 1)} open"
