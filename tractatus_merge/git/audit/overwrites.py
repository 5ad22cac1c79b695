"""Find what a write undid because its writer had an older copy, from the records alone. Pure.

A write is compared with each of the versions before it. It was made from an older one if it undid
all that has changed since, took up none of that, and brought something of its own. What was
changed and set back between the two is no change. A write that leaves few of many records is a
truncation, whatever its copy was.

A record that stands is not dropped: it was edited, unless two records have met under one id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.places import get, leaves
from tractatus_merge.git.audit.losses import (
    BROUGHT_BACK,
    DROPPED,
    REVERTED,
    TEXTS,
    Delta,
    Loss,
    are_unrelated,
    without_moved,
)
from tractatus_merge.value import Value

_MANY, _FEW = 5, 3
"""So many records must be gone for a truncation; so many where no old one stands."""

RowChange = tuple[tuple[bytes, ...], tuple[bytes, ...]]
"""The rows of one name before and after."""


class Overwrite(Value):
    """A write that was made from an older copy: how many versions older, and what it undid.

    `brings` tells whether it also changed something of its own: else the old file was put back.
    """

    depth: int
    losses: tuple[Loss, ...]
    brings: bool


class _Fate(NamedTuple):
    """What a write did to a record's change: took it up at a place, or undid it, surely or not."""

    kept: Path | None = None
    undone: tuple[Loss, ...] = ()
    sure: bool = False


def deepest(
    own: Mapping[str, RowChange], past: Iterable[Mapping[str, RowChange]], most: int
) -> int:
    """How many versions back a write's copy may be: the last one of which it kept nothing; else 0.

    Told from the rows alone, without parsing: a change that a write did not touch it has kept.
    """
    now: dict[str, tuple[bytes, ...]] = {}
    kept: set[str] = set()
    found = 0
    for depth, delta in zip(range(1, most + 1), past, strict=False):
        for name, (before, after) in delta.items():
            stands = now.setdefault(name, after)
            if name not in own:
                (kept.discard if before == stands else kept.add)(name)
        if not kept:
            found = depth
    return found


def find_overwrite(own: Delta, past: Sequence[Delta], key: str = "id") -> Overwrite | None:
    """What a write undid because its writer knew an older version only; None if that cannot be.

    `own` is what it changed, `past` what the versions before it changed, newest first. The writer
    knew a version if the write keeps anything of what that version changed, or says again what
    one since then had said.
    """
    if not any(_may_undo(name, states, past) for name, states in own.items()):
        return None
    before: dict[str, Json] = {}
    now: dict[str, Json] = {}
    said: dict[str, bool] = {}
    fates: dict[str, _Fate] = {}
    kept: set[str] = set()
    added = [(name, new) for name, (old, new) in own.items() if old is MISSING]
    found = None
    for depth, delta in enumerate(past, 1):
        for name, (old, new) in delta.items():
            before[name] = old
            now.setdefault(name, new)
            stands = own[name][1] if name in own else now[name]
            said[name] = said.get(name, False) or same(stands, new)
            at = fates[name].kept if name in fates else None
            if at is not None and _has_taken(at, old, now[name], stands):
                continue
            fates[name] = _fate(name, (old, now[name], stands), key)
            took = said[name] and not same(stands, old)
            (kept.add if took or fates[name].kept is not None else kept.discard)(name)
        if kept:
            continue
        undone = [loss for fate in fates.values() for loss in fate.undone]
        new = [(name, record) for name, record in added if before.get(name, MISSING) is MISSING]
        undone = without_moved(undone, new, key)
        sure = any(fate.sure for fate in fates.values())
        if sure and _size(undone) > (_size(found.losses) if found else 0):
            brings = any(not same(new, before.get(name, old)) for name, (old, new) in own.items())
            found = Overwrite(depth, tuple(undone), brings)
    return found


def _size(losses: Iterable[Loss]) -> int:
    """How much an older copy explains: the places that are as they were in it."""
    return sum(len(loss.fields) or 1 for loss in losses)


