"""One order out of three: every move that one side made is in, whichever side is ours.

An order is a list of names, each once. What a name stands for is known elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cmp_to_key

Meet = Callable[[list[str], list[str]], list[str]]
"""How two runs of names that both sides added at one place become one."""


def by_name(one: list[str], other: list[str]) -> list[str]:
    """Two runs as one: of their next elements always the one whose name sorts first."""
    result: list[str] = []
    here, there = list(reversed(one)), list(reversed(other))
    while here and there:
        result.append((here if here[-1] < there[-1] else there).pop())
    return [*result, *reversed(here), *reversed(there)]


def one_by_one(one: list[str], other: list[str]) -> list[str]:
    """Two runs as one: each whole, the one that sorts first before the other."""
    return [*min(one, other), *max(one, other)]


def ordered(
    base: Sequence[str],
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    standing: Collection[str],
    meet: Meet = by_name,
) -> list[str]:
    """One order for the names that stand, out of the three orders: the same with sides swapped.

    Of two names that both sides have, the one stands first that a side moved there. Where no order
    has all the moves of both (see `is_torn`), it is the one that sorts first. What one side has
    follows what it followed there, where runs meet as `meet` says: by name, so that sorted lists
    stay sorted.
    """
    there = set(theirs)
    both = {name for name in ours if name in there and name in standing}
    spine = _spine(base, *([n for n in side if n in both] for side in (ours, theirs)))
    after: dict[str | None, list[list[str]]] = {}
    for number, side in enumerate((ours, theirs)):
        anchor = None
        for name in side:
            if name in both:
                anchor = name
            elif name in standing:
                after.setdefault(anchor, [[], []])[number].append(name)
    result = meet(*after[None]) if None in after else []
    for place in spine:
        result.append(place)
        if place in after:
            result += meet(*after[place])
    return result


def is_torn(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], standing: Collection[str]
) -> bool:
    """Whether no order of what all three have, and stands, has all the moves of both sides."""
    common = {*ours}.intersection(theirs, base, standing)
    sides = ([name for name in side if name in common] for side in (base, ours, theirs))
    return _moved(*sides) is None


def _spine(base: Sequence[str], ours: list[str], theirs: list[str]) -> list[str]:
    """The order of what both sides have."""
    if ours == theirs:
        return ours
    both = {*ours}
    known = [name for name in base if name in both]
    fresh = both.difference(known)
    old = [[name for name in side if name not in fresh] for side in (ours, theirs)]
    merged = _moved(known, *old)
    if merged is None:
        return min(ours, theirs)
    if not fresh:
        return merged
    moves = [side != known for side in old]
    still = max(ours, theirs) if moves[0] == moves[1] else theirs if moves[0] else ours
    return _moved(_with(known, still, fresh), ours, theirs) or _with(merged, still, fresh)


def _with(order: Iterable[str], side: Iterable[str], fresh: Collection[str]) -> list[str]:
    """An order with the names that it lacks, each after what it follows on a side."""
    after: dict[str | None, list[str]] = {}
    anchor = None
    for name in side:
        if name in fresh:
            after.setdefault(anchor, []).append(name)
        else:
            anchor = name
    return [*after.get(None, ()), *(n for name in order for n in (name, *after.get(name, ())))]


def _moved(base: list[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    """The order in which every two names stand as the side has them that turned them round.

    None where no order has them all so. All three have the same names.
    """
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    was, mine, yours = ({n: at for at, n in enumerate(side)} for side in (base, ours, theirs))

    def compared(one: str, other: str) -> int:
        before = was[one] < was[other]
        here = mine[one] < mine[other]
        return -1 if (here if here != before else yours[one] < yours[other]) else 1

    result = sorted(base, key=cmp_to_key(compared))
    turned = [_turned(base, side) for side in (ours, theirs, result)]
    either = (turned[0] + turned[1] + _turned(ours, theirs)) // 2
    is_in = all(
        count + _turned(side, result) == turned[2]
        for count, side in zip(turned, (ours, theirs), strict=False)
    )
    return result if is_in and turned[2] == either else None


def _turned(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pairs of names stand the other way round in another order."""
    places = {name: at for at, name in enumerate(one)}
    return _inversions([places[name] for name in other])[0]


def _inversions(places: list[int]) -> tuple[int, list[int]]:
    """How many pairs of numbers stand the larger first; and the numbers sorted."""
    if len(places) < 2:
        return 0, places
    middle = len(places) // 2
    (here, low), (there, high) = _inversions(places[:middle]), _inversions(places[middle:])
    count = here + there
    if low[-1] < high[0]:
        return count, low + high
    at = 0
    for number in high:
        while at < len(low) and low[at] < number:
            at += 1
        count += len(low) - at
    return count, sorted(low + high)
