"""What a stored record must look like for the program to read it; no record of a remote is trusted.

A newer version may write more keys than are told here, and whole records, kinds of conflicts and
collections besides: nothing is asked of these. What an instruction says is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from tractatus_merge.core.model import needs
from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.open_conflicts import is_of_a_later_kind
from tractatus_merge.core.model.record import STAMP
from tractatus_merge.core.model.resolutions import REVOKES
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


class _Writer(Struct):
    at: str
    session: str
    author: str = ""
    why: str = ""
    published: str = ""


class _Side(Struct):
    writers: list[_Writer]
    proposal: bool = False


class _Place(Struct):
    kind: str
    instruction: str | None
    path: Annotated[list[str], Meta(min_length=1)]
    sides: Annotated[list[_Side], Meta(min_length=2)]


class _Conflict(Struct):
    id: str
    severity: str


class _Decision(Struct, kw_only=True):
    id: str
    conflict: str
    session: str
    author: str
    why: str
    published: str
    by: str = ""
    at: str = ""


class _Resolution(_Decision, kw_only=True):
    field: str
    severity: str = ""
    take: str = ""
    added: list[str] = []
    retired: list[str] = []


class _Revocation(_Decision, kw_only=True):
    revokes: str


class _Says(Struct):
    instruction: str
    says: Any


class _SideValue(Struct):
    value: _Says


class _Contradiction(Struct):
    """What is more narrow where a place is that of two instructions."""

    instruction: str
    path: Annotated[list[str], Meta(min_length=3)]
    sides: list[_SideValue]


class _Answer(_Contradiction):
    value: _Says


class _Edit(Struct):
    instruction: str | None
    path: list[str]
    value: str
    at: str
    author: str = ""
    why: str = ""


class _Publication(Struct):
    count: Annotated[int, Meta(gt=0, lt=10**9)]  # as many digits as a version vector has
    published: str
    base: str | None
    seal: str
    edits: list[_Edit]
    renamed: dict[str, str] = {}


class _Summary(Struct):
    session: str
    tag: str
    publications: Annotated[list[_Publication], Meta(min_length=1)]
    agent: str = ""
    author: str = ""


_DEPTH = json_text.RECORD_DEPTH
_WRAPPED = 10
"""Levels that a conflict or a resolution has around values: what quotes one has fewer more."""


class _Layout(Struct):
    order: list[str]
    form: Literal["flat", "metadata", "array"] = "flat"
    unit: Annotated[str, Meta(pattern=r"\A[ \t]*\Z")] | None = None
    newline: Literal["\n", "\r\n"] = "\n"
    bom: bool = False
    end: Annotated[str, Meta(pattern=r"\A[ \t\r\n]*\Z")] = ""


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
    return needs.fault(value) if name == FORMAT else _misfit(value, _Layout)


def _instruction(value: dict[str, Json], name: str, _: Container[str]) -> str:
    if len(name.encode("utf-8", "surrogatepass")) > history_file.MAX_ID:
        return f"its id is longer than {history_file.MAX_ID} bytes"
    return _named(value, "id", name) or ("" if name.strip() else "its id is empty")


def _summary(value: dict[str, Json], name: str, _: Container[str]) -> str:
    return _misfit(value, _Summary) or _named(value, "tag", name)


def _conflict(value: dict[str, Json], name: str, instructions: Container[str]) -> str:
    why = _misfit(value, _Conflict) or _named(value, "id", name)
    return why or _place(value, instructions, _Contradiction)


def _resolution(value: dict[str, Json], name: str, instructions: Container[str]) -> str:
    if REVOKES in value:
        return _misfit(value, _Revocation) or _named(value, "id", name)
    why = _misfit(value, _Resolution) or _named(value, "id", name)
    return why or _place(value, instructions, _Answer)


def _misfit(value: Json, shape: type[Struct]) -> str:
    """Why a value does not fit a struct, and where; unknown keys are allowed."""
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _named(value: dict[str, Json], key: str, name: str) -> str:
    return "" if value.get(key) == name else f'its "{key}" is not the name of its file'


def _place(value: dict[str, Json], instructions: Container[str], meaning: type[Struct]) -> str:
    """Why nobody can settle a place: an instruction is there for good, and so is its id."""
    why = _misfit(value, _Place)
    if why:
        return why
    about, place = value["instruction"], value["path"][0]
    if value["kind"] == MEANING:
        return _misfit(value, meaning)
    if about is not None and about not in instructions:
        return "it is about an instruction that is not there"
    fixed = about is not None and place in ("id", STAMP)
    return f"it is about the {place} of an instruction" if fixed else ""


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
