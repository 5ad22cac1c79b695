"""A long text in pieces, most of which stand in an older one: it is never there as a whole.

Memory that is touched for the first time takes longer than what is done in it, so the pieces are
looked at and written a few at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

from tractatus_merge.core.values.json_text import Piece

_AT_ONCE = 1 << 16
"""Characters that are looked at, or written, at once."""


class Rope:
    """The pieces of a text, in order: each itself, or where it stands in the old text."""

    def __init__(self, old: str, pieces: Sequence[Piece]) -> None:
        self.old, self.pieces = old, pieces

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self._short())

    def to_bytes(self, mark: bytes = b"", newline: str = "\n") -> bytes:
        """The text as a file has it: behind a mark, with these line ends in place of LF."""
        out = BytesIO()
        out.write(mark)
        for part in self._short():
            out.write((part if newline == "\n" else part.replace("\n", newline)).encode())
        return out.getvalue()

    def is_in(self, data: bytes, start: int = 0) -> bool:
        """Whether the text is what stands in a file from an offset on, to its end."""
        for part in self._short():
            said = part.encode()
            if not data.startswith(said, start):
                return False
            start += len(said)
        return start == len(data)

    def _short(self) -> Iterator[str]:
        """Short pieces, one behind the other."""
        for piece in self.pieces:
            if isinstance(piece, str):
                yield from _cut(piece, 0, len(piece))
            else:
                yield from _cut(self.old, *piece)


def _cut(text: str, start: int, end: int) -> Iterator[str]:
    for first in range(start, end, _AT_ONCE):
        yield text[first : min(end, first + _AT_ONCE)]
