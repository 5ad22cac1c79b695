"""The framework's words: the fields of a new instruction in each form, and what is odd in one.

Any value is accepted and kept; what the framework would not know is only said.
"""

from __future__ import annotations

from tractatus_merge.core.values.equality import Json

QUADRANTS = ("STRATEGIC", "OPERATIONAL", "TACTICAL", "SYSTEM", "STOCHASTIC", "STORAGE")
PERSISTENCE = ("HIGH", "MEDIUM", "LOW", "VARIABLE")
_KNOWN = {"quadrant": QUADRANTS, "persistence": PERSISTENCE}


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


def oddities(content: dict[str, Json]) -> list[str]:
    """What the framework does not expect in an instruction, one sentence each."""
    found = [
        f"{field} is {content[field]!r}; the framework knows {', '.join(known)}"
        for field, known in _KNOWN.items()
        if field in content and content[field] not in known
    ]
    if not isinstance(content.get("active", True), bool):
        found.append(f"active is {content['active']!r}; it should be true or false")
    if not isinstance(content.get("parameters", {}), dict):
        found.append("parameters should be an object")
    words = [content[field] for field in ("text", "title") if field in content]
    if words and not any(words):
        found.append("it says nothing: its text is empty")
    return found
