"""Whether one instruction contradicts another, as far as a rule can tell. It settles nothing.

Three findings. Two parameters of one name say different things of one subject; one text forbids
what the other's text or parameter requires; or two instructions say the same (a note). Silence
means only that nothing was found: where a rule is unsure it is silent, for an alarm that is false
costs the trust in all others. How sentences are read stands in `demands`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tractatus_merge.core.model.conflict import gravity
from tractatus_merge.core.model.findings import Finding
from tractatus_merge.core.values.equality import Json, Path, canonical
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.instructions.severity import severity
from tractatus_merge.meaning.demands import Demand
from tractatus_merge.meaning.lexicon import DROPPED, STOPS, Scope, stem, verb_class
from tractatus_merge.meaning.names import Names, names
from tractatus_merge.meaning.parameters import (
    OWNERS,
    alike,
    are_apart,
    differ,
    explains,
    is_loose,
    is_nameable,
    is_narrower,
    is_owned,
    parts,
)
from tractatus_merge.meaning.ranges import is_range
from tractatus_merge.meaning.reader import PLAIN, TEXTS, TWIN, Clues, Reach, Rule, could_forbid
from tractatus_merge.meaning.sentences import words

__all__ = ["Finding", "compare", "find_contradictions"]

_ANYTHING = words("anything anyone anybody everything everyone everybody something thing things")
UNWANTED = words("forbidden prohibited banned avoid never not old from deprecated instead")


_Disagreement = tuple[str, tuple[Json, Json], Path]


def compare(one: dict[str, Json], other: dict[str, Json]) -> list[Finding]:
    """The findings between two records, whichever comes first.

    A retired record says nothing any more.
    """
    if is_retired(one) or is_retired(other):
        return []
    pair = sorted((Rule(str(record.get("id", "")), record) for record in (one, other)), key=_order)
    return _compared(pair[0], pair[1], Reach())


def find_contradictions(
    brought: Mapping[str, dict[str, Json]], there: Mapping[str, dict[str, Json]]
) -> list[Finding]:
    """The findings of all pairs of one brought and one other record, each pair once, in order."""
    clues = [Clues(rule) for rule in _rules(brought)]
    needles = frozenset[str]().union(*(clue.needles for clue in clues))
    found: dict[tuple[str, str], list[Finding]] = {}
    for other in _rules(there):
        hits = set(filter(other.low.__contains__, needles))
        for clue in clues:
            one = clue.rule
            if one.name == other.name or not (reach := clue.reach(other, hits)):
                continue
            first, second = (one, other) if one.name < other.name else (other, one)
            if (first.name, second.name) not in found:
                found[first.name, second.name] = _compared(first, second, reach)
    return [finding for pair in sorted(found) for finding in found[pair]]


def _rules(records: Mapping[str, dict[str, Json]]) -> list[Rule]:
    return [Rule(name, record) for name, record in records.items() if not is_retired(record)]


def _order(rule: Rule) -> tuple[str, str]:
    return rule.name, canonical(rule.record)


def _compared(one: Rule, other: Rule, reach: Reach) -> list[Finding]:
    """The findings of a pair, its ids in order."""
    ids, found = (one.name, other.name), list[Finding]()
    separate = (reach.parameters or reach.wording) and are_apart(one.parameters, other.parameters)
    if reach.parameters and not separate:
        for key in sorted(one.parameters.keys() & other.parameters.keys()):
            if _disagree(one, other, key):
                says = (one.parameters[key], other.parameters[key])
                grave = _graver(one, other, ("parameters", key))
                place = (("parameters", key),)
                found.append(Finding("parameter", grave, ids, key, says, (place, place)))
    if reach.wording and not separate:
        against = [*_against(one, other), *((a, s[::-1], p) for a, s, p in _against(other, one))]
        if against:
            about, says, path = min(against)
            grave, places = _graver(one, other, path), _places(one, other, says, path)
            found.append(Finding("prohibition", grave, ids, about, says, places))
    if reach.twin and not found and _twins(one, other):
        found.append(Finding("twin", "NOTE", ids, "text", (one.text, other.text)))
    return found


def _places(
    one: Rule, other: Rule, says: tuple[Json, Json], path: Path
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Where two rules say what contradicts: in a text that has the sentence, else at the path."""
    first, second = (
        tuple(
            (key,)
            for key in TEXTS
            if isinstance(text := rule.record.get(key), str) and said in text
        )
        or (path,)
        for rule, said in zip((one, other), map(str, says), strict=True)
    )
    return first, second


def _graver(one: Rule, other: Rule, path: Path) -> str:
    return max((severity(rule.record, path) for rule in (one, other)), key=gravity)


def _disagree(one: Rule, other: Rule, key: str) -> bool:
    """Whether a parameter that both have says different things of one subject."""
    if not differ(key, one.parameters[key], other.parameters[key]):
        return False
    return _one_subject(one, other, key) and not (_unwanted(one, key) or _unwanted(other, key))


