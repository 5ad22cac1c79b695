"""One instruction, read as far as it was asked for: words, demands, parameters. No comparing.

Many are looked at for one that is read: `Clues` tell without reading a text whether it can matter.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from tractatus_merge.core.values.equality import Json
from tractatus_merge.meaning.demands import Demand, demands
from tractatus_merge.meaning.lexicon import CLASSES, stem
from tractatus_merge.meaning.names import Names, names
from tractatus_merge.meaning.parameters import OWNERS, is_nameable, parts
from tractatus_merge.meaning.sentences import words

TEXTS = ("text", "title", "description", "action")
TWIN = 0.7
"""Two texts with more of their words in common than this share say the same."""

PLAIN = words(
    "a an the and or of to in on at for from by with as is are be it its this that must should "
    "shall will do not never always use used uses using run runs running listen listens set only "
    "all any no ensure required prefer"
)
_CUES = ("never", "cannot", "avoid", "stop", "refrain", "instead", "rather", "over", "favor")
_STEMS = ("forbid", "prohibit", "ban", "disallow", "deprecat")
_PARTS = (*_CUES, *_STEMS, "n't", "n\u2019t")
_NO = r"not?\b(?<!\wno)(?<!\wnot)"
_CUE = rf"\b(?:not|no|{'|'.join(_CUES)}|(?:{'|'.join(_STEMS)})\w*)\b|n['\u2019]t\b"


def could_forbid(text: str) -> bool:
    """Whether a word in a text, in lower case, could forbid something.

    Most texts have no part of such a word, which is soon seen.
    """
    if re.search(_NO, text):
        return True
    return any(map(text.__contains__, _PARTS)) and re.search(_CUE, text) is not None


class Reach(NamedTuple):
    """Which kinds of finding a pair can have."""

    parameters: bool = True
    wording: bool = True
    twin: bool = True


class Rule:
    """One instruction, read as far as it was asked for."""

    def __init__(self, name: str, record: dict[str, Json]) -> None:
        self.name, self.record = name, record
        said = [record[key] for key in TEXTS if isinstance(record.get(key), str)]
        self.text = said[0] if len(said) == 1 else "\n".join(dict.fromkeys(said))
        found = record.get("parameters")
        self.parameters: dict[str, Json] = found if isinstance(found, dict) else {}
        low = self.text.lower()
        for pair in self.parameters.items():
            low += f"\n{pair[0]} {pair[1]}".lower()
        self.low = low.replace("\u2019", "'").replace("**", "")

    @cached_property
    def demands(self) -> list[Demand]:
        """What the text forbids and requires."""
        return demands(self.text)

    @cached_property
    def bans(self) -> list[Demand]:
        """What it forbids; a text without a word that forbids is not read for it."""
        return [demand for demand in self.demands if demand.forbids] if self.forbids else []

    @cached_property
    def wishes(self) -> list[Demand]:
        """What it requires."""
        return [demand for demand in self.demands if not demand.forbids]

    @cached_property
    def names(self) -> Names:
        """What the text names."""
        return names(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the text."""
        return words(self.text)

    @cached_property
    def forbids(self) -> bool:
        """Whether any word in the text could forbid something."""
        return could_forbid(self.low)

    @cached_property
    def rare(self) -> list[str]:
        """So many of the longest words that a twin must have one of them."""
        spare = len(self.words) - int(TWIN * len(self.words))
        return sorted(self.words, key=lambda word: (-len(word), word))[:spare]

    @cached_property
    def places(self) -> frozenset[str]:
        """The stems of where, when and of whom it demands something."""
        each = (demand.scope.limits | demand.subject for demand in self.demands)
        return frozenset[str]().union(*each)

    def subject(self, key: str) -> frozenset[str]:
        """What the instruction speaks of, beside the parameter itself."""
        named = (str(self.parameters[name]) for name in OWNERS if name in self.parameters)
        spoken = self.words.union(*map(words, named))
        own = words(str(self.parameters[key])) | set(parts(key))
        return frozenset(map(stem, spoken - own - PLAIN)) - self.own(key)

    def own(self, key: str) -> frozenset[str]:
        """The stems of a parameter's name and value."""
        return frozenset(map(stem, words(str(self.parameters[key])) | set(parts(key))))


class Clues:
    """What another rule must have for each kind of finding with this one.

    The clues are parts of words; `needles` are all of them, `hits` those that stand in the other.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule, self.keys = rule, rule.parameters.keys()
        self.rare = frozenset(rule.rare)
        self.banned = {frozenset(_clue(ban)) for ban in rule.bans}
        wished = {_clue(wish)[-1] for wish in rule.wishes}
        for value in rule.parameters.values():
            if is_nameable(value):
                longest = sorted(map(stem, words(str(value))), key=len)[-1:]
                wished |= {word for word in longest if len(word) > 2}
        self.wished = frozenset(wished)
        self.needles = self.rare.union(self.wished, *self.banned)

    def reach(self, other: Rule, hits: set[str]) -> Reach | None:
        """Which findings the pair can have; None where it can have none."""
        shared = not self.keys.isdisjoint(other.parameters)
        if not shared and hits.isdisjoint(self.needles):
            return None
        twin = self.keys == other.parameters.keys() and not hits.isdisjoint(self.rare)
        if twin:
            said = self.rule.words
            twin = sum(map(other.low.__contains__, said)) > TWIN * len(said)
        meets = any(clue <= hits for clue in self.banned)
        meets = meets or (not hits.isdisjoint(self.wished) and other.forbids)
        return Reach(shared, meets, twin) if shared or meets or twin else None


def _clue(demand: Demand) -> list[str]:
    """Parts of words that must stand in a text which speaks of this, the best one last."""
    clue = [word.removesuffix("y") for word in demand.thing]
    return clue if demand.verb in CLASSES else [*clue, demand.verb]
