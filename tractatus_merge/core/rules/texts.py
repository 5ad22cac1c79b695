"""The rule for long texts: by lines, both sides' changes in one text where they do not overlap.

A text that says one thing in one line (a rule, a title) is not for this: no rule merges words.
"""

from __future__ import annotations

from tractatus_merge.core.rules.base import Merge, Merged, by_rule, settled
from tractatus_merge.core.rules.diff3 import Region, joined, overlaps
from tractatus_merge.core.rules.generic import conflict
from tractatus_merge.core.values.equality import Json, Path


def text(path: Path, merge: Merge) -> Merged:
    """Merge a text by lines: changes at different places, and additions of both sides."""
    easy = settled(merge)
    if easy is not None:
        return easy
    if not _are_texts(merge):
        return conflict(path, merge)
    sides = (merge.base, merge.ours, merge.theirs)
    lines = joined(*map(_lines, sides))
    if lines is None:
        return conflict(path, merge)
    base, ours, theirs = (side.endswith("\n") for side in sides)
    end = theirs if ours == base else ours
    return by_rule("text", path, merge, "\n".join(lines) + ("\n" if end and lines else ""))


def hunks(merge: Merge) -> list[Region]:
    """The line regions where two changes of a text overlap; none for other values."""
    if not _are_texts(merge):
        return []
    return overlaps(*map(_lines, (merge.base, merge.ours, merge.theirs)))


def _are_texts(merge: Merge) -> bool:
    return all(isinstance(side, str) for side in (merge.base, merge.ours, merge.theirs))


def _lines(value: Json) -> list[str]:
    """The lines without their ends; an empty text has none, so writing into it is adding."""
    return value.removesuffix("\n").split("\n") if value else []
