"""Version vectors: who has published a record how often. No clocks, no merging of content.

A vector is written `+7f3a91c2:1 b21c0d44:2`: tag, colon, count; `+` marks the creator. The empty
vector is before every other (a record as it was adopted).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from tractatus_merge.value import Value, field

MAX_COUNT = 10**9
"""What every count is below."""
_TAG = 8
"""The fewest characters that a tag has."""


class Order(Enum):
    """How two vectors stand to each other."""

    EQUAL = "equal"
    BEFORE = "before"
    AFTER = "after"
    CONCURRENT = "concurrent"


class VersionVector(Value):
    """Counts by tag, and the tags of the creators.

    Invariants: 1. counts are positive; 2. creators have a count; 3. join is a lattice's join.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    creators: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> VersionVector | None:
        """Read the written form; None if it is not one."""
        counts: dict[str, int] = {}
        creators = set()
        for word in text.split():
            tag, _, digits = word.removeprefix("+").partition(":")
            if not (_is_tag(tag) and _is_count(digits)) or tag in counts:
                return None
            counts[tag] = int(digits)
            if word[0] == "+":
                creators.add(tag)
        return cls(counts, frozenset(creators))

    def __str__(self) -> str:
        return " ".join(
            f"{'+' if tag in self.creators else ''}{tag}:{count}"
            for tag, count in sorted(self.counts.items())
        )

    def order(self, other: VersionVector) -> Order:
        """Compare by counts alone."""
        tags = {*self.counts, *other.counts}
        less = any(self.count(tag) < other.count(tag) for tag in tags)
        more = any(self.count(tag) > other.count(tag) for tag in tags)
        if less and more:
            return Order.CONCURRENT
        return Order.BEFORE if less else Order.AFTER if more else Order.EQUAL

    def count(self, tag: str) -> int:
        """How often the tag has published; 0 if never."""
        return self.counts.get(tag, 0)

    def join(self, other: VersionVector) -> VersionVector:
        """The least vector that is not before either."""
        tags = {*self.counts, *other.counts}
        return VersionVector(
            {tag: max(self.count(tag), other.count(tag)) for tag in tags},
            self.creators | other.creators,
        )

    def tick(self, tag: str, count: int, *, creates: bool = False) -> VersionVector:
        """This vector after the tag's `count`-th publication."""
        creators = self.creators | {tag} if creates else self.creators
        return VersionVector({**self.counts, tag: count}, creators)


def _is_tag(text: str) -> bool:
    return len(text) >= _TAG and text.isascii() and text.isalnum() and text == text.lower()


def _is_count(text: str) -> bool:
    digits = text.isascii() and text.isdigit() and len(text) < len(str(MAX_COUNT))
    return digits and int(text) > 0
