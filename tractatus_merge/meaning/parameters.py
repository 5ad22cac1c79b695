"""Parameters of instructions: when two values say the same, more, or something else. No texts.

Whether two instructions speak of one subject stands in `contradictions`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, same
from tractatus_merge.core.values.numbers import Number
from tractatus_merge.meaning.ranges import exclude, is_range
from tractatus_merge.meaning.sentences import words

_DISCRIMINATORS = words("service database environment project component")
_NARROW = ("environment", "component")  # who has one speaks of a part, who has none of the whole
OWNERS = ("service", "database", "component")  # one environment or project has many ports
_PROSE = words(
    "note notes description reason rationale why comment comments context text title message "
    "summary example examples source sources author owner by date at timestamp created updated id "
    "session reference references related link evidence"
)
"""A parameter with such a word in its name explains: saying it otherwise contradicts nothing."""

_OWNED = words(
    "port ports host hostname url uri address endpoint timeout interval ttl retries limit max min "
    "size length count version user username branch framework library"
)
"""Each thing has its own: two rules with a `port` need to speak of one thing."""

_LOOSE = words(
    "type kind value key tag tags category principle rule rules level action actions command "
    "commands tool tools trigger triggers enforcement format scope status model method function "
    "collection package"
)
_NAMING = words("pattern path paths file files name names directory folder")
"""Such names do not say of what they are: two rules have a `pattern` each, for two purposes.

Of the first set alone (`module_type` says enough), of the second also at the end of a longer name.
"""

_LONGEST = 6  # words; a longer value is prose
_NUMBER = r"-?(?:0|[1-9]\d{0,99})(?:\.\d+)?(?:e[+-]?\d+)?|true|false"
_NAME = r"[a-z]+|[A-Z][a-z]*|\d+"


def parts(key: str) -> list[str]:
    """The words of a parameter's name: `trackingFile` and `tracking_file` have the same."""
    return [part.lower() for part in re.findall(_NAME, key)]


def are_apart(ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> bool:
    """Whether a discriminator that both have tells them apart."""
    both = ours.keys() & theirs.keys() & _DISCRIMINATORS
    return any(not alike(ours[key], theirs[key]) for key in both)


def is_narrower(ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> bool:
    """Whether one speaks of an environment or a component only, and the other does not say."""
    return any((key in ours) != (key in theirs) for key in _NARROW)


def is_owned(key: str) -> bool:
    """Whether a parameter's name says what it is, and not of what."""
    return not _OWNED.isdisjoint(parts(key))


def is_loose(key: str, value: Json) -> bool:
    """Whether a parameter, by its name or its shape, does not say of what it is."""
    name = parts(key)
    loose = _LOOSE.issuperset(name) or not _NAMING.isdisjoint(name[-1:])
    return loose or isinstance(value, (list, dict))


def explains(key: str) -> bool:
    """Whether a parameter's name says that it explains."""
    return not _PROSE.isdisjoint(parts(key))


def is_prose(value: Json) -> bool:
    """Whether a value is a text so long that it explains."""
    return isinstance(value, str) and len(value.split()) > _LONGEST


def differ(key: str, ours: Json, theirs: Json) -> bool:
    """Whether two values of one parameter exclude each other, if they are of one subject.

    A discriminator says of what the others are, and a name or a long text that explains can be put
    in other words; null says nothing; what one says more than the other, it adds; and a range or a
    limit excludes only what lies outside.
    """
    if key in _DISCRIMINATORS or explains(key):
        return False
    if any(value is None or is_prose(value) for value in (ours, theirs)):
        return False
    if is_range(ours) or is_range(theirs):
        return exclude(ours, theirs)
    return not (refines(ours, theirs) or refines(theirs, ours))


def is_nameable(value: Json) -> bool:
    """Whether a sentence can name the value as a word: a text or an integer."""
    if isinstance(value, Number):
        return value.text.isdecimal()
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def alike(ours: Json, theirs: Json) -> bool:
    """Equal after normalising: texts trimmed, in lower case; a number as a text is that number."""
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours.strip().lower() == theirs.strip().lower()
    for text, value in ((ours, theirs), (theirs, ours)):
        if isinstance(text, str):
            bare = text.strip().lower()
            return bool(re.fullmatch(_NUMBER, bare, re.ASCII)) and same(
                json_text.parse(bare), value
            )
    if isinstance(ours, (list, dict)) and type(ours) is type(theirs):
        return refines(ours, theirs) and refines(theirs, ours)
    return same(ours, theirs)


def refines(more: Json, less: Json) -> bool:
    """Whether the first says all that the second says, and perhaps more."""
    if isinstance(more, dict) and isinstance(less, dict):
        return all(key in more and alike(more[key], value) for key, value in less.items())
    if isinstance(more, list):
        items = less if isinstance(less, list) else [less]
        return all(any(alike(item, there) for there in more) for item in items)
    return alike(more, less)
