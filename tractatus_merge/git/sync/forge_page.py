"""The page that a forge shows for the history's branch: what is in force, and what waits.

A function of the state alone, so that every clone writes the same bytes. It is never read back.
Texts in it are only shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from tractatus_merge.core.model.open_conflicts import later_conflicts, open_conflicts
from tractatus_merge.core.model.state import INSTRUCTIONS, State
from tractatus_merge.core.values.equality import Json
from tractatus_merge.instructions.retirement import is_retired
from tractatus_merge.instructions.schema import words
from tractatus_merge.system.printable import inert

MOST = 200
"""Instructions that are shown; the others are counted."""
READ = 1_000
"""Of a history with more instructions only those are read that are shown: a page is made anew with
each version."""
_RANK = {"HIGH": 0, "MEDIUM": 1, "VARIABLE": 2, "LOW": 3}


def page(state: State) -> str:
    """The page of a state."""
    return "\n".join(_lines(state)) + "\n"


def _lines(state: State) -> Iterator[str]:
    yield "# Instructions"
    yield ""
    yield (
        "The shared instruction history of this repository, kept by tractatus-merge: one file for"
        " each record, one commit for each session. Do not edit it here, and do not merge it into a"
        " branch of code."
    )
    yield ""
    yield from _waiting(state)
    names = state.names(INSTRUCTIONS)
    yield from _few(state, names) if len(names) <= READ else _many(state, names)


def _few(state: State, names: list[str]) -> Iterator[str]:
    """All are counted, and the weightiest shown."""
    found = state.contents()
    active = [name for name in names if not is_retired(found[name])]
    active.sort(key=lambda name: (_RANK.get(str(found[name].get("persistence")), 4), name))
    many = "1 instruction is" if len(active) == 1 else f"{len(active)} instructions are"
    yield f"{many} in force, {len(names) - len(active)} retired."
    yield from _table((name, found[name]) for name in active[:MOST])
    if len(active) > MOST:
        yield ""
        yield f"And {len(active) - MOST} more: `tractatus-merge list`."


def _many(state: State, names: list[str]) -> Iterator[str]:
    """The first in the order of their ids."""
    yield f"{len(names)} instructions, in force and retired. The first in force, by id:"
    read = ((name, state.content(name)) for name in names)
    yield from _table(islice((one for one in read if not is_retired(one[1])), MOST))
    yield ""
    yield "All others: `tractatus-merge list`."


def _table(shown: Iterable[tuple[str, Mapping[str, Json]]]) -> Iterator[str]:
    rows = [_row(name, content) for name, content in shown]
    yield ""
    if rows:
        yield "| instruction | persistence | says |"
        yield "| --- | --- | --- |"
        yield from rows


def _waiting(state: State) -> Iterator[str]:
    """The open conflicts, and how they are settled."""
    waiting = sorted(open_conflicts(state), key=lambda one: one.id)
    others = later_conflicts(state)
    count = len(waiting) + len(others)
    if not count:
        return
    from tractatus_merge.core.values.paths import shown  # few pages have any

    many = "1 conflict waits" if count == 1 else f"{count} conflicts wait"
    yield f"**{many} for a person**, in any clone: `tractatus-merge init` where that was not done,"
    yield "then `tractatus-merge sync`, `tractatus-merge review`, and `tractatus-merge sync` again."
    yield ""
    yield "| conflict | severity | about |"
    yield "| --- | --- | --- |"
    for conflict in waiting:
        about = f"{conflict.instruction or 'header'} {shown(conflict.path)}"
        yield f"| {inert(conflict.id)} | {inert(conflict.severity)} | {inert(about)} |"
    for other in others:
        yield f"| {inert(other['id'])} | | {inert(other['kind'])}: a newer version settles it |"
    yield ""


def _row(name: str, content: Mapping[str, Json]) -> str:
    rank = str(content.get("persistence", ""))
    return f"| {inert(name)} | {inert(rank)} | {inert(words(content))} |"
