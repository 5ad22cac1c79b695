"""What it means that an instruction is retired."""

from __future__ import annotations

from tractatus_merge.core.values.equality import MISSING, Json, Path, same
from tractatus_merge.core.values.places import get


def is_retired(content: Json) -> bool:
    """Whether the record says of itself that it is not in force."""
    return isinstance(content, dict) and content.get("active") is False


ACTIVE: Path = ("active",)


def stance(base: Json, side: Json, path: Path) -> bool:
    """Whether a side takes part in edit against retire: it changes `active`, or edits the rest."""
    if path != ACTIVE or not isinstance(base, dict) or not isinstance(side, dict):
        return False
    if not same(get(base, ACTIVE), get(side, ACTIVE)):
        return True
    keys = {*base, *side}
    edits = any(not same(base.get(key, MISSING), side.get(key, MISSING)) for key in keys)
    return edits and not is_retired(base)
