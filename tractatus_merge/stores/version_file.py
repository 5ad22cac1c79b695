"""The bytes of one version's file: made, and read back. No folder is looked at here.

| line | what it says |
| --- | --- |
| 1 | `tractatus-merge version 1` and the SHA-256 of all that follows |
| 2 | number, parent, the log's entry, what changed, and whether all records follow: an object |
| others | a record each: `[collection, id, text]`; text null where the version takes it away |

Which collections there are is not asked: what this program does not know is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tractatus_merge.core.model.state import Entry, Key, Version
from tractatus_merge.stores import newest
from tractatus_merge.value import Value

_TEXTS = ("message", "session", "tag", "agent", "author", "time")


class VersionFile(Value):
    """What one version's file says: the log's entry, and all records or those that changed."""

    number: int
    entry: Entry
    whole: bool
    lines: tuple[bytes, ...]

    @cached_property
    def records(self) -> dict[Key, str | None]:
        """The records that stand in it."""
        return {(kind, name): text for kind, name, text in map(_parsed, self.lines)}


def number_of(version: Version) -> int | None:
    """The number that a version's name ends with; None for what is no name of ours."""
    digits = version[newest.DIGITS :]
    return int(digits) if digits.isascii() and digits.isdigit() else None


def write(
    number: int, entry: Entry, records: Mapping[Key, str | None], *, whole: bool
) -> tuple[Version, bytes]:
    """The name and the bytes of a version, which its content and its number alone decide.

    `records` are all, or those that changed; `entry` says its parents and changes.
    """
    said = {
        "number": number,
        "parent": next(iter(entry.parents), None),
        **{name: getattr(entry, name) for name in _TEXTS},
        "base": entry.base,
        "conflicts": list(entry.conflicts),
        "root": entry.root,
        "whole": whole,
        "changes": sorted(map(list, entry.changes)),
    }
    rows = [said, *([*key, records[key]] for key in sorted(records))]
    body = b"".join(map(_line, rows))
    digest = hashlib.sha256(body).hexdigest()
    head = b"%s%s %s\n" % (newest.FORM, newest.NEWEST_FORM, digest.encode())
    return newest.made(digest, number), head + body


def read(data: bytes, number: int) -> VersionFile:
    """What a version's file says; ValueError, with a reason, where it is not as it was written."""
    name = newest.name(data[: newest.HEAD_SIZE], number)
    body = data[data.index(b"\n") + 1 :]
    if newest.made(hashlib.sha256(body).hexdigest(), number) != name:
        raise ValueError("its content is not what was written: it is torn, or was edited")
    first, *lines = body.split(b"\n")[:-1]
    said = _parsed(first)
    if said["number"] != number:
        raise ValueError(f"it is version {said['number']} under another number")
    entry = Entry(
        **{field: said[field] for field in _TEXTS},
        base=said["base"],
        conflicts=tuple(said["conflicts"]),
        root=said["root"],
        version=name,
        parents=(said["parent"],) if said["parent"] else (),
        changes=tuple((kind, record) for kind, record in said["changes"]),
    )
    return VersionFile(number, entry, said["whole"], tuple(lines))


def _line(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _parsed(line: bytes) -> Any:
    return json.loads(line.decode("utf-8", "surrogatepass"))