def _one_subject(one: Rule, other: Rule, key: str) -> bool:
    """Whether the two parameters speak of one thing.

    A name that each thing has its own of (`port`) needs a word in common, or a text that names no
    subject; a loose one (`pattern`), a list and an object need most of the words of the shorter
    text; any other (`indent`) is its own subject, unless both texts say where, and not the same.
    What one says of a part only (a component) may be an exception to the other; and texts that name
    two services, databases or environments speak of two.
    """
    if is_narrower(one.parameters, other.parameters):
        return False
    owners = (name for name in OWNERS if name in one.parameters and name in other.parameters)
    if any(owners):
        return True
    if one.names.are_apart(other.names, one.own(key) | other.own(key)):
        return False
    ours, theirs = one.subject(key), other.subject(key)
    if is_loose(key, one.parameters[key]) or is_loose(key, other.parameters[key]):
        return 2 * len(ours & theirs) > min(len(ours), len(theirs))
    if not is_owned(key):
        ours, theirs = one.places & ours, other.places & theirs
    return not ours or not theirs or not ours.isdisjoint(theirs)


def _unwanted(rule: Rule, key: str) -> bool:
    """Whether the rule names the value because its text forbids it."""
    return any(_names(ban, key, rule.parameters[key]) for ban in rule.bans)


def _names(demand: Demand, key: str, value: Json) -> bool:
    """Whether the demand's thing is this value, with the parameter's name beside it or not."""
    if not is_nameable(value) or is_range(value):
        return False
    said = {stem(word) for word in words(str(value))}
    thing, name = set(demand.thing), set(map(stem, parts(key)))
    if not said or thing - name != said or max(map(len, said)) < 3:
        return False
    bare = "".join(said)
    return thing != said or not bare.isdigit() or len(bare) > 3


def _against(forbidding: Rule, requiring: Rule) -> Iterator[_Disagreement]:
    """What the first rule's text forbids and the second's text or parameter requires."""
    for ban in forbidding.bans:
        if any(_covers(ban, own) for own in forbidding.wishes):
            continue  # the rule qualifies itself: "never X, but X where ..."
        if any(_covers(ban, own) for own in requiring.bans):
            continue  # both forbid it
        for wish in requiring.wishes:
            apart = _named(forbidding, ban).are_apart(_named(requiring, wish))
            if _covers(ban, wish) and _meet(ban, wish) and not apart:
                yield ban.spelling, (ban.sentence, wish.sentence), ()
        if ban.verb != "use" or ban.scope != Scope() or not ban.subject <= requiring.words:
            continue
        if _named(forbidding, ban).are_apart(requiring.names):
            continue
        for key, value in requiring.parameters.items():
            if UNWANTED.isdisjoint(parts(key)) and not explains(key) and _names(ban, key, value):
                yield ban.spelling, (ban.sentence, f"{key}: {value}"), ("parameters", key)


def _named(rule: Rule, demand: Demand) -> Names:
    """What a demand's sentence names; where it names nothing, what the text does."""
    return names(demand.sentence) or rule.names


def _covers(ban: Demand, wish: Demand) -> bool:
    """Whether what is wished is what is forbidden, or a kind of it."""
    if ban.verb != wish.verb:
        return False
    if not ban.thing:  # whatever it be, but for one file by its name: "never commit" speaks of work
        return "".join(wish.thing).isalpha()
    return ban.thing[-1:] == wish.thing[-1:] and set(ban.thing) <= set(wish.thing)


def _meet(ban: Demand, wish: Demand) -> bool:
    """Whether what is wished lies where it is forbidden: one place and time, no other subject.

    A place within the forbidden one counts: integration tests are tests.
    """
    limits, wider = wish.scope.limits, ban.scope.limits
    within = wider == limits or (bool(wider) and wider <= limits)
    purposes = ban.scope.purpose <= wish.scope.purpose | wish.subject
    subjects = not ban.subject or not wish.subject or ban.subject == wish.subject
    return within and purposes and subjects


def _twins(one: Rule, other: Rule) -> bool:
    """Whether two rules have most words in common, and no value, number or "not" apart.

    Where each has a word that the other has not, they say two things: "Use yarn", "Use pnpm".
    """
    if not alike(one.parameters, other.parameters):
        return False
    both, either = one.words & other.words, one.words | other.words
    if len(both) <= TWIN * len(either):
        return False
    only = [rule.words - both for rule in (one, other)]
    empty = PLAIN | STOPS | DROPPED | _ANYTHING
    forms = [{verb_class(stem(word)) for word in said - empty} for said in only]
    if forms[0] - forms[1] and forms[1] - forms[0]:
        return False
    opposed = could_forbid(" ".join(only[0])) != could_forbid(" ".join(only[1]))
    return not opposed and not any(letter.isdigit() for said in only for letter in "".join(said))
