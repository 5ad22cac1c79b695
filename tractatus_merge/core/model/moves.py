"""A history that moved to another store: what freezes the old one, and its versions' old names.

| where | what |
| --- | --- |
| in the old store | a need in `document/format` that no program meets, with both stores in it |
| in the new store | the collection `moves`: the names of versions there, by those they had before |

A record of `moves` has `from`, the store they had them in; `versions`, and `alike`: versions that
keep what they changed, but not all that stood around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from tractatus_merge.core.model.state import DOCUMENT, FORMAT, Key, State, Version
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.value import Value

MOVES = "moves"
"""A collection that programs which do not know it carry along (decision 29)."""

_TABLES = ("versions", "alike")
_MANY = 256
"""So many versions are in one record."""
_TEXT = r'"(?:[^"\\]|\\.)*"'
_NEED = f"moved from ({_TEXT}) to ({_TEXT})"


class Move(Value):
    """From which store to which: their URLs."""

    source: str
    target: str


def move_in(need: str) -> Move | None:
    """The move that a need tells of; None for any other need."""
    found = re.fullmatch(_NEED, need)
    try:
        return Move(*map(json.loads, found.groups())) if found else None
    except ValueError:  # another program's
        return None


def tombstone(head: State, move: Move, version: str) -> dict[Key, str]:
    """What is to be written into the old store, so that nobody writes there any more.

    `version` is that of the first program that can tell where the history went.
    """
    need = f"moved from {json.dumps(move.source)} to {json.dumps(move.target)}"
    said = json_text.parse(head.get(DOCUMENT, FORMAT) or "{}")
    writer = {**said.get("writer", {}), need: version}
    return {(DOCUMENT, FORMAT): json_text.dump({**said, "writer": writer})}


def aliases(
    source: str, versions: Mapping[Version, Version], alike: Mapping[Version, Version]
) -> dict[Key, str]:
    """The records that tell the new names of versions; each is named after the first in it."""
    found = {}
    for name, names in zip(_TABLES, (versions, alike), strict=True):
        pairs = list(names.items())
        for at in range(0, len(pairs), _MANY):
            said: Json = {"from": source, name: dict(pairs[at : at + _MANY])}
            found[MOVES, pairs[at][0]] = json_text.dump(said)
    return found


def has_come(state: State, source: str) -> bool:
    """Whether a history moved to here from a store."""
    return any(said.get("from") == source for said in _records(state))


def names(state: State, *, alike: bool = False) -> dict[Version, Version]:
    """The name here of every version that had another one; of those alike, too, if asked for."""
    steps: dict[Version, Version] = {}
    for said in _records(state):
        for table in _TABLES if alike else _TABLES[:1]:
            steps |= said.get(table, {})
    found = {}
    for old in steps:
        new, seen = steps[old], {old}
        while new in steps and new not in seen:
            seen.add(new)
            new = steps[new]
        found[old] = new
    return found


def _records(state: State) -> Iterator[dict[str, Json]]:
    """The records of the collection; what is none is passed over."""
    for name in state.names(MOVES):
        try:
            said = json_text.parse(state.get(MOVES, name) or "")
        except JsonError:
            continue
        if isinstance(said, dict) and all(map(_is_table, (said.get(x, {}) for x in _TABLES))):
            yield said


def _is_table(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(new, str) for new in value.values())
