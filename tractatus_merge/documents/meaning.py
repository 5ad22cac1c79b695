"""Whether one instruction contradicts another, as far as a rule can tell. It settles nothing.

Three findings. Two parameters of one name say different things of one subject; one text forbids
what the other's text or parameter requires; or two instructions say the same (a note). Silence
means only that nothing was found: where a rule is unsure it is silent, for an alarm that is false
costs the trust in all others. How sentences are read stands in `wording`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tractatus_merge.core.values import Json, Path, canonical
from tractatus_merge.documents.instructions import is_retired, severity
from tractatus_merge.documents.lexicon import Scope, stem, word_set
from tractatus_merge.documents.parameters import (
    OWNERS,
    PROSE,
    alike,
    apart,
    differ,
    is_loose,
    is_owned,
    is_prose,
    parts,
)
from tractatus_merge.documents.wording import Demand, demands, words

__all__ = ["Finding", "compared", "contradictions"]

GRAVITY = ("NOTE", "MINOR", "WARNING", "CRITICAL")
UNWANTED = word_set("forbidden prohibited banned avoid never not old from deprecated instead")
PLAIN = word_set(
    "a an the and or of to in on at for from by with as is are be it its this that must should "
    "shall will do not never always use used uses using run runs running listen listens set only "
    "all any no ensure required prefer"
)
TWIN = 0.7
_CUE = re.compile(
    r"\b(?:never|not|no|cannot|avoid|stop|refrain|instead|rather|over|favor"
    r"|(?:forbid|prohibit|ban|disallow|deprecat)\w*)\b|n['\u2019]t\b"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What two instructions disagree on, or (code "twin") that they say the same."""

    code: str
    severity: str
    ids: tuple[str, str]
    about: str
    says: tuple[Json, Json]


class _Reach(NamedTuple):
    """Which kinds of finding a pair can have."""

    parameters: bool = True
    wording: bool = True
    twin: bool = True


_Disagreement = tuple[str, tuple[Json, Json], Path]


