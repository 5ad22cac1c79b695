"""What differs between two objects or lists, place by place, for people. It is told elsewhere.

A list of records is compared by their ids and then by its order, every other list by position.
"""

from __future__ import annotations

from tractatus_merge.core.values.equality import MISSING, Json, canonical
from tractatus_merge.core.values.paths import shown
from tractatus_merge.core.values.places import element_id, is_keyed

_ORDER = None
"""The key under which the order of a list of records is compared."""


def changes(before: Json, after: Json) -> list[tuple[str, Json, Json]]:
    """Each place that differs, as people read it, with what stands there before and after.

    In an order that is the same every time.
    """
    from deepdiff import DeepDiff  # 120 ms to import: only where a structure really differs

    sides = _comparable(before, after), _comparable(after, before)
    found = []
    for item in (item for kind in DeepDiff(*sides, view="tree").values() for item in kind):
        path = item.path(output_format="list")
        place = shown(tuple(str(step) for step in path if step is not _ORDER))
        where = f"{place} (order)".lstrip() if path and path[-1] is _ORDER else place
        old, new = (getattr(side, "value", MISSING) for side in (item.t1, item.t2))
        found.append((where, old, new))
    return sorted(found, key=lambda change: change[0])


class _Plain(str):  # noqa: SLOT000 (it remembers its value)
    """A value that is neither object nor list, compared by its canonical text.

    DeepDiff itself takes `1` and `1.0` apart; told to ignore that, it takes `true` for 1.
    """

    value: Json


class _Object(dict[str | None, Json]):
    """An object, or a list of records by their ids where both sides have one."""

    value: Json


class _List(list[Json]):
    """Any other list, compared by position."""

    value: Json


def _comparable(value: Json, other: Json) -> _Plain | _Object | _List:
    """The value as DeepDiff is to compare it with another; it remembers what it was."""
    made: _Plain | _Object | _List
    if isinstance(value, dict):
        beside = other if isinstance(other, dict) else {}
        made = _Object({k: _comparable(v, beside.get(k)) for k, v in value.items()})
    elif value and other and is_keyed(value) and is_keyed(other):
        beside = {element_id(item): item for item in other}
        named = {element_id(item): item for item in value}
        made = _Object({k: _comparable(v, beside.get(k)) for k, v in named.items()})
        made[_ORDER] = _comparable(", ".join(str(name) for name in named if name in beside), None)
    elif isinstance(value, list):
        made = _List(_comparable(item, None) for item in value)
    else:
        made = _Plain(canonical(value))
    made.value = value
    return made
