"""Find what a merge lost, from the records alone.

A merge is the records of its bases, its sides and its result. A place that only one side changed
must stand as that side has it; where sides disagree, whatever stands is somebody's choice, unless
it is what stood before all of them.

A record that stands under another id, word for word or under its old title, is not lost. Writes
are judged by `overwrites`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tractatus_merge.core.model.record import STAMP
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, same
from tractatus_merge.core.values.places import get
from tractatus_merge.value import Value

DROPPED, REVERTED, BROUGHT_BACK = "dropped", "reverted", "brought back"
DUPLICATE = "duplicate id"
ALTERED = "altered"
"""The merge itself wrote what no side has: told, and not for certain a loss."""

Records = Mapping[str, tuple[Json, ...]]
"""Records by id: one of each, or all that stand under one id."""

Delta = Mapping[str, tuple[Json, Json]]
"""What one version changed: records before and after it, MISSING where there was none."""

_TELLING = 20
_JOINTS = "-_./:# "
"""By what an id is made longer."""
TEXTS = ("text", "title", "name", "summary", "description", "action")
"""The fields that say what a record is about."""


class Loss(Value):
    """One record that lost something: what, where in it, and the record that had it.

    Without `fields` it is the whole record. `side` is the number of the side that had brought what
    is lost, None where no single one had. `found` is what stands now, or MISSING.
    """

    kind: str
    name: str
    fields: tuple[Path, ...] = ()
    side: int | None = None
    record: Json = MISSING
    found: Json = MISSING


def find_losses(
    bases: Sequence[Records], sides: Sequence[Records], result: Records, key: str = "id"
) -> list[Loss]:
    """What the result of a merge has lost of what its sides had and brought, record by record.

    Several bases are those of a criss-cross: what stands in any of them was brought by nobody.
    Records that are the same everywhere may be left out of all arguments.
    """
    bases = bases or [{}]
    found: list[Loss] = []
    for name in dict.fromkeys(name for version in (*sides, *bases, result) for name in version):
        there = result.get(name, ())
        if len(there) > max([1, *(len(side.get(name, ())) for side in sides)]):
            found.append(Loss(DUPLICATE, name, found=there[-1]))
        tried: list[list[Loss]] = []
        for record in there or (MISSING,):
            before = [one for base in bases for one in base.get(name, (MISSING,))]
            brought = [_one(side, name, record) for side in sides]
            tried.append(list(_of_record(name, before, brought, record, key)))
        best = min(tried, key=len)  # of several with one id, a right one is enough
        found += best
    names = [name for name in result if not any(name in side for side in sides)]
    new = [(name, record) for name in names for record in result[name]]
    return without_moved(found, new, key)


def is_restored(loss: Loss, record: Json, key: str) -> bool:
    """Whether a record (MISSING: none) has again what was lost, or again lacks what was deleted."""
    if loss.kind == BROUGHT_BACK:
        return all(get(record, path) is MISSING for path in loss.fields or ((),))
    if record is MISSING:
        return False
    if loss.fields:
        return all(same(get(record, path), get(loss.record, path)) for path in loss.fields)
    return not are_unrelated(record, loss.record, key)


def are_unrelated(one: Json, other: Json, key: str) -> bool:
    """Whether two records that were added under one id are about different things.

    It takes a sign: a title, a text, or a long string such as a time that both have, and none of
    these is the same. Records that differ in a state or a number are one that was edited.
    """
    mine, theirs = _without_stamp(one, key), _without_stamp(other, key)
    if _is_within(mine, theirs) or _is_within(theirs, mine):
        return False
    shared = [
        same(value, theirs[name])
        for name, value in mine.items()
        if name in theirs and (_is_telling(name, value) or _is_telling(name, theirs[name]))
    ]
    return bool(shared) and not any(shared)


def _is_telling(name: str, value: Json) -> bool:
    return isinstance(value, str) and (name in TEXTS or len(value) >= _TELLING)


def content(record: Json, key: str) -> str:
    """What a record says apart from its id and its stamp, as one canonical text; "" if nothing."""
    rest = _without_stamp(record, key)
    return canonical(rest) if rest else ""


def _without_stamp(record: Json, key: str) -> dict[str, Json]:
    if not isinstance(record, dict):  # a record of a flat map
        return {}
    return {name: value for name, value in record.items() if name not in (key, STAMP)}


def _one(version: Records, name: str, like: Json) -> Json:
    """The record of an id; of several the one that is as told, else the last."""
    there = version.get(name, ())
    return next((r for r in there if same(r, like)), there[-1] if there else MISSING)


def _of_record(
    name: str, bases: list[Json], sides: list[Json], result: Json, key: str
) -> Iterator[Loss]:
    """The losses of one record: one for each kind and side."""
    if result is not MISSING and all(base is MISSING for base in bases):
        there = [number for number, side in enumerate(sides) if side is not MISSING]
        apart = [number for number in there if are_unrelated(sides[number], result, key)]
        if len(apart) == len(there) > 1:
            return  # a third record is somebody's answer to both
        for number in apart:  # a new record, and another stands under its id
            yield Loss(DROPPED, name, (), number, sides[number], result)
        if len(apart) == len(there):
            return
        if any(same(result, side) for side in sides):  # chosen whole, but for what says no less
            apart = [n for n in there if not _is_within(result, sides[n])]
        sides = [MISSING if number in apart else side for number, side in enumerate(sides)]
    places: dict[tuple[str, int | None], list[Path]] = {}
    for kind, path, side in _places((), bases, sides, result):
        places.setdefault((kind, side), []).append(path)
    for (kind, side), paths in places.items():
        had = [one for one in sides if one is not MISSING] if side is None else [sides[side]]
        yield Loss(kind, name, () if () in paths else tuple(paths), side, had[0], result)


def _places(
    path: Path, bases: list[Json], sides: list[Json], result: Json
) -> Iterator[tuple[str, Path, int | None]]:
    """The smallest places where something was lost: (kind, path, number of the side)."""
    brought = [side for side in sides if not _among(side, bases)]
    agreed = all(same(side, brought[0]) for side in brought)
    if agreed and _among(result, brought or sides):
        return
    deleted = agreed and bool(brought) and brought[0] is MISSING
    present = [side for side in sides if side is not MISSING]
    objects = all(isinstance(value, dict) for value in (*present, result))
    if not objects or not present or deleted:
        yield from _faults(path, bases, sides, result)
        return
    numbers = [number for number, side in enumerate(sides) if side is not MISSING]
    for step in dict.fromkeys(step for value in (*present, result) for step in value):
        at = (step,)
        inner = [get(sides[number], at) for number in numbers]
        found = _places((*path, step), [get(base, at) for base in bases], inner, get(result, at))
        for kind, place, side in found:
            yield kind, place, None if side is None else numbers[side]


def _faults(
    path: Path, bases: list[Json], sides: list[Json], result: Json
) -> Iterator[tuple[str, Path, int | None]]:
    """What is wrong at a place that is settled whole; nothing where a choice was to be made."""
    brought = [number for number, side in enumerate(sides) if not _among(side, bases)]
    values = [sides[number] for number in brought]
    contested = any(not same(value, values[0]) for value in values)
    old = _among(result, bases)
    if contested and (_among(result, sides) or not (old or result is MISSING)):
        return
    if contested and old:
        yield from (
            (_kind(path, bases, result), path, number)
            for number in brought
            if sides[number] is not MISSING
        )
    elif values and values[0] is MISSING:
        yield BROUGHT_BACK, path, brought[0]
    elif old or result is MISSING:
        yield _kind(path, bases, result), path, next(iter(brought), None)
    elif brought or not all(side is MISSING for side in sides):
        yield ALTERED, path, next(iter(brought), None)


def _kind(path: Path, bases: Iterable[Json], result: Json) -> str:
    """A field that one side had added, and that is not there, is an edit that was reverted."""
    gone = result is MISSING and not (path and _among(MISSING, bases))
    return DROPPED if gone else REVERTED


def _is_within(part: Json, whole: Json) -> bool:
    """Whether a record has nothing that another does not have, too."""
    return all(same(value, get(whole, (name,))) for name, value in part.items())


def without_moved(found: list[Loss], new: Iterable[tuple[str, Json]], key: str) -> list[Loss]:
    """The losses without those records that exist under a new id.

    It says the same, or has the same title; or its id was made from the old one, and half of it is
    the same. What several lost records say tells of none of them.
    """
    there = list(new)
    lost = Counter(m for x in found if x.kind == DROPPED for m in {*_marks(x.record, key)})
    marks = {m for _, record in there for m in _marks(record, key) if lost[m] == 1}
    return [
        loss
        for loss in found
        if loss.kind != DROPPED
        or loss.fields
        or (
            marks.isdisjoint(_marks(loss.record, key))
            and not any(_is_renamed(loss, name, record, key) for name, record in there)
        )
    ]


def _is_renamed(loss: Loss, name: str, record: Json, key: str) -> bool:
    short, long = sorted((loss.name, name), key=len)
    place, _, end = short.rpartition("\0")
    rest = long.removeprefix(f"{place}\0")
    if not any(rest.startswith(end + by) or rest.endswith(by + end) for by in _JOINTS):
        return False
    one, other = _without_stamp(loss.record, key), _without_stamp(record, key)
    alike = sum(field in other and same(value, other[field]) for field, value in one.items())
    return alike * 2 >= len(one)


def _marks(record: Json, key: str) -> Iterator[str]:
    """By what a record is known under another id: all that it says, and its title or text."""
    if said := content(record, key):
        yield said
    for name, value in _without_stamp(record, key).items():
        if name in TEXTS and isinstance(value, str) and value:
            yield canonical({name: value})


def _among(value: Json, values: Iterable[Json]) -> bool:
    return any(same(value, other) for other in values)
