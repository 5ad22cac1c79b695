"""Paths as people type them: `parameters.port`, `parameters["odd key"].x`, `issues[*].labels`.

No values are read here.
"""

from __future__ import annotations

import json
from enum import Enum

from tractatus_merge.core.values import json_reader
from tractatus_merge.core.values.equality import Path

_ODD = frozenset('.[]"* ')


def shown(path: Path) -> str:
    """A path as people type it: keys joined by dots, odd ones in brackets and quotes."""
    text = ""
    for step in path:
        plain = step and step.isprintable() and _ODD.isdisjoint(step)
        text += f".{step}" if plain else f"[{json.dumps(step, ensure_ascii=False)}]"
    return text.removeprefix(".")


def path_of(field: str) -> Path:
    """Read what `shown` wrote; a JsonError (a ValueError) where a bracket is not well-formed."""
    path: list[str] = []
    at = 0
    while at < len(field):
        if field[at] == "[":
            step, at = json_reader.value_at(field, at + 1)
            if field[at : at + 1] != "]":
                raise json_reader.JsonError("a ']' is missing", at)
            at += 1
        else:
            start = at + (field[at] == ".")
            ends = [i for i in (field.find(".", start), field.find("[", start)) if i >= 0]
            at = min(ends, default=len(field))
            step = field[start:at]
        path.append(str(step))
    return tuple(path)


class Every(Enum):
    """A step of a pattern that stands for many: every element of a list, every key of an object."""

    ELEMENT = "[*]"
    KEY = "*"


Pattern = tuple[str | Every, ...]


def pattern_of(text: str) -> Pattern:
    """Read a path in which `[*]` is every element and `*` every key; JsonError where it is none."""
    found: list[str | Every] = []
    for number, part in enumerate(text.split(Every.ELEMENT.value)):
        found += [Every.ELEMENT] * (number > 0)
        if number and part[:1] not in ("", ".", "["):
            raise json_reader.JsonError("a '.' should stand after [*]", text.index(part))
        steps = path_of(part)
        if "" in steps and '""' not in part:
            raise json_reader.JsonError("a key is missing between two dots", 0)
        found += [Every.KEY if step == Every.KEY.value else step for step in steps]
    return tuple(found)
