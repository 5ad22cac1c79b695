"""Instruction ids: minting new ones, giving way at a collision, rewriting mentions.

Ids from elsewhere are kept verbatim (`inst_024a`, `inst_063_CONSOLIDATED`, `inst_1760000000000`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from tractatus_merge.core.values.equality import Json, same

MAX_ID = 120
"""The most bytes of an id: it names a file in every store."""
_NUMBERED = r"(?:^|\0)inst_(\d{1,6})(?!\d)"
"""Ids that begin with a number, in a text of ids with a null between them."""


def new_id(known: Collection[str], tag: str) -> str:
    """The next number plus the session's tag, `inst_096_7f3a91c2`: it collides with nobody's."""
    number = max(map(int, re.findall(_NUMBERED, "\0".join(known))), default=0) + 1
    while (name := f"inst_{number:03d}_{tag}") in known:
        number += 1
    return name


def tagged_id(name: str, tag: str, taken: Collection[str]) -> str:
    """The id that an incoming record gets because its own is taken; a long one is shortened."""
    candidate, again = _ended(name, f"_{tag}"), 1
    while candidate in taken:
        again += 1
        candidate = _ended(name, f"_{tag}_{again}")
    return candidate


def _ended(name: str, end: str) -> str:
    while len((name + end).encode("utf-8", "surrogatepass")) > MAX_ID:
        name = name[:-1]
    return name + end


def renamed_where_written(
    content: dict[str, Json], base: dict[str, Json] | None, renames: Mapping[str, str]
) -> dict[str, Json]:
    """A session's record with its own mentions of renamed ids following them."""
    if base is None:
        return dict(renamed(content, renames))
    return {
        key: value if same(value, base.get(key)) else renamed(value, renames)
        for key, value in content.items()
    }


def renamed(value: Json, renames: Mapping[str, str]) -> Json:
    """The value with every mention of a renamed id rewritten, whole words only."""
    if not renames:
        return value
    words = "|".join(sorted(map(re.escape, renames), reverse=True))
    mention = re.compile(rf"(?<!\w)(?:{words})(?!\w)")

    def walk(part: Json) -> Json:
        if isinstance(part, str):
            return mention.sub(lambda found: renames[found[0]], part)
        if isinstance(part, list):
            return [walk(item) for item in part]
        if isinstance(part, dict):
            return {key: walk(item) for key, item in part.items()}
        return part

    return walk(value)
