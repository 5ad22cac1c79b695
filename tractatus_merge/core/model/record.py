"""A record and its stamp: the vector and checksum that the tool writes into what it publishes.

`"version_vector": "+7f3a91c2:1 b21c0d44:2 #9c1e0b42"`: who published it how often, and a checksum
of the record without this key, over canonical JSON: a rewriting script does not break it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tractatus_merge.core.model.version_vector import VersionVector
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json, Path, digest
from tractatus_merge.core.values.json_text import RECORD_DEPTH, JsonError
from tractatus_merge.errors import TooDeep

STAMP = "version_vector"


class Record:
    """A record's own source text (indentation of its first line taken away), read when asked.

    It never changes, and equals any of the same text. There are as many as a history has records,
    often ten thousand: that is why it has slots, and what is read from its text is put there late.
    """

    __slots__ = ("_content", "_stamp", "_value", "text")
    _value: dict[str, Json]
    _content: dict[str, Json]
    _stamp: tuple[VersionVector | None, str]

    def __init__(self, text: str) -> None:
        self.text: Final = text

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Record) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Record({self.text!r})"

    @classmethod
    def of(cls, content: dict[str, Json], style: json_text.Style = json_text.STYLE) -> Record:
        """A new record that says `content`; TooDeep where no record can."""
        return cls(checked_depth(json_text.dump(content, style)))

    @property
    def value(self) -> dict[str, Json]:
        """The record as it stands, stamp included; JsonError where the text is no object."""
        try:
            return self._value
        except AttributeError:
            self._value = _object(self.text)
            return self._value

    @property
    def content(self) -> dict[str, Json]:
        """The record without its stamp: what merges."""
        try:
            return self._content
        except AttributeError:
            self._content = {key: item for key, item in self.value.items() if key != STAMP}
            return self._content

    def _stamped(self) -> tuple[VersionVector | None, str]:
        """The vector and the checksum of the stamp."""
        try:
            return self._stamp
        except AttributeError:
            written = self.value.get(STAMP)
            head, hash_, check = written.rpartition("#") if isinstance(written, str) else ("",) * 3
            self._stamp = (VersionVector.parse(head) if hash_ else None), check.strip()
            return self._stamp

    @property
    def vector(self) -> VersionVector:
        """The vector the record names; the empty one if it has none."""
        return self._stamped()[0] or VersionVector()

    @property
    def stamped(self) -> bool:
        """Whether the record carries a readable stamp."""
        return self._stamped()[0] is not None

    def is_of(self, other: Record) -> bool:
        """Whether the two are versions of one record: of one creator, or both as adopted."""
        one, two = self.vector.creators, other.vector.creators
        return bool(one & two) or not (one or two)

    def is_by(self, tag: str) -> bool:
        """Whether the tag is one of the record's creators; most records show at once that not."""
        shows = tag in self.text or "\\" in self.text
        return shows and tag in self.vector.creators

    @property
    def genuine(self) -> bool:
        """Whether the record is still as the tool wrote it."""
        return self.stamped and self._stamped()[1] == digest(self.content, 8)

    def published(self, content: dict[str, Json], vector: VersionVector) -> Record:
        """This record saying `content` under `vector`, its bytes kept where it can; or TooDeep."""
        return self._saying(content, {STAMP: f"{vector} #{digest(content, 8)}"})

    def edited(self, content: dict[str, Json]) -> Record:
        """This record saying `content`, its stamp as it was (it tells the base); or TooDeep."""
        return self._saying(content, {STAMP: self.value[STAMP]} if STAMP in self.value else {})

    def unrounded(
        self, was: Record, meant: Collection[Path] = ()
    ) -> tuple[Record, tuple[Path, ...]]:
        """This record with the numbers of `was` where a program only rounded them, and where.

        What was written at one of the `meant` places is an edit, however it reads.
        """
        from tractatus_merge.core.values.rounding import without_rounding  # rarely needed

        content, places = without_rounding(was.content, self.content, meant)
        return (self.edited(content) if places else self), places

    def _saying(self, content: dict[str, Json], stamp: dict[str, Json]) -> Record:
        """The stamp keeps its place among the keys where it has one."""
        keys = list(self.value)
        behind = set(keys[keys.index(STAMP) :] if STAMP in keys else ())
        first = {key: item for key, item in content.items() if key not in behind}
        return Record(checked_depth(json_text.rewrite(self.text, {**first, **stamp, **content})))


def _object(text: str) -> dict[str, Json]:
    value = json_text.parse(text)
    if not isinstance(value, dict):
        raise JsonError("it is no object", 0)
    return value


def checked_depth(text: str) -> str:
    """The text of a record or header; TooDeep if it nests deeper than one may."""
    try:
        json_text.check_depth(text, limit=RECORD_DEPTH)
    except JsonError:
        raise TooDeep(RECORD_DEPTH) from None
    return text
