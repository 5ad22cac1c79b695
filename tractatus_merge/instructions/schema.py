"""The schema of an instruction: its fields, what readers rely on in them, and a text that says it.

Nothing is imported: a hook asks this before anything else is loaded. Other keys are free; which of
them are slips of the pen is told by `misspelling`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = ("text", "description", "title", "action")
"""The fields that say what an instruction demands, in one schema or the other."""
_LABELS = (
    "timestamp", "source", "session_id", "notes", "category", "rationale", "context",
)  # fmt: skip
_TYPES: dict[str, type] = {
    **dict.fromkeys((*WORDS, *_LABELS), str),
    "parameters": dict,
    "active": bool,
}
_CALLED = {str: "a string", dict: "an object", bool: "true or false"}
CHOICES = {
    "quadrant": (
        "STRATEGIC", "OPERATIONAL", "TACTICAL", "SYSTEM", "STOCHASTIC", "STORAGE", "PRIVACY",
        "VALUES", "RULES",
    ),
    "persistence": ("HIGH", "MEDIUM", "LOW", "VARIABLE"),
    "temporal_scope": (
        "PERMANENT", "PROJECT", "PHASE", "SESSION", "TASK", "IMMEDIATE", "TRANSIENT", "TEMPORARY",
    ),
    "verification_required": ("MANDATORY", "REQUIRED", "RECOMMENDED", "OPTIONAL", "NONE"),
}  # fmt: skip
"""The words of the fields that have their own, of every version of the framework."""
_MUST_SAY = ("active", "quadrant", "persistence")
"""Where a null is no field left out: readers count by these."""
_FREE = (
    "id", "version_vector", "version", "trigger", "validation", "evidence",
    "securityClassification", "relatedInstructions", "priority", "expires_at", "created_by",
    "created_at", "updated_at", "examples", "related_rules", "prohibited_terms",
    "prohibited_actions", "current_accurate_status", "scope", "content", "applicableProjects",
    "variables", "temporalScope", "expiresAt", "createdBy", "createdAt", "updatedAt",
    "relatedRules", "validationStatus", "validationResults", "usageStats", "optimizationHistory",
)  # fmt: skip
_SHARE = "explicitness"
_JUDGED = frozenset((*_TYPES, *CHOICES, _SHARE))
FIELDS = frozenset((*_JUDGED, *_FREE))
"""Every field that a real history has, whether anything is asked of its value or not."""


def faults(content: dict[str, object]) -> dict[str, str]:
    """What is wrong with an instruction: a sentence about it for each field, "" for all it says."""
    found = {
        key: why for key, value in content.items() if key in _JUDGED and (why := _fault(key, value))
    }
    words = (content.get(key) for key in WORDS)
    if not any(isinstance(text, str) and text.strip() for text in words):
        found[""] = "it says nothing: no text, description, title or action"
    return found


def words(content: Mapping[str, object]) -> str:
    """What an instruction says, in one schema or the other."""
    said = content.get("text") or content.get("title") or content.get("description")
    return str(said or "")


def breaches(content: dict[str, object]) -> set[str]:
    """What is wrong with an instruction, as sentences about it; empty if nothing is."""
    return set(faults(content).values())


def _fault(key: str, value: object) -> str:
    """What is wrong with the value of a field that the schema knows; "" if nothing is."""
    if value is None and key not in _MUST_SAY:
        return ""
    known = CHOICES.get(key)
    if known is not None:
        word = value.upper() if key == "temporal_scope" and isinstance(value, str) else value
        fits, wanted = word in known, f"one of {', '.join(known)}"
    elif key == _SHARE:
        fits, wanted = _is_share(value), "a number from 0 to 1"
    else:
        fits, wanted = isinstance(value, _TYPES[key]), _CALLED[_TYPES[key]]
    return "" if fits else f"its {key} is {_shown(value)}, not {wanted}"


def _is_share(value: object) -> bool:
    """Whether it is a number from 0 to 1, however its reader keeps it."""
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return False
    try:
        return 0 <= float(value) <= 1
    except OverflowError:  # an integer beyond every double
        return False


def _shown(value: object) -> str:
    """A value in a sentence: its JSON where that is short."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


_LONG = 60
