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
    is_rounded = is_number(was) and not same(was, said) and same(as_javascript(was), said)
    return was if is_rounded else said


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

    By place first, where nothing is missing; then what says the same, rounded or not; by their
    ids; and what is left by place again.
    """
    found: dict[int, int] = {}
    shift = len(said) - len(was)
    if shift >= 0:
        _pair_alike(was, said, [(n, n) for n in range(len(was))], found, stops=shift > 0)
        last = [(n + shift, n) for n in reversed(range(len(was))) if n not in found]
        _pair_alike(was, said, last, found, stops=True)
    for old_name, new_name in ((canonical, canonical), (_rounded_text, canonical), (_id, _id)):
        _pair_named(was, said, found, old_name, new_name)
    taken = set(found.values())
    if shift == 0:
        found |= {n: n for n in range(len(was)) if n not in found and n not in taken}
    return found


def _pair_alike(
    was: list[Json],
    said: list[Json],
    places: list[tuple[int, int]],
    found: dict[int, int],
    *,
    stops: bool,
) -> None:
    """Pair elements at these places that are alike; `stops`: up to the first that are not."""
    for place, old in places:
        if same(unrounded(was[old], said[place]), was[old]):
            found[place] = old
        elif stops:
            return


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
    return element_id(_rounded(value)) if isinstance(value, dict) else None


def _rounded(value: Json) -> Json:
    """The value as JavaScript would have it."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return as_javascript(value) if is_number(value) else value
