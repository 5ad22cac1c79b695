"""Merge one contested place of two heads: which values stay, and which of them is in force.

Told in the terms of `algebra`. Records, ids and vectors are not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tractatus_merge.core.model.conflict import Conflict, Side, distinct
from tractatus_merge.core.model.in_force import simplified
from tractatus_merge.core.values.equality import Json, canonical, same
from tractatus_merge.value import Value, replace


class Precedence(Value):
    """Which of two sides is in force: the first head's (a remote's), or the lower in `rank`."""

    first_stands: bool
    rank: Callable[[Side], tuple[str, ...]]

    def of(self, first: Side, second: Side) -> Side:
        """The side that is in force."""
        if self.first_stands or self.rank(first) <= self.rank(second):
            return first
        return second


class Answers(Value):
    """What people answered at a place in one head, unknown to the other head.

    `rank`: when the first answer was published; `seen` and `bases`: canonical values that they saw
    when they answered, and what those were made from.
    """

    rank: tuple[str, ...]
    seen: frozenset[str]
    bases: frozenset[str]


def merge_diverged(
    was: Conflict | None, first: Conflict, second: Conflict, who: Precedence
) -> Conflict:
    """The place after both heads' changes since `was` (None: what it was is not known).

    A value that was there and is gone in one head was moved, withdrawn or agreed to: it goes. All
    others stay. Which of them is in force is no change: two heads that hold the same may differ.
    """
    before = _values([was]) if was else _bases([first, second])
    one, other = _values([first]), _values([second])
    kept = (one & other) | ((one ^ other) - before)
    forces = [c.force for c in (first, second) if canonical(c.force.value) in kept]
    waiting = [s for s in (*first.sides, *second.sides) if canonical(s.value) in kept]
    if not kept:  # each head went to what the other gave up: both stay, nobody knows better
        forces = [first.force, second.force]
    stands = who.of(*forces) if len(forces) == 2 else min(forces or waiting, key=who.rank)
    gone = was is not None and canonical(was.force.value) not in kept
    for force in forces:
        if was is not None and gone and not same(force.value, was.force.value):
            waiting.append(_behind(replace(force, base=was.force.value), stands))
        elif not any(same(force.value, side.value) for side in waiting):
            waiting.append(_behind(force, stands))
    return simplified(replace(first, force=_force(stands), sides=tuple(waiting)))


def merge_answered(
    was: Conflict | None, first: Conflict, second: Conflict, answers: Answers
) -> Conflict:
    """The place that people answered in the first head only: a late side reopens it.

    What they saw, and what was there before, is answered. Their answer stands, however it reads.
    """
    known = answers.seen | _values([first]) | (_values([was]) if was else answers.bases)
    late = [side for side in second.all_sides if canonical(side.value) not in known]
    sides = [*first.sides, *(_behind(side, first.force) for side in late)]
    same_side = [s for s in second.all_sides if same(s.value, first.force.value)]
    force = first.force.joined(writer for side in same_side for writer in side.writers)
    return simplified(replace(first, force=force, sides=tuple(sides)))


def merge_answered_twice(
    first: Conflict, second: Conflict, answers: tuple[Answers, Answers], who: Precedence
) -> Conflict:
    """The place that people answered in both heads: closed if they agree, else a new conflict.

    What came late in one head, and was seen by who answered in the other, is answered.
    """
    earlier = who.first_stands or answers[0].rank <= answers[1].rank
    stands, other = (first.force, second.force) if earlier else (second.force, first.force)
    late = [s for s in first.sides if canonical(s.value) not in answers[1].seen]
    late += [s for s in second.sides if canonical(s.value) not in answers[0].seen]
    sides = [*late, _behind(other, stands)]
    return simplified(replace(first, force=stands, sides=tuple(sides)))


def merge_whole(first: Conflict, second: Conflict, who: Precedence) -> Conflict:
    """A conflict of a whole record in two heads: all sides of both, one in force."""
    force = who.of(first.force, second.force)
    everyone = [*first.all_sides, *second.all_sides]
    force = force.joined(
        w for side in everyone if same(side.value, force.value) for w in side.writers
    )
    rest = (
        replace(side, base=force.base) for side in everyone if not same(side.value, force.value)
    )
    return replace(first, force=force, sides=distinct(rest))


def with_in_force(conflict: Conflict, value: Json) -> Conflict:
    """The same conflict with another of its values in force."""
    force = next(side for side in conflict.sides if same(side.value, value))
    rest = [side for side in conflict.sides if side is not force]
    sides = distinct([*rest, _behind(conflict.force, force)])
    return replace(conflict, force=_force(force), sides=sides)


def is_exchange(one: Conflict, other: Conflict) -> bool:
    """Whether each holds the other's value in force as a side that waits."""
    return all(
        any(same(side.value, b.force.value) for side in a.sides)
        for a, b in ((one, other), (other, one))
    )


def _behind(side: Side, force: Side) -> Side:
    """A side that waits behind the one in force, also where it was made from that very value."""
    return replace(side, proposal=side.proposal or same(side.base, force.value))


def _force(side: Side) -> Side:
    return replace(side, proposal=False)


def _values(conflicts: Iterable[Conflict]) -> frozenset[str]:
    return frozenset(canonical(s.value) for c in conflicts for s in c.all_sides)


def _bases(conflicts: Iterable[Conflict]) -> frozenset[str]:
    return frozenset(canonical(s.base) for c in conflicts for s in c.all_sides)
