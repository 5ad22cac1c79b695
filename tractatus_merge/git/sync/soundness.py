"""What a stored record must look like for the program to read it; no record of a remote is trusted.

A newer version may write more keys than are told here, and whole records, kinds of conflicts and
collections besides: nothing is asked of these. What an instruction says is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from tractatus_merge.core.model import needs, summaries
from tractatus_merge.core.model.open_conflicts import is_of_a_later_kind
from tractatus_merge.core.model.state import (
    CONFLICTS,
    DOCUMENT,
    FORMAT,
    HEADER,
    INSTRUCTIONS,
    LAYOUT,
    RESOLUTIONS,
    SESSIONS,
    Key,
    State,
)
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.errors import DocumentError
from tractatus_merge.instructions import conversion, history_file

_DEPTH = json_text.RECORD_DEPTH
_WRAPPED = 10
"""Levels that a conflict or a resolution has around values: what quotes one has fewer more."""


def fault(key: Key, said: bytes, instructions: Container[str]) -> str:
    """Why no reader of this program can take a record; nothing where all can.

    `instructions` are those that the record's version has.
    """
    try:
        text = said.decode("utf-8")
        if not _is_read(key):
            return ""
        value = json_text.parse(text)
        json_text.check_depth(text, limit=_DEPTH if key[0] == INSTRUCTIONS else _DEPTH + _WRAPPED)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except JsonError as error:
        return error.why
    return _judged(key, value, instructions)


def _judged(key: Key, value: Json, instructions: Container[str]) -> str:
    if key == (DOCUMENT, HEADER):
        return ""  # only with what it stands around: `fault_of_file`
    if not isinstance(value, dict):
        return "it is no object"
    if key[0] in (CONFLICTS, RESOLUTIONS) and is_of_a_later_kind(value):
        return ""
    return _JUDGES[key[0]](value, key[1], instructions)


def _is_read(key: Key) -> bool:
    """Whether this program reads such records; others' are carried as they are."""
    return key[1] in (HEADER, LAYOUT, FORMAT) if key[0] == DOCUMENT else key[0] in _JUDGES


def _document(value: dict[str, Json], name: str, _: Container[str]) -> str:
    if name == FORMAT:
        return needs.fault(value)
    from tractatus_merge.git.sync import shapes  # imports msgspec

    return shapes.fault_of_layout(value)


def _instruction(value: dict[str, Json], name: str, _: Container[str]) -> str:
    if len(name.encode("utf-8", "surrogatepass")) > history_file.MAX_ID:
        return f"its id is longer than {history_file.MAX_ID} bytes"
    return _named(value, "id", name) or ("" if name.strip() else "its id is empty")


def _summary(value: dict[str, Json], name: str, _: Container[str]) -> str:
    return summaries.fault(value) or _named(value, "tag", name)


def _conflict(value: dict[str, Json], name: str, instructions: Container[str]) -> str:
    from tractatus_merge.git.sync import shapes  # imports msgspec

    return shapes.fault_of_conflict(value, instructions) or _named(value, "id", name)


def _resolution(value: dict[str, Json], name: str, instructions: Container[str]) -> str:
    from tractatus_merge.git.sync import shapes  # imports msgspec

    return shapes.fault_of_resolution(value, instructions) or _named(value, "id", name)


def _named(value: dict[str, Json], key: str, name: str) -> str:
    return "" if value.get(key) == name else f'its "{key}" is not the name of its file'


_JUDGES: dict[str, Callable[[dict[str, Json], str, Container[str]], str]] = {
    DOCUMENT: _document,
    INSTRUCTIONS: _instruction,
    CONFLICTS: _conflict,
    RESOLUTIONS: _resolution,
    SESSIONS: _summary,
}


def fault_of_file(state: State) -> str:
    """Why the history file that shows a state could not be read again; nothing where it could.

    Each record of the state is sound by itself.
    """
    try:
        history_file.read(
            history_file.write(conversion.document_of(state)), f"{DOCUMENT}/{HEADER}.json"
        )
    except DocumentError as error:
        return f"{DOCUMENT}/{HEADER}.json: {error.why}"
    return ""