def _may_undo(name: str, states: tuple[Json, Json], past: Sequence[Delta]) -> bool:
    """Whether a write of a record has a value that an older version has: told without its fate."""
    now, new = states
    olds = [delta[name][0] for delta in past if name in delta]
    if now is MISSING or new is MISSING or any(old is MISSING for old in olds):
        return bool(olds)
    places = list(leaves(now, new)) if olds else []
    return any(same(get(old, path), value) for old in olds for path, _, value in places)


def _has_taken(at: Path, old: Json, now: Json, new: Json) -> bool:
    """Whether a write says at a place what stands now, and an older version did not."""
    value = get(now, at)
    return same(get(new, at), value) and not same(get(old, at), value)


def is_truncation(before: int, gone: int, left: int) -> bool:
    """Whether a write took more of the records away than an edit by hand does.

    Of so many `before`, so many `gone`; so many are `left`, new ones too.
    """
    if not left:
        return before > 1
    return left * 2 < before and (gone >= _MANY or gone == before >= _FEW)


def find_dropped(own: Delta, key: str = "id") -> tuple[Loss, ...]:
    """Every record that a write took away, but those that stand under a new id."""
    gone = [Loss(DROPPED, name, record=old) for name, (old, new) in own.items() if new is MISSING]
    added = [(name, new) for name, (old, new) in own.items() if old is MISSING]
    return tuple(without_moved(gone, added, key))


def _fate(name: str, states: tuple[Json, Json, Json], key: str) -> _Fate:
    """What a write (to `new`) did to a record that had changed from `old` to `now`."""
    old, now, new = states
    if same(old, now):
        return _Fate()
    if same(now, new):
        return _Fate(kept=())
    if new is MISSING:  # what was edited and is then deleted may be meant
        dropped = (Loss(DROPPED, name, record=now),) if old is MISSING else ()
        return _Fate(undone=dropped, sure=bool(dropped))
    if now is MISSING:
        return _Fate(undone=(Loss(BROUGHT_BACK, name, found=new),), sure=True)
    if old is MISSING:
        return _met(name, now, new, key)
    return _undone_fields(name, old, now, new)


def _met(name: str, now: Json, new: Json, key: str) -> _Fate:
    """A record was new, and the write has another content under its id: an edit, or another one.

    Another one was created at another time, or has not a word or a value of the first. Where only
    the words are others, it may be either.
    """
    if not are_unrelated(now, new, key):
        return _Fate(kept=())
    another = _Fate(undone=(Loss(DROPPED, name, record=now, found=new),), sure=True)
    fields = [field for field in now if field in new and field != key]
    created = [field for field in fields if field.lower().startswith("created")]
    if created:
        is_one = any(same(now[field], new[field]) for field in created)
        return _Fate(kept=()) if is_one else another
    if not _have_other_words(now, new):
        return _Fate(kept=())
    return _Fate() if any(same(now[field], new[field]) for field in fields) else another


def _have_other_words(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    """Whether two records' titles and texts have no word in common."""
    mine, theirs = (
        {word for name in TEXTS if isinstance(text := r.get(name), str) for word in text.split()}
        for r in (one, other)
    )
    return mine.isdisjoint(theirs)


def _undone_fields(name: str, old: Json, now: Json, new: Json) -> _Fate:
    places: dict[str, list[Path]] = {}
    objects = all(isinstance(value, dict) for value in (old, now, new))
    sure = True
    for path, was, since in leaves(old, now):
        there = get(new, path)
        if same(there, since):
            return _Fate(kept=path)
        if same(there, was):
            kind = BROUGHT_BACK if since is MISSING else REVERTED
            places.setdefault(kind, []).append(path)
        elif objects:
            sure = False  # its writer touched the place anew, and may have known
    undone = tuple(
        Loss(kind, name, () if () in paths else tuple(paths), None, now, new)
        for kind, paths in places.items()
    )
    return _Fate(undone=undone, sure=sure and bool(undone))
