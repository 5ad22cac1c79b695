"""Numbers that a program rounded which only meant to keep them, put right again.

JavaScript reads every number into a double: a program that rewrites a whole file changes numbers
that nobody edited. One that became just what JavaScript prints for it is such a number; `null` is
what it prints for one beyond every double.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from tractatus_merge.core.values.equality import Json, Path, canonical, same
from tractatus_merge.core.values.numbers import as_javascript, is_number
from tractatus_merge.core.values.places import element_id, leaves, put


def unrounded(was: Json, said: Json) -> Json:
    """What a program said that had read `was`, with the numbers it only rounded as they were."""
    if isinstance(was, dict) and isinstance(said, dict):
        return {key: unrounded(was.get(key), item) for key, item in said.items()}
    if isinstance(was, list) and isinstance(said, list):
        beside = _beside(was, said)
        return [
            unrounded(was[beside[place]], item) if place in beside else item
            for place, item in enumerate(said)
        ]
    return was if is_number(was) and same(as_javascript(was), said) else said


def without_rounding(
    was: Json, said: Json, meant: Collection[Path] = ()
) -> tuple[Json, tuple[Path, ...]]:
    """What was said, unrounded, and the places where it had been rounded.

    What was written at one of the `meant` places is an edit, however it reads.
    """
    places = []
    value = said
    for path, _, number in leaves(said, unrounded(was, said)):
        if not any(_is_within(path, edited) or _is_within(edited, path) for edited in meant):
            places.append(path)
            value = put(value, path, number)
    return value, tuple(places)


def _is_within(path: Path, above: Path) -> bool:
    return path[: len(above)] == above


def _beside(was: list[Json], said: list[Json]) -> dict[int, int]:
    """By the place of each element said: the place of the element that it was.

    By place first, counted from either end, where nothing is missing; then what says the same,
    rounded or not; by their ids; and what is left in the order it stands.
    """
    found: dict[int, int] = {}
    more = len(said) - len(was)
    for shift in (0, more) if more >= 0 else ():
        left = set(range(len(was))) - set(found.values())
        found |= {old + shift: old for old in left if _is_alike(was[old], said[old + shift])}
    for old_name, new_name in ((canonical, canonical), (_rounded_text, canonical), (_id, _id)):
        _pair_named(was, said, found, old_name, new_name)
    if more == 0:
        taken = found.values()
        rest = [[n for n in range(len(was)) if n not in there] for there in (found, taken)]
        found |= dict(zip(*rest, strict=True))
    return found


def _is_alike(was: Json, said: Json) -> bool:
    """Whether all that was said is what was, rounded or not."""
    return same(unrounded(was, said), was)


def _pair_named(
    was: list[Json],
    said: list[Json],
    found: dict[int, int],
    old_name: Callable[[Json], str | None],
    new_name: Callable[[Json], str | None],
) -> None:
    """Pair what is left and has the same name, in the order it stands."""
    taken = set(found.values())
    free: dict[str | None, list[int]] = {}
    for old in reversed([n for n in range(len(was)) if n not in taken]):
        free.setdefault(old_name(was[old]), []).append(old)
    free.pop(None, None)
    for place in (n for n in range(len(said)) if n not in found):
        there = free.get(new_name(said[place]))
        if there:
            found[place] = there.pop()


def _rounded_text(value: Json) -> str:
    return canonical(_rounded(value))


def _id(value: Json) -> str | None:
    return element_id(_rounded(value))


def _rounded(value: Json) -> Json:
    """The value as JavaScript would have it."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return as_javascript(value) if is_number(value) else value
