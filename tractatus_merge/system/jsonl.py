"""JSON objects that programs write for programs, one a line or one a file, read tolerantly.

For programs that are over before the `json` package is imported.

The interpreter's own scanner and encoder are what `json` itself uses; where an interpreter has
none, `json` is loaded. Standard library only, and of it little at import.
"""

from __future__ import annotations

import os

from tractatus_merge.system import plain_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any


class _Ways:
    """How the scanner reads: strictly, into plain values."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    memo: dict[str, str] = {}  # noqa: RUF012 (the scanner's own, emptied by it)

    @staticmethod
    def parse_constant(name: str) -> float:
        """NaN and Infinity, which some writers let out."""
        return float(name)


def _tools() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The reader of a text and the writer of a value."""
    try:
        import _json

        scan = _json.make_scanner(_Ways)  # type: ignore[arg-type]
        text = _json.encode_basestring_ascii
        words = (None, None, text, None, ": ", ", ", False, False, True)
        encode = _json.make_encoder(*words)  # type: ignore[arg-type]
        if "".join(encode(["a", 1], 0)) != '["a", 1]':
            raise TypeError  # noqa: TRY301 (another interpreter's tools)
        return lambda line: scan(line, 0)[0], lambda value: "".join(encode(value, 0))
    except (ImportError, AttributeError, TypeError):
        import json

        return json.loads, json.dumps


_TOOLS = _tools()
_NONE = (ValueError, StopIteration, RecursionError, SystemError)
"""What the scanner raises for what is no value (SystemError: its own error is in `json`)."""


def parse(line: bytes | str) -> dict[str, Any] | None:
    """The object that begins the line, or None for what is none: torn, foreign, not UTF-8."""
    try:
        text = line.decode() if isinstance(line, bytes) else line
        found = _TOOLS[0](text.lstrip())
    except _NONE:
        return None
    return found if isinstance(found, dict) else None


def load(path: str | Path) -> dict[str, Any]:
    """The object that a file holds; an empty one where it is not there, or is torn or foreign."""
    try:
        return parse(plain_file.read(path)) or {}
    except OSError:
        return {}


def dump(fields: dict[str, Any] | list[Any]) -> bytes:
    """The object, or list, on one line, in ASCII, without the line's end."""
    return str(_TOOLS[1](fields)).encode("ascii")


def append(path: str | Path, fields: dict[str, Any]) -> None:
    """Add one line with one write: concurrent appenders never tear each other's lines.

    After a line that was torn, as a loss of power leaves one, it begins on a line of its own.
    """
    descriptor = plain_file.open_end(path)
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        whole = size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
        os.write(descriptor, (b"" if whole else b"\n") + dump(fields) + b"\n")
    finally:
        os.close(descriptor)


def events(path: str | Path) -> list[dict[str, Any]]:
    """The objects of a file, in order; lines that are none (cut off by a crash) are passed over.

    So is a file that cannot be read: who has to know of it looks for himself.
    """
    try:
        lines = plain_file.read(path).splitlines()
    except OSError:
        return []
    return [found for line in lines if (found := parse(line)) is not None]
