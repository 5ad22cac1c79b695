"""What only later programs know, where two heads are united: carried, word for word.

Nothing is read of it but whether it changed. Where both heads changed one record, neither is lost:
one keeps its name, and the other stands beside it.
"""

from __future__ import annotations

from tractatus_merge.core.model.needs import united_format
from tractatus_merge.core.model.open_conflicts import is_known
from tractatus_merge.core.model.state import DOCUMENT, FORMAT, Key, State
from tractatus_merge.core.values.equality import digest


def carried(was: State, heads: tuple[State, State]) -> dict[Key, str]:
    """The records of two heads that this program does not know, as the union has them.

    `was` is what both were made from. Where both heads have one otherwise, the first one's stands.
    """
    found: dict[Key, str] = {}
    for key in sorted({key for head in heads for key in head}):
        before, one, other = (state.get(*key) for state in (was, *heads))
        if all(is_known(key, text) for text in (one, other) if text is not None):
            continue
        if other in (one, before):
            kept, beside = one, None
        elif one == before or one is None:
            kept, beside = other, None
        elif other is None:
            kept, beside = one, None
        elif key == (DOCUMENT, FORMAT):
            kept, beside = united_format(one, other), None
        else:
            kept, beside = one, other
        if kept is not None:
            found[key] = kept
        if beside is not None:
            found[key[0], f"{key[1]}~{digest(beside, 8)}"] = beside
    return found
