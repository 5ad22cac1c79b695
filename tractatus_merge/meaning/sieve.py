"""Which instructions could contradict some others, seen in their texts before these are parsed.

Whatever is left out has nothing between it and the others, by the rules of `reader.Clues`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tractatus_merge.core.values.equality import Json
from tractatus_merge.meaning.reader import Clues, Rule

_ODD = r"[\\\u2019\u03a3]|\*\*"
"""A text with one of these may say a word that does not stand in it letter by letter."""
_NUMBER = "number('"
"""How a parameter's list or object begins a number when it is read as words."""


def could_matter(brought: Mapping[str, dict[str, Json]], texts: Mapping[str, str]) -> list[str]:
    """The names of the texts (JSON, an object each) that must be compared with what is brought."""
    clues = [Clues(Rule(name, record)) for name, record in brought.items()]
    keys = {f'"{key}"' for clue in clues for key in clue.keys}
    parts = {max(needle.split(), key=len, default="") for clue in clues for needle in clue.needles}
    nothing = any(part in "none" for part in parts)
    number = any(part in _NUMBER for part in parts)

    def matters(text: str) -> bool:
        if any(map(text.__contains__, keys)) or any(map(text.lower().__contains__, parts)):
            return True
        line = text.replace("\n", " ").replace("\t", " ")
        if not line.isprintable() or re.search(_ODD, line):
            return True
        return (nothing and "null" in line) or (number and (line.count("{") > 2 or "[" in line))

    return [name for name, text in texts.items() if matters(text)]
