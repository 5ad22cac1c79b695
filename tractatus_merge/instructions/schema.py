"""The schema of an instruction: the types that readers rely on, and a text that is not empty.

Nothing is imported: a hook asks this before anything else is loaded. Other keys are free.
"""

from __future__ import annotations

WORDS = ("text", "description", "title", "action")
"""The fields that say what an instruction demands, in one schema or the other."""
_LABELS = (
    "timestamp", "quadrant", "persistence", "temporal_scope", "verification_required", "source",
    "session_id", "notes", "category", "rationale", "context",
)  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys((*WORDS, *_LABELS), (str,)),
    "explicitness": (int,),
    "parameters": (dict,),
    "active": (bool,),
}
_CALLED = {str: "a string", int: "a number", dict: "an object", bool: "true or false"}


def breaches(content: dict[str, object]) -> set[str]:
    """What is wrong with an instruction, as sentences about it; empty if nothing is."""
    found = {
        f"its {key} is not {_CALLED[kinds[0]]}"
        for key, kinds in _TYPES.items()
        if (value := content.get(key)) is not None and not _is_one_of(value, kinds)
    }
    words = (content.get(key) for key in WORDS)
    if not any(isinstance(text, str) and text.strip() for text in words):
        found.add("it says nothing: no text, description, title or action")
    return found


def _is_one_of(value: object, kinds: tuple[type, ...]) -> bool:
    if int in kinds:  # a number of any kind, however its reader keeps it
        return hasattr(value, "__float__") and not isinstance(value, bool)
    return isinstance(value, kinds)
