"""The rules for plain values: the larger, the smaller, either, a counter. Nothing of lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tractatus_merge.core.rules.base import Merge, Merged, Rule, by_rule, settled
from tractatus_merge.core.rules.generic import conflict
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical
from tractatus_merge.core.values.numbers import Number, is_number, rank, spelled

if TYPE_CHECKING:
    from decimal import Context, Decimal

_FULL = 400
"""Digits up to which a sum is written out: more might fill the memory."""


def extreme(name: str, key: Callable[[Json], object | None], *, least: bool = False) -> Rule:
    """The larger of two values (for `min` the smaller); a conflict where they do not compare."""

    def rule(path: Path, merge: Merge) -> Merged:
        easy = settled(merge)
        if easy is not None:
            return easy
        ranks = [(key(side), canonical(side), side) for side in (merge.ours, merge.theirs)]
        if any(rank is None for rank, _, _ in ranks) or len({type(r) for r, _, _ in ranks}) > 1:
            return conflict(path, merge)
        low, high = sorted(ranks, key=lambda found: found[:2])
        return by_rule(name, path, merge, (low if least else high)[2])

    return rule


def either(path: Path, merge: Merge) -> Merged:
    """Two values derived from the rest of the record: the larger, no conflict."""
    easy = settled(merge)
    if easy is not None:
        return easy
    return by_rule("either", path, merge, max(merge.ours, merge.theirs, key=canonical))


def counter(path: Path, merge: Merge) -> Merged:
    """A number that both sides counted on: both differences from the base are added."""
    easy = settled(merge)
    if easy is not None:
        return easy
    base = 0 if merge.base is MISSING else merge.base
    if not all(is_number(side) for side in (base, merge.ours, merge.theirs)):
        return conflict(path, merge)
    from decimal import MAX_EMAX, MIN_EMIN, Context, DecimalException, Inexact, InvalidOperation

    exact = Context(40, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
    was, ours, theirs = (spelled(side) for side in (base, merge.ours, merge.theirs))
    try:
        both = exact.add(exact.create_decimal(ours), exact.create_decimal(theirs))
        total = exact.subtract(both, exact.create_decimal(was))
    except DecimalException:  # beyond what can be added exactly: a person looks at it
        return conflict(path, merge)
    return by_rule("counter", path, merge, _written(total, exact))


def _written(number: Decimal, exact: Context) -> Json:
    if number and abs(number.adjusted()) > _FULL:
        return Number(str(exact.normalize(number)))
    return int(number) if number == number.to_integral_value() else Number(f"{number:f}")


def revision(value: Json) -> tuple[int, ...] | None:
    """A revision such as "4.4" or "3.0.0", comparable; None if it is not one."""
    if not isinstance(value, str) or not re.fullmatch(r"v?[0-9]{1,9}(\.[0-9]{1,9})*", value):
        return None
    return tuple(int(part) for part in value.removeprefix("v").split("."))


def moment(value: Json) -> datetime | None:
    """A date or time in ISO 8601, comparable (UTC where it names no zone); None if it is none."""
    if not isinstance(value, str) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]|$)", value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:  # a date that no calendar has: not a moment, so a person settles it
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def measure(value: Json) -> object | None:
    """What `max` and `min` compare: a number, a moment or a revision; None for anything else."""
    if is_number(value):
        return rank(value)
    return moment(value) or revision(value)
