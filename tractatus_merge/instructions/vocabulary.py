"""The framework's words: the fields of a new instruction in each form, in its order."""

from __future__ import annotations

from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.json_text import Style
from tractatus_merge.instructions.schema import CHOICES


def new_record(form: str, text: str, *, now: str, session: str, why: str) -> dict[str, Json]:
    """A record's fields in the order in which the framework writes them, but for the id.

    `form` is the document's (see `history_file`): a v3.0 record has its words in `title`.
    """
    scope: dict[str, Json] = {
        "explicitness": 0.9,
        "temporal_scope": "PROJECT",
        "verification_required": "REQUIRED",
    }
    if form == "metadata":
        return {
            "title": text,
            "category": "FRAMEWORK_OPERATION",
            "quadrant": "OPERATIONAL",
            "persistence": "MEDIUM",
            "description": text,
            "context": f"Added {now}" + (f" in session {session}" if session else ""),
            "rationale": why,
            **scope,
            "source": "USER",
            "parameters": {},
            "relatedInstructions": [],
            "active": True,
        }
    return {
        "text": text,
        "timestamp": now,
        "quadrant": "OPERATIONAL",
        "persistence": "MEDIUM",
        "temporal_scope": scope["temporal_scope"],
        "verification_required": scope["verification_required"],
        "explicitness": scope["explicitness"],
        "source": "user",
        **({"session_id": session} if session else {}),
        "parameters": {},
        "active": True,
        "notes": "",
    }


def example(field: str, given: Json = None) -> str:
    """What a field may be in place of what it was given, as it is typed in a shell."""
    known = new_record("flat", "", now="", session="", why="").get(field)
    if isinstance(given, str) and given.upper() in CHOICES.get(field, ()):
        return given.upper()
    if isinstance(known, str) and known:
        return known
    if known is None or known == "":
        said = given is not None and not isinstance(given, (str, list, dict))
        return f"'\"{json_text.dump(given)}\"'" if said else "'TEXT'"
    return json_text.dump(known, Style(None))
