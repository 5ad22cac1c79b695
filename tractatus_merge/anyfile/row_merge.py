"""The merge of one list of records, row by row: what nobody changed stays the bytes it was.

A row that one side changed is read (so that bad input is refused), one that both changed is merged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from tractatus_merge.anyfile.row_layout import FLAT, RowLayout, Three
from tractatus_merge.anyfile.rows import Rows
from tractatus_merge.anyfile.tables import Table
from tractatus_merge.core.rules.base import Contest, Merge, Merged, Rule, Settlement
from tractatus_merge.core.rules.merged_text import merged_text, refitted
from tractatus_merge.core.rules.orders import is_torn, ordered
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import MISSING, Json, Missing, Path
from tractatus_merge.core.values.json_reader import JsonError
from tractatus_merge.core.values.paths import Every
from tractatus_merge.errors import DocumentError
from tractatus_merge.value import Value, replace

ORDER = "order"
"""The kind of a contest about the order of rows."""


class MergedFile(Value):
    """The merged text, what waits for a person in it, and what was settled by which rule."""

    data: bytes
    contests: tuple[Contest, ...] = ()
    settled: tuple[Settlement, ...] = ()


class RowMerge(Value):
    """The merge of one list of records.

    Of `torn` rows those of ours stand, and a person is asked about the list.
    """

    base: Rows
    ours: Rows
    theirs: Rows
    path: Path
    table: Table
    names: tuple[str, str, str]
    lists: Three = FLAT
    """How the lines are indented on which the lists begin."""
    torn: frozenset[str] = frozenset()

    def merged(self) -> MergedFile:
        """The list's bytes: ours, with the rows that theirs changed."""
        base, ours, theirs = self._texts
        _, rule = self.table.part(self.path)
        done: list[Merged] = []
        torn = set(self.torn)
        texts = self._refitted(ours)
        for name in _changed(base, ours, theirs):
            if name in self.torn:
                continue
            merge = Merge(*(side.get(name, MISSING) for side in (base, ours, theirs)))
            merged, text = self._row(name, merge, rule)
            if "\0" in name and merged.contests:  # no path leads to it: it is asked with the list
                torn.add(name)
                merged = replace(merged, contests=())
            done.append(merged)
            if text is None:
                texts.pop(name, None)
            else:
                texts[name] = text
        for name, text in ours.items():
            if texts.get(name) == text != base.get(name):
                self._read(1, name, text)  # refuse it, if it is to be refused
        return MergedFile(
            self._layout.body(self._order(texts), texts),
            (
                *self._disputed(texts, torn),
                *(contest for merged in done for contest in merged.contests),
            ),
            tuple(settlement for merged in done for settlement in merged.settled),
        )

    def _disputed(self, texts: Mapping[str, bytes], torn: Collection[str]) -> Iterator[Contest]:
        """The list as it would be with the torn rows of either side, or in its order."""
        if not torn and not self._is_torn(texts):
            return
        sides: list[Json] = [[self._read(0, name, text) for name, text in self._texts[0].items()]]
        for place in (1, 2):
            own = {n: text for n, text in self._texts[place].items() if n in torn}
            if place == 1:
                own = {n: texts.get(n, text) for n, text in own.items()}
            there = {n: text for n, text in texts.items() if n not in torn} | own
            sides.append([self._read(place, n, there[n]) for n in self._order(there, place)])
        yield Contest(self.path, Merge(*sides), "field" if torn else ORDER)

    @cached_property
    def _texts(self) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, bytes]]:
        base, ours, theirs = (
            dict(zip(side.names, side.texts, strict=True)) for side in self._sides
        )
        return base, ours, theirs

    @property
    def _sides(self) -> tuple[Rows, Rows, Rows]:
        return self.base, self.ours, self.theirs

    @cached_property
    def _layout(self) -> RowLayout:
        return RowLayout.of((self.base, self.ours, self.theirs), self.lists)

    def _order(self, texts: Mapping[str, bytes], place: int = 1) -> list[str]:
        """The order of the rows that stand; where it is torn, that of one side."""
        base, ours, theirs = (side.names for side in self._sides)
        if theirs == base and texts.keys() == set(ours):
            return ours
        if self._is_torn(texts):
            base = theirs if place == 1 else ours
        return ordered(base, ours, theirs, standing=texts.keys())

    def _is_torn(self, texts: Mapping[str, bytes]) -> bool:
        """Whether the sides moved rows against each other."""
        base, ours, theirs = (side.names for side in self._sides)
        return base not in (ours, theirs) and is_torn(base, ours, theirs, texts.keys())

    def _row(self, name: str, merge: Merge, rule: Rule) -> tuple[Merged, bytes | None]:
        """One row that a side changed: what came of it, and its bytes (None: it is gone)."""
        values = Merge(*(self._read(place, name, t) for place, t in enumerate(_sides(merge))))
        if merge.ours == merge.base:
            merged = Merged(values.theirs)
        else:
            merged = rule((*self.path, name), values)
        return merged, self._text(merged.value, merge)

    def _text(self, value: Json, merge: Merge) -> bytes | None:
        """The bytes that say the value: of each part those of the side that changed it."""
        if value is MISSING:
            return None
        base, ours, theirs = (
            "" if isinstance(text, Missing) else text.decode() for text in _sides(merge)
        )
        layout = self._layout
        return merged_text(value, (base, ours, theirs), layout.rows, layout.out).encode()

    def _refitted(self, texts: Mapping[str, bytes]) -> dict[str, bytes]:
        """Rows of ours, indented as the result is."""
        here, out = self._layout.rows[1], self._layout.out
        if here == out:
            return dict(texts)
        return {name: refitted(text.decode(), here, out).encode() for name, text in texts.items()}

    def _read(self, place: int, name: str, text: bytes | Missing) -> Json:
        if isinstance(text, Missing):
            return MISSING
        value = self._parsed(place, name, text)

        def base() -> Json:
            was = self._texts[0].get(name)
            return MISSING if was is None else self._parsed(0, name, was)

        self.table.check(value, self.names[place], (*self.path, Every.ELEMENT), base=base)
        return value

    def _parsed(self, place: int, name: str, text: bytes) -> Json:
        try:
            return json_text.parse(text.decode())
        except JsonError as error:
            row = self._sides[place].names.index(name)
            shown = f"number {row + 1}" if "\0" in name else name
            raise refusal(f"{self.names[place]}, the record {shown}", None, error) from None


def _sides(merge: Merge) -> tuple[bytes | Missing, bytes | Missing, bytes | Missing]:
    return merge.base, merge.ours, merge.theirs


def _changed(
    base: Mapping[str, bytes], ours: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> Iterator[str]:
    """The names of the rows that theirs changed, or that only one side has, in a stable order."""
    for name, text in theirs.items():
        if base.get(name) != text and ours.get(name) != text:
            yield name
    for name in base:
        if name not in theirs and name in ours:
            yield name


def refusal(name: str, line: int | None, error: ValueError) -> DocumentError:
    """Why a version of a file cannot be merged, with its name and the line."""
    why = error.why if isinstance(error, JsonError) else "a byte here is not UTF-8"
    return DocumentError(name, line, why, hint="mend it by hand; nothing was written")
