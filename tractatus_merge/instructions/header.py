"""The header of a history file: everything beside the list, as a text with the list emptied.

What its keys mean and how they merge stands in `policy`, not here.
"""

from __future__ import annotations

from tractatus_merge.core.model.record import checked_depth
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json

LIST = "instructions"


def header_value(header: str) -> dict[str, Json]:
    """The header's keys, without the list; empty for a bare array."""
    value = json_text.parse(header)
    if isinstance(value, list):
        return {}
    return {key: item for key, item in value.items() if key != LIST}


def with_header(header: str, value: dict[str, Json]) -> str:
    """The header text saying other values; key order and spelling of the rest stay. Or TooDeep."""
    old = json_text.parse(header)
    if isinstance(old, list):
        return header
    there = {key: item for key, item in old.items() if key in value or key == LIST}
    return checked_depth(json_text.rewrite(header, {**there, **value}))
