"""What a text demands: which things it forbids, which it requires, and where. Not what it means.

A demand is a verb, a thing and a scope: "Never commit secrets in tests" forbids (commit, secret)
in the limits of "test". What the grammar (`clauses`) does not know is left out: a demand that is
not read costs a question, one misread a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tractatus_merge.meaning.clauses import Clause, clauses, object_of
from tractatus_merge.meaning.lexicon import CLASSES, Scope, is_verb, stem, stems, verb_class
from tractatus_merge.meaning.sentences import inner, sentences
from tractatus_merge.value import Value, replace

LONGEST = 600  # letters of a sentence
_PORT = r"(?<!\S)`?port `?(\d{2,5})(?!\S)"
_VIA = r"(?<!\S)(?:using|via) (?P<rest>[^,;:()—]+)"

_DEEDS = tuple(map(stem, ("mock", "stub", "log", "print", "cache", "squash", "rebase", "merge")))


class Demand(Value):
    """One thing that a sentence forbids or requires.

    `thing` is the stems of its words in order, none for whatever it may be; `subject` is those of
    who; `spelling` is how the sentence puts verb and thing.
    """

    forbids: bool
    verb: str
    thing: tuple[str, ...]
    scope: Scope
    subject: frozenset[str]
    spelling: str
    sentence: str


def _means(said: list[Clause], sentence: str) -> Iterator[Clause]:
    """What a sentence says is used by the way: "on port 5433", "using `make`", "run `npm test`"."""
    line = " ".join(inner(sentence))
    for found in re.finditer(_PORT, line):
        yield Clause(forbids=False, verb="use", things=[found[0].split()])
    for found in re.finditer(_VIA, line):
        things, _, _, choice = object_of(found["rest"].split())
        yield Clause(forbids=False, verb="use", things=things, choice=choice)
    for clause in said:
        if verb_class(clause.verb) in ("use", "run"):
            commands = (thing for thing in clause.things if all(word[0] == "`" for word in thing))
            for command in commands:
                if len(command) > 1 or verb_class(clause.verb) == "run":
                    yield replace(clause, verb="use", things=[command[:1]])


def _demands(clause: Clause, things: list[list[str]], sentence: str) -> Iterator[Demand]:
    for thing in things:
        limits = frozenset(token for token in thing if token.endswith("ly"))
        verb = "use" if "port" in thing else verb_class(clause.verb)
        bare = " ".join(thing).replace("`", "")
        spelling = bare if verb == "use" else f"{clause.verb} {bare}"
        found, scope = stems(thing), clause.scope | Scope(limits)
        if found:
            yield Demand(clause.forbids, verb, found, scope, clause.subject, spelling, sentence)
        if clause.forbids and verb == "use" and len(found) == 1 and _is_deed(found[0]):
            yield from _whole(replace(clause, verb=found[0], scope=scope), sentence)


def _is_deed(noun: str) -> bool:
    """Whether a noun is what one does: "no mocks", "mocking is forbidden"."""
    return noun in _DEEDS or (noun.endswith("ing") and is_verb(noun))


def _whole(clause: Clause, sentence: str) -> Iterator[Demand]:
    """The demand of a verb that stands alone: what is forbidden is whatever one does with it."""
    verb = verb_class(clause.verb)
    thing = () if clause.forbids else (verb,)
    if verb not in CLASSES:
        said = clause.verb.replace("`", "")
        yield Demand(clause.forbids, verb, thing, clause.scope, clause.subject, said, sentence)


@lru_cache(maxsize=4096)
def _read(sentence: str) -> tuple[Demand, ...]:
    said = clauses(sentence)
    if not any(clause.forbids for clause in said):
        said += list(_means(said, sentence))
    found: list[Demand] = []
    after: Clause | None = None
    for clause in reversed(said):
        things = clause.things
        if not things and after and after.forbids == clause.forbids and is_verb(clause.verb):
            things = after.things  # "never edit, move or delete files"
        if not things and clause.bare:
            found += _whole(clause, sentence)
        elif clause.forbids or not clause.choice:  # of a choice, nothing is required
            found += _demands(clause, things, sentence)
        after = replace(clause, things=things)
    return tuple(found)


def demands(text: str) -> list[Demand]:
    """Everything that a text forbids or requires, sentence by sentence.

    A question only asks, and what goes on for more than a page's paragraph is no rule.
    """
    rules = (said for said in sentences(text) if not said.endswith("?") and len(said) <= LONGEST)
    return [demand for said in rules for demand in _read(said)]
