"""What a stored record must look like for the program to read it; no record of a remote is trusted.

A newer version may write more keys than are told here. What an instruction says is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from tractatus_merge.core import jsontext
from tractatus_merge.core.conflicts import EDIT_RETIRE, FIELD, MEANING
from tractatus_merge.core.jsontext import JsonError
from tractatus_merge.core.precedents import REVOKES
from tractatus_merge.core.record import STAMP
from tractatus_merge.core.shapes import (
    Shape,
    anything,
    blank,
    count,
    every,
    fields,
    flag,
    maybe,
    one_of,
    text,
    values,
)
from tractatus_merge.core.state import (
    CONFLICTS,
    DOCUMENT,
    HEADER,
    INSTRUCTIONS,
    LAYOUT,
    RESOLUTIONS,
    SESSIONS,
    Key,
    State,
)
from tractatus_merge.core.values import Json
from tractatus_merge.documents import history, rendering
from tractatus_merge.errors import DocumentError

_WRITER = fields({"at": text, "session": text}, {"author": text, "why": text, "published": text})
_SIDE = fields({"writers": every(_WRITER)}, {"proposal": flag})
_PLACE: dict[str, Shape] = {
    "kind": one_of(FIELD, EDIT_RETIRE, MEANING),
    "instruction": maybe(text),
    "path": every(text, least=1),
    "sides": every(_SIDE, least=2),
}
_CONFLICT = fields({"id": text, **_PLACE, "severity": text})
_WORD: dict[str, Shape] = dict.fromkeys(
    ("id", "conflict", "session", "author", "why", "published"), text
)
_NAMES = every(text)
_RESOLUTION = fields(
    {**_WORD, **_PLACE, "field": text},
    {**dict.fromkeys(("severity", "take", "by", "at"), text), "added": _NAMES, "retired": _NAMES},
)
_REVOCATION = fields({**_WORD, REVOKES: text}, {"by": text, "at": text})
_SAYS = fields({"instruction": text, "says": anything})
_MEANING: dict[str, Shape] = {
    "instruction": text,
    "path": every(text, least=3),
    "sides": every(fields({"value": _SAYS})),
}
_CONTRADICTION, _ANSWER = fields(_MEANING), fields({**_MEANING, "value": _SAYS})
_EDIT = fields(
    {"instruction": maybe(text), "path": every(text), "value": text, "at": text},
    {"author": text, "why": text},
)
_PUBLICATION = fields(
    {
        "count": count,
        "published": text,
        "base": maybe(text),
        "seal": text,
        "edits": every(_EDIT),
    },
    {"renamed": values(text)},
)
_SUMMARY = fields(
    {"session": text, "tag": text, "publications": every(_PUBLICATION, least=1)},
    {"agent": text, "author": text},
)
_LAYOUT = fields(
    {"order": every(text)},
    {
        "form": one_of("flat", "metadata", "array"),
        "unit": maybe(blank(" \t")),
        "newline": one_of("\n", "\r\n"),
        "bom": flag,
        "end": blank(" \t\r\n"),
    },
)


def fault(key: Key, said: bytes, instructions: Container[str]) -> str:
    """Why no reader of this program can take a record; nothing where all can.

    `instructions` are those that the record's version has.
    """
    try:
        value = jsontext.parse(said.decode("utf-8"))
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except JsonError as error:
        return error.why
    if key == (DOCUMENT, HEADER):
        return ""  # only with what it stands around: `fault_of_file`
    judge = _JUDGES.get(key[0], _document)
    return judge(value, key[1], instructions) if isinstance(value, dict) else "it is no object"


def _document(value: dict[str, Json], name: str, _: Container[str]) -> str:
    return _LAYOUT(value) if name == LAYOUT else ""


def _instruction(value: dict[str, Json], name: str, _: Container[str]) -> str:
    if len(name.encode("utf-8", "surrogatepass")) > history.MAX_ID:
        return f"its id is longer than {history.MAX_ID} bytes"
    return _named(value, "id", name) or ("" if name.strip() else "its id is empty")


def _summary(value: dict[str, Json], name: str, _: Container[str]) -> str:
    return _SUMMARY(value) or _named(value, "tag", name)


def _conflict(value: dict[str, Json], name: str, instructions: Container[str]) -> str:
    why = _CONFLICT(value) or _named(value, "id", name)
    return why or _place(value, instructions, _CONTRADICTION)


def _resolution(value: dict[str, Json], name: str, instructions: Container[str]) -> str:
    if REVOKES in value:
        return _REVOCATION(value) or _named(value, "id", name)
    why = _RESOLUTION(value) or _named(value, "id", name)
    return why or _place(value, instructions, _ANSWER)


def _named(value: dict[str, Json], key: str, name: str) -> str:
    return "" if value.get(key) == name else f'its "{key}" is not the name of its file'


def _place(value: dict[str, Json], instructions: Container[str], meaning: Shape) -> str:
    """Why nobody can settle a place: an instruction is there for good, and so is its id."""
    about, place = value["instruction"], value["path"][0]
    if value["kind"] == MEANING:
        return meaning(value)
    if about is not None and about not in instructions:
        return "it is about an instruction that is not there"
    fixed = about is not None and place in ("id", STAMP)
    return f"it is about the {place} of an instruction" if fixed else ""


_JUDGES: dict[str, Callable[[dict[str, Json], str, Container[str]], str]] = {
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
        history.read(history.write(rendering.document_of(state)), f"{DOCUMENT}/{HEADER}.json")
    except DocumentError as error:
        return f"{DOCUMENT}/{HEADER}.json: {error.why}"
    return ""
