"""Three sequences laid side by side: where only one side changed, both did, or both differently.

This is diff3 (Khanna, Kunal and Pierce, "A formal investigation of diff3", 2007) over the matching
of `difflib`. What a difference means for a text or a list is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tractatus_merge.value import Value

Items = Sequence[str]


class Region(Value):
    """One stretch of all three: what stands there. Equal neighbours are one region."""

    base: Items
    ours: Items
    theirs: Items
    line: int = 0

    @property
    def overlaps(self) -> bool:
        """Whether both sides changed it, and differently."""
        return self.ours != self.theirs and self.base not in (self.ours, self.theirs)

    @property
    def insertion(self) -> bool:
        """Whether both sides only added here."""
        return not self.base


def regions(base: Items, ours: Items, theirs: Items) -> Iterator[Region]:
    """The three cut into regions, in order; `line` counts from 0 in the base."""
    at = mine = yours = 0
    for start, here, there, length in [
        *_common(matches(base, ours), matches(base, theirs)),
        (len(base), len(ours), len(theirs), 0),
    ]:
        gap = Region(base[at:start], ours[mine:here], theirs[yours:there], at)
        if gap.base or gap.ours or gap.theirs:
            yield gap
        at, mine, yours = start + length, here + length, there + length
        if length:
            yield Region(base[start:at], ours[here:mine], theirs[there:yours], start)


def joined(base: Items, ours: Items, theirs: Items) -> list[str] | None:
    """Both sides' changes in one sequence; None where they overlap.

    What both add at one place is all kept, what they have in common once, in an order that does not
    depend on which side is which: the stretch that sorts first stands first.
    """
    result: list[str] = []
    for region in regions(base, ours, theirs):
        if not region.overlaps:
            result += region.theirs if region.ours == region.base else region.ours
        elif region.insertion:
            result += _both(*sorted((list(region.ours), list(region.theirs))))
        else:
            return None
    return result


def overlaps(base: Items, ours: Items, theirs: Items) -> list[Region]:
    """The regions that both sides changed differently."""
    return [
        region for region in regions(base, ours, theirs) if region.overlaps and not region.insertion
    ]


def _both(one: Items, other: Items) -> list[str]:
    """Two added stretches as one: what they have in common once, the rest of both around it."""
    result: list[str] = []
    at = there = 0
    for start, begin, length in [*matches(one, other), (len(one), len(other), 0)]:
        result += [*one[at:start], *other[there:begin], *one[start : start + length]]
        at, there = start + length, begin + length
    return result


def matches(one: Items, other: Items) -> Iterator[tuple[int, int, int]]:
    """Where a stretch of one stands in the other: (start, start there, length), in order."""
    from difflib import SequenceMatcher  # 5 ms: most merges meet no long text

    matcher = SequenceMatcher(None, one, other, autojunk=False)
    yield from (block for block in matcher.get_matching_blocks() if block.size)


def _common(
    ours: Iterator[tuple[int, int, int]], theirs: Iterator[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int, int]]:
    """The stretches of the base that stand on both sides: (start, in ours, in theirs, length)."""
    mine, yours = next(ours, None), next(theirs, None)
    while mine and yours:
        start = max(mine[0], yours[0])
        end = min(mine[0] + mine[2], yours[0] + yours[2])
        if start < end:
            yield start, mine[1] + start - mine[0], yours[1] + start - yours[0], end - start
        if mine[0] + mine[2] < yours[0] + yours[2]:
            mine = next(ours, None)
        else:
            yours = next(theirs, None)
