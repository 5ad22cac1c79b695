"""What a history asks of the programs that work on it: the record `document/format`. No I/O.

| key | says |
| --- | --- |
| reader | what a program must know to read the history, by name: the first version that knows it |
| writer | what it must know besides to write there |
| conflicts | the kinds of conflicts that only later programs settle, in the same way |

A history without the record asks for nothing. Keys that are not told here are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tractatus_merge.core.model.state import DOCUMENT, FORMAT, State
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.errors import DamagedFormat, HistoryMoved, NewerNeeded
from tractatus_merge.value import Value, field

if TYPE_CHECKING:
    from tractatus_merge.core.model.moves import Move

_LAYOUT = "git layout 2"
"""The need of a version in git's second layout: without it, records would not be found."""
GIT_LAYOUT_SINCE = "0.2.0"
KNOWN = frozenset({_LAYOUT})
"""The needs that this program meets."""

_TABLES = ("reader", "writer", "conflicts")
_VERSION = r"[0-9]+(\.[0-9]+)*[0-9A-Za-z.+!-]*"


_ASKS = f'{{"reader": {{"{_LAYOUT}": "{GIT_LAYOUT_SINCE}"}}'
"""How a format begins that asks for the layout."""


class Needs(Value):
    """What `document/format` says: three tables, each from a name to a version of the program."""

    reader: Mapping[str, str] = field(default_factory=dict)
    writer: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)

    def unmet(self, *, writing: bool) -> dict[str, str]:
        """The needs that this program lacks; who writes must read, too."""
        asked = {**self.reader, **(self.writer if writing else {})}
        return {name: version for name, version in asked.items() if name not in KNOWN}


def needs_of(state: State) -> Needs:
    """What a state asks for; DamagedFormat where nobody can tell."""
    text = state.get(DOCUMENT, FORMAT)
    if text is None:
        return Needs()
    try:
        value = json_text.parse(text)
    except JsonError as error:
        raise DamagedFormat(error.why) from None
    why = fault(value)
    if why:
        raise DamagedFormat(why)
    return Needs(*(dict(value.get(name, {})) for name in _TABLES))


def fault(value: Json) -> str:
    """Why a value is no format of a history; nothing where it is one."""
    if not isinstance(value, dict):
        return "it is no object"
    for name in _TABLES:
        table = value.get(name, {})
        if not isinstance(table, dict):
            return f'its "{name}" is no object'
        for need, version in table.items():
            if not need.isprintable() or not isinstance(version, str):
                return f'its "{name}" names no version for {json_text.dump(need)}'
            if not re.fullmatch(_VERSION, version, re.ASCII):
                return f'its "{name}" names {json_text.dump(version)}, which is no version'
    return ""


def must_be_readable(state: State, whose: str = "this history") -> None:
    """NewerNeeded where this program cannot read the state: nothing else of it is looked at."""
    _must(needs_of(state).unmet(writing=False), f"{whose} cannot be read here")


def must_be_writable(state: State, whose: str = "this history") -> None:
    """NewerNeeded where this program must not make a new version of the state.

    HistoryMoved, which is one, where nobody may: the history is elsewhere.
    """
    must_be_readable(state, whose)
    move = moved(state)
    if move:
        raise HistoryMoved(move.source, move.target)
    _must(needs_of(state).unmet(writing=True), f"{whose} can be read here, and not written")


def moved(state: State) -> Move | None:
    """Where a history went that was moved to another store."""
    needs = sorted(needs_of(state).writer)
    if not needs:  # as nearly always
        return None
    from tractatus_merge.core.model.moves import move_in

    return next(filter(None, map(move_in, needs)), None)


def _must(unmet: Mapping[str, str], what: str) -> None:
    if unmet:
        newest = max(unmet.values(), key=_rank)
        raise NewerNeeded(f"{what}: it needs {', '.join(sorted(unmet))}", newest)


def newer_for(state: State, conflict: Mapping[str, Json]) -> NewerNeeded:
    """What to say where a conflict is to be settled whose kind only later programs know."""
    name, kind = conflict["id"], conflict["kind"]
    what = f"this program cannot settle {name}, a conflict of the kind {json_text.dump(kind)}"
    return NewerNeeded(what, needs_of(state).conflicts.get(kind))


def _rank(version: str) -> tuple[list[int], str]:
    return [int(part) for part in re.findall("[0-9]+", version)], version


def with_layout(text: str | None) -> str:
    """A format as git keeps it in its second layout, which it asks for besides.

    One that has needs of its readers is as it was: who knows nothing of them reads nothing.
    """
    if text is None:
        return _ASKS + "}"
    own = text.startswith('{"') and '"reader"' not in text
    return f"{_ASKS}, {text[1:]}" if own else text


def without_layout(text: str) -> str | None:
    """A format as it was before `with_layout`, to the byte; None for none."""
    if text == _ASKS + "}":
        return None
    return "{" + text.removeprefix(_ASKS + ", ") if text.startswith(_ASKS + ", ") else text


def united_format(one: str, other: str) -> str:
    """The format of the union of two heads: it asks for all that either asks for."""
    first, second = (json_text.parse(text) for text in (one, other))
    tables: dict[str, Json] = {}
    for name in _TABLES:
        found: dict[str, str] = dict(first.get(name, {}))
        for need, version in second.get(name, {}).items():
            found[need] = max(version, found.get(need, version), key=_rank)
        if found:
            tables[name] = found
    united = {**second, **first, **tables}
    return one if united == first else json_text.dump(united)
