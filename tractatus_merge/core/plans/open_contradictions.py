"""Which contradictions are open after instructions changed. The same for every way to change them.

One closes when its words are gone: when its two instructions, as they stand now, no longer
contradict each other. Where they still do in other words, it is asked about those. Of a group that
contradicts itself about one thing, only so many stay open as connect the group: three ports for one
service are two questions, not three. Which these are is a function of what is found, not of who
came first: the spanning forest of the gravest, then of the smallest ids.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import combinations

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.conflict import MEANING, Conflict, Writer, gravity
from tractatus_merge.core.model.findings import (
    TWIN,
    FindContradictions,
    Finding,
    conflict_of,
    is_settled,
    without_repeats,
)
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.state import CONFLICTS, INSTRUCTIONS, Key, State
from tractatus_merge.core.plans.document_type import DocumentType
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Path
from tractatus_merge.value import replace


def open_contradictions(head: State) -> list[Conflict]:
    """The contradictions that are open in a state."""
    return [conflict for conflict in open_conflicts(head) if conflict.kind == MEANING]


def contradictions_changed(
    head: State, after: State, raised: Iterable[Finding], kind: DocumentType
) -> dict[Key, str | None]:
    """What becomes of the contradictions of a head that changes so, with those raised by that.

    `after` has the instructions as they become, who wrote them, and what a person has settled or
    opened again.
    """
    opened, before = open_contradictions(after), {one.id: one for one in open_contradictions(head)}
    names = {name for conflict in opened for name in instructions_of(conflict)}
    changed = {n for n in names if head.get(INSTRUCTIONS, n) != after.get(INSTRUCTIONS, n)}
    found = {one.id: one for one in contradictions_after(opened, raised, after, kind, changed)}
    gone = sorted({*before, *(one.id for one in opened)} - found.keys())
    texts: dict[Key, str | None] = {(CONFLICTS, name): None for name in gone}
    for name, conflict in found.items():
        if before.get(name) != conflict:
            texts[CONFLICTS, name] = json_text.dump(conflict.to_json())
    return texts


def contradictions_after(
    opened: Iterable[Conflict],
    raised: Iterable[Finding],
    after: State,
    kind: DocumentType,
    changed: Container[str] | None = None,
) -> list[Conflict]:
    """Those that are open in a state, of those that were and those that its making raised.

    `changed` are the instructions that may say something else than when `opened` were open; None:
    all may.
    """
    was = list(opened)
    found: dict[str, Conflict] = {}
    gone: list[Conflict] = []
    for conflict in was:
        one, other = instructions_of(conflict)
        if changed is not None and one not in changed and other not in changed:
            found[conflict.id] = conflict
            continue
        said = {item.id: item for item in _findings(after, one, other, kind.meaning)}
        there = said.get(conflict.id)
        if there is not None:
            found[conflict.id] = replace(conflict, severity=there.severity)
            continue
        said = {item.id: item for item in without_repeats(list(said.values()))}
        gone += [] if said else [conflict]
        raised = [*raised, *said.values()]
    raised = [*raised, *_parted(was, gone, after, kind.meaning)]
    for item in raised:
        if item.id not in found and not is_settled(after, item):
            found[item.id] = conflict_of(item, lambda *place: blamed(after, *place))
    return fewest(found.values())


def blamed(after: State, name: str, places: tuple[Path, ...]) -> tuple[Writer, ...]:
    """Who wrote what an instruction says at the places, as the state knows it."""
    return summaries.blame_places(after, name, places)


def instructions_of(conflict: Conflict) -> tuple[str, str]:
    """The two instructions that a contradiction is about."""
    return str(conflict.instruction), conflict.path[1]


def fewest(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """So many of the contradictions as connect each group, the gravest first, in order.

    Of conflicts that are left out here none is missing where others come later: those that connect
    the first and all later ones are those that connect all.
    """
    group: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        while node in group:
            node = group[node]
        return node

    found: list[Conflict] = []
    for conflict in sorted(conflicts, key=_order):
        about = conflict.path[2]
        one, other = (root((name, about)) for name in instructions_of(conflict))
        if one != other:
            group[other] = one
            found.append(conflict)
    return found


def _order(conflict: Conflict) -> tuple[int, tuple[str, str], str]:
    return -gravity(conflict.severity), instructions_of(conflict), conflict.id


def _findings(after: State, one: str, other: str, find: FindContradictions) -> list[Finding]:
    """How two instructions contradict each other as they stand now."""
    records = [after.record(name) for name in (one, other)]
    if None in records:
        return []
    found = find({one: after.content(one)}, {other: after.content(other)})
    return [item for item in found if item.code != TWIN]


def _parted(
    was: Iterable[Conflict], gone: Iterable[Conflict], after: State, find: FindContradictions
) -> Iterator[Finding]:
    """What is open between those whom only a contradiction that has closed connected.

    Two instructions by one writer alone were no question before, and are none now.
    """
    for group in _groups(was, gone):
        about = group[0].path[2]
        wrote: dict[str, set[str]] = {}
        for conflict in group:
            for name, side in zip(instructions_of(conflict), conflict.all_sides, strict=True):
                wrote.setdefault(name, set()).update(w.session for w in side.writers)
        for one, other in combinations(sorted(wrote), 2):
            if wrote[one] and wrote[other] and len(wrote[one] | wrote[other]) > 1:
                found = _findings(after, one, other, find)
                yield from (item for item in found if item.about == about)


def _groups(was: Iterable[Conflict], gone: Iterable[Conflict]) -> Iterator[list[Conflict]]:
    """The groups that a contradiction which has closed belonged to, if it was not all of one."""
    groups: list[list[Conflict]] = []
    for conflict in was:
        meets = [group for group in groups if any(_meet(conflict, one) for one in group)]
        groups = [group for group in groups if group not in meets]
        groups.append([conflict, *(one for group in meets for one in group)])
    closed = {conflict.id for conflict in gone}
    for group in groups:
        if len(group) > 1 and any(conflict.id in closed for conflict in group):
            yield group


def _meet(one: Conflict, other: Conflict) -> bool:
    shared = set(instructions_of(one)) & set(instructions_of(other))
    return bool(shared) and one.path[2] == other.path[2]
