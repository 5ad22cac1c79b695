"""Find what a merge or a write lost, from the records alone.

Of a merge: the records of its bases, its sides and its result. A place that only one side changed
must stand as that side has it; where sides disagree, whatever stands is somebody's choice, unless
it is what stood before all of them. Of a write: what it changed, and what was changed before it.
One that undid all of the newest changes and took up none of them was made from an older copy.

A record that stands under another id, word for word, is not lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tractatus_merge.core.model.record import STAMP
from tractatus_merge.core.values.equality import MISSING, Json, Path, canonical, same
from tractatus_merge.core.values.places import get, leaves

DROPPED, REVERTED, BROUGHT_BACK = "dropped", "reverted", "brought back"
DUPLICATE = "duplicate id"
ALTERED = "altered"
"""The merge itself wrote what no side has: told, and not for certain a loss."""

Records = Mapping[str, tuple[Json, ...]]
"""Records by id: one of each, or all that stand under one id."""

Delta = Mapping[str, tuple[Json, Json]]
"""What one version changed: records before and after it, MISSING where there was none."""

_TELLING = 20
_TEXTS = ("text", "title", "name", "summary", "description", "action")


@dataclass(frozen=True, slots=True)
class Loss:
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


@dataclass(frozen=True, slots=True)
class Overwrite:
    """A write that was made from an older copy: how many versions older, and what it undid.

    `brings` tells whether it also changed something of its own: else the old file was put back.
    """

    depth: int
    losses: tuple[Loss, ...]
    brings: bool


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
    new = (r for name in result if not any(name in side for side in sides) for r in result[name])
    return _without_moved(found, new, key)


def find_overwrite(own: Delta, past: Iterable[Delta], key: str = "id") -> Overwrite | None:
    """What a write undid because its writer knew an older version only; None if that cannot be.

    `own` is what it changed, `past` what the versions before it changed, newest first. The writer
    knew a version if the write keeps anything of what that version changed.
    """
    before: dict[str, Json] = {}
    now: dict[str, Json] = {}
    found = None
    for depth, delta in enumerate(past, 1):
        for name, (old, new) in delta.items():
            before[name] = old
            now.setdefault(name, new)
        undone: list[Loss] = []
        sure = False
        for name, old in before.items():
            new = own[name][1] if name in own else now[name]
            fate = _fate(name, (old, now[name], new), key)
            if fate is None:
                return found
            undone += fate
            sure |= bool(fate) and _only_undone(old, now[name], new)
        undone = _without_moved(undone, (new for old, new in own.values() if old is MISSING), key)
        if undone and sure:
            brings = any(not same(new, before.get(name, old)) for name, (old, new) in own.items())
            found = Overwrite(depth, tuple(undone), brings)
    return found


def is_restored(loss: Loss, record: Json, key: str) -> bool:
    """Whether a record (MISSING: none) has again what was lost, or again lacks what was deleted."""
    if loss.kind == BROUGHT_BACK:
        return all(get(record, path) is MISSING for path in loss.fields or ((),))
    if record is MISSING:
        return False
    if loss.fields:
        return all(same(get(record, path), get(loss.record, path)) for path in loss.fields)
    return loss.found is MISSING or not are_unrelated(record, loss.record, key)


def are_unrelated(one: Json, other: Json, key: str) -> bool:
    """Whether two records that were added under one id are about different things.

    They are one if they agree in a title, a text, or a long string such as a time, or if one says
    all that the other says.
    """
    mine, theirs = _without_stamp(one, key), _without_stamp(other, key)
    for name, value in mine.items():
        telling = isinstance(value, str) and (name in _TEXTS or len(value) >= _TELLING)
        if telling and theirs.get(name) == value:
            return False
    return not (_is_within(mine, theirs) or _is_within(theirs, mine))


def content(record: Json, key: str) -> str:
    """What a record says apart from its id and its stamp, as one canonical text; "" if nothing."""
    rest = _without_stamp(record, key)
    return canonical(rest) if rest else ""


def _without_stamp(record: Json, key: str) -> dict[str, Json]:
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


def _fate(name: str, states: tuple[Json, Json, Json], key: str) -> list[Loss] | None:
    """What a write (to `new`) undid of a record's change; None if it took up any of it."""
    old, now, new = states
    if same(old, now):
        return []
    if same(now, new):
        return None
    if new is MISSING:  # what was edited and is then deleted may be meant
        return [Loss(DROPPED, name, record=now)] if old is MISSING else []
    if now is MISSING:
        return [Loss(BROUGHT_BACK, name, found=new)]
    if old is MISSING:
        return (
            [Loss(DROPPED, name, record=now, found=new)] if are_unrelated(now, new, key) else None
        )
    return _undone_fields(name, old, now, new)


def _undone_fields(name: str, old: Json, now: Json, new: Json) -> list[Loss] | None:
    places: dict[str, list[Path]] = {}
    for path, was, since in leaves(old, now):
        there = get(new, path)
        if same(there, since):
            return None
        if same(there, was):
            kind = BROUGHT_BACK if since is MISSING else REVERTED
            places.setdefault(kind, []).append(path)
    return [Loss(kind, name, tuple(paths), None, now, new) for kind, paths in places.items()]


def _is_within(part: Json, whole: Json) -> bool:
    """Whether a record has nothing that another does not have, too."""
    return all(same(value, get(whole, (name,))) for name, value in part.items())


def _only_undone(old: Json, now: Json, new: Json) -> bool:
    """Whether a write has all that changed from `old` to `now` as it was, and wrote none of it."""
    if not all(isinstance(value, dict) for value in (old, now, new)):
        return True
    return all(same(get(new, path), was) for path, was, _ in leaves(old, now))


def _without_moved(found: list[Loss], new: Iterable[Json], key: str) -> list[Loss]:
    """The losses without those records that exist unchanged under a new id."""
    there = {content(record, key) for record in new if isinstance(record, dict)} - {""}
    return [
        loss
        for loss in found
        if loss.kind != DROPPED or loss.fields or content(loss.record, key) not in there
    ]


def _among(value: Json, values: Iterable[Json]) -> bool:
    return any(same(value, other) for other in values)
