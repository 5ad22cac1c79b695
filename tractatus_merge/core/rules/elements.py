"""Which elements of three lists are one element, where no id says so: by what they say and where.

A move keeps an element what it is, and what both sides added is one element. So no list merge
brings back what a side removed, and none doubles what no side doubled.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from tractatus_merge.core.rules import diff3
from tractatus_merge.core.rules.orders import is_torn
from tractatus_merge.core.values.equality import quoted
from tractatus_merge.value import Value

Names = list[str]


class Elements(Value):
    """The elements of three lists, each by a name of its own: the same name is the same element.

    `torn`: the names in parts of the lists that the sides changed against each other.
    """

    base: Names
    ours: Names
    theirs: Names
    torn: frozenset[str] = frozenset()

    @property
    def sides(self) -> tuple[Names, Names, Names]:
        """The three lists of names."""
        return self.base, self.ours, self.theirs

    @property
    def standing(self) -> set[str]:
        """What no side took away."""
        both = {*self.ours} & {*self.theirs}
        return both | {*self.ours, *self.theirs}.difference(self.base)


def known_by_id(
    ids: Sequence[Sequence[str | None]],
    said: Callable[[int, int], str],
    also: Callable[[int, int], str | None],
) -> Elements:
    """The elements of three lists by their ids; those without one, or of one id, by what they say.

    `said(version, place)` is what an element says, `also(version, place)` another name that it has:
    by it an element is known that was changed and has no id. Names of what has no id of its own
    have a NUL in them.
    """
    doubled = {
        name
        for side in ids
        for name, count in Counter(side).items()
        if name is not None and count > 1
    }
    groups: dict[str | None, list[list[int]]] = defaultdict(lambda: [[], [], []])
    for version, side in enumerate(ids):
        for place, name in enumerate(side):
            if name is None or name in doubled:
                groups[name][version].append(place)
    named = [[name or "" for name in side] for side in ids]
    torn: set[str] = set()
    for group, places in groups.items():
        texts = [{at: said(version, at) for at in side} for version, side in enumerate(places)]
        aliases = _aliases(texts, also) if group is None else [{}, {}, {}]
        for version, names in enumerate(aliases):
            for at, name in names.items():
                named[version][at] = name
                del texts[version][at]
        anchors = _neighbours(ids, texts) if group is None else [{}, {}, {}]
        laid = [dict(sorted((*t.items(), *a.items()))) for t, a in zip(texts, anchors, strict=True)]
        found = known_by_content(
            *(list(side.values()) for side in laid),
            anchors={text for side in anchors for text in side.values()},
        )
        mark = "\0\0" if group is None else f"{group}\0"
        for version, side in enumerate(found.sides):
            for at, name in zip(laid[version], side, strict=True):
                if at in texts[version]:
                    named[version][at] = mark + name
        torn.update(mark + name for name in found.torn)
    base, ours, theirs = named
    return Elements(base, ours, theirs, frozenset(torn))


def _neighbours(
    ids: Sequence[Sequence[str | None]], texts: Sequence[Mapping[int, str]]
) -> list[dict[int, str]]:
    """The elements with an id that follow one without in any version, with their places in all.

    They tell places apart: what is changed on both sides of one is not changed at one place.
    """
    beside = {
        side[at + 1]
        for side, found in zip(ids, texts, strict=True)
        for at in found
        if at + 1 < len(side)
    }
    return [
        {at: f"\1{quoted(name)}" for at, name in enumerate(side) if name and name in beside}
        for side in ids
    ]


def _aliases(
    texts: Sequence[Mapping[int, str]], also: Callable[[int, int], str | None]
) -> list[dict[int, str]]:
    """The other names of what is not the same in all versions, where no two have one."""
    counts = [Counter(side.values()) for side in texts]
    found: list[dict[int, str]] = []
    for version, side in enumerate(texts):
        changed = [at for at, text in side.items() if len({c[text] for c in counts}) > 1]
        names = {at: also(version, at) for at in changed}
        found.append({at: f"\0{name}" for at, name in names.items() if name is not None})
    double = {
        name for names in found for name, count in Counter(names.values()).items() if count > 1
    }
    return [{at: name for at, name in names.items() if name not in double} for names in found]


def known_by_content(
    base: Sequence[str],
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    anchors: Collection[str] = frozenset(),
) -> Elements:
    """The elements of three lists by what they say: equal ones in turn, those in place first.

    `anchors` only tell places apart: whether the sides changed one place of them does not count.
    """
    old = [f"{text}\0b{at}" for at, text in enumerate(base)]
    fixed = [_paired(base, side) for side in (ours, theirs)]
    named: list[list[str | None]] = [
        [None if at is None else old[at] for at in found] for found in fixed
    ]
    _name_new(named, old, (ours, theirs))
    mine, yours = ([name for name in side if name is not None] for side in named)
    _take_the_same(old, mine, yours)
    loose = frozenset(n for n in (*old, *mine, *yours) if n.partition("\0")[0] not in anchors)
    torn = loose if _are_torn(old, mine, yours, loose) else frozenset[str]()
    return Elements(old, mine, yours, torn)


def _paired(base: Sequence[str], side: Sequence[str]) -> list[int | None]:
    """For each element of a side its place in the base: as they lie, then equal ones in turn."""
    places: list[int | None] = [None] * len(side)
    free = dict.fromkeys(range(len(base)))
    for start, there, length in diff3.matches(base, side):
        for step in range(length):
            places[there + step] = start + step
            del free[start + step]
    left: dict[str, deque[int]] = defaultdict(deque)
    for at in free:
        left[base[at]].append(at)
    for there, text in enumerate(side):
        if places[there] is None and left[text]:
            places[there] = left[text].popleft()
    return places


def _name_new(
    named: list[list[str | None]], base: Names, sides: tuple[Sequence[str], Sequence[str]]
) -> None:
    """Name what the sides added: what both added is one element, in one place first."""
    keys = [
        [name or f"{text}\0" for name, text in zip(names, side, strict=True)]
        for names, side in zip(named, sides, strict=True)
    ]
    for number, pair in enumerate(_shared(base, *keys)):
        for names, side, at in zip(named, sides, pair, strict=True):
            if at is not None:
                names[at] = f"{side[at]}\0n{number:06}"


def _shared(base: Names, ours: Names, theirs: Names) -> Iterator[tuple[int | None, int | None]]:
    """The places of what is new, in pairs: (in ours, in theirs), None: that side has it not."""
    left = [_new(ours), _new(theirs)]
    begin = [0, 0]
    for region in diff3.regions(base, ours, theirs):
        runs = [list(region.ours), list(region.theirs)]
        flip = runs[1] < runs[0]  # what is matched must not depend on the side
        for start, there, length in diff3.matches(*(reversed(runs) if flip else runs)):
            places = [at + begin[flip ^ side] for side, at in enumerate((start, there))]
            mine, yours = reversed(places) if flip else places
            for step in range(length):
                if mine + step in left[0]:
                    del left[0][mine + step], left[1][yours + step]
                    yield mine + step, yours + step
        begin = [at + len(run) for at, run in zip(begin, runs, strict=True)]
    again: dict[str, deque[int]] = defaultdict(deque)
    for place, name in left[1].items():
        again[name].append(place)
    for place, name in left[0].items():
        yield place, again[name].popleft() if again[name] else None
    for rest in again.values():
        yield from ((None, place) for place in rest)


def _new(side: Names) -> dict[int, str]:
    """The places of what a side added, with what it says."""
    return {at: name for at, name in enumerate(side) if name.endswith("\0")}


def _take_the_same(base: Names, ours: Names, theirs: Names) -> None:
    """Where both sides took away one of several equal elements, let it be the same one.

    Else two sides that each took a double away would leave none of it.
    """
    gone = [{*base}.difference(side) for side in (ours, theirs)]
    if not gone[0] ^ gone[1]:
        return
    alone: list[dict[str, list[int]]] = [defaultdict(list), defaultdict(list)]
    for number, side in enumerate((ours, theirs)):
        out, _ = _replaced(base, side, _moved(base, side), {*base, *side})
        for at, name in enumerate(base):
            if name in gone[number] and name not in gone[not number] | out:
                alone[number][name.partition("\0")[0]].append(at)
    for text, places in alone[0].items():
        for mine, yours in zip(places, alone[1].get(text, ()), strict=False):
            side = ours if mine < yours else theirs
            kept, taken = base[min(mine, yours)], base[max(mine, yours)]
            side[side.index(taken)] = kept


def _are_torn(base: Names, ours: Names, theirs: Names, loose: Collection[str]) -> bool:
    """Whether the sides changed one place of the loose elements against each other.

    Where a side put something else in an element's place, the other must have left the element
    alone: neither moved it, nor took it away, nor put something else there.
    """
    if ours == theirs or base in (ours, theirs):
        return False
    if is_torn(base, ours, theirs, loose):
        return True
    moved = [_moved(base, side) for side in (ours, theirs)]
    (out, put_in), (other_out, other_in) = (
        _replaced(base, side, away, loose) for side, away in zip((ours, theirs), moved, strict=True)
    )
    if out & moved[1] or other_out & moved[0]:
        return True
    anew = (put_in | other_in).intersection(ours, theirs)
    lists = ([n for n in side if n not in moved[0] | moved[1]] for side in (base, ours, theirs))
    for laid in diff3.regions(*lists):
        found = ([n for n in part if n in loose] for part in (laid.base, laid.ours, laid.theirs))
        old, mine, yours = found
        region = diff3.Region(old, mine, yours)
        if region.ours == region.theirs:
            continue
        if anew.intersection([*region.ours, *region.theirs]):
            return True
        taken_only = {*region.base}.issuperset([*region.ours, *region.theirs])
        if region.overlaps and not region.insertion and not taken_only:
            return True
    return False


def _moved(base: Names, side: Names) -> set[str]:
    """What a side may have moved: all that is not in every longest run in the base's order."""
    places = {name: at for at, name in enumerate(side)}
    kept = [name for name in base if name in places]
    found = [places[name] for name in kept]
    upto = _run_lengths(found)
    on = _run_lengths([-at for at in reversed(found)])[::-1]
    length = max(upto, default=0)
    in_some = [at for at, (a, b) in enumerate(zip(upto, on, strict=True)) if a + b == length + 1]
    count = Counter(upto[at] for at in in_some)
    return {*kept} - {kept[at] for at in in_some if count[upto[at]] == 1}


def _run_lengths(places: Sequence[int]) -> list[int]:
    """For each number how long a rising run can be that ends with it."""
    ends: list[int] = []
    lengths = []
    for place in places:
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
        lengths.append(at + 1)
    return lengths


def _replaced(
    base: Names, side: Names, moved: Collection[str], loose: Collection[str]
) -> tuple[set[str], set[str]]:
    """What a side took away where it put something in, and what it put in there."""
    known, there = {*base}, {*side}
    out: set[str] = set()
    put_in: set[str] = set()
    lists = [[name for name in names if name not in moved] for names in (base, side)]
    for region in diff3.regions(lists[0], lists[1], lists[0]):
        gone = {name for name in region.base if name in loose and name not in there}
        new = {name for name in region.ours if name in loose and name not in known}
        if gone and new:
            out |= gone
            put_in |= new
    return out, put_in
