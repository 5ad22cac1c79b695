"""What conflicts, resolutions and layouts must look like; unknown keys are allowed.

Apart from `soundness`, for an ordinary merge writes none of them and need not load msgspec.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from tractatus_merge.core.model.conflict import MEANING
from tractatus_merge.core.model.record import STAMP
from tractatus_merge.core.model.resolutions import REVOKES
from tractatus_merge.core.values.equality import Json


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


class _Layout(Struct):
    order: list[str]
    form: Literal["flat", "metadata", "array"] = "flat"
    unit: Annotated[str, Meta(pattern=r"\A[ \t]*\Z")] | None = None
    newline: Literal["\n", "\r\n"] = "\n"
    bom: bool = False
    end: Annotated[str, Meta(pattern=r"\A[ \t\r\n]*\Z")] = ""


def fault_of_layout(value: Json) -> str:
    """Why a value is no layout; nothing where it is one."""
    return _misfit(value, _Layout)


def fault_of_conflict(value: Json, instructions: Container[str]) -> str:
    """Why nobody could settle a conflict; nothing where somebody can.

    `instructions` are those that the record's version has.
    """
    return _misfit(value, _Conflict) or _fault_of_place(value, instructions, _Contradiction)


def fault_of_resolution(value: dict[str, Json], instructions: Container[str]) -> str:
    """Why a value is no resolution of a conflict, and does not revoke one either."""
    if REVOKES in value:
        return _misfit(value, _Revocation)
    return _misfit(value, _Resolution) or _fault_of_place(value, instructions, _Answer)


def _fault_of_place(
    value: dict[str, Json], instructions: Container[str], meaning: type[Struct]
) -> str:
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


def _misfit(value: Json, shape: type[Struct]) -> str:
    """Why a value has not that shape, and where; nothing if it has."""
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        return str(error)
    return ""
