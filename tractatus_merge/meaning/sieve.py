"""Which instructions could contradict some others, seen in their texts before these are parsed.

Whatever is left out has nothing between it and the others, by the rules of `reader.Clues`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tractatus_merge.core.values.equality import Json
from tractatus_merge.meaning.reader import TWIN, Clues, Rule, could_forbid

_ODD = ("\\", "\u2019", "\u03a3", "**")
"""A text with one of these may say a word that does not stand in it letter by letter."""
_NUMBER = "number('"
"""How a parameter's list or object begins a number when it is read as words."""


def could_matter(brought: Mapping[str, dict[str, Json]], texts: Mapping[str, str]) -> list[str]:
    """The names of the texts (JSON, an object each) that must be compared with what is brought."""
    wanted = [_Wanted(Clues(Rule(name, record))) for name, record in brought.items()]
    keys = {f'"{key}"' for one in wanted for key in one.keys}
    parts = frozenset[str]().union(*(one.parts for one in wanted))
    nothing = any(part in "none" for part in parts)
    number = any(part in _NUMBER for part in parts)

    def matters(text: str) -> bool:
        low = text.lower()
        if any(map(text.__contains__, keys)) or any(one.stands_in(low) for one in wanted):
            return True
        line = text.replace("\n", " ").replace("\t", " ")
        if not line.isprintable() or any(map(line.__contains__, _ODD)):
            return True
        return (nothing and "null" in line) or (number and (line.count("{") > 2 or "[" in line))

    return [name for name, text in texts.items() if matters(text)]


class _Wanted:
    """What must stand in a text, in lower case, for a rule to have a finding with it.

    Of words that stand apart in a clue, the longest: what is between them may be another blank.
    """

    def __init__(self, clues: Clues) -> None:
        self.keys = clues.keys
        self._rare, self._wished = _parts(clues.rare), _parts(clues.wished)
        self._banned = [_parts(clue) for clue in clues.banned]
        self._words = [_part(word) for word in clues.rule.words]
        self.parts = self._rare.union(self._wished, self._words, *self._banned)

    def stands_in(self, low: str) -> bool:
        """Whether it does; see `Clues.reach`, of a text that is read."""
        there = low.__contains__
        if any(map(there, self._rare)) and sum(map(there, self._words)) > TWIN * len(self._words):
            return True
        if any(all(map(there, clue)) for clue in self._banned):
            return True
        return any(map(there, self._wished)) and could_forbid(low)


def _parts(needles: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_part, needles))


def _part(needle: str) -> str:
    return max(needle.split(), key=len, default="")
