"""The clauses of a sentence: a verb, its things, its scope, and whether it forbids or requires.

A small grammar of English rules, not a parser of English: what it does not know it leaves out. It
reads the inner form of `sentences`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tractatus_merge.meaning.lexicon import (
    DROPPED,
    PLACES,
    REASONS,
    STOPS,
    Scope,
    is_verb,
    scope_of,
    subject_of,
)
from tractatus_merge.meaning.sentences import HARD, inner, segments
from tractatus_merge.value import Value, field, replace

_LEADS = STOPS - {"using", "via", "to", "as", "that", "like", "than", "over"}
_POLITE = ("please", "also", "only", "just")
_OPPOSITE = r"(?<!\S)(instead of|rather than|in favor of|over|and not|not)(?!\S)"

_MODAL = r"(?:must|should|shall|will|ought to|needs? to|has to|have to|is to|are to)"
_NEVER = rf"(?:(?:{_MODAL}|do|may|can|could) (?:not|never)|never|no longer)(?: ever)?"
_AVOID = rf"(?:{_MODAL} |always )?(?:avoid|refrain from|stop(?= \S+ing\b))"
_FORBIDDEN = (
    r"(?P<thing>.+?) (?:is|are)(?: \S+ly)? (?:forbidden|prohibited|banned|disallowed|deprecated"
    r"|(?:not|never) (?:allowed|permitted|acceptable|used)|no longer (?:used|allowed))"
    r"(?P<rest> .*)?"
)
_REQUIRED = (
    r"(?P<thing>.+?) (?:is|are)(?: \S+ly| always)? (?:required|mandatory|preferred)(?P<rest> .*)?"
)
_PASSIVE = (
    rf"(?P<thing>.+?) (?:(?P<neg>(?:{_MODAL}|may|can) (?:not|never))|{_MODAL})"
    r"(?: always| ever| only| \S+ly)? be (?P<verb>\S+(?:ed|en)|run|set|put|built|made)"
    r"(?P<rest> .*)?"
)
_ACTIVE = (
    rf"(?P<who>(?:\S+ ){{0,6}}?)(?:please )?(?:(?P<neg>{_NEVER})|(?P<avoid>{_AVOID})"
    rf"|(?:{_MODAL}|always)(?: always)?) (?P<rest>.+)"
)
_NONE = r"no (?P<rest>(?!need\b|longer\b|more\b|one\b|matter\b).+)"
_USES = r"(?P<who>(?:\S+ ){1,4}?)uses? (?P<rest>.+)"
_IS = r"(?P<who>(?:\S+ ){1,5}?)(?:is|are) (?P<rest>.+)"
_MARKS = (
    r"(?<!\S)(?:must|should|shall|will|ought|needs?|has|have|is|are|may|can|could|do|never|no|always"
    r"|avoid|refrain|stop|uses?)(?!\S)"
)
"""Without one of these words none of the patterns matches: most parts of sentences are told so."""
_OPERATORS = (_FORBIDDEN, _REQUIRED, _PASSIVE, _ACTIVE, _NONE, _USES, _IS)
_FORGET = r"(?:forget|fail|neglect|hesitate) to "
_VAGUE = r"(?:necessarily|always|only|just|need|have to|worry|every)(?!\S)"


class Clause(Value):
    """A verb with its things, or `bare` of any; `choice`: one of the things is enough."""

    forbids: bool
    verb: str
    things: list[list[str]]
    scope: Scope = field(default_factory=Scope)
    subject: frozenset[str] = frozenset()
    choice: bool = False
    bare: bool = False


def object_of(tokens: list[str]) -> tuple[list[list[str]], list[str], list[str], bool]:
    """What follows a verb: its things, where and when, a clause more, whether one is enough."""
    things: list[list[str]] = [[]]
    scope, more, choice = list[str](), list[str](), False
    for place, word in enumerate(tokens):
        after = tokens[place + 1 :]
        if word in ("and", "or", "nor"):
            choice = choice or word == "or"
            if after and is_verb(after[0]):
                more = after
                break
            things.append([])
        elif word in REASONS or (word in STOPS and (any(things) or word not in PLACES)):
            scope = tokens[place:]
            break
        elif word not in STOPS and word not in DROPPED:
            things[-1].append(word)
    return [thing for thing in things if thing], scope, more, choice


def _said(tokens: list[str], *, forbids: bool, who: list[str]) -> Iterator[Clause]:
    """The clauses of an active sentence, from its verb on."""
    places = (
        n
        for n, word in enumerate(tokens)
        if is_verb(word) or not (word in _POLITE or word.endswith("ly"))
    )
    place = next(places, 0)
    verbs, rest = [tokens[place]], tokens[place + 1 :]
    while len(rest) > 1 and rest[0] in ("and", "or", "nor") and is_verb(rest[1]):
        verbs, rest = [*verbs, rest[1]], rest[2:]
    line, contrast, other = (*re.split(_OPPOSITE, " ".join(rest), maxsplit=1), "", "")[:3]
    if contrast and forbids != (contrast == "in favor of"):
        return  # "never use X instead of Y" forbids neither
    things, where, more, choice = object_of(line.split())
    scope, subject = scope_of([*tokens[:place], *where]), subject_of(who)
    if who and who[0] in _LEADS:
        scope, subject = scope | scope_of(who), frozenset()
    bare = not rest or rest[0] in STOPS
    for verb in verbs:
        yield Clause(forbids, verb, things, scope, subject, choice=choice, bare=bare)
    if other.strip():
        tail = other.split()
        verb, tail = (tail[0], tail[1:]) if is_verb(tail[0]) else (verbs[0], tail)
        things, where, _, choice = object_of(tail)
        yield Clause(not forbids, verb, things, scope | scope_of(where), subject, choice=choice)
    if more and not (forbids and "and" in rest):
        yield from _clauses(more, forbids=forbids)


def _named(found: re.Match[str], *, forbids: bool) -> Iterator[Clause]:
    """The clause of a sentence that begins with its thing: "X must not be used"."""
    thing = found["thing"].split()
    verb = found.groupdict().get("verb")
    if verb is None:
        verb, thing = (thing[0], thing[1:]) if is_verb(thing[0]) else ("use", thing)
    things, where, _, choice = object_of(thing)
    scope = scope_of([*where, *(found["rest"] or "").split()])
    yield Clause(forbids, verb, things, scope, choice=choice, bare=not thing)


def _clauses(tokens: list[str], *, forbids: bool) -> Iterator[Clause]:
    """The clauses of one part of a sentence; `forbids` holds where it does not say itself."""
    if not _is_explicit(tokens):
        if tokens[0] not in (*DROPPED, "no") or (tokens[0] in _POLITE and tokens[1:]):
            yield from _said(tokens[tokens[0] in _POLITE :], forbids=forbids, who=[])
        return
    line = " ".join(tokens)
    for rule, says in ((_FORBIDDEN, True), (_REQUIRED, False), (_PASSIVE, None)):
        if found := re.fullmatch(rule, line):
            yield from _named(found, forbids=bool(found["neg"]) if says is None else says)
            return
    if found := re.fullmatch(_ACTIVE, line):
        yield from _ordered(found)
    elif found := re.fullmatch(_NONE, line):
        for verb in ("use", "add"):
            yield from _said([verb, *found["rest"].split()], forbids=True, who=[])
    else:
        found = re.fullmatch(_USES, line) or re.fullmatch(_IS, line)
        assert found  # one of the operators fits, or the part would not be explicit
        yield from _said(["use", *found["rest"].split()], forbids=False, who=found["who"].split())


def _ordered(found: re.Match[str]) -> Iterator[Clause]:
    """The clauses of a part with "never", "avoid", "must" or "always" in it."""
    rest, negative, avoid = found["rest"], bool(found["neg"]), bool(found["avoid"])
    if negative and re.match(_VAGUE, rest):
        return
    if forget := negative and re.match(_FORGET, rest):
        negative, rest = False, rest[forget.end() :]
    tokens = rest.split()
    if avoid and not (is_verb(tokens[0]) or tokens[0].endswith("ing")):
        tokens = ["use", *tokens]
    yield from _said(tokens, forbids=negative or avoid, who=found["who"].split())


def _led(tokens: list[str]) -> int:
    """Where the clause begins in a part of a sentence that begins with where or when."""
    if tokens[0] not in _LEADS:
        return 0
    if re.fullmatch(_ACTIVE, " ".join(tokens)):
        return 0
    nouns = STOPS | DROPPED  # after one of these a word that may be a verb is a noun
    places = range(1, len(tokens))
    verbs = (n for n in places if is_verb(tokens[n], order=True) and tokens[n - 1] not in nouns)
    return next(verbs, len(tokens))


def _goes_on(parts: list[tuple[str, list[str]]], number: int) -> bool:
    """Whether a list that a "never" began goes on here: an "or" still follows."""
    for mark, tokens in parts[number:]:
        if mark in HARD:
            break
        if "or" in tokens or "nor" in tokens:
            return True
    return False


def clauses(sentence: str) -> list[Clause]:
    """The clauses of a sentence, in order, each with what the parts around it add."""
    lead = Scope()
    found: list[Clause] = []
    parts = list(segments(inner(sentence)))
    for number, (mark, said) in enumerate(parts):
        joint = said[0] if said[0] in ("and", "or", "nor", "then") else ""
        tokens = said[bool(joint) :]
        begin = _led(tokens) if tokens else 0
        where, tokens = scope_of(tokens[:begin]), tokens[begin:]
        if begin and not tokens and found:
            found[-1] = replace(found[-1], scope=found[-1].scope | where)
        elif begin:
            lead |= where
        if not tokens:
            continue
        if not found:
            known = number == 0 or mark in HARD or is_verb(tokens[0]) or lead != Scope()
            new = list(_opened(tokens, mark)) if known or _is_explicit(tokens) else []
        else:
            goes_on = _goes_on(parts, number)
            new = _continued(found.pop(), tokens, mark, joint, goes_on=goes_on)
        found += [replace(clause, scope=clause.scope | lead) for clause in new]
    return found


def _is_explicit(tokens: list[str]) -> bool:
    """Whether a part says itself whether it forbids."""
    line = " ".join(tokens)
    return bool(re.search(_MARKS, line)) and any(re.fullmatch(rule, line) for rule in _OPERATORS)


def _opened(tokens: list[str], mark: str) -> Iterator[Clause]:
    """The clauses of a part that stands for itself."""
    if mark == ":" and len(tokens) == 1:  # "Package manager: `npm`"
        yield Clause(forbids=False, verb="use", things=[tokens])
    else:
        yield from _clauses(tokens, forbids=False)


def _continued(
    last: Clause, tokens: list[str], mark: str, joint: str, *, goes_on: bool
) -> list[Clause]:
    """The clause before, and what a part after it adds: a contrast, an order, or a thing more."""
    never = tokens[0] == "never" and mark in (",", "\u2014") and not is_verb(" ".join(tokens[1:2]))
    if tokens[0] == "not" or (never and not last.forbids):
        return [last, *_instead(tokens[1:], last)]
    if last.forbids and tokens[0] in ("only", "just"):
        return [last, *_said([last.verb, *tokens[1:]], forbids=False, who=[])]
    if mark in HARD or _is_explicit(tokens):
        return [last, *_opened(tokens, mark)]
    if is_verb(tokens[0]):
        # "do not add it, and push": nobody knows whether pushing is forbidden
        unsure = joint == "and" and last.forbids
        return [last, *([] if unsure else _clauses(tokens, forbids=last.forbids and goes_on))]
    tokens = tokens[tokens[0] in DROPPED :]
    if not tokens or tokens[0] in STOPS:  # "e.g. in tests"
        return [replace(last, scope=last.scope | scope_of(tokens))]
    things, _, _, choice = object_of(tokens)
    choice = choice or joint == "or" or last.choice
    return [replace(last, things=last.things + things, choice=choice)]


def _instead(tokens: list[str], last: Clause) -> Iterator[Clause]:
    """What "..., not Y" forbids: the verb is that of the clause before."""
    if last.forbids or not tokens or re.match(_VAGUE, tokens[0]):
        return
    verb, rest = (tokens[0], tokens[1:]) if is_verb(tokens[0]) else (last.verb, tokens)
    things, where, _, _ = object_of(rest)
    yield replace(last, forbids=True, verb=verb, things=things, scope=last.scope | scope_of(where))
