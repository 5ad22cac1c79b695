"""Records that stand one behind the other in two versions of a list, and say the same in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tractatus_merge.core.model.record import Record


def runs(
    old: Mapping[str, Record], new: Mapping[str, Record]
) -> Iterator[tuple[int | None, int, int]]:
    """The new list from its beginning: (where it stood, where it stands, how many).

    None: it is new. How many: none for a record that says something else than it did.
    """
    before, after = _Said(old), _Said(new)
    places = {name: place for place, name in enumerate(before.names)}
    at = 0
    while at < len(after.names):
        place = places.get(after.names[at])
        count = 0 if place is None else before.alike(place, after, at)
        yield place, at, count
        at += max(count, 1)


class _Said:
    """The names and the texts of some records, in order."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self.names = list(records)
        self.texts = [record.text for record in records.values()]

    def alike(self, here: int, other: _Said, there: int) -> int:
        """How many records stand in both lists one behind the other, from these places on.

        More and more are compared at once, then fewer and fewer.
        """
        count, step, most = 0, 1, min(len(self.names) - here, len(other.names) - there)
        while step:
            after = count + step
            if after <= most and self._has(here, other, there, count, after):
                count, step = after, 2 * step
            else:
                step //= 2
        return count

    def _has(self, here: int, other: _Said, there: int, first: int, last: int) -> bool:
        mine, theirs = slice(here + first, here + last), slice(there + first, there + last)
        return self.names[mine] == other.names[theirs] and self.texts[mine] == other.texts[theirs]
