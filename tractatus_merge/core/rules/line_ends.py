"""What a whole text has besides its value: line ends, and the mark at the start. Pure bytes.

No JSON string has a line end in it, so all of a text's can be changed at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from tractatus_merge.core.rules.merged_text import changed

BOM = b"\xef\xbb\xbf"
_CRLF = b"\r\n"


def plain(data: bytes) -> bytes:
    """The text without the mark, with LF if it has CRLF everywhere: for comparing."""
    data = data.removeprefix(BOM)
    return data.replace(_CRLF, b"\n") if _line_end(data) == _CRLF else data


def dressed(data: bytes, versions: Sequence[bytes]) -> bytes:
    """A merged text with the mark and the line ends of the version that changed them.

    `versions`: base, ours and theirs as they are; an empty one is none. Mixed ends of ours stay.
    """
    base, ours, theirs = map(_line_end, versions)
    end = changed(base, ours, theirs or None)
    if end:
        data = data.replace(_CRLF, b"\n") if b"\r" in data else data
        data = data.replace(b"\n", end) if end == _CRLF else data
    marks = [version.startswith(BOM) if version else None for version in versions]
    return BOM + data if changed(*marks) else data


def _line_end(data: bytes) -> bytes | None:
    """The line end that a text has everywhere; b"" where they differ, None where there is none."""
    if b"\r" not in data:  # many times faster than to count
        return b"\n" if b"\n" in data else None
    ends, long = data.count(b"\n"), data.count(_CRLF)
    if long not in (0, ends):
        return b""
    return (_CRLF if long else b"\n") if ends else None
