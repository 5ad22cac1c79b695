"""What a text names: this service, that database, an environment. Two that differ are apart.

Where no parameter tells two instructions apart, their texts may: "Service A" and "Service B", "the
auth API" and "the billing API", "in production" and "in staging".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tractatus_merge.meaning.lexicon import DROPPED, STOPS, is_verb, stem
from tractatus_merge.meaning.sentences import words
from tractatus_merge.value import Value

_KINDS = words(
    "service services microservice server servers api apis app apps application applications "
    "database databases db databank worker workers instance instances cluster clusters "
    "container containers component components module modules package packages project projects "
    "environment environments env tenant tenants shard shards job jobs site sites client "
    "clients"
)
"""What has a name beside it."""

_PARTS = words(
    "cache queue broker scheduler proxy gateway frontend backend replica primary secondary "
    "sidecar admin"
)
"""What is a name by itself: the cache and the queue of one server are two."""

_ENVIRONMENTS = {
    "production": "production prod live",
    "staging": "staging stage preprod",
    "development": "development dev locally local",
    "test": "qa uat",
    "ci": "ci",
    "sandbox": "sandbox",
}
_NAMED = {word: name for name, said in _ENVIRONMENTS.items() for word in said.split()}
_PLAIN = words(
    "new old same other own main whole entire actual current existing single first listen run "
    "use must should shall will is are be was were has have can may might could would do does "
    "not never always no our your we you they which what who where when if then up down"
)
_ITEM = r"[^\W_](?:[\w'./@+#-]*[\w+#])?|[.;:!?,()\n]"


class Names(Value):
    """What a text names: things by their names, and environments."""

    things: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.things or self.environments)

    def are_apart(self, other: Names, but: frozenset[str] = frozenset()) -> bool:
        """Whether each names something that the other does not; `but` counts for neither."""
        ours, theirs = self.things - but, other.things - but
        if ours - theirs and theirs - ours:
            return True
        return bool(self.environments and other.environments) and self.environments.isdisjoint(
            other.environments
        )


@lru_cache(maxsize=4096)
def names(text: str) -> Names:
    """What a text names."""
    said = re.findall(_ITEM, text.replace("\u2019", "'").replace("**", "").replace("`", ""))
    things = frozenset(stem(word) for word in _things(said))
    return Names(things, frozenset(_NAMED[w] for w in map(str.lower, said) if w in _NAMED))


def _things(said: list[str]) -> Iterator[str]:
    low = [word.lower() for word in said]
    for place, word in enumerate(low):
        if word in _PARTS:
            yield word
        if word not in _KINDS:
            continue
        before = place - 1
        while before >= 0 and _is_name(said[before]):
            if low[before] not in _NAMED and low[before] not in _KINDS:
                yield low[before]
            before -= 1
        if place + 1 < len(said) and _follows(said, place + 1):
            yield low[place + 1]


def _is_name(word: str) -> bool:
    low = word.lower()
    if not low[0].isalnum() or low in STOPS or low in DROPPED or low in _PLAIN:
        return False
    return not is_verb(low) or word.isdigit()


def _follows(said: list[str], place: int) -> bool:
    """Whether what follows a kind of thing is its name: "Service A", not "the service listens"."""
    word = said[place]
    low, after = word.lower(), said[place + 1].lower() if place + 1 < len(said) else ""
    if len(word) == 1 and word.isalpha():
        return word.isupper() or not after[:1].isalnum()
    if not _is_name(word) or low in _NAMED or low in _KINDS or low == "port":
        return False
    if any(map(str.isdigit, word)) or word[0].isupper():
        return True
    bare = place > 1 and said[place - 2].lower() in STOPS  # "to database orders"
    acts = not bare and low.endswith(("s", "ed")) and (after in STOPS or not after[:1].isalnum())
    return not acts