class _Rule:
    """One instruction, read as far as it was asked for."""

    def __init__(self, name: str, record: dict[str, Json]) -> None:
        self.name, self.record = name, record
        parts = (record.get(key) for key in ("text", "title", "description", "action"))
        self.text = "\n".join(dict.fromkeys(part for part in parts if isinstance(part, str)))
        found = record.get("parameters")
        self.parameters: dict[str, Json] = found if isinstance(found, dict) else {}
        pairs = (f"{key} {value}" for key, value in self.parameters.items())
        self.low = "\n".join([self.text, *pairs]).lower().replace("\u2019", "'").replace("**", "")

    @cached_property
    def demands(self) -> list[Demand]:
        """What the text forbids and requires."""
        return demands(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the text."""
        return words(self.text)

    @cached_property
    def forbids(self) -> bool:
        """Whether any word in the text could forbid something."""
        return _CUE.search(self.low) is not None

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
        return frozenset(map(stem, spoken - own - PLAIN)) - frozenset(map(stem, own))


def compared(one: dict[str, Json], other: dict[str, Json]) -> list[Finding]:
    """What two records say against each other, the same whichever comes first.

    A retired record says nothing any more.
    """
    if is_retired(one) or is_retired(other):
        return []
    pair = sorted((_Rule(str(record.get("id", "")), record) for record in (one, other)), key=_order)
    return _compared(pair[0], pair[1], _Reach())


def contradictions(
    brought: Mapping[str, dict[str, Json]], there: Mapping[str, dict[str, Json]]
) -> list[Finding]:
    """The findings of all pairs of one brought and one other record, each pair once, in order."""
    new, old = _rules(brought), _rules(there)
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in new:
        near = _near(one)
        for other in old:
            if one.name == other.name or not any(reach := near(other)):
                continue
            first, second = (one, other) if one.name < other.name else (other, one)
            if (first.name, second.name) not in found:
                found[first.name, second.name] = _compared(first, second, reach)
    return [finding for pair in sorted(found) for finding in found[pair]]


def _rules(records: Mapping[str, dict[str, Json]]) -> list[_Rule]:
    return [_Rule(name, record) for name, record in records.items() if not is_retired(record)]


def _order(rule: _Rule) -> tuple[str, str]:
    return rule.name, canonical(rule.record)


def _compared(one: _Rule, other: _Rule, reach: _Reach) -> list[Finding]:
    """The findings of a pair, its ids in order."""
    ids, found = (one.name, other.name), list[Finding]()
    separate = (reach.parameters or reach.wording) and apart(one.parameters, other.parameters)
    if reach.parameters and not separate:
        for key in sorted(one.parameters.keys() & other.parameters.keys()):
            if _disagree(one, other, key):
                says = (one.parameters[key], other.parameters[key])
                grave = _graver(one, other, ("parameters", key))
                found.append(Finding("parameter", grave, ids, key, says))
    if reach.wording and not separate:
        against = [*_against(one, other), *((a, s[::-1], p) for a, s, p in _against(other, one))]
        if against:
            about, says, path = min(against)
            found.append(Finding("prohibition", _graver(one, other, path), ids, about, says))
    if reach.twin and not found and _twins(one, other):
        found.append(Finding("twin", "NOTE", ids, "text", (one.text, other.text)))
    return found


def _graver(one: _Rule, other: _Rule, path: Path) -> str:
    return max((severity(rule.record, path) for rule in (one, other)), key=GRAVITY.index)


def _disagree(one: _Rule, other: _Rule, key: str) -> bool:
    """Whether a parameter that both have says different things of one subject."""
    if not differ(key, one.parameters[key], other.parameters[key]):
        return False
    return _one_subject(one, other, key) and not (_unwanted(one, key) or _unwanted(other, key))


def _one_subject(one: _Rule, other: _Rule, key: str) -> bool:
    """Whether the two parameters speak of one thing.

    A name that each thing has its own of (`port`) needs a word in common, or a text that names no
    subject; a loose one (`pattern`), a list and an object need most of the words of the shorter
    text; any other (`indent`) is its own subject, unless both texts say where, and not the same.
    """
    owners = (name for name in OWNERS if name in one.parameters and name in other.parameters)
    if any(owners):
        return True
    ours, theirs = one.subject(key), other.subject(key)
    if is_loose(key, one.parameters[key]) or is_loose(key, other.parameters[key]):
        return 2 * len(ours & theirs) > min(len(ours), len(theirs))
    if not is_owned(key):
        ours, theirs = one.places & ours, other.places & theirs
    return not ours or not theirs or not ours.isdisjoint(theirs)


def _unwanted(rule: _Rule, key: str) -> bool:
    """Whether the rule names the value because its text forbids it."""
    bans = (demand for demand in rule.demands if demand.forbids)
    return rule.forbids and any(_names(ban, key, rule.parameters[key]) for ban in bans)


def _names(demand: Demand, key: str, value: Json) -> bool:
    """Whether the demand's thing is this value, with the parameter's name beside it or not."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or is_prose(value):
        return False
    said = {stem(word) for word in words(str(value))}
    thing, name = set(demand.thing), set(map(stem, parts(key)))
    if not said or thing - name != said or max(map(len, said)) < 3:
        return False
    return thing != said or not all(word.isdigit() for word in said) or len(min(said)) > 3


def _against(forbidding: _Rule, requiring: _Rule) -> Iterator[_Disagreement]:
    """What the first rule's text forbids and the second's text or parameter requires."""
    if not forbidding.forbids:
        return
    for ban in (demand for demand in forbidding.demands if demand.forbids):
        if any(not own.forbids and _covers(ban, own) for own in forbidding.demands):
            continue  # the rule qualifies itself: "never X, but X where ..."
        if any(own.forbids and _covers(ban, own) for own in requiring.demands):
            continue  # both forbid it
        for wish in requiring.demands:
            if not wish.forbids and _covers(ban, wish) and _meet(ban, wish):
                yield ban.spelling, (ban.sentence, wish.sentence), ()
        if ban.verb != "use" or ban.scope != Scope() or not ban.subject <= requiring.words:
            continue
        for key, value in requiring.parameters.items():
            if UNWANTED.union(PROSE).isdisjoint(parts(key)) and _names(ban, key, value):
                yield ban.spelling, (ban.sentence, f"{key}: {value}"), ("parameters", key)


def _covers(ban: Demand, wish: Demand) -> bool:
    """Whether what is wished is what is forbidden, or a kind of it."""
    if ban.verb != wish.verb or ban.thing[-1:] != wish.thing[-1:][: len(ban.thing)]:
        return False
    return set(ban.thing) <= set(wish.thing)


def _meet(ban: Demand, wish: Demand) -> bool:
    """Whether what is wished lies where it is forbidden: one place and time, no other subject.

    A place within the forbidden one counts: integration tests are tests.
    """
    limits, wider = wish.scope.limits, ban.scope.limits
    within = wider == limits or (bool(wider) and wider <= limits)
    purposes = ban.scope.purpose <= wish.scope.purpose | wish.subject
    subjects = not ban.subject or not wish.subject or ban.subject == wish.subject
    return within and purposes and subjects


def _twins(one: _Rule, other: _Rule) -> bool:
    """Whether two rules have most words in common, and neither a number nor a "not" apart."""
    if not alike(one.parameters, other.parameters):
        return False
    both, either = one.words & other.words, one.words | other.words
    if 10 * len(both) <= 7 * len(either):
        return False
    only = [" ".join(rule.words - both) for rule in (one, other)]
    opposed = bool(_CUE.search(only[0])) != bool(_CUE.search(only[1]))
    return not opposed and not any(letter.isdigit() for letter in "".join(only))


def _near(rule: _Rule) -> Callable[[_Rule], _Reach]:
    """What another rule must have for each kind of finding, told without reading its text."""
    keys = rule.parameters.keys()
    banned, wished = set[tuple[str, ...]](), set[str]()
    for demand in rule.demands:
        if demand.forbids:
            banned.add(tuple(word.removesuffix("y") for word in demand.thing))
        else:
            wished |= {demand.thing[-1].removesuffix("y"), demand.verb}
    for value in rule.parameters.values():
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            wished |= set(sorted(map(stem, words(str(value))), key=len)[-1:])
    rare = rule.rare

    def reach(other: _Rule) -> _Reach:
        low, shared = other.low, not keys.isdisjoint(other.parameters)
        twin = keys == other.parameters.keys() and any(word in low for word in rare)
        meets = any(all(word in low for word in thing) for thing in banned)
        meets = meets or (other.forbids and any(word in low for word in wished))
        return _Reach(shared, meets, twin)

    return reach
